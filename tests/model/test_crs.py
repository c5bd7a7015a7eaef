from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from pyproj.transformer import TransformerGroup
from shapely import LineString, Point, Polygon, box

from geomap.errors import CRSError, ParameterError
from geomap.model import crs, epsg

GEOD = Geod(ellps="WGS84")
lons, lats = st.floats(73, 135), st.floats(3, 54)
bearings, lengths_m = st.floats(0, 360), st.floats(1, 50_000)


def geodesic_area_m2(polygon: Polygon) -> float:
    return abs(GEOD.geometry_area_perimeter(polygon)[0])


def metres_apart(first, second):
    return GEOD.inv(*first, *second)[2]


# Names of coordinate systems


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EPSG:2326", 2326),
        ("epsg:4490", 4490),
        (" 2326 ", 2326),
        (4548, 4548),
        ("urn:ogc:def:crs:EPSG::4490", 4490),
        ("urn:ogc:def:crs:EPSG:9.8.1:4326", 4326),
        ("http://www.opengis.net/def/crs/EPSG/0/3826", 3826),
        ("CRS84", 4326),
        ("OGC:CRS84", 4326),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("urn:ogc:def:crs:OGC::CRS84", 4326),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326),
    ],
)
def test_the_usual_ways_to_name_a_system_are_read(text, code):
    assert crs.parse_crs(text).to_epsg() == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EPSG:",
        "EPSG:4326x",
        "EPSG:4326;EPSG:4490",
        "EPSG:4326+5773",
        "04326",
        "4３26",
        "EPSG:٤٣٢٦",
        "ESRI:102025",
        "WGS84",
        "+proj=longlat +datum=WGS84",
        "+init=epsg:4326",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://localhost/crs.json",
        "https://www.opengis.net.evil.example/def/crs/EPSG/0/4326",
        '{"type": "GeographicCRS"}',
        'GEOGCS["WGS 84"]',
        "urn:ogc:def:coordinateOperation:EPSG::1825",
        "4326 " * 10_000,
        None,
        True,
    ],
)
def test_any_other_text_is_refused_and_never_reaches_proj(text, monkeypatch):
    def reached(*_args, **_options):
        raise AssertionError("user text reached PROJ")

    monkeypatch.setattr(crs, "_crs", reached)
    with pytest.raises(CRSError, match=r"must be an EPSG code such as EPSG:4326.*got.*: give") as e:
        crs.parse_crs(text)
    assert len(str(e.value)) < 300


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reader_of_names(text):
    try:
        system = crs.parse_crs(text)
    except CRSError:
        return
    assert system.to_epsg() in epsg.ACCEPTED


@pytest.mark.parametrize("code", ["EPSG:27700", "4479", "EPSG:4978", "1234", "99999"])
def test_codes_off_the_list_are_refused_with_what_is_accepted(code):
    with pytest.raises(CRSError, match=r"not among the \d+ accepted .*CGCS2000.*reproject"):
        crs.parse_crs(code)


def test_the_list_says_what_epsg_says():
    other_names = {4490, 2326, 3035}
    for code, each in epsg.ACCEPTED.items():
        system = pyproj.CRS.from_epsg(code)
        assert each.code == code
        assert not system.is_deprecated, code
        assert system.geodetic_crs.to_epsg() == each.datum, code
        assert system.name == each.label.en or code in other_names, code
    assert len({each.label.zh for each in epsg.ACCEPTED.values()}) == len(epsg.ACCEPTED)


@pytest.mark.parametrize(
    "codes",
    [
        range(4491, 4555),
        range(2327, 2391),
        range(2401, 2443),
        range(21413, 21424),
        range(21453, 21464),
        range(6669, 6688),
        range(2443, 2462),
        range(32601, 32661),
        range(32701, 32761),
        [4326, 4490, 3857, 2326, 4611, 3824, 3825, 3826, 3821, 3827, 3828, 3414, 4757, 6668],
        [4612, 4214, 4610, 8433, 5179, 4737, 3035, 25831, 25832, 25833, 5070, 4674, 31983],
    ],
)
def test_the_systems_that_offices_use_are_on_the_list(codes):
    assert set(codes) <= set(epsg.ACCEPTED)


def test_the_two_numberings_of_gauss_kruger_are_told_apart():
    with_zone = crs.transform_points(39_500_000, 4_420_000, "EPSG:4527")
    without = crs.transform_points(500_000, 4_420_000, "EPSG:4548")
    assert with_zone == pytest.approx(without, abs=1e-12)
    assert with_zone == pytest.approx((117.0, 39.92), abs=0.01)
    assert np.isnan(crs.transform_points(39_500_000, 4_420_000, "EPSG:4548")).all()


# To WGS-84


@pytest.mark.parametrize("code", [4326, 4490, 4258, 3824])
def test_systems_without_a_shift_leave_degrees_as_they_are(code):
    lon, lat = crs.transform_points([121.5, 9.0], [25.0, 50.0], code)
    assert lon.tolist() == [121.5, 9.0]
    assert lat.tolist() == [25.0, 50.0]


def test_hong_kong_1980_meets_the_point_published_by_its_survey_office():
    # Trig point of the Explanatory Notes on Geodetic Datums in Hong Kong; the answer of the
    # office's converter: UTM zone 50 (WGS 84) 205494 E 2471279 N, HK80 22.323701767 114.138734989.
    grid = crs.transform_points(832591.320, 820351.389, "EPSG:2326")
    to_utm = Transformer.from_crs(4326, 32650, always_xy=True)
    assert to_utm.transform(*grid) == pytest.approx((205494, 2471279), abs=1)
    degrees = crs.transform_points(114.138734989, 22.323701767, "EPSG:4611")
    assert metres_apart(grid, degrees) < 0.01
    assert metres_apart(grid, (114.138734989, 22.323701767)) > 290


def test_twd97_meets_the_point_published_by_its_survey_office():
    lon, lat = crs.transform_points(248170.787, 2652129.936, "EPSG:3826")
    assert (lon, lat) == pytest.approx((120.98202461950673, 23.97387462949248), abs=1e-8)


@settings(deadline=None)
@given(st.floats(150_000, 350_000), st.floats(2_420_000, 2_800_000))
def test_twd67_agrees_with_the_affine_formula_of_academia_sinica(x, y):
    a, b = 0.00001549, 0.000006521
    x97, y97 = x + 807.8 + a * x + b * y, y - 248.6 + a * y + b * x
    expected = Transformer.from_crs(3826, 4326, always_xy=True).transform(x97, y97)
    moved = crs.transform_points(x, y, "EPSG:3828")
    assert metres_apart(moved, expected) <= crs.transform_accuracy_m(3828)


@pytest.mark.parametrize("code", [4214, 4611, 8428, 4301])
def test_shifts_are_those_of_the_operations_of_epsg(code):
    group = TransformerGroup(code, 4326, always_xy=True)
    published = [each for each in group.transformers if each.accuracy >= 0]
    west, south, east, north = pyproj.CRS.from_epsg(code).area_of_use.bounds
    lon, lat = (axis.ravel() for axis in np.mgrid[west:east:5j, south:north:5j])
    moved = crs.transform_points(lon, lat, code)
    apart_m = [metres_apart(moved, each.transform(lon, lat)).max() for each in published]
    assert min(apart_m) < 0.001


@settings(deadline=None)
@given(lons, st.floats(18, 54))
def test_every_published_shift_of_beijing_1954_is_within_the_stated_accuracy(lon, lat):
    moved = crs.transform_points(lon, lat, "EPSG:4214")
    published = [
        each for each in TransformerGroup(4214, 4326, always_xy=True).transformers
        if each.accuracy >= 0
    ]  # fmt: skip
    assert len(published) == 6
    for each in published:
        assert metres_apart(moved, each.transform(lon, lat)) <= crs.transform_accuracy_m(4214)


def test_stated_accuracies_are_no_better_than_those_of_proj():
    for code, datum in epsg.DATUMS.items():
        best = TransformerGroup(code, 4326, always_xy=True).transformers[0].accuracy
        if datum.accuracy_m is not None and code not in (4326, 4490, 3821):
            assert datum.accuracy_m >= best, code


def test_every_shift_is_held_against_something_published():
    assert {code for code, datum in epsg.DATUMS.items() if datum.shift} == {
        4214, 4611, 8428, 4301, 3821,
    }  # fmt: skip


def test_accuracy_is_unknown_for_xian_1980_only():
    unknown = {each.datum for each in epsg.ACCEPTED.values() if each.accuracy_m is None}
    assert unknown == {4610}
    assert crs.transform_accuracy_m(2363) is None
    assert crs.transform_accuracy_m(4548) == 1
    with pytest.raises(CRSError, match="EPSG:27700 is not among"):
        crs.transform_accuracy_m(27700)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(epsg.ACCEPTED)), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_every_accepted_system_comes_back_within_its_area(code, across, up):
    west, south, east, north = pyproj.CRS.from_epsg(code).area_of_use.bounds
    east += 360 * (east < west)
    own = pyproj.CRS.from_epsg(epsg.ACCEPTED[code].datum)
    degrees = (west + across * (east - west) + 180) % 360 - 180, south + up * (north - south)
    there = Transformer.from_crs(own, code, always_xy=True).transform(*degrees)
    lon, lat = crs.transform_points(*there, code)
    expected = crs.transform_points(*degrees, own)
    assert metres_apart((lon, lat), expected) < 0.01


def test_missing_and_impossible_coordinates_come_out_as_missing():
    lon, lat = crs.transform_points(
        [np.nan, 8.3e5, np.inf, 1e30, 832591.32], [8.2e5, np.nan, 8.2e5, 1e30, 820351.389], 2326
    )
    assert np.isnan(lon).tolist() == np.isnan(lat).tolist() == [True, True, True, True, False]


def test_shapes_are_kept_and_the_arguments_untouched():
    x = np.array([[832591.32, 832592.32]])
    lon, lat = crs.transform_points(x, x, "EPSG:4326")
    assert lon.shape == lat.shape == (1, 2)
    assert not np.shares_memory(lon, x)
    assert isinstance(crs.transform_points(832591.32, 820351.389, 2326)[0], np.float64)
    assert crs.transform_points([], [], 2326)[0].shape == (0,)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match="numbers in arrays of one shape"):
        crs.transform_points([1.0, 2.0], [1.0, 2.0, 3.0], 2326)


# Layers


def test_a_layer_moves_with_its_index_columns_and_gaps():
    points = [Point(832591.32, 820351.389), None, Point()]
    frame = gpd.GeoDataFrame({"beds": [1, 2, 3]}, geometry=points, index=[7, 8, 9], crs=2326)
    frame = frame.rename_geometry("place")
    moved = crs.to_geographic(frame)
    assert moved.crs == crs.GEOGRAPHIC
    assert moved.geometry.name == "place"
    assert moved.index.tolist() == [7, 8, 9]
    assert moved.beds.tolist() == [1, 2, 3]
    assert moved.place[7].x == pytest.approx(114.14119, abs=1e-5)
    assert moved.place[8] is None
    assert moved.place[9].is_empty
    assert frame.place[7].x == 832591.32


@pytest.mark.parametrize("system", ["OGC:CRS84", "EPSG:4326", "EPSG:4490"])
def test_a_layer_in_degrees_already_keeps_its_coordinates(system):
    frame = gpd.GeoDataFrame(geometry=[Point(116.4, 39.9)], crs=system)
    moved = crs.to_geographic(frame)
    assert moved.crs == crs.GEOGRAPHIC
    assert moved.geometry[0] == Point(116.4, 39.9)
    assert moved is not frame


def test_lines_and_polygons_move_too_and_lose_their_heights():
    shapes = [LineString([(5e5, 4e6, 9), (5e5, 4.1e6, 9)]), box(5e5, 4e6, 5.1e5, 4.1e6)]
    moved = crs.to_geographic(gpd.GeoDataFrame(geometry=shapes, crs=4548)).geometry
    assert moved.geom_type.tolist() == ["LineString", "Polygon"]
    assert not moved.has_z.any()
    assert moved.bounds.minx.tolist() == pytest.approx([117, 117])


def test_a_system_off_the_list_is_taken_only_if_proj_is_certain():
    certain = gpd.GeoDataFrame(geometry=[Point(0, 3_900_000)], crs=crs.EQUAL_AREA)
    assert crs.to_geographic(certain).geometry[0].x == pytest.approx(105)
    ballpark = "+proj=tmerc +lon_0=100 +ellps=clrk66 +units=m"
    with pytest.raises(CRSError, match="must lead to WGS-84 with certainty, got unknown"):
        crs.to_geographic(gpd.GeoDataFrame(geometry=[Point(0, 3_900_000)], crs=ballpark))


@pytest.mark.parametrize("code", [4548, 2326, 2435, 3828, 6677, 3414, 4480])
def test_a_definition_without_a_code_is_shifted_like_the_coded_one(code):
    system = pyproj.CRS.from_epsg(code)
    text = re.sub(r',ID\["EPSG",\d+\]', "", system.to_wkt())
    unnamed = pyproj.CRS.from_wkt(text)
    west, south, east, north = system.area_of_use.bounds
    middle = (west + east) / 2, (south + north) / 2
    own = system.geodetic_crs.to_2d()
    x, y = Transformer.from_crs(own, system, always_xy=True).transform(*middle)
    moved = crs.transform_points(x, y, unnamed)
    assert metres_apart(moved, crs.transform_points(x, y, system)) < 0.001
    assert metres_apart(moved, crs.transform_points(*middle, own)) < 0.001


def test_a_local_meridian_of_an_office_is_taken_on_its_datum():
    text = pyproj.CRS.from_epsg(4548).to_wkt()
    local = pyproj.CRS.from_wkt(text.replace('natural origin",117', 'natural origin",113.5'))
    lon, lat = crs.transform_points(500_000, 4_420_000, local)
    assert (lon, lat) == pytest.approx((113.5, 39.914), abs=0.01)


def test_parameters_that_a_definition_brings_along_are_used():
    own = "+proj=longlat +ellps=krass +towgs84=24,-123,-94,0.02,-0.25,-0.13,1.1"
    moved = crs.transform_points(116.4, 39.9, pyproj.CRS(own))
    expected = Transformer.from_crs(own, 4326, always_xy=True).transform(116.4, 39.9)
    assert metres_apart(moved, expected) < 0.001
    assert metres_apart(moved, (116.4, 39.9)) > 20


def test_a_layer_without_a_system_is_refused():
    with pytest.raises(CRSError, match="must state its coordinate system, got none"):
        crs.to_geographic(gpd.GeoDataFrame(geometry=[Point(1, 1)]))


def test_coordinates_that_do_not_fit_the_system_are_refused_with_their_place():
    frame = gpd.GeoDataFrame(geometry=[Point(5e5, 4e6), Point(3.95e7, 4.4e6)], crs=4548)
    with pytest.raises(CRSError, match="got 1 outside, first at position 1: check"):
        crs.to_geographic(frame)


def test_metric_frames_pass_and_others_are_named():
    metric = gpd.GeoDataFrame(geometry=[], crs="EPSG:4548")
    crs.require_metric(metric, metric)
    crs.require_metric(gpd.GeoDataFrame(geometry=[], crs=crs.EQUAL_AREA))
    for system in ("EPSG:4326", "EPSG:3857", "EPSG:3395", "EPSG:2263", crs.GEOCENTRIC, None):
        with pytest.raises(CRSError, match="in one projected system in metres, got"):
            crs.require_metric(gpd.GeoDataFrame(geometry=[], crs=system))
    with pytest.raises(CRSError, match=r"got CGCS2000 .* 117E and CGCS2000 .* 120E: reproject"):
        crs.require_metric(metric, gpd.GeoDataFrame(geometry=[], crs="EPSG:4549"))


# Systems that are offered to other programs


@given(lon=st.floats(-180, 180), lat=st.floats(-85, 85))
def test_offered_points_are_those_of_proj_in_the_order_of_the_authority(lon, lat):
    for offered in crs.OFFERED:
        expected = (lon, lat)
        if offered.uri.endswith("EPSG/0/4326"):
            expected = Transformer.from_crs("OGC:CRS84", "EPSG:4326").transform(lon, lat)
        elif offered.code == 4490:  # no shift is published: the same degrees, latitude first
            expected = (lat, lon)
        elif offered.code == 3857:
            expected = Transformer.from_crs("OGC:CRS84", "EPSG:3857").transform(lon, lat)
        assert crs.offered_points(lon, lat, offered) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("offered", crs.OFFERED, ids=lambda each: each.uri.rpartition("/")[2])
def test_the_authority_says_which_axis_is_first(offered):
    named = offered.uri.removeprefix("http://www.opengis.net/def/crs/").split("/")
    system = pyproj.CRS.from_authority(named[0], named[2])
    assert offered.north_first == (system.axis_info[0].direction == "north")


@given(
    lon=st.tuples(st.floats(-179, 179), st.floats(-179, 179)),
    lat=st.tuples(st.floats(-85, 85), st.floats(-85, 85)),
)
def test_a_box_comes_back_from_every_system_that_is_offered(lon, lat):
    for offered in crs.OFFERED:
        first, second = crs.offered_points(lon, lat, offered)
        box_there = (first[0], second[0], first[1], second[1])
        expected = (lon[0], lat[0], lon[1], lat[1])
        assert crs.offered_box(box_there, offered) == pytest.approx(expected, abs=1e-9)


def test_a_box_up_to_180_degrees_does_not_come_round_and_one_beyond_is_none():
    mercator = crs.OFFERED[3]
    edge = 20037508.3428  # as many programs write it, rounded up
    west, _, east, _ = crs.offered_box((-edge, -edge, edge, edge), mercator)
    assert (west, east) == pytest.approx((-180, 180))
    assert np.isnan(crs.offered_box((0, 0, 2 * edge, 1), mercator)[2])
