"""Circles of a radius: against pyproj's geodesics and shapely's own union."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import geomap as gm
from geomap.errors import CRSError, DataError, ParameterError
from geomap.plan.discs import band, discs
from geomap.plan.rim import on_rim
from geomap.plan.union import Discs, union_of_discs, union_of_shapes
from tests.plan.geodesic_discs import geodesic_discs

GEOD = Geod(ellps="WGS84")
S = 1000.0


def homes(lon, lat, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))


def scattered(seed, n, spread_deg):
    random = np.random.default_rng(seed)
    lon, lat = random.normal((116.4, 39.9), spread_deg, (n, 2)).T
    lon[: n // 8], lat[: n // 8] = lon[-1], lat[-1]
    return lon, lat


@pytest.mark.parametrize("lat", [0.0, 18.2, 39.9, 53.5, 75.0, -33.0])
@pytest.mark.parametrize("radius_m", [1.0, 300.0, 1000.0, 10_000.0, 50_000.0])
def test_a_disc_has_the_area_of_the_geodesic_disc(lat, radius_m):
    disc = discs(np.array([116.4]), np.array([lat]), radius_m)[0]
    area_m2, _ = GEOD.geometry_area_perimeter(disc)
    bend = 1 - (radius_m / 6.371e6) ** 2 / 12
    assert area_m2 == pytest.approx(np.pi * radius_m**2 * bend, rel=4e-5, abs=1e-3)
    assert disc.exterior.is_ccw


@pytest.mark.parametrize("lat", [0.0, 25.0, 53.5, 69.0])
@pytest.mark.parametrize("radius_m", [300.0, 1000.0, 10_000.0])
def test_corners_lie_where_the_geodesic_leads(lat, radius_m):
    corners = shapely.get_coordinates(discs(np.array([116.4]), np.array([lat]), radius_m)[0])
    turn = 2 * np.pi / 64
    reach_m = radius_m * np.sqrt(turn / np.sin(turn))
    azimuth = np.degrees(-turn * np.arange(65))
    x, y, _ = GEOD.fwd(np.full(65, 116.4), np.full(65, lat), azimuth, np.full(65, reach_m))
    off_m = GEOD.inv(x, y, *corners.T)[2]
    assert np.max(off_m) < 3e-4


@pytest.mark.parametrize("radius_m", [1.0, 300.0, 1000.0, 5000.0, 10_000.0, 100_000.0])
def test_service_areas_are_the_polygons_that_pyproj_draws_corner_by_corner(radius_m):
    places = homes([73.6, 104.0, 116.4, 121.5, 134.8], [39.5, 3.9, 39.9, 25.05, 53.5])
    drawn = gm.service_areas(places, radius_m=radius_m).geometry
    own, oracle = (
        shapely.get_coordinates(each) for each in (drawn, geodesic_discs(places, radius_m))
    )
    assert own.shape == (5 * 65, 2)
    off_m = GEOD.inv(*own.T, *oracle.T)[2]
    assert off_m.max() < (1e-7 if radius_m <= S else 1e-4)


@pytest.mark.parametrize("lat", [0.0, 39.9, 60.0])
@pytest.mark.parametrize("radius_m", [300.0, 1000.0, 10_000.0, 100_000.0])
def test_the_border_of_a_disc_runs_within_the_band(lat, radius_m):
    disc = discs(np.array([116.4]), np.array([lat]), radius_m)[0]
    border = shapely.get_coordinates(shapely.segmentize(disc, radius_m / 111e3 / 200))
    far_m = GEOD.inv(np.full(len(border), 116.4), np.full(len(border), lat), *border.T)[2]
    inner_m, outer_m = band(radius_m)
    assert inner_m <= np.min(far_m)
    assert np.max(far_m) <= outer_m
    assert outer_m - inner_m < 0.003 * radius_m


@pytest.mark.parametrize("radius_m", [0, -1, 1e6, float("nan"), float("inf"), None, "far", True])
def test_a_radius_that_is_none_is_refused(radius_m):
    with pytest.raises(ParameterError, match="radius_m must be more than 0 and at most 100,000"):
        gm.service_areas(homes([116.4], [39.9]), radius_m=radius_m)


def test_each_facility_keeps_its_row_and_one_without_a_place_or_not_open_has_no_area():
    frame = homes([116.4, 116.5, 116.6], [39.9, 39.9, 39.9], id=["a", "b", "c"])
    frame = frame.assign(status=["open", "closed", None]).set_axis([7, 5, 3])
    frame.loc[3, "geometry"] = None
    areas = gm.service_areas(frame)
    assert areas.index.tolist() == [7, 5, 3]
    assert areas["id"].tolist() == ["a", "b", "c"]
    assert areas.geometry.isna().tolist() == [False, True, True]
    assert areas.crs.to_epsg() == 4326
    assert set(areas["method"]) == {"straight_line"}


def test_no_facility_has_no_service_area():
    empty = homes([], [], type=[])
    assert gm.service_areas(empty).empty
    assert gm.service_areas(empty, merged=True).empty
    assert gm.service_areas(empty, merged=True, by_type=True).empty


def test_merged_by_type_joins_each_type_by_itself():
    frame = homes([116.4, 116.405, 116.4], [39.9] * 3, type=["other", "other", "nursing_home"])
    areas = gm.service_areas(frame, merged=True, by_type=True)
    assert areas.index.tolist() == ["nursing_home", "other"]
    assert areas["facilities"].tolist() == [1, 2]
    single = gm.service_areas(frame)
    joined = shapely.union_all(single.geometry[:2].to_numpy())
    assert areas.geometry["other"].symmetric_difference(joined).area == 0


def test_those_without_a_type_are_one_more_of_a_missing_label():
    frame = homes([116.4, 116.5, 116.6], [39.9] * 3, type=["other", None, None])
    areas = gm.service_areas(frame, merged=True, by_type=True)
    assert areas["facilities"].tolist() == [1, 2]
    assert areas.index.isna().tolist() == [False, True]
    assert len(areas.geometry.iloc[1].geoms) == 2
    unstated = gm.service_areas(frame.assign(type=None), merged=True, by_type=True)
    assert (unstated.index.isna().tolist(), unstated["facilities"].tolist()) == ([True], [3])


def test_by_type_without_merged_or_types_is_refused():
    for frame, merged in ((homes([1], [1], type=["other"]), False), (homes([1], [1]), True)):
        with pytest.raises(ParameterError, match="by_type needs"):
            gm.service_areas(frame, merged=merged, by_type=True)


def test_a_frame_without_a_system_or_with_polygons_is_refused():
    with pytest.raises(CRSError):
        gm.service_areas(gpd.GeoDataFrame(geometry=[shapely.Point(1, 1)]))
    with pytest.raises(DataError, match="Point on earth"):
        gm.service_areas(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326"))
    with pytest.raises(DataError, match="Point on earth"):
        gm.service_areas(homes([116.4], [95.0]))


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 150), spread=st.sampled_from([0.005, 0.02, 0.1])
)
def test_the_union_is_the_union_of_the_same_polygons(seed, n, spread):
    lon, lat = scattered(seed, n, spread)
    whole = Discs(lon, lat, S)
    pieces = union_of_discs(whole)
    oracle = shapely.union_all(whole.drawn())
    assert shapely.is_valid(pieces).all()
    assert shapely.multipolygons(pieces).is_valid
    joined = shapely.union_all(pieces)
    assert joined.symmetric_difference(oracle).area <= 1e-9 * oracle.area
    assert len(pieces) == len(shapely.get_parts(oracle))


def test_dense_homes_leave_few_discs_to_join_and_no_false_hole():
    random = np.random.default_rng(3)
    lon, lat = random.uniform(116.3, 116.5, 3000), random.uniform(39.8, 40.0, 3000)
    assert on_rim(lon, lat, S).sum() < 1000
    (piece,) = union_of_discs(Discs(lon, lat, S))
    oracle = shapely.union_all(discs(lon, lat, S))
    assert piece.symmetric_difference(oracle).area <= 1e-12 * oracle.area
    assert len(piece.interiors) == len(oracle.interiors)


def ring(radius_m, count):
    azimuth = np.linspace(0, 360, count, endpoint=False)
    lon, lat, _ = GEOD.fwd(
        np.full(count, 116.4), np.full(count, 39.9), azimuth, np.full(count, radius_m)
    )
    return np.array(lon), np.array(lat)


def test_a_hole_in_a_ring_of_homes_is_real_and_an_island_in_it_stays():
    lon, lat = ring(4000, 40)
    lon, lat = np.append(lon, 116.4), np.append(lat, 39.9)
    pieces = union_of_discs(Discs(lon, lat, S))
    assert sorted(len(each.interiors) for each in pieces) == [0, 1]
    oracle = shapely.union_all(discs(lon, lat, S))
    assert shapely.multipolygons(pieces).symmetric_difference(oracle).area <= 1e-12 * oracle.area


def test_ground_that_only_left_out_discs_serve_is_served_islands_or_not():
    # A town full of homes, a moat around the middle, and homes in the middle.
    random = np.random.default_rng(5)
    x, y = random.uniform(-6000, 6000, (2, 6000))
    far = np.hypot(x, y)
    kept = (far > 3500) | (far < 900)
    lon, lat = 116.4 + x[kept] / 85_300, 39.9 + y[kept] / 111_000
    pieces = union_of_discs(Discs(lon, lat, S))
    oracle = shapely.union_all(discs(lon, lat, S))
    assert shapely.multipolygons(pieces).symmetric_difference(oracle).area <= 1e-12 * oracle.area
    assert shapely.multipolygons(pieces).is_valid


def test_discs_on_both_sides_of_the_antimeridian_are_joined():
    areas = gm.service_areas(homes([179.999, -179.999, 10.0], [10, 10, 10]), merged=True)
    assert len(areas.geometry[0].geoms) == 2
    assert areas.geometry[0].is_valid


def test_any_polygons_are_joined_by_the_groups_that_touch():
    boxes = shapely.box([0, 1, 5, 5.5], 0, [1.5, 2, 6, 7], 1)
    assert sorted(shapely.area(union_of_shapes(boxes))) == [2, 2]
