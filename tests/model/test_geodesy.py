from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from shapely import LineString, Point, Polygon, box

from geomap.errors import CRSError, ParameterError
from geomap.model import geodesy

GEOD = Geod(ellps="WGS84")
lons, lats = st.floats(73, 135), st.floats(3, 54)
bearings, lengths_m = st.floats(0, 360), st.floats(1, 50_000)


def geodesic_area_m2(polygon: Polygon) -> float:
    return abs(GEOD.geometry_area_perimeter(polygon)[0])


def metres_apart(first, second):
    return GEOD.inv(*first, *second)[2]


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_geocentric_coordinates_are_those_of_proj(lon, lat):
    to_geocentric = Transformer.from_crs(4979, 4978, always_xy=True)
    expected = to_geocentric.transform(lon, lat, 0)
    assert geodesy.ecef([lon], [lat])[0] == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=300)
@given(lons, lats, bearings, lengths_m)
def test_chords_are_as_short_as_stated_and_arcs_right(lon, lat, bearing, length_m):
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, bearing, length_m)
    start, end = geodesy.ecef([lon, end_lon], [lat, end_lat])
    chord_m = np.linalg.norm(end - start)
    assert abs(chord_m - length_m) <= 0.000003 * length_m + 1e-6
    assert abs(geodesy.chord_to_arc_m(chord_m) - length_m) < 0.002
    assert abs(geodesy.arc_to_chord_m(length_m) - chord_m) < 0.002


@settings(deadline=None)
@given(st.floats(0, 1e7))
def test_chord_and_arc_undo_each_other(length_m):
    assert geodesy.chord_to_arc_m(geodesy.arc_to_chord_m(length_m)) == pytest.approx(
        length_m, abs=1e-3
    )


@settings(deadline=None)
@given(lons, lats, lons, lats)
def test_arcs_across_china_are_within_their_stated_error(lon1, lat1, lon2, lat2):
    expected = GEOD.inv(lon1, lat1, lon2, lat2)[2]
    start, end = geodesy.ecef([lon1, lon2], [lat1, lat2])
    arc_m = geodesy.chord_to_arc_m(np.linalg.norm(end - start))
    assert arc_m == pytest.approx(expected, rel=0.0003, abs=1e-3)


@settings(deadline=None)
@given(lons, lats, bearings, lengths_m)
def test_distances_are_geodesic_and_destinations_lie_at_them(lon, lat, bearing, length_m):
    end = geodesy.geodesic_destination(lon, lat, bearing, length_m)
    assert geodesy.geodesic_m(lon, lat, *end) == pytest.approx(length_m, abs=1e-6)
    assert GEOD.inv(lon, lat, *end)[2] == pytest.approx(length_m, abs=1e-6)


def test_distances_of_what_is_no_number_are_refused():
    with pytest.raises(ParameterError, match="numbers in arrays of one shape"):
        geodesy.geodesic_m(["x"], [1], [1], [1])


def test_distances_broadcast_and_keep_what_is_missing():
    distance_m = geodesy.geodesic_m([[105.0], [106.0]], [[35.0], [36.0]], [105.0, np.nan], 35.0)
    assert distance_m.shape == (2, 2)
    assert distance_m[0, 0] == 0
    assert np.isnan(distance_m[:, 1]).all()
    assert isinstance(geodesy.geodesic_m(1, 2, 3, 4), np.float64)
    assert geodesy.geodesic_m([], [], 1, 2).shape == (0,)


# Areas


@settings(deadline=None, max_examples=200)
@given(lons, lats, lengths_m)
def test_a_disc_has_the_area_of_the_circle_and_its_edge_the_radius(lon, lat, radius_m):
    disc = geodesy.geodesic_disc(lon, lat, radius_m)
    assert geodesic_area_m2(disc) == pytest.approx(np.pi * radius_m**2, 1e-5, 0.001)
    assert geodesy.area_m2([disc])[0] == pytest.approx(np.pi * radius_m**2, 1e-5, 0.001)
    corners = shapely.get_coordinates(disc)
    middles = (corners[1:] + corners[:-1]) / 2
    edge = np.concatenate([corners, middles])
    edge_m = GEOD.inv(np.full(len(edge), lon), np.full(len(edge), lat), *edge.T)[2]
    assert np.abs(edge_m / radius_m - 1).max() < 0.0009
    assert disc.exterior.is_ccw
    assert disc.is_valid


@settings(deadline=None)
@given(lons, lats, lengths_m, st.integers(8, 200))
def test_a_disc_of_any_number_of_vertices_has_the_right_area(lon, lat, radius_m, vertices):
    disc = geodesy.geodesic_disc(lon, lat, radius_m, vertices=vertices)
    assert shapely.get_num_coordinates(disc) == vertices + 1
    assert geodesic_area_m2(disc) == pytest.approx(np.pi * radius_m**2, 2e-5, 0.001)


def test_discs_come_one_per_centre_and_none_where_it_is_missing():
    discs = geodesy.geodesic_disc([105.0, np.nan, 106.0], [35.0, 35.0, 36.0], [1000, 1000, 2000])
    assert discs.shape == (3,)
    assert discs[1] is None
    areas = geodesy.area_m2(discs)
    assert np.isnan(areas[1])
    assert areas[2] / areas[0] == pytest.approx(4, rel=1e-6)


@pytest.mark.parametrize(("lon", "lat"), [(180, 60), (-179.999, -20), (0, 0), (100, 89.9)])
def test_discs_anywhere_on_earth_are_drawn(lon, lat):
    disc = geodesy.geodesic_disc(lon, lat, 5000)
    assert disc.is_valid
    assert geodesy.area_m2([disc])[0] == pytest.approx(np.pi * 5000**2, rel=1e-3)


@pytest.mark.parametrize("radius_m", [0, -1, np.nan, [1000, 0, 1000]])
def test_a_radius_that_is_not_positive_is_refused(radius_m):
    with pytest.raises(ParameterError, match="radius_m must be positive, got"):
        geodesy.geodesic_disc([105.0, 106.0, 107.0], [35.0, 35.0, 35.0], radius_m)


def test_too_few_vertices_are_refused():
    with pytest.raises(ParameterError, match="vertices must be at least 8, got 3"):
        geodesy.geodesic_disc(105, 35, 1000, vertices=3)


@settings(deadline=None, max_examples=200)
@given(lons, lats, st.floats(0.001, 2), st.floats(0, 1), st.floats(0.3, 1))
def test_areas_are_within_their_stated_error(lon, lat, size, slant, height):
    corners = [(lon, lat), (lon + size, lat), (lon + slant * size, lat + height * size)]
    straight = shapely.segmentize(Polygon(corners), size / 300)
    assert geodesy.area_m2([Polygon(corners)])[0] == pytest.approx(
        geodesic_area_m2(straight), rel=0.00005
    )


def test_areas_are_right_in_other_parts_of_the_world():
    for lon, lat in ((-46.6, -23.5), (-75.0, 40.0), (15.0, 65.0), (179.9, -40.0)):
        cell = box(lon - 0.3, lat - 0.3, lon + 0.3, lat + 0.3)
        straight = shapely.segmentize(cell, 0.001)
        assert geodesy.area_m2([cell])[0] == pytest.approx(geodesic_area_m2(straight), rel=1e-5)


def test_what_has_no_area_has_none():
    series = gpd.GeoSeries([Point(1, 1), LineString([(1, 1), (2, 2)]), Polygon()], crs=4326)
    assert geodesy.area_m2(series).tolist() == [0, 0, 0]
    assert geodesy.area_m2([]).shape == (0,)
    with pytest.raises(CRSError, match=r"must be in EPSG:4326, got CGCS2000 .*: use to_geographic"):
        geodesy.area_m2(series.set_crs(4548, allow_override=True))


def test_the_areas_of_real_cities_are_those_of_their_geodesic_polygons(data_folder):
    csv.field_size_limit(10**7)
    path = data_folder / "census2020" / "census_city_2010-2020_v1.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        cities = [shapely.from_wkt(row["coord"]) for row in csv.DictReader(file)]
    cities = [city for city in cities if city.is_valid]
    assert len(cities) > 350
    expected = [geodesic_area_m2(shapely.orient_polygons(city)) for city in cities]
    np.testing.assert_allclose(geodesy.area_m2(cities), expected, rtol=0.001)
