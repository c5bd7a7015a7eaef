"""The one search box, on a few divisions chosen by hand and on all that ship."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.errors import ParameterError
from geomap.find.lookup import LONGEST_QUERY
from geomap.find.places import SearchIndex
from geomap.model.facility import FACILITIES

# kind, code, names above, name, aliases, English name, lon, lat
DIVISIONS = """
province 310000  - 上海市 上海 Shanghai 121.47 31.23
county 310106 上海市 静安区 静安 Jing'an 121.445 31.228
township 310106012 上海市静安区 江宁路街道 - - 121.44 31.24
township 310106006 上海市静安区 静安寺街道 - - 121.44 31.22
province 330000 - 浙江省 浙江 Zhejiang 120.15 30.27
city 330100 浙江省 杭州市 杭州|杭州府 Hangzhou 120.16 30.29
county 330106 浙江省杭州市 西湖区 西湖 - 120.13 30.26
province 360000 - 江西省 江西 Jiangxi 115.9 28.67
city 360100 江西省 南昌市 南昌 Nanchang 115.88 28.68
county 360103 江西省南昌市 西湖区 西湖 - 115.87 28.66
province 110000 - 北京市 北京 Beijing 116.4 39.9
county 110105 北京市 朝阳区 朝阳 - 116.44 39.92
province 210000 - 辽宁省 辽宁 Liaoning 123.43 41.8
city 211300 辽宁省 朝阳市 朝阳 Chaoyang 120.45 41.57
county 211321 辽宁省朝阳市 朝阳县 朝阳 - 120.4 41.5
province 220000 - 吉林省 吉林 Jilin 125.32 43.9
city 220200 吉林省 吉林市 吉林 - 126.55 43.84
township 220202001 吉林省吉林市 北京乡 北京 - 126.5 43.8
province 410000 - 河南省 河南 Henan 113.75 34.77
city 410100 河南省 郑州市 郑州 Zhengzhou 113.62 34.75
county 410105 河南省郑州市 金水区 金水 - 113.66 34.8
township 410105010 河南省郑州市金水区 文化路街道 - - 113.67 34.79
town - 浙江省 静安岭 静安嶺 Jing’anling 120.0 29.0
"""


def places_of(lines):
    rows = [
        ["" if word == "-" else word for word in line.split()] for line in lines.split("\n") if line
    ]
    frame = pd.DataFrame(
        rows, columns=["kind", "adcode", "parent", "name", "aliases", "name_en", "lon", "lat"]
    )
    frame["path"] = frame["parent"] + frame["name"]
    frame["id"] = frame["adcode"].where(frame["adcode"] != "", "gn-1")
    text = ["kind", "adcode", "path", "name", "aliases", "name_en", "id"]
    frame[text] = frame[text].replace("", None).astype("str")
    population = pd.Series([pd.NA] * len(frame), dtype="Int64")
    frame = frame.astype({"lon": float, "lat": float})
    return frame.assign(precision=frame["kind"], population=population)


def points_of(rows, **columns):
    ids, names, codes, lon, lat = zip(*rows, strict=True)
    texts = {"id": ids, "name": names, "adcode": codes, **columns}
    frame = {name: pd.Series(values, dtype="str") for name, values in texts.items()}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))


FACILITY_ROWS = [
    ("f1", "上海市静安区社会福利院", "310106", 121.45, 31.24),
    ("f2", "西湖敬老院", "330106", 120.1, 30.2),
    ("f3", "北京路养老院", "360103", 115.8, 28.6),
    ("f4", "金色年华", "330106", 120.11, 30.21),
]


@pytest.fixture(scope="module")
def index():
    facilities = points_of(
        FACILITY_ROWS,
        type=["nursing_home"] * 4,
        name_en=["Jing'an Welfare Home", None, None, None],
        address=[None, None, None, "杭州市西湖区文三路 5 号"],
        location_precision=["point", "point", "county", None],
    )
    hospitals = points_of([("o1", "静安区中心医院", "310106", 121.44, 31.23)])
    residential = points_of(
        [
            ("o2", "静安新城", "310112", 121.37, 31.13),
            ("o3", "静安", "310112", 121.3, 31.1),
            ("o4", "阳光小区", "310112", 121.3, 31.1),
            ("o5", "阳光小区", "310112", 121.301, 31.1),
            ("o6", "幸福小区", "310112", 121.3, 31.1),
            ("o7", "幸福小区", "330106", 120.1, 30.2),
        ]
    )
    return SearchIndex(
        places_of(DIVISIONS),
        facilities=FACILITIES.conform(facilities),
        hospitals=hospitals,
        residential=residential,
    )


def names(hits):
    return [hit.name for hit in hits]


def labels(hits):
    return [hit.label for hit in hits]


def test_whole_names_come_before_starts_and_starts_before_parts(index):
    assert names(index.search("静安")) == [
        "静安区",
        "静安",
        "静安寺街道",
        "静安岭",
        "静安区中心医院",
        "静安新城",
        "上海市静安区社会福利院",
    ]


def test_the_larger_division_comes_first_among_namesakes(index):
    assert labels(index.search("朝阳"))[:3] == [
        "辽宁省朝阳市",
        "北京市朝阳区",
        "辽宁省朝阳市朝阳县",
    ]


def test_namesakes_are_told_apart_by_their_path(index):
    found = index.search("西湖区", kinds=["place"])
    assert labels(found) == ["浙江省杭州市西湖区", "江西省南昌市西湖区"]
    assert [hit.where for hit in found] == ["浙江省杭州市", "江西省南昌市"]


@pytest.mark.parametrize(
    "query",
    [
        "静安区",
        "靜安區",
        "上海静安",
        "上海市静安区",
        "静安 上海",
        "静安区，上海市",
        "Jing’an",
        "310106",
    ],
)
def test_a_district_is_found_however_it_is_written(index, query):
    assert labels(index.search(query))[0] == "上海市静安区"
    assert index.resolve(query).id == "310106"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("浙江杭州西湖", "330106"),
        ("江西西湖区", "360103"),
        ("西湖 南昌", "360103"),
        ("朝阳区", "110105"),
        ("朝阳市", "211300"),
        ("北京", "110000"),
        ("吉林", "220000"),
        ("吉林吉林", "220200"),
        ("江宁路街道", "310106012"),
        ("静安区附近的养老院", "310106"),
        ("西湖养老 江西", "360103"),
        ("西湖区", None),
        ("西湖", None),
        ("朝阳", None),
        ("哪里也不是", None),
        ("，", None),
        ("", None),
    ],
)
def test_a_place_is_meant_only_where_no_other_could_be(index, query, code):
    meant = index.resolve(query)
    assert (meant and meant.id) == code


def test_a_facility_is_found_by_a_part_of_its_name_its_english_name_and_its_address(index):
    assert names(index.search("福利院")) == ["上海市静安区社会福利院"]
    assert names(index.search("welfare home")) == ["上海市静安区社会福利院"]
    assert names(index.search("文三路5号", kinds=["facility"])) == ["金色年华"]


def test_what_has_no_location_says_so_and_is_never_the_place_meant():
    homes = points_of([("f1", "福寿之家", None, 0.0, 0.0)], type=["other"])
    homes.geometry = [None]
    index = SearchIndex(places_of(DIVISIONS), facilities=FACILITIES.conform(homes))
    [hit] = index.search("福寿之家")
    assert (hit.lon, hit.lat, hit.where, hit.label) == (None, None, None, "福寿之家")
    assert index.resolve("福寿之家") is None


def test_the_division_before_a_part_of_a_name_narrows_the_search(index):
    assert names(index.search("浙江敬老院", kinds=["facility"])) == ["西湖敬老院"]
    assert names(index.search("敬老院 杭州", kinds=["facility"])) == ["西湖敬老院"]
    assert names(index.search("江西敬老院", kinds=["facility"])) == []


def test_a_wish_for_homes_is_answered_by_its_division_last(index):
    assert names(index.search("浙江敬老院")) == ["西湖敬老院", "浙江省"]
    assert names(index.search("静安区附近的养老院")) == ["静安区"]


def test_a_facility_tells_where_it_is_and_how_precisely(index):
    [hit] = index.search("北京路养老院")
    assert (hit.kind, hit.subkind, hit.id) == ("facility", "nursing_home", "f3")
    assert hit.label == "北京路养老院（江西省南昌市西湖区）"
    assert (hit.lon, hit.lat, hit.precision) == (115.8, 28.6, "county")
    assert index.search("金色年华")[0].precision is None


@pytest.mark.parametrize(
    ("address", "code", "precision"),
    [
        ("河南省郑州市金水区文化路97号", "410105", "county"),
        ("郑州市金水区文化路街道政七街 3 号", "410105010", "township"),
        ("杭州市延安路1号", "330100", "city"),
    ],
)
def test_an_address_is_located_to_its_last_known_division(index, address, code, precision):
    hit = index.resolve(address)
    assert (hit.kind, hit.id, hit.precision) == ("address", code, precision)
    assert hit.name == address
    assert index.search(address)[-1].kind == "address"


def test_an_address_is_located_by_a_street_or_a_place_that_is_known():
    streets = points_of([("s1", "文化路", "410105", 113.67, 34.79)], number=["97"])
    homes = points_of([("r1", "阳光小区", "410105", 113.68, 34.8)])
    streets["number"] = streets["number"].astype("Int64")
    index = SearchIndex(places_of(DIVISIONS), residential=homes, streets=streets)
    hit = index.resolve("郑州市金水区文化路97号")
    assert (hit.kind, hit.id, hit.precision) == ("address", "410105", "address")
    assert (hit.lon, hit.lat) == (113.67, 34.79)
    assert hit.label == "河南省郑州市金水区文化路"
    hit = index.resolve("郑州市金水区政七街8号阳光小区3号楼")
    assert (hit.precision, hit.lon, hit.label) == ("address", 113.68, "河南省郑州市金水区阳光小区")


def test_an_address_that_contradicts_itself_offers_both_places(index):
    hits = index.search("杭州市金水区文化路97号", kinds=["address"])
    assert {hit.id for hit in hits} == {"330100", "410105"}
    assert index.resolve("杭州市金水区文化路97号") is None


def test_an_address_abroad_is_no_address_here(index):
    assert index.search("金水市文化町一丁目97号", kinds=["address"]) == []


def test_an_address_in_any_of_several_divisions_is_not_resolved(index):
    assert index.resolve("西湖区中山路1号") is None
    assert [hit.kind for hit in index.search("西湖区中山路1号")] == ["address", "address"]


def test_a_street_named_after_a_city_is_not_in_it(index):
    assert index.resolve("北京路97号") is None


def test_one_thing_listed_twice_in_one_place_is_one_place(index):
    assert index.resolve("阳光小区").id == "o4"
    assert index.resolve("幸福小区") is None


def test_only_the_kinds_asked_for_are_found(index):
    assert {hit.kind for hit in index.search("静安", kinds=["facility"])} == {"facility"}
    assert {hit.kind for hit in index.search("静安", kinds=["place"])} == {"place"}
    assert index.search("静安", kinds=["address"]) == []


def test_places_alone_make_an_index():
    assert names(SearchIndex(places_of(DIVISIONS)).search("杭州府")) == ["杭州市"]


words = st.lists(st.sampled_from([*"静安西湖区市省上海养老院路1号 "]), max_size=8).map("".join)


@settings(max_examples=200, deadline=None)
@given(query=words, limit=st.integers(1, 30))
def test_fewer_hits_begin_the_more_and_scores_fall(index, query, limit):
    hits = index.search(query, limit=limit)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(hits) <= limit
    assert [hit.id for hit in index.search(query, limit=1)] == [hit.id for hit in hits[:1]]


@settings(max_examples=200, deadline=None)
@given(query=words)
def test_what_is_meant_is_among_what_is_found(index, query):
    meant = index.resolve(query)
    assert meant is None or meant.id in {hit.id for hit in index.search(query, limit=50)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 0}, "limit must be at least 1, got 0"),
        ({"kinds": ["hotel"]}, "kinds must be among facility, place, address, got hotel"),
        ({"query": "静" * (LONGEST_QUERY + 1)}, "a search may have 200 characters, got 201"),
    ],
)
def test_a_bad_search_is_refused_with_what_was_expected_and_what_came(index, options, message):
    with pytest.raises(ParameterError, match=message):
        index.search(**{"query": "静安", **options})


def test_every_county_city_and_province_is_meant_by_its_full_path(shipped, everything):
    places = shipped["places"]
    larger = places[places["kind"].isin(["province", "city", "county"])]
    meant = [everything.resolve(path) for path in larger["path"]]
    assert [hit and hit.id for hit in meant] == larger["id"].tolist()


def test_nearly_every_township_is_meant_by_its_full_path(shipped, everything):
    places = shipped["places"]
    some = places[places["kind"] == "township"].iloc[::37]
    meant = [everything.resolve(path) for path in some["path"]]
    found = pd.Series([hit and hit.id for hit in meant], dtype="str")
    assert (found == some["id"].reset_index(drop=True)).mean() >= 0.995


@pytest.mark.parametrize("name", ["facilities", "hospitals", "residential"])
def test_what_ships_is_found_by_its_own_name(shipped, everything, name):
    some = shipped[name].iloc[:: max(1, len(shipped[name]) // 200)]
    for own, identity in zip(some["name"], some["id"], strict=True):
        alike = [hit.id for hit in everything.search(own, limit=2000)]
        assert identity in alike


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("静安", "上海市静安区"),
        ("北京", "北京市"),
        ("浙江杭州西湖", "浙江省杭州市西湖区"),
        ("東莞長安", "广东省东莞市长安镇"),
        ("香港", "香港特别行政区"),
        ("臺北", "台湾省台北市"),
        ("拉萨", "西藏自治区拉萨市"),
        ("Lhasa", "西藏自治区拉萨市"),
        ("偃师市", "河南省洛阳市偃师区"),
        ("偃师市商城路1号", "河南省洛阳市偃师区"),
        ("臺北市士林區德行東路203巷2號", "台湾省台北市士林区"),
        ("北京市丰台区大成路11号院3号楼", "北京市丰台区大成路"),
        ("朝阳区", None),
        ("鼓楼区", None),
        ("西湖区", None),
    ],
)
def test_what_people_type_means_the_place_they_mean(everything, query, path):
    meant = everything.resolve(query)
    assert (meant and meant.label) == path


def test_all_four_districts_of_a_name_are_offered(everything):
    found = [hit.label for hit in everything.search("鼓楼区") if hit.subkind == "county"]
    assert found == [
        "江苏省南京市鼓楼区",
        "江苏省徐州市鼓楼区",
        "福建省福州市鼓楼区",
        "河南省开封市鼓楼区",
    ]
