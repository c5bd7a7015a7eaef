from __future__ import annotations

import pandas as pd
import pytest

from geomap.data.files.columns.headers import readings
from geomap.data.files.columns.matching import count_known, match_columns
from geomap.errors import ParameterError
from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.demand import DEMAND
from geomap.model.exclusion import EXCLUSIONS
from geomap.model.facility import FACILITIES


def match(header, table=FACILITIES, row=None, **options):
    cells = pd.DataFrame([row or ["1"] * len(header)] * 3, dtype="str")
    return match_columns(header, cells, table, **options)


def codes(found):
    return [each.code for each in found.findings]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *[(name, "name") for name in ("机构名称", "養老院名稱", "機構名稱", "事業所名", "施設名")],
        *[(name, "name") for name in ("Provider Name", "NAME", " 名 称 ", "名称")],
        *[(name, "lat") for name in ("緯度", "纬度", "lat", "Latitude", "LAT", "纬度（WGS84）")],
        *[(name, "lon") for name in ("经度", "經度", "経度", "lng", "lon", "longitude")],
        *[
            (name, "beds_total")
            for name in ("床位数", "床位數", "核定床位数（张）", "定員", "总床位")
        ],
        *[(name, "beds_total") for name in ("核定床數-核定總床位數", "Number of Certified Beds")],
        *[(name, "address") for name in ("住所", "地址", "據點地址", "机构详细地址", "Address")],
        *[(name, "phone") for name in ("電話番号", "聯絡電話", "联系电话", "Telephone", "电话")],
        *[
            (name, "district")
            for name in ("區域別", "行政區", "市区町村名", "区县", "县（市、区）")
        ],
        *[(name, "id") for name in ("编号", "機構代碼", "事業所番号", "Federal Provider Number")],
        ("屬性", "ownership"),
        ("收容對象", "accepts"),
        ("Overall Rating", "rating"),
        ("Ownership Type", "ownership"),
        ("Average Number of Residents per Day", "residents"),
        ("X坐标", "x"),
        ("y", "y"),
    ],
)
def test_the_names_that_offices_use_are_known(header, field):
    assert match([header]).columns == {field: 0}


@pytest.mark.parametrize(
    "header",
    [
        *(
            "序号",
            "No",
            "NO.",
            "法人电话",
            "负责人电话",
            "FAX番号",
            "事業所名カナ",
            "Provider Type",
        ),
        *("核定床數-養護床數", "核定床數-長照床數", "PERF_ID", "TM2_MAX_X", "法人地址", "备注"),
        "Average Number of Residents per Day Footnote",
        "Provider Changed Ownership in Last 12 Months",
    ],
)
def test_what_only_resembles_a_name_is_left_alone(header):
    assert match([header]).columns == {}


def test_the_better_name_wins_and_the_other_is_told():
    found = match(["名称", "机构名称", "地址"])
    assert found.columns["name"] == 1
    assert found.unused == ("名称",)
    assert codes(found) == ["column_ambiguous"]


def test_of_two_years_the_latest_is_read():
    found = match(["name", "popu_2010", "popu_2020"], AREAS)
    assert found.columns["population"] == 2
    assert codes(found) == ["column_ambiguous"]


def test_the_second_of_two_equal_names_is_not_read():
    found = match(["名称", "地址", "地址"])
    assert found.columns["address"] == 1
    assert found.names == ("名称", "地址", "地址 (2)")
    assert codes(found) == ["duplicate_header"]


def test_people_over_sixty_are_not_the_population():
    found = match(["名称", "人口(60岁以上)", "60岁以上人口占比"], DEMAND)
    assert found.columns == {"name": 0, "aged_60_percent": 2}


def test_what_the_office_maps_comes_first():
    found = match(["编号", "叫什么", "名称"], given={"叫什么": "name", "编号": "ignore"})
    assert found.columns == {"name": 1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"机构名": "name"}, "no column '机构名'; nearest: 机构名称"),
        ({"机构名称": "nmae"}, "no field 'nmae'; nearest: name"),
        ({"机构名称": "name", "地址": "name"}, "two columns are mapped to name"),
    ],
)
def test_a_wrong_mapping_names_the_nearest(given, words):
    with pytest.raises(ParameterError, match=words):
        match(["机构名称", "地址"], given=given)


def test_one_name_means_a_pair_or_an_outline_by_its_content():
    assert match(["name", "coord"], row=["a", "121.4,31.2"]).columns["lon_lat"] == 1
    outline = match(["name", "coord"], AREAS, row=["a", "POLYGON((0 0,1 0,1 1,0 0))"])
    assert outline.columns["geometry"] == 1
    assert match(["name", "Location"], row=["a", "701 MONROE ST,AL"]).columns == {"name": 0}


def test_units_of_the_header_are_converted_or_refused():
    found = match(["名称", "占地面积（亩）", "建筑面积(平方米)", "月費(新臺幣)"])
    assert found.factors == {"land_m2": pytest.approx(666.667, abs=1e-3)}
    assert "price" not in found.columns
    assert sorted(codes(found)) == ["unit_converted", "unit_unclear"]


def test_a_datum_in_the_name_is_held_against_the_one_given():
    header = ["名称", "经度(GCJ-02)", "纬度(GCJ-02)"]
    assert codes(match(header)) == ["datum_in_header"]
    assert codes(match(header, datum="gcj02")) == []


def test_columns_in_wgs84_come_before_shifted_ones():
    found = match(["名称", "lng_gcj02", "lat_gcj02", "lng_wgs84", "lat_wgs84"])
    assert (found.columns["lon"], found.columns["lat"]) == (3, 4)


def test_sources_of_single_values_are_matched():
    found = match(["名称", "电话", "电话来源", "phone_verified_on", "来源"])
    assert found.columns["phone_source"] == 2
    assert found.columns["phone_verified_on"] == 3
    assert found.columns["source"] == 4


def test_a_header_row_names_more_fields_than_a_title_or_a_row_of_data():
    rows = [["静安区一览表", "", ""], ["机构名称", "地址", "电话"], ["甲敬老院", "一号", "123"]]
    assert [count_known(row, FACILITIES) for row in rows] == [0, 3, 0]


@pytest.mark.parametrize("table", ["facilities", "demand", "areas", "candidates", "exclusions"])
def test_every_field_is_read_from_its_own_name_and_label(table):
    from geomap.model.tables import TABLES

    for each in TABLES[table].fields:
        for name in (each.name, each.label.zh, each.label.en):
            assert each.name in {found.target for found in readings(name, table)}, name


@pytest.mark.parametrize(
    ("header", "table", "name"),
    [
        (["COUNTY", "TOWN_ID", "V_ID", "VILLAGE"], AREAS, "VILLAGE"),
        (["區域別", "機構名稱", "地址"], CANDIDATES, "機構名稱"),
        (["據點名稱", "據點類型", "據點地址"], CANDIDATES, "據點名稱"),
        (["地址", "面积"], CANDIDATES, "地址"),
        (["图斑编号", "保护区名称", "管控类型"], EXCLUSIONS, "保护区名称"),
        (["osm_id", "fclass", "name"], EXCLUSIONS, "name"),
    ],
)
def test_a_row_is_called_by_its_own_name_not_by_what_it_lies_in(header, table, name):
    found = match(header, table)
    assert found.names[found.columns["name"]] == name


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["图斑编号", "保护区名称", "管控类型"], "管控类型"),
        (["地块编号", "名称", "用地性质"], "用地性质"),
        (["osm_id", "fclass", "name"], "fclass"),
        (["id", "name", "Zone Type"], "Zone Type"),
    ],
)
def test_why_nothing_may_be_built_is_read_from_the_usual_columns(header, kind):
    found = match(header, EXCLUSIONS)
    assert found.names[found.columns["kind"]] == kind
    assert {"id", "name", "kind"} <= set(found.columns)
