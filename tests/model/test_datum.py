from __future__ import annotations

import csv
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import prcoords
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from geomap.errors import ParameterError
from geomap.model import datum as module
from geomap.model.datum import from_wgs84, to_wgs84

if TYPE_CHECKING:
    from pathlib import Path

WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
SHIFTED = ("gcj02", "bd09")
# prcoords' forward functions are the plain formulas; of its inverses only the "bored" ones
# iterate, and stop at about 1e-7 degrees.
ORACLE = {"gcj02": prcoords.wgs_gcj, "bd09": prcoords.wgs_bd}
ORACLE_BACK = {"gcj02": prcoords.gcj_wgs_bored, "bd09": prcoords.bd_wgs_bored}
GEOD = Geod(ellps="WGS84")
MILLIMETRE = 1e-3


def near(edge: float, inwards: int) -> st.SearchStrategy[float]:
    """Points from 0 to 0.1 degrees inside an edge, most of them very near to it."""
    return st.floats(-15, -1).map(lambda power: edge + inwards * 10**power)


def inside(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high) | near(low, 1) | near(high, -1)


lons, lats = inside(WEST, EAST), inside(SOUTH, NORTH)
shifted = st.sampled_from(SHIFTED)


def metres(lon1, lat1, lon2, lat2):
    return np.max(GEOD.inv(lon1, lat1, lon2, lat2)[2])


@settings(deadline=None, max_examples=500)
@given(lons, lats, shifted)
def test_a_point_inside_the_bounds_comes_back_from_the_shifted_datum(lon, lat, datum):
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert metres(lon, lat, *back) < MILLIMETRE / 10


@settings(deadline=None, max_examples=500)
@given(lons, lats, shifted)
def test_a_shifted_point_inside_the_bounds_comes_back_from_wgs84(lon, lat, datum):
    back = from_wgs84(*to_wgs84(lon, lat, datum), datum)
    assert metres(lon, lat, *back) < MILLIMETRE / 10


@pytest.mark.parametrize("datum", SHIFTED)
@pytest.mark.parametrize(
    ("axis", "edge", "inwards"), [(0, WEST, 1), (0, EAST, -1), (1, SOUTH, 1), (1, NORTH, -1)]
)
def test_fifty_thousand_points_along_each_edge_come_back(datum, axis, edge, inwards):
    rng = np.random.default_rng(5)
    depth = np.append(10 ** rng.uniform(-15, -1, 50_000), 0)
    points = [rng.uniform(WEST, EAST, depth.size), rng.uniform(SOUTH, NORTH, depth.size)]
    points[axis] = edge + inwards * depth
    assert metres(*points, *to_wgs84(*from_wgs84(*points, datum), datum)) < MILLIMETRE / 10
    assert metres(*points, *from_wgs84(*to_wgs84(*points, datum), datum)) < MILLIMETRE / 10


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@settings(deadline=None)
@given(st.floats(-400, 400), st.floats(-200, 200), shifted)
def test_points_outside_the_bounds_stay_bit_by_bit(way, lon, lat, datum):
    assume(not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH))
    assert way(lon, lat, datum) == (lon, lat)


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@pytest.mark.parametrize("datum", SHIFTED)
def test_the_next_float_outside_each_edge_is_untouched(way, datum):
    lon = np.array([np.nextafter(WEST, 0), np.nextafter(EAST, 180), 100.0, 100.0])
    lat = np.array([30.0, 30.0, np.nextafter(SOUTH, 0), np.nextafter(NORTH, 90)])
    moved_lon, moved_lat = way(lon, lat, datum)
    assert moved_lon.tolist() == lon.tolist()
    assert moved_lat.tolist() == lat.tolist()


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@settings(deadline=None)
@given(lons, lats, shifted)
def test_points_inside_the_bounds_stay_inside_and_move(way, lon, lat, datum):
    moved_lon, moved_lat = way(lon, lat, datum)
    assert WEST <= moved_lon <= EAST
    assert SOUTH <= moved_lat <= NORTH
    assume(min(lon - WEST, EAST - lon, lat - SOUTH, NORTH - lat) > 1e-6)
    assert (moved_lon, moved_lat) != (lon, lat)


@pytest.mark.parametrize("datum", SHIFTED)
@pytest.mark.parametrize("lat", [0.9, 20.0, 39.9, 55.8])
def test_no_two_points_along_an_edge_meet(datum, lat):
    depth = np.append(0, np.geomspace(1e-7, 0.05, 2000))
    for lon in (WEST + depth, EAST - depth):
        moved, _ = from_wgs84(lon, np.full_like(lon, lat), datum)
        assert (np.diff(np.abs(moved - lon[0])) > 0).all()


@settings(deadline=None, max_examples=300)
@given(st.floats(WEST + 0.02, EAST - 0.02), st.floats(SOUTH + 0.02, NORTH - 0.02), shifted)
def test_the_shift_is_that_of_prcoords(lon, lat, datum):
    expected = ORACLE[datum]((lat, lon))
    moved_lon, moved_lat = from_wgs84(lon, lat, datum)
    assert moved_lon == pytest.approx(expected.lon, abs=1e-10)
    assert moved_lat == pytest.approx(expected.lat, abs=1e-10)


@settings(deadline=None)
@given(st.floats(73, 135), st.floats(3, 54), shifted)
def test_the_way_back_agrees_with_the_iteration_of_prcoords(lon, lat, datum):
    expected = ORACLE_BACK[datum]((lat, lon))
    back_lon, back_lat = to_wgs84(lon, lat, datum)
    assert back_lon == pytest.approx(expected.lon, abs=1e-6)
    assert back_lat == pytest.approx(expected.lat, abs=1e-6)


@pytest.mark.parametrize("datum", SHIFTED)
def test_only_points_that_would_leave_the_bounds_or_touch_the_edge_differ_from_the_formula(datum):
    rng = np.random.default_rng(3)
    depth = 10 ** rng.uniform(-8, -1.5, 3000)
    lon = np.where(rng.random(3000) < 0.5, WEST + depth, EAST - depth)
    lat = rng.uniform(SOUTH + 0.02, NORTH - 0.02, 3000)
    plain_lat, plain_lon = np.array(
        [ORACLE[datum](point) for point in zip(lat, lon, strict=True)]
    ).T
    moved_lon, moved_lat = from_wgs84(lon, lat, datum)
    assert np.abs(moved_lat - plain_lat).max() < 1e-10
    differs = np.abs(moved_lon - plain_lon) > 1e-10
    edge_m = np.minimum(
        GEOD.inv(lon, lat, np.full(3000, WEST), lat)[2],
        GEOD.inv(lon, lat, np.full(3000, EAST), lat)[2],
    )
    leaves = np.minimum(plain_lon - WEST, EAST - plain_lon) <= depth * 1e-3
    assert differs.any()
    assert (leaves | (edge_m < 2))[differs].all()
    assert not (differs & (edge_m > 1600)).any()


def test_known_points_of_eviltransform_are_met():
    lon, lat = from_wgs84(
        [121.5272106, 113.912316, 116.377817], [31.1774276, 22.543847, 39.911954], "gcj02"
    )
    expected_lon = [121.531541859215, 113.9171764808363, 116.38404722455657]
    expected_lat = [31.17530398364597, 22.540796131694766, 39.91334545536069]
    np.testing.assert_allclose(lon, expected_lon, atol=1e-11)
    np.testing.assert_allclose(lat, expected_lat, atol=1e-11)


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@pytest.mark.parametrize("datum", ["wgs84", *SHIFTED])
def test_missing_coordinates_stay_missing_without_a_warning(way, datum):
    lon = [np.nan, 116.4, np.nan, np.inf, 116.4]
    lat = [39.9, np.nan, np.nan, 39.9, 39.9]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        moved_lon, moved_lat = way(lon, lat, datum)
    assert np.isnan(moved_lon).tolist() == [True, False, True, False, False]
    assert np.isnan(moved_lat).tolist() == [False, True, True, False, False]
    assert moved_lon[3] == np.inf
    assert (moved_lon[4] != 116.4) == (datum != "wgs84")


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@pytest.mark.parametrize("datum", ["wgs84", *SHIFTED])
def test_shapes_are_kept_and_the_arguments_untouched(way, datum):
    lon, lat = np.array([[100.0, 101.0, 102.0]]), np.array([[30.0, 31.0, 32.0]])
    moved_lon, moved_lat = way(lon, lat, datum)
    assert moved_lon.shape == moved_lat.shape == (1, 3)
    assert moved_lon.dtype == moved_lat.dtype == np.float64
    assert not np.shares_memory(moved_lon, lon)
    assert lon.tolist() == [[100.0, 101.0, 102.0]]
    one_lon, one_lat = way(100, 30, datum)
    assert isinstance(one_lon, np.float64)
    assert (one_lon, one_lat) == (moved_lon[0, 0], moved_lat[0, 0])
    assert way([], [], datum)[0].shape == (0,)
    assert way(np.array(100), np.array(30), datum) == (one_lon, one_lat)


def test_series_and_integers_are_taken():
    lon, lat = to_wgs84(pd.Series([100, 101], index=[7, 9]), pd.Series([30, 31]), "gcj02")
    assert isinstance(lon, np.ndarray)
    assert lon[0] == to_wgs84(100.0, 30.0, "gcj02")[0]
    assert lat[1] == to_wgs84(101.0, 31.0, "gcj02")[1]


@pytest.mark.parametrize("datum", SHIFTED)
def test_neither_the_order_nor_the_blocks_matter(datum, monkeypatch):
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(60, 150, 5000), rng.uniform(-10, 60, 5000)
    order = rng.permutation(5000)
    whole = to_wgs84(lon, lat, datum)
    monkeypatch.setattr(module, "BLOCK", 17)
    small = to_wgs84(lon[order], lat[order], datum)
    np.testing.assert_array_equal(whole[0][order], small[0])
    np.testing.assert_array_equal(whole[1][order], small[1])


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@pytest.mark.parametrize("datum", ["GCJ02", "", "gcj-02", None, ["gcj02"]])
def test_an_unknown_datum_is_refused_with_the_known_ones(way, datum):
    with pytest.raises(ParameterError, match="wgs84, gcj02, bd09, got"):
        way(116.4, 39.9, datum)


@pytest.mark.parametrize("way", [to_wgs84, from_wgs84])
@pytest.mark.parametrize("datum", ["wgs84", *SHIFTED])
@pytest.mark.parametrize(
    ("lon", "lat"), [([1.0, 2.0], [1.0]), (1.0, [1.0]), ([[1.0, 2.0]], [1.0, 2.0])]
)
def test_shapes_that_differ_are_refused(way, datum, lon, lat):
    with pytest.raises(ParameterError, match=r"one shape, got \(.*\) and \("):
        way(lon, lat, datum)


@pytest.mark.parametrize("lon", ["east", ["116.4", "x"], [[1.0], [1.0, 2.0]], object(), pd.NaT])
def test_what_is_no_number_is_refused_by_name(lon):
    with pytest.raises(ParameterError, match="lon must be numbers in degrees, got"):
        to_wgs84(lon, 39.9, "gcj02")


@pytest.mark.parametrize("code", ["330100", "130100"])
def test_converted_outlines_lie_within_two_metres_of_the_census_polygons(data_folder, code):
    raw_m = median_distance_m(data_folder, code, "wgs84")
    converted_m = median_distance_m(data_folder, code, "gcj02")
    assert 200 < raw_m < 400
    assert converted_m < 2
    assert median_distance_m(data_folder, code, "bd09") > 100


def median_distance_m(folder: Path, code: str, datum: str) -> float:
    """From the vertices of a census city to the outer boundary of its DataV districts."""
    project = Transformer.from_crs(4326, 32650, always_xy=True).transform
    census = shapely.get_coordinates(census_polygon(folder, code))
    datav = shapely.from_geojson((folder / "datav_gcj02" / f"{code}.json").read_text())
    districts = shapely.transform(
        shapely.get_parts(datav), lambda xy: np.column_stack(project(*to_wgs84(*xy.T, datum)))
    )
    outline = shapely.boundary(shapely.union_all(shapely.make_valid(districts)))
    return float(np.median(shapely.distance(shapely.points(*project(*census.T)), outline)))


def census_polygon(folder: Path, code: str) -> shapely.Geometry:
    csv.field_size_limit(10**7)
    path = folder / "census2020" / "census_city_2010-2020_v1.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return next(shapely.from_wkt(row["coord"]) for row in rows if row["city_code"] == code)
