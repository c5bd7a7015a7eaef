from __future__ import annotations

import json

import numpy as np
import pandas as pd
import prcoords
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.files.values.degrees import to_degrees
from geomap.data.reading import Options, check, read_facilities, read_table
from geomap.errors import ParameterError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES


def table(folder, header, *rows, name="a.csv"):
    path = folder / name
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def points(path, **options):
    frame = read_facilities(path, **options)
    return [None if each is None else (each.x, each.y) for each in frame.geometry]


def codes(path, **options):
    return [(each.code, each.row) for each in check(path, **options).findings]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("名称,经度,纬度", "甲敬老院,121.5,31.25"),
        ("名称,经度,纬度", '甲敬老院,"121,5","31,25"'),
        ("名称,经度,纬度", "甲敬老院,121°30′0″E,31°15′N"),
        ("名称,坐标", '甲敬老院,"121.5,31.25"'),
        ("名称,纬经度", "甲敬老院,(31.25 121.5)"),
        ("名称,geometry", "甲敬老院,SRID=4326;POINT (121.5 31.25)"),
        ("名称,x,y", "甲敬老院,121.5,31.25"),
    ],
)
def test_a_place_is_read_from_every_kind_of_column(tmp_path, header, row):
    (found,) = points(table(tmp_path, header, row))
    assert found == pytest.approx((121.5, 31.25), abs=1e-9)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("31.25", "121.5", "swapped_lat_lon"),
        ("0", "0", "zero_coordinates"),
        ("0.000000000000000", "0.0", "zero_coordinates"),
        ("354000", "3454000", "looks_like_metres"),
        ("200", "31", "out_of_range"),
        ("121.5", "", "incomplete_coordinates"),
        ("121.5", "north", "bad_coordinate"),
        ("nan", "31", "bad_coordinate"),
        ("1e999", "31", "bad_coordinate"),
    ],
)
def test_an_impossible_place_is_told_and_the_row_waits_for_one(tmp_path, lon, lat, code):
    path = table(tmp_path, "名称,经度,纬度", f"甲敬老院,{lon},{lat}", "乙敬老院,121.5,31.25")
    report = check(path)
    assert [(each.code, each.row) for each in report.findings] == [(code, 2)]
    assert (report.outcome, report.accepted, report.needs_location) == ("accepted", 2, 1)


def test_unknown_coordinates_are_no_fault(tmp_path):
    path = table(tmp_path, "名称,经度,纬度", "甲敬老院,,", "乙敬老院,-,暂无")
    report = check(path)
    assert (report.findings, report.needs_location) == ((), 2)


def test_a_lonely_coordinate_column_is_told(tmp_path):
    assert codes(table(tmp_path, "名称,经度", "甲敬老院,121.5")) == [
        ("coordinate_column_missing", None)
    ]


def test_metres_are_read_in_the_system_that_is_named(tmp_path):
    path = table(tmp_path, "名称,X坐标,Y坐标", "甲安老院,832591.32,820351.389")
    assert codes(path) == [("looks_like_metres", 2)]
    (found,) = points(path, crs="EPSG:2326")  # the example of EPSG Guidance Note 7-2 for HK1980
    assert found == pytest.approx((114.1412, 22.3222), abs=1e-4)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_coordinates_are_converted_only_when_told(tmp_path, datum):
    shift = {"gcj02": prcoords.wgs_gcj, "bd09": prcoords.wgs_bd}[datum]
    lat, lon = shift((31.25, 121.5))
    path = table(tmp_path, "名称,经度,纬度", f"甲敬老院,{lon!r},{lat!r}")
    assert points(path) == [(lon, lat)]
    assert points(path, datum=datum)[0] == pytest.approx((121.5, 31.25), abs=2e-6)


@given(lon=st.floats(74, 135), lat=st.floats(4, 53))
@settings(deadline=None, max_examples=30)
def test_converting_is_the_inverse_of_shifting(tmp_path_factory, lon, lat):
    shifted_lat, shifted_lon = prcoords.wgs_gcj((lat, lon))
    row = f"甲敬老院,{shifted_lon!r},{shifted_lat!r}"
    path = table(tmp_path_factory.mktemp("datum"), "名称,经度,纬度", row)
    assert points(path, datum="gcj02")[0] == pytest.approx((lon, lat), abs=1e-5)


def test_a_shifted_datum_and_a_projection_exclude_each_other(tmp_path):
    path = table(tmp_path, "名称,X坐标,Y坐标", "甲安老院,832591,820351")
    with pytest.raises(ParameterError, match="for degrees, not for crs"):
        check(path, datum="gcj02", crs="EPSG:2326")


def geojson(folder, *geometries, crs=None):
    features = [
        {"type": "Feature", "properties": {"name": f"第{nth}区"}, "geometry": each}
        for nth, each in enumerate(geometries, 1)
    ]
    document = {"type": "FeatureCollection", "features": features}
    path = folder / "a.geojson"
    path.write_text(json.dumps(document | ({"crs": crs} if crs else {})))
    return path


POLYGON = {"type": "Polygon", "coordinates": [[[121, 31], [122, 31], [122, 32], [121, 31]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
LINE = {"type": "LineString", "coordinates": [[121, 31], [122, 32]]}
POINT = {"type": "Point", "coordinates": [121.5, 31.25, 9.0]}
EMPTY = {"type": "Polygon", "coordinates": []}


def test_an_outline_of_a_facility_becomes_a_point_inside_and_is_told(tmp_path):
    path = geojson(tmp_path, POINT, POLYGON, LINE, EMPTY)
    assert codes(path) == [("point_in_polygon", 2), ("bad_geometry", 3)]
    assert check(path).needs_location == 2


def test_an_area_is_a_polygon_and_nothing_else(tmp_path):
    report = check(geojson(tmp_path, POLYGON, POINT, BOW_TIE), table=AREAS)
    assert [(each.code, each.row) for each in report.findings] == [
        ("bad_geometry", 2),
        ("invalid_geometry", 3),
    ]


def test_demand_is_points_or_polygons(tmp_path):
    report = check(geojson(tmp_path, POLYGON, POINT, LINE), table=DEMAND)
    assert [(each.code, each.row) for each in report.findings] == [("bad_geometry", 3)]


def test_a_repaired_outline_covers_the_same_ground(tmp_path):
    frame = read_table(geojson(tmp_path, BOW_TIE), AREAS).frame
    assert frame.geometry.item().area == pytest.approx(0.5)


def test_outlines_are_converted_vertex_by_vertex(tmp_path):
    moved = [prcoords.wgs_gcj((lat, lon))[::-1] for lon, lat in POLYGON["coordinates"][0]]
    path = geojson(tmp_path, {"type": "Polygon", "coordinates": [[list(each) for each in moved]]})
    frame = read_table(path, AREAS, Options(datum="gcj02")).frame
    found = np.array(frame.geometry.item().exterior.coords)
    assert found == pytest.approx(np.array(POLYGON["coordinates"][0]), abs=2e-6)


def test_a_stated_system_is_obeyed_and_a_link_refused(tmp_path):
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2326"}}
    metres = {"type": "Point", "coordinates": [832591.32, 820351.389]}
    assert points(geojson(tmp_path, metres, crs=named))[0] == pytest.approx(
        (114.1412, 22.3222), abs=1e-4
    )
    link = {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}
    assert codes(geojson(tmp_path, POINT, crs=link)) == [("crs_link", None)]
    unknown = {"type": "name", "properties": {"name": "EPSG:27700"}}
    assert codes(geojson(tmp_path, POINT, crs=unknown)) == [("crs_unknown", None)]
    contradicted = codes(geojson(tmp_path, POINT, crs=named), crs="EPSG:4326")
    assert ("crs_contradicts", None) in contradicted


def test_few_places_far_from_all_others_are_told_and_kept(tmp_path):
    rows = [f"第{nth}敬老院,{121 + nth / 100},31.25" for nth in range(60)]
    path = table(tmp_path, "名称,经度,纬度", *rows, "爱尔兰敬老院,-8.24389,53.41291")
    report = check(path)
    (finding,) = report.findings
    assert (finding.code, finding.row) == ("far_from_others", 62)
    assert 8_000 < float(finding.values["distance"]) < 10_000
    assert report.needs_location == 0


def test_two_parts_of_a_large_country_are_not_far_from_each_other(tmp_path):
    rows = [f"第{nth}敬老院,{87 + nth % 2 * 34},{43 - nth % 2 * 12}" for nth in range(60)]
    assert "far_from_others" not in dict(codes(table(tmp_path, "名称,经度,纬度", *rows)))


@given(
    st.lists(
        st.tuples(st.integers(0, 179), st.integers(0, 59), st.floats(0, 59.999)),
        min_size=1,
        max_size=9,
    )
)
@settings(deadline=None)
def test_degrees_minutes_and_seconds_add_up(angles):
    texts = [f"W {d}°{m}'{s:.3f}\"" for d, m, s in angles]
    found, _ = to_degrees(pd.Series(texts, dtype="str"))
    expected = [-(d + m / 60 + float(f"{s:.3f}") / 3600) for d, m, s in angles]
    assert found.tolist() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("text", ["121°60′", "121°30′60″", "°30′", "121°-30′"])
def test_minutes_and_seconds_end_at_sixty(text):
    assert to_degrees(pd.Series([text], dtype="str"))[0].isna().item()


def test_the_frame_fits_the_schema_whatever_the_places(tmp_path):
    path = table(tmp_path, "名称,经度,纬度", "甲敬老院,0,0", "乙敬老院,121,31", "丙敬老院,,")
    frame = read_facilities(path)
    assert FACILITIES.schema.validate(frame, lazy=True).crs.to_epsg() == 4326


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4528"])
def test_metres_with_north_first_are_told_and_not_put_into_the_sea(tmp_path, crs):
    east = 640060.3377 + (40_000_000 if crs == "EPSG:4528" else 0)  # 121.47, 31.23 by pyproj
    north = 3457406.435
    path = table(tmp_path, "名称,x,y", f"甲敬老院,{north},{east}")
    assert (points(path, crs=crs), codes(path, crs=crs)) == ([None], [("swapped_lat_lon", 2)])
    path = table(tmp_path, "名称,x,y", f"甲敬老院,{east},{north}")
    assert points(path, crs=crs) == [pytest.approx((121.47, 31.23), abs=1e-7)]
