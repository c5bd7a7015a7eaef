"""Provinces, cities and counties: complete, valid, and where other sources have them."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geomap.data.divisions import (
    DRAWN_AS,
    LEVELS,
    distance_to_division_m,
    division_names,
    find_division,
    locate,
    read_areas,
    read_boundary_lines,
)
from geomap.errors import ParameterError
from geomap.model.area import AREAS
from geomap.model.divisions import short_name

#: Codes that the list of 2023 has and the polygons have not, by why.
GROUND_OF_OTHERS = "7"  # the third pair of digits of development zones: 71-79
DAXINGANLING = {"232761", "232762", "232763", "232764"}  # districts on others' ground
RECODED = {"460323", "540481", "540581", "620201"}  # 中沙, 米林市, 错那市, 嘉峪关市


@pytest.mark.parametrize(("level", "rows"), [("province", 34), ("city", 375), ("county", 2891)])
def test_every_level_is_complete_and_valid(level, rows):
    areas = read_areas(level)
    AREAS.schema.validate(areas, lazy=True)
    assert len(areas) == rows
    assert areas.is_valid.all()
    assert areas.crs.to_epsg() == 4326
    assert areas["adcode"].str.fullmatch(r"[1-8]\d{5}").all()
    assert areas["adcode"].is_monotonic_increasing
    assert "境界线" not in set(areas["name"])
    assert areas["population"].isna().all()


def test_parents_are_divisions_above_and_never_the_division_itself():
    provinces, cities, counties = (read_areas(level) for level in LEVELS)
    assert provinces["parent_adcode"].isna().all()
    assert (counties["parent_adcode"] != counties["adcode"]).all()
    known = {*provinces["adcode"], *cities["adcode"]}
    assert set(counties["parent_adcode"].dropna()) <= known
    assert counties.set_index("adcode").loc["330106", "parent_adcode"] == "330100"
    assert counties.set_index("adcode").loc["110101", "parent_adcode"] == "110000"
    assert counties.set_index("adcode").loc["419001", "parent_adcode"] == "410000"


def test_counties_fill_their_provinces():
    # The files are simplified one by one; their areas agree to a tenth of a percent.
    counties = read_areas("county").to_crs("ESRI:102025")
    provinces = read_areas("province").to_crs("ESRI:102025").set_index("adcode")
    filled = counties.area.groupby(counties["adcode"].str[:2] + "0000").sum()
    ratio = filled / provinces.area
    assert ratio.between(0.995, 1.005).all()


def test_the_caller_may_change_what_was_read():
    read_areas("province")["name"] = "changed"
    assert set(read_areas("province")["name"]) != {"changed"}


def test_an_unknown_level_is_refused():
    with pytest.raises(ParameterError, match="province, city, county"):
        read_areas("township")  # type: ignore[arg-type]


def test_boundary_lines_are_lines_and_reach_the_south_china_sea():
    lines = read_boundary_lines()
    assert len(lines) == 7
    assert set(lines.geom_type) == {"MultiLineString"}
    assert lines.total_bounds[1] < 4


def test_points_on_an_edge_at_sea_abroad_and_without_a_place_lie_in_no_division():
    county = read_areas("county").geometry.iloc[0]
    edge = shapely.get_coordinates(county)[0]
    found = locate([edge[0], 140.0, -0.1, np.nan, np.inf], [edge[1], 30.0, 51.5, 30.0, 30.0])
    assert found.tolist() == [None] * 5


def test_locating_nothing_gives_nothing():
    assert locate([], []).tolist() == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(72, 136), st.floats(17, 54)), min_size=1, max_size=20))
def test_a_point_in_a_county_is_near_its_province_and_at_no_distance_of_the_county(points):
    lon, lat = np.array(points).T
    counties = locate(lon, lat)
    distance_m = distance_to_division_m(lon, lat, counties)
    known = np.array([code is not None for code in counties])
    assert (distance_m[known] == 0).all()
    assert np.isnan(distance_m[~known]).all()
    provinces = [None if code is None else f"{code[:2]}0000" for code in counties]
    away_m = distance_to_division_m(lon, lat, provinces)
    assert (away_m[known] < 200).all()


def test_the_distance_to_a_division_is_right_to_one_percent():
    county = read_areas("county").set_index("adcode").geometry["310106"]
    spot = shapely.Point(121.20, 31.05)
    near = shapely.get_coordinates(shapely.shortest_line(spot, county))[1]
    _, _, geodesic_m = Geod(ellps="WGS84").inv(spot.x, spot.y, *near)
    found = distance_to_division_m([spot.x], [spot.y], ["310106"])
    assert found[0] == pytest.approx(geodesic_m, rel=0.01)


def test_a_code_that_is_drawn_under_an_older_one_has_its_ground():
    found = distance_to_division_m([106.57, 106.63], [29.60, 29.72], ["500157", "500157"])
    assert found.tolist() == [0, 0]
    known = set(read_areas("county")["adcode"])
    assert {each for drawn in DRAWN_AS.values() for each in drawn} <= known
    assert not set(DRAWN_AS) & known


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("静安区", ("310106",)),
        ("上海市静安区", ("310106",)),
        ("上海靜安", ("310106",)),
        (" 上海市 静安区 ", ("310106",)),
        ("北京", ("110000",)),
        ("香港", ("810000",)),
        ("內蒙古自治區", ("150000",)),
        ("乾县", ("610424",)),
        ("臺北市", ("710009",)),
        ("东莞市", ("441900",)),
        ("两江新区", ("500105", "500112")),
        ("朝阳", ("211300", "110105", "211321", "220104")),
        ("辽宁省朝阳", ("211300", "211321")),
        ("", ()),
        ("静", ()),
        ("Shanghai", ()),
    ],
)
def test_divisions_are_found_by_the_names_that_people_write(text, codes):
    assert find_division(text) == codes


def test_a_division_is_looked_for_within_another():
    assert find_division("西湖区", within="330000") == ("330106",)
    assert find_division("西湖区", within="360100") == ("360103",)
    assert find_division("西湖区", within="310000") == ()


@given(st.sampled_from(sorted(division_names())))
def test_every_division_is_found_by_its_own_path(code):
    assert code in find_division(division_names()[code].path)


@pytest.mark.parametrize(
    ("name", "short"),
    [("单县", "单县"), ("城区", "城区"), ("双江拉祜族佤族布朗族傣族自治县", "双江"),
     ("神农架林区", "神农架"), ("锡林郭勒盟", "锡林郭勒"), ("乡宁县", "乡宁")],
)  # fmt: skip
def test_short_names_leave_out_the_kind_of_division_only(name, short):
    assert short_name(name) == short


def test_city_polygons_of_the_census_lie_where_these_cities_are(data_folder):
    cities = _census_cities(data_folder)
    spots = shapely.point_on_surface(cities.geometry.to_numpy())
    found = locate(shapely.get_x(spots), shapely.get_y(spots), level="city")
    assert len(cities) == 369
    assert [each for each in zip(cities["city"], found, cities["code"], strict=True)
            if each[1] != each[2]] == []  # fmt: skip
    own = read_areas("city").set_index("adcode").geometry[cities["code"]].to_numpy()
    both = shapely.area(shapely.intersection(own, cities.geometry.to_numpy()))
    overlap = both / shapely.area(shapely.union(own, cities.geometry.to_numpy()))
    assert np.median(overlap) > 0.98


def _census_cities(folder):
    with (folder / "census2020/census_city_2010-2020_v1.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        municipality = row["province_code"] in ("110000", "120000", "310000", "500000")
        row["code"] = row["province_code"] if municipality else row["city_code"]
    shapes = shapely.make_valid(shapely.from_wkt([row["coord"] for row in rows]))
    return gpd.GeoDataFrame(rows, geometry=shapes)


def test_the_list_of_counties_joins_by_code_but_for_known_reasons(data_folder):
    with (folder := data_folder / "division/areas.csv").open(encoding="utf-8") as lines:
        listed = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    assert folder.is_file()
    drawn = dict(zip(*(read_areas("county")[each] for each in ("adcode", "name")), strict=True))
    missing = set(listed) - set(drawn)
    zones = {code for code in missing if code[4] == GROUND_OF_OTHERS}
    assert missing - zones == DAXINGANLING | RECODED
    renamed = {code for code in listed if code in drawn and listed[code] != drawn[code]}
    assert renamed == {"460321", "460322"}
