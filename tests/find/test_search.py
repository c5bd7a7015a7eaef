"""Every way of looking a name up, held against scans that know nothing of the index."""

from __future__ import annotations

import csv
import unicodedata

import geopandas as gpd
import opencc
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from geomap.find.lookup import LONGEST_QUERY
from geomap.find.places import SearchIndex
from geomap.model.facility import FACILITIES

SIMPLE, TRADITIONAL = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")
HOMES = """
上海市静安区社会福利院|310106|Jing'an District Welfare Home|上海市静安区大统路 480 号
静安寺街道长者照护之家|310106||
北京市朝阳区寿山福海养老服务中心|110105|Shoushan Fuhai Elderly Care|
郑州市金水区晚晴养老院|410105||河南省郑州市金水区文化路97号
长垣市社会福利中心|410783||
六安市金安区中心敬老院|341502||
单县康乐护理院|371722||
蚌埠市第一社会福利院|340303||
重庆市长寿区第二敬老院|500115||
乐清市虹桥镇幸福院|330382||
逸峯 Green Court 颐养院|440305||
吕梁市离石区老年公寓|141102||
"""


def homes():
    rows = [line.split("|") for line in HOMES.strip().splitlines()]
    names, codes, english, addresses = (
        [x or None for x in each] for each in zip(*rows, strict=True)
    )
    count = len(rows)
    frame = gpd.GeoDataFrame(
        {
            "id": [f"h{row}" for row in range(count)],
            "name": pd.Series(names, dtype="str"),
            "type": "nursing_home",
            "adcode": pd.Series(codes, dtype="str"),
            "name_en": pd.Series(english, dtype="str"),
            "address": pd.Series(addresses, dtype="str"),
        },
        geometry=gpd.points_from_xy(range(100, 100 + count), range(20, 20 + count), crs=4326),
    )
    return FACILITIES.conform(frame)


@pytest.fixture(scope="module")
def index(shipped):
    places = shipped["places"]
    few = places[places["kind"].isin(["province", "city", "county"])]
    return SearchIndex(few, facilities=homes())


def names(hits):
    return [hit.name for hit in hits]


def marked(hit):
    return [hit.name[first:last] for first, last in hit.matched]


@pytest.mark.parametrize(
    ("query", "name", "part"),
    [
        ("静安区社会福利院", "上海市静安区社会福利院", ["静安区社会福利院"]),
        ("靜安區社會福利院", "上海市静安区社会福利院", ["静安区社会福利院"]),
        ("shanghaishijinganqu", "上海市静安区社会福利院", ["上海市静安区"]),
        ("jing an qu she hui", "上海市静安区社会福利院", ["静安区社会"]),
        ("jinganqushehuifuliy", "上海市静安区社会福利院", ["静安区社会福利院"]),
        ("jaqshfly", "上海市静安区社会福利院", ["静安区社会福利院"]),
        ("welfare home", "上海市静安区社会福利院", []),
        ("大统路480号", "上海市静安区社会福利院", []),
        ("福利院 静安", "上海市静安区社会福利院", ["静安", "福利院"]),
        ("静安区社会福力院", "上海市静安区社会福利院", []),
        ("静安区社会利院", "上海市静安区社会福利院", []),
        ("静安区社会福福利院", "上海市静安区社会福利院", []),
        ("静安区会社福利院", "上海市静安区社会福利院", []),
        ("shoushanfuhai", "北京市朝阳区寿山福海养老服务中心", ["寿山福海"]),
        ("shoushnafuhai", "北京市朝阳区寿山福海养老服务中心", []),
        ("chaoyangqushoushan", "北京市朝阳区寿山福海养老服务中心", ["朝阳区寿山"]),
        ("changyuanshishehui", "长垣市社会福利中心", ["长垣市社会"]),
        ("luanshijinan", "六安市金安区中心敬老院", ["六安市金安"]),
        ("shanxiankangle", "单县康乐护理院", ["单县康乐"]),
        ("bengbushidiyi", "蚌埠市第一社会福利院", ["蚌埠市第一"]),
        ("changshouqudier", "重庆市长寿区第二敬老院", ["长寿区第二"]),
        ("yueqingshihongqiao", "乐清市虹桥镇幸福院", ["乐清市虹桥"]),
        ("lvliangshilishi", "吕梁市离石区老年公寓", ["吕梁市离石"]),
        ("lüliangshilishi", "吕梁市离石区老年公寓", ["吕梁市离石"]),
        ("GREEN court", "逸峯 Green Court 颐养院", ["Green Court"]),
        ("逸峯green", "逸峯 Green Court 颐养院", ["逸峯 Green"]),
        ("郑州 wanqing", "郑州市金水区晚晴养老院", ["郑州", "晚晴"]),
    ],
)
def test_a_home_is_found_however_it_is_typed_and_what_matched_is_marked(index, query, name, part):
    found = index.search(query, kinds=["facility"])
    assert names(found)[:1] == [name]
    assert marked(found[0]) == part


@pytest.mark.parametrize(
    ("query", "path", "part"),
    [
        ("zzjs", "河南省郑州市金水区", ["金水"]),
        ("zhengzhoujinshui", "河南省郑州市金水区", ["金水"]),
        ("zhengzhou jinsh", "河南省郑州市金水区", ["金水"]),
        ("郑州金水", "河南省郑州市金水区", ["金水"]),
        ("郑洲市金水区", "河南省郑州市金水区", []),
        ("zhengzhuojinshui", "河南省郑州市金水区", []),
        ("shjaq", "上海市静安区", ["静安区"]),
        ("長垣", "河南省新乡市长垣市", ["长垣"]),
        ("changyuanshi", "河南省新乡市长垣市", ["长垣市"]),
        ("410105", "河南省郑州市金水区", []),
    ],
)
def test_a_division_is_found_with_those_above_it(index, query, path, part):
    [hit, *_] = index.search(query, kinds=["place"])
    assert hit.label == path
    assert marked(hit) == part


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("宁波海署区", "浙江省宁波市海曙区"),
        ("宁波海署", "浙江省宁波市海曙区"),
        ("宁波曙区", "浙江省宁波市海曙区"),
        ("浙江宁波海署区", "浙江省宁波市海曙区"),
        ("海署区 宁波", "浙江省宁波市海曙区"),
        ("上海静按区", "上海市静安区"),
        ("辽宁兴隆抬区", "辽宁省盘锦市兴隆台区"),
        ("寧波海署區", "浙江省宁波市海曙区"),
    ],
)
def test_a_division_with_one_character_wrong_is_found_behind_one_above_it(everything, query, path):
    assert everything.search(query, limit=3)[0].label == path


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("郑州晚睛养老院", "郑州市金水区晚晴养老院"),
        ("河南晚晴养院", "郑州市金水区晚晴养老院"),
        ("浙江虹乔镇幸福院", "乐清市虹桥镇幸福院"),
        ("重庆第二静老院", "重庆市长寿区第二敬老院"),
    ],
)
def test_a_home_with_one_character_wrong_is_found_behind_its_division(index, query, name):
    assert names(index.search(query))[:1] == [name]
    elsewhere = f"云南{query[2:]}"
    assert name not in names(index.search(elsewhere))


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("Haishu District", ["浙江省宁波市海曙区"]),
        ("haishu district, ningbo", ["浙江省宁波市海曙区"]),
        ("Ningbo City Haishu District", ["浙江省宁波市海曙区"]),
        ("Jing'an District", ["上海市静安区"]),
        ("Chaoyang City", ["辽宁省朝阳市"]),
        ("Chaoyang County", ["辽宁省朝阳市朝阳县"]),
        ("Chaoyang District", ["北京市朝阳区", "吉林省长春市朝阳区"]),
        ("Shan County", ["山东省菏泽市单县"]),
        ("Henan Province", ["河南省"]),
        ("Harbin City", ["黑龙江省哈尔滨市"]),
        ("Lhasa City", ["西藏自治区拉萨市"]),
        ("Ningxia Hui Autonomous Region", ["宁夏回族自治区"]),
        ("Xinjiang Uyghur Autonomous Region", ["新疆维吾尔自治区"]),
        ("Enshi Prefecture", ["湖北省恩施土家族苗族自治州"]),
    ],
)
def test_english_words_for_units_are_understood(everything, query, paths):
    found = [hit.label for hit in everything.search(query, limit=10, kinds=["place"])]
    assert found[: len(paths)] == paths


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("Haishu District", "浙江省宁波市海曙区"),
        ("Changyuan City", "河南省新乡市长垣市"),
        ("Harbin City", "黑龙江省哈尔滨市"),
        ("Chaoyang District", None),
    ],
)
def test_an_english_unit_says_which_namesake_is_meant(everything, query, path):
    meant = everything.resolve(query)
    assert (meant and meant.label) == path


def test_a_name_that_holds_an_english_unit_is_found_as_before(index):
    found = index.search("Jing'an District Welfare Home")
    assert names(found) == ["上海市静安区社会福利院"]
    assert "上海市静安区社会福利院" in names(index.search("Jing'an District"))


def test_better_ways_of_fitting_come_first(shipped):
    rows = [
        ("part", "上海静安"), ("whole", "静安"), ("start", "静安院"), ("sound", "敬安"),
        ("sound_start", "敬安院"), ("sound_part", "老敬安"), ("initials", "家爱"),
    ]  # fmt: skip
    frame = (
        homes()
        .iloc[: len(rows)]
        .assign(
            id=[each for each, _ in rows],
            name=[name for _, name in rows],
            name_en=None,
            address=None,
        )
    )
    few = shipped["places"][shipped["places"]["kind"] == "province"]
    index = SearchIndex(few, facilities=FACILITIES.conform(frame))
    assert [hit.id for hit in index.search("静安")] == ["whole", "start", "part"]
    assert [hit.id for hit in index.search("jingan")][:2] == ["sound", "whole"]
    assert [hit.id for hit in index.search("jingan")][2:4] == ["sound_start", "start"]
    assert {hit.id for hit in index.search("jingan")[4:]} == {"part", "sound_part"}
    assert [hit.id for hit in index.search("ja")][-1] == "initials" or "initials" in {
        hit.id for hit in index.search("ja")
    }
    scores = [hit.score for hit in index.search("jingan")]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("jingan", "静安区"),
        ("Jing'an", "静安区"),
        ("changyuan", "长垣市"),  # a town is written Changyuan
        ("shanxian", "单县"),  # a hospital has it in its English name
        ("luan", "六安市"),
        ("静案区", "静安区"),  # 静海区 is as near in writing, not in sound
        ("朝杨区", "朝阳区"),
    ],
)
def test_the_county_that_sounds_as_typed_comes_first(everything, query, meant):
    assert everything.search(query, limit=3)[0].name == meant


def test_pairs_of_characters_that_stand_apart_are_no_hit(shipped):
    frame = homes().iloc[:1].assign(name=["安宁某某宁安某某安院"], name_en=None, address=None)
    few = shipped["places"][shipped["places"]["kind"] == "province"]
    index = SearchIndex(few, facilities=FACILITIES.conform(frame))
    assert index.search("安宁安院") == []
    assert names(index.search("宁安某")) == ["安宁某某宁安某某安院"]


def test_nothing_near_is_offered_where_something_is_found(index):
    assert names(index.search("静安区", kinds=["place"])) == ["静安区"]
    assert index.search("怀柔区某某不存在的机构名称") == []


def test_a_home_without_readable_name_does_no_harm(shipped):
    frame = (
        homes().iloc[:3].assign(name=["（……）", "ひまわりの家", "😀"], name_en=None, address=None)
    )
    few = shipped["places"][shipped["places"]["kind"] == "province"]
    index = SearchIndex(few, facilities=FACILITIES.conform(frame))
    assert names(index.search("ひまわり")) == ["ひまわりの家"]
    assert index.search("……") == []


hostile = st.one_of(
    st.text(max_size=LONGEST_QUERY),
    st.text(alphabet="静安养老院jing an*?~^\"'\\()[]{}:+-!/|&<>=", max_size=40),
    st.sampled_from(
        [
            "name:静安", "*", "静安 OR 1", '"静安', "静安^9", "静安~2", "[a TO z]", "-静安", "+",
            "\\", "(", "/.*/", "\x00", "静\x00安", "\ud800", "静安\udfff", "😀" * 50, "a" * 200,
            "安" * 200, "1" * 200, "zhuang" * 33, "\u202e静安", "مرحبا", "an" * 100, "𠮷野家",
            "e\u0301" * 60, "|", "^静安$", "'", "jing'an'qu", "xian" * 49 + "v",
        ]
    ),
)  # fmt: skip


@settings(max_examples=150)
@given(query=hostile, limit=st.integers(1, 30))
def test_no_query_breaks_the_search_or_is_read_as_a_language(index, query, limit):
    hits = index.search(query, limit=limit)
    assert len(hits) <= limit
    assert len({(hit.kind, hit.id) for hit in hits}) == len(hits)
    for hit in hits:
        assert all(0 <= first < last <= len(hit.name) for first, last in hit.matched)
    index.resolve(query)


def plain(text):
    """Write a name for the oracle: nothing of it comes from geomap."""
    simple = "".join(SIMPLE.convert(each) for each in unicodedata.normalize("NFKC", text).lower())
    return "".join(each for each in simple if unicodedata.category(each)[0] in "LN")


@pytest.fixture(scope="module")
def real(data_folder):
    """Names of real homes in Taipei and Japan."""
    found = []
    files = {"taipei/homes.csv": "utf-8-sig", "japan/jigyosho_520.csv": "utf-8-sig"}
    for name, encoding in files.items():
        with (data_folder / name).open(encoding=encoding, newline="") as lines:
            rows = list(csv.reader(lines))
        column = max(
            range(len(rows[0])),
            key=lambda at: any(w in rows[0][at] for w in ("機構名稱", "事業所名")),
        )
        found += [row[column] for row in rows[1:800] if len(row) > column and plain(row[column])]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def real_index(real, shipped):
    frame = gpd.GeoDataFrame(
        {"id": [str(row) for row in range(len(real))], "name": real, "type": "nursing_home"},
        geometry=gpd.points_from_xy([121.5] * len(real), [25.0] * len(real), crs=4326),
    )
    few = shipped["places"][shipped["places"]["kind"] == "province"]
    return SearchIndex(few, facilities=FACILITIES.conform(frame))


def test_real_names_are_found_by_their_parts_as_a_scan_finds_them(real, real_index):
    compared = [plain(name) for name in real]
    for at, text in enumerate(compared[::7]):
        part = text[at % max(1, len(text) - 1) :][: 2 + at % 4]
        expected = {str(row) for row, each in enumerate(compared) if part in each}
        found = {hit.id for hit in real_index.search(part, limit=2_000, kinds=["facility"])}
        assert expected <= found, part
        extra = {real[int(each)] for each in found - expected}
        assert not extra or part.isascii() or len(part) == 1 or not expected, (part, extra)


def test_real_names_with_one_character_changed_are_found_as_a_scan_finds_them(real, real_index):
    compared = [plain(name) for name in real]
    long = [row for row, text in enumerate(compared) if len(text) >= 5]
    missed = 0
    for row in long[::5]:
        text, at = compared[row], 1 + row % (len(compared[row]) - 2)
        typed = text[:at] + "龘" + text[at + 1 :]
        nearest = sorted(range(len(real)), key=lambda each: OSA.distance(typed, compared[each]))
        found = [hit.id for hit in real_index.search(typed, limit=20, kinds=["facility"])]
        assert str(nearest[0]) in found or OSA.distance(typed, compared[nearest[0]]) > 1
        missed += str(row) not in found
    assert missed == 0


@pytest.fixture(scope="module")
def some_names(shipped):
    frames = [shipped[each] for each in ("places", "hospitals", "residential", "facilities")]
    told = pd.concat([each[["id", "name"]].iloc[::331] for each in frames])
    return told[told["name"].str.fullmatch("[\u4e00-\u9fa5]{4,20}")]


def test_every_name_is_found_by_itself_and_by_its_traditional_form(some_names, everything):
    for identity, name in some_names.itertuples(index=False):
        for text in (name, TRADITIONAL.convert(name)):
            alike = everything.search(text, limit=200)
            assert identity in {hit.id for hit in alike}, text
            assert alike[0].name == name or len({hit.name for hit in alike[:1]}) == 1


def test_names_are_found_by_their_pinyin_unless_twenty_sound_the_same(some_names, everything):
    reading = {row[0]: row for row in readings(some_names["name"])}
    for identity, name in some_names.itertuples(index=False):
        letters = "".join(reading[name][1])
        hits = everything.search(letters, limit=20)
        full = all(sounds_like(hit.name, letters) for hit in hits) and len(hits) == 20
        assert identity in {hit.id for hit in hits} or full, (name, letters)
        initials = "".join(each[0] for each in reading[name][1])
        hits = everything.search(initials, limit=20)
        assert identity in {hit.id for hit in hits} or len(hits) == 20, (name, initials)


def readings(texts):
    from geomap.find.readings import read_all

    return list(zip(texts, read_all(texts), strict=True))


def sounds_like(name, letters):
    from geomap.find.readings import read_all
    from geomap.model.text import normalise

    return letters in "".join(next(read_all([normalise(name)])))


def holds_almost(name, typed):
    """Scan all parts of a name for one that differs by one character at most."""
    sizes = range(len(typed) - 1, len(typed) + 2)
    parts = {name[at : at + size] for at in range(len(name)) for size in sizes}
    return any(OSA.distance(typed, part) <= 1 for part in parts)


def test_names_with_one_wrong_character_are_found_unless_others_are_as_near(some_names, everything):
    changes = [
        lambda name, at: name[:at] + "龘" + name[at + 1 :],
        lambda name, at: name[:at] + name[at + 1 :],
        lambda name, at: name[:at] + "龘" + name[at:],
        lambda name, at: name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
    ]
    found = 0
    rows = list(some_names.itertuples(index=False))
    for number, (identity, name) in enumerate(rows):
        typed = changes[number % 4](name, 1 + number % (len(name) - 1))
        hits = everything.search(typed, limit=20)
        has_it = identity in {hit.id for hit in hits}
        found += has_it
        near = sum(holds_almost(plain(hit.name), typed) for hit in hits)
        assert has_it or near >= 1, (name, typed, names(hits))
    assert found / len(rows) >= 0.9
