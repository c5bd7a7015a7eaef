"""Rows without coordinates are located by their address: how often rightly, and how far off.

The tables that the last tests print are read with ``pytest -s``.
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter

import numpy as np
import opencc
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from geomap.data.files.places.addresses import words_of
from geomap.data.files.table import read_in_process
from geomap.data.gazetteer import shipped_gazetteer
from geomap.data.layers import read_layer
from geomap.model.addresses import is_foreign
from geomap.model.gazetteer import Gazetteer
from geomap.model.tables import TABLES
from geomap.settings import layers_dir

GEOD = Geod(ellps="WGS84")


def read(folder, text, table="facilities"):
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return read_in_process(path, TABLES[table])


def told(reading, code):
    return [each for each in reading.report.findings if each.code == code]


@pytest.fixture(scope="module")
def gazetteer():
    return shipped_gazetteer()


@pytest.mark.parametrize(
    ("address", "path", "precision"),
    [
        ("河南省郑州市金水区文化路97号", "河南省郑州市金水区", "county"),
        ("河南郑州金水文化路97号", "河南省郑州市金水区", "county"),
        ("金水区文化路97号", "河南省郑州市金水区", "county"),
        ("河南省郑州市郑州市金水区", "河南省郑州市金水区", "county"),
        ("中国 450000 河 南 省郑州市（近地铁站）金水区９７号", "河南省郑州市金水区", "county"),
        ("北京市市辖区朝阳区建国门外大街1号", "北京市朝阳区", "county"),
        ("湖北省省直辖县级行政区划仙桃市沔州大道", "湖北省仙桃市", "county"),
        ("河南省济源市沁园路", "河南省济源市", "county"),
        ("新疆石河子市北三路", "新疆维吾尔自治区石河子市", "county"),
        ("广东省东莞市长安镇德政路", "广东省东莞市长安镇", "township"),
        ("海南儋州市那大镇", "海南省儋州市那大镇", "township"),
        ("甘肃省嘉峪关市新华路", "甘肃省嘉峪关市", "county"),
        ("湖北恩施州恩施市舞阳坝街道", "湖北省恩施土家族苗族自治州恩施市舞阳坝街道", "township"),
        ("内蒙古兴安盟乌兰浩特市", "内蒙古自治区兴安盟乌兰浩特市", "county"),
        ("苏州工业园区娄葑街道", "江苏省苏州市虎丘区娄葑街道", "township"),
        ("河北雄安新区容城县", "河北省保定市容城县", "county"),
        ("安庆市枞阳县枞阳镇", "安徽省铜陵市枞阳县枞阳镇", "township"),
        ("广东省顺德市大良街道", "广东省佛山市顺德区大良街道", "township"),
        ("臺北市士林區三玉里德行東路203巷2號1樓", "台湾省台北市士林区", "township"),
        ("新北市板橋區文化路一段188巷", "台湾省新北市板桥区", "township"),
        ("香港沙田區大圍道", "香港特别行政区沙田区", "county"),
        ("澳门慕拉士大马路", "澳门特别行政区", "county"),
        ("西藏拉萨城关区", "西藏自治区拉萨市城关区", "county"),
        ("石家庄市新华区新华路", "河北省石家庄市新华区", "county"),
        ("北京市丰台区大成路11号院3号楼", "北京市丰台区", "address"),
        ("朝阳区黑庄户地区", "北京市朝阳区黑庄户乡", "township"),
    ],
)
def test_an_address_gets_the_best_place_that_it_allows(gazetteer, address, path, precision):
    answer = gazetteer.answer(address)
    found = answer.row is not None and gazetteer.label(answer.row)
    assert (found, answer.precision) == (path, precision)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("鼓楼区中山路1号", "ambiguous"),
        ("石楼镇石楼村", "ambiguous"),
        ("洛阳市金水区文化路", "contradiction"),
        ("郑州高新区科学大道", "zone"),
        ("石家庄新华小区12号", "too_wide"),
        ("上海南京西路100号", "too_wide"),
        ("北京大学", "too_wide"),
        ("北京西路1号", "unread"),
        ("邓州路12号", "unread"),
        ("金海区域服务中心", "unread"),
        ("松江市川原町309", "unread"),
        ("红旗饲养场上海路304号", "unread"),
        ("", "unread"),
    ],
)
def test_what_is_not_sure_has_no_place(gazetteer, address, reason):
    answer = gazetteer.answer(address)
    assert (answer.precision, answer.lon, answer.reason) == (None, None, reason)


#: Former name, where it was, and the code of today: changes since 1993, each well known.
FORMER = """
偃师市 河南省洛阳市 410307|郾城县 河南省漯河市 411103|萧山市 浙江省杭州市 330109
余杭市 浙江省杭州市 330110|富阳市 浙江省杭州市 330111|临安市 浙江省杭州市 330112
鄞县 浙江省宁波市 330212|奉化市 浙江省宁波市 330213|上虞市 浙江省绍兴市 330604
绍兴县 浙江省绍兴市 330603|顺德市 广东省佛山市 440606|南海市 广东省佛山市 440605
三水市 广东省佛山市 440607|高明市 广东省佛山市 440608|番禺市 广东省广州市 440113
花都市 广东省广州市 440114|增城市 广东省广州市 440118|从化市 广东省广州市 440117
新会市 广东省江门市 440705|南汇区 上海市 310115|卢湾区 上海市 310101|闸北区 上海市 310106
崇文区 北京市 110101|宣武区 北京市 110102|密云县 北京市 110118|延庆县 北京市 110119
塘沽区 天津市 120116|汉沽区 天津市 120116|大港区 天津市 120116|蓟县 天津市 120119
鹿泉市 河北省石家庄市 130110|藁城市 河北省石家庄市 130109|栾城县 河北省石家庄市 130111
章丘市 山东省济南市 370114|即墨市 山东省青岛市 370215|胶南市 山东省青岛市 370211
兖州市 山东省济宁市 370812|文登市 山东省威海市 371003|莱城区 山东省莱芜市 370116
江都市 江苏省扬州市 321012|金坛市 江苏省常州市 320413|武进市 江苏省常州市 320412
吴江市 江苏省苏州市 320509|双流县 四川省成都市 510116|郫县 四川省成都市 510117
温江县 四川省成都市 510115|新都县 四川省成都市 510114|长安县 陕西省西安市 610116
高陵县 陕西省西安市 610117|户县 陕西省西安市 610118|寿县 安徽省六安市 340422
枞阳县 安徽省安庆市 340722|简阳市 四川省资阳市 510185|和县 安徽省巢湖市 340523
襄阳县 湖北省襄樊市 420607|铜梁县 重庆市 500151|璧山县 重庆市 500120|长寿县 重庆市 500115
"""


def test_units_are_found_by_the_names_they_had(gazetteer):
    rows = [each.split() for each in FORMER.replace("\n", "|").split("|") if each]
    wrong = []
    for name, above, code in rows:
        for text in (f"{above}{name}人民路1号", f"{name}人民路1号"):
            answer = gazetteer.answer(text)
            found = None if answer.row is None else gazetteer.code(answer.row)[:6]
            if answer.precision is not None and found != code:
                wrong.append((text, found))
            elif answer.precision is None and text.startswith(above):
                wrong.append((text, answer.reason))
    assert wrong == []


def test_a_row_says_how_well_it_was_located_and_what_was_assumed(tmp_path):
    rows = ["名称,地址", "甲,河南省郑州市金水区文化路97号", "乙,偃师市商城路1号", "丙,某某路1号"]
    reading = read(tmp_path, "\n".join(rows))
    frame = reading.frame
    assert frame["location_precision"].tolist()[:2] == ["county", "county"]
    assert frame["adcode"].tolist()[:2] == ["410105", "410307"]
    assert frame.geometry.isna().tolist() == [False, False, True]
    assert reading.report.needs_location == 1
    [located] = told(reading, "located_by_address")
    assert located.rows == (2, 3)
    assert [each.row for each in told(reading, "place_assumed")] == [3]
    assert [each.row for each in told(reading, "needs_location")] == [4]
    assert "区县" in located.message("zh")
    assert "county" in located.message("en")


def test_namesakes_are_offered_and_none_is_chosen(tmp_path):
    reading = read(tmp_path, "名称,地址\n甲,鼓楼区中山路1号\n")
    [finding] = told(reading, "place_ambiguous")
    assert finding.level == "warning"
    assert "福建省福州市鼓楼区" in finding.values["candidates"]
    assert "350102" in finding.values["codes"]
    assert reading.frame.geometry.isna().all()


def test_the_other_rows_of_a_file_decide_between_namesakes(tmp_path):
    sure = [f"第{nth}院,南京市秦淮区中山路{nth}号" for nth in range(6)]
    reading = read(tmp_path, "\n".join(["名称,地址", *sure, "甲,鼓楼区中山路1号"]))
    assert reading.frame["adcode"].iloc[-1] == "320106"
    [assumed] = told(reading, "place_assumed")
    assert assumed.row == 8
    assert "其他行" in assumed.message("zh")


def test_a_lone_name_far_from_the_other_rows_is_not_taken(tmp_path):
    sure = [f"第{nth}院,南京市秦淮区中山路{nth}号" for nth in range(6)]
    reading = read(tmp_path, "\n".join(["名称,地址", *sure, "甲,金水区文化路1号"]))
    assert reading.frame.geometry.isna().tolist()[-1]
    assert [each.row for each in told(reading, "place_ambiguous")] == [8]


@pytest.mark.parametrize(
    ("header", "row", "code"),
    [
        ("名称,省份,城市,区县,地址", "甲,河南省,郑州市,金水区,文化路97号", "410105"),
        ("名称,区县,地址", "甲,金水区,河南省郑州市金水区文化路97号", "410105"),
        ("名称,区县,地址", "甲,士林區,臺北市士林區三玉里德行東路203巷2號", "710009"),
        ("名称,城市,地址", "甲,郑州市,金水区文化路97号", "410105"),
        ("名称,行政区划代码,地址", "甲,410105,文化路97号", "410105"),
        ("名称,省份,区县", "甲,河南省,金水区", "410105"),
        ("名称,区县,地址", "甲,北片区,河南省郑州市金水区文化路97号", "410105"),
        ("名称,城市,区县,地址", "甲,郑州市,金水区,长安镇1号", "410105"),
        ("名称,城市,地址", "甲,洛阳市,郑州市金水区文化路97号", None),
    ],
)
def test_columns_and_address_are_read_together(tmp_path, header, row, code):
    reading = read(tmp_path, f"{header}\n{row}\n")
    located = reading.frame.geometry.notna().item()
    assert located == (code is not None)
    if located:
        assert reading.frame["adcode"].item() == code
    else:
        assert [each.code for each in reading.report.findings] == ["place_ambiguous"]


def test_a_street_is_found_by_rows_of_the_same_file_that_have_coordinates(tmp_path):
    rows = [
        "名称,地址,经度,纬度",
        "甲,河南省郑州市金水区某某一街1号,113.700,34.790",
        "乙,河南省郑州市金水区某某一街11号,113.702,34.790",
        "丙,郑州市金水区某某一街6号,,",
        "丁,郑州市二七区某某一街6号,,",
    ]
    frame = read(tmp_path, "\n".join(rows)).frame
    assert frame["location_precision"].tolist()[2:] == ["address", "county"]
    assert abs(frame.geometry.iloc[2].x - 113.701) < 1e-4


STREET = "上海市静安区愚园路"
BESIDE = [f"甲{n}院,{STREET}{n}号,121.445{n:02},31.224" for n in (3, 9, 21, 30, 30)]
BESIDE[-1] = BESIDE[-1].replace("31.224", "31.2241")


def test_the_order_of_rows_decides_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("geomap.data.files.places.addresses._MOST_NEIGHBOURS", 3)
    elsewhere = [f"丙{n}院,北京市朝阳区建国路{n}号,116.4,39.9" for n in range(9)]
    asked = f"乙院,{STREET}25号,,"
    found = set()
    for rows in ([*BESIDE, *elsewhere, asked], [asked, *elsewhere, *BESIDE[::-1]]):
        frame = read(tmp_path, "\n".join(["名称,地址,经度,纬度", *rows])).frame
        found.add(frame.set_index("name").geometry["乙院"].wkt)
    assert len(found) == 1
    assert next(iter(found)).startswith("POINT (121.445")


def test_only_rows_of_the_same_county_are_looked_at(tmp_path, monkeypatch):
    read_before, looked_at = Gazetteer.premises, []

    def premises(self, text, county, **stated):
        looked_at.append(county)
        return read_before(self, text, county, **stated)

    monkeypatch.setattr(Gazetteer, "premises", premises)
    elsewhere = [f"丙{n}院,北京市朝阳区建国路{n}号,116.4,39.9" for n in range(9)]
    read(tmp_path, "\n".join(["名称,地址,经度,纬度", *BESIDE, *elsewhere, f"乙院,{STREET}25号,,"]))
    assert set(looked_at) == {"310106"}
    assert len(looked_at) == len(BESIDE)


def test_wrong_coordinates_wait_for_right_ones_whatever_the_address(tmp_path):
    rows = ["名称,地址,经度,纬度", "甲,河南省郑州市金水区文化路97号,0,0"]
    reading = read(tmp_path, "\n".join(rows))
    assert reading.frame.geometry.isna().all()
    assert "located_by_address" not in reading.report.codes


@pytest.mark.parametrize("table", ["candidates", "demand"])
def test_candidates_and_demand_are_located_in_the_same_way(tmp_path, table):
    reading = read(tmp_path, "名称,地址\n闲置小学,郑州市金水区文化路97号\n", table)
    assert reading.frame.geometry.notna().all()
    assert reading.report.codes == {"located_by_address": 1}


def test_a_candidate_may_be_called_by_its_address(tmp_path):
    reading = read(tmp_path, "地址,面积\n郑州市金水区文化路97号,100\n", "candidates")
    assert reading.frame.geometry.notna().all()


def test_areas_are_no_points_and_are_left_alone(tmp_path):
    reading = read(tmp_path, "名称,地址\n金水区,郑州市金水区文化路97号\n", "areas")
    assert reading.frame.geometry.isna().all()


@pytest.mark.parametrize(
    "address",
    [
        "東京都港区芝公園四丁目", "大阪市北区梅田1", "札幌市中央区宮の森1238番地1", "石川県白山市1",
        "松江市八雲町日吉255-1", "福山市駅家町1", "서울특별시 중구", "首爾特別市中區", "12 Main St",
        "701 PRINCETON AVENUE SW, BIRMINGHAM", "河內市還劍郡",
    ],
)  # fmt: skip
def test_no_address_abroad_is_located_by_accident(tmp_path, gazetteer, address):
    reading = read(tmp_path, f'名称,地址\n甲,"{address}"\n')
    assert reading.frame.geometry.isna().all()
    assert is_foreign(address) or gazetteer.answer(address).precision is None


def test_a_file_from_abroad_is_not_looked_up_row_by_row(tmp_path):
    rows = ["名称,地址", *(f"第{nth}院,大阪府大阪市北区{nth}丁目" for nth in range(5))]
    reading = read(tmp_path, "\n".join([*rows, "甲,金水区文化路1号"]))
    assert reading.frame.geometry.isna().all()


@pytest.mark.parametrize("name", ["520", "730", "760"])
def test_no_japanese_row_is_located_without_its_coordinates(data_folder, tmp_path, name):
    rows = pd.read_csv(data_folder / f"japan/jigyosho_{name}.csv", dtype=str)
    bare = rows[["事業所名", "住所"]]
    bare.to_csv(tmp_path / "a.csv", index=False)
    reading = read_in_process(tmp_path / "a.csv", TABLES["facilities"])
    assert reading.frame.geometry.isna().all()
    gazetteer = shipped_gazetteer()
    alone = [
        each
        for each in bare["住所"].dropna().unique()
        if not is_foreign(each) and gazetteer.answer(each).precision is not None
    ]
    assert alone == []


def test_american_rows_wait_with_one_reason_for_all(data_folder):
    reading = read_in_process(data_folder / "usa/NH_ProviderInfo_Aug2021.csv", TABLES["facilities"])
    [finding] = told(reading, "needs_location")
    assert len(finding.rows) == reading.report.needs_location == len(reading.frame)


# --- how well: Taipei's homes and stations -------------------------------------------------


@pytest.fixture(scope="module")
def districts(data_folder):
    text = (data_folder / "taipei/districts.geojson").read_text(encoding="utf-8")
    return {
        each["properties"]["TNAME"]: shapely.from_geojson(json.dumps(each["geometry"]))
        for each in json.loads(text)["features"]
    }


def district_of(districts, lon, lat):
    names, outlines = list(districts), list(districts.values())
    found = shapely.STRtree(outlines).query(shapely.points(lon, lat), predicate="intersects")
    result = np.full(len(lon), None, dtype=object)
    result[found[0]] = [names[each] for each in found[1]]
    return result


def hide(data_folder, folder, file, share):
    """Read a file with some of its coordinates taken out; give what is known of those rows."""
    rows = pd.read_csv(data_folder / "taipei" / file, dtype=str)
    place = rows[["lon", "lat"]].astype(float)
    hidden = np.random.default_rng(5).random(len(rows)) < share
    hidden &= place["lon"].notna().to_numpy()
    bare = rows.copy()
    bare.loc[hidden, ["lon", "lat"]] = None
    bare.to_csv(folder / file, index=False)
    frame = read_in_process(folder / file, TABLES["facilities"]).frame
    stated = rows["區域別" if "區域別" in rows else "行政區"]
    return place[hidden], stated[hidden].to_numpy(), frame[hidden]


@pytest.mark.parametrize("file", ["homes.csv", "community_stations.csv"])
@pytest.mark.parametrize(("share", "median_m"), [(1.0, 350), (0.5, 300)])
def test_addresses_of_taipei(  # noqa: PLR0917 (three fixtures)
    data_folder, tmp_path, districts, file, share, median_m
):
    truth, stated, frame = hide(data_folder, tmp_path, file, share)
    lon, lat = truth["lon"].to_numpy(), truth["lat"].to_numpy()
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    answered = np.isfinite(x)
    assert answered.all()
    away_m = GEOD.inv(lon, lat, x, y)[2]
    there, found = district_of(districts, lon, lat), district_of(districts, x, y)
    fair = there == stated  # some rows of the source lie outside the district that they state
    lines = [
        f"{file}, {share:.0%} hidden: {len(frame)} rows, answered {answered.mean():.1%},"
        f" in the point's district {np.mean(found == there):.1%},"
        f" in the stated district {np.mean(found == stated):.1%},"
        f" both where the source agrees with itself ({fair.sum()}) "
        f"{np.mean(found[fair] == there[fair]):.1%}"
    ]
    for precision, rows in frame.groupby("location_precision").indices.items():
        error = np.percentile(away_m[rows], [50, 90]).round()
        lines.append(f"  {precision}: {len(rows)}, median {error[0]:.0f} m, 90 % {error[1]:.0f} m")
    print("\n" + "\n".join([*lines, f"  all: median {np.median(away_m):.0f} m"]))
    assert np.mean(found[fair] == there[fair]) >= 0.97
    assert np.median(away_m) <= median_m


# --- how well: 41,352 streets and townships turned into addresses --------------------------

ROADS = (
    "北京路 上海路 南京西路 中山北路 文化路 人民路 解放大道 长安街 朝阳路 和平东街 天津街 西湖大道"
).split()
TRADITIONAL = opencc.OpenCC("s2t")
KINDS = ("自治区", "特别行政区", "省", "市", "区", "县", "盟", "地区")


def shortened(name):
    kind = next((each for each in KINDS if name.endswith(each)), "")
    short = name.removesuffix(kind)
    return name if "族" in name or len(short) < 2 else short


def exchanged(name):
    return (
        name[:-1] + {"区": "县", "市": "县", "县": "市"}[name[-1]] if name[-1] in "区市县" else name
    )


#: Province, city, district, township and road with number, put together as people do.
STYLES = {
    "whole": "{p}{c}{a}{t}{r}",
    "no province": "{c_or_p}{a}{t}{r}",
    "district and township only": "{a}{t}{r}",
    "short names": "{short_p}{short_c}{short_a}{r}",
    "traditional": "{traditional}",
    "another kind of unit": "{p}{c}{other_a}{t}{r}",
    "spaces, post code": "中国 450000 {spaced}",
    "remarks": "{p}{c}（原上海市）{a}{t}{r}(近北京路地铁站)",
    "repeated": "{p}{c}{c}{a}{a}{t}{r}",
    "filling words": "{p}{c}市辖区{a}{t}{r}",
    "no township": "{p}{c}{a}{r}3号楼2单元",
    "zone between": "{p}{c}{a}经济技术开发区{t}{r}",
    "office": "{p}{c}{a}{office}{r}",
    "full width": "地址：{p}，{c}，{a}，{t}　３０９号",
    "city and township": "{c_or_p}{t}{r}",
    "township only": "{t}{r}",
}


def forms(p, c, a, t, r):
    """All that a style may put into an address."""
    whole = p + c + a + t + r
    parts = {"p": p, "c": c, "a": a, "t": t, "r": r, "c_or_p": c or p}
    short = {"short_p": shortened(p), "short_c": shortened(c), "short_a": shortened(a)}
    written = {"traditional": TRADITIONAL.convert(whole), "spaced": " ".join(whole)}
    others = {"other_a": exchanged(a), "office": t.replace("街道", "办事处")}
    return parts | short | written | others


NO_CITY = {"市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "县"}
#: Statistics' own codes of zones, and units that the list of 2025 has not: 三沙, 大兴安岭.
UNOFFICIAL = ("71", "72", "73", "74", "75", "76", "77", "78", "79")


def listed(data_folder, name):
    with (data_folder / f"division/{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def townships(data_folder):
    provinces = {each["code"]: each["name"] for each in listed(data_folder, "provinces")}
    cities = {each["code"]: each["name"] for each in listed(data_folder, "cities")}
    areas = {each["code"]: each["name"] for each in listed(data_folder, "areas")}
    rows = []
    for each in listed(data_folder, "streets"):
        code, city = each["areaCode"], cities.get(each["cityCode"], "")
        if code not in areas or code.endswith(UNOFFICIAL) or code[:4] in {"2327", "4603"}:
            continue
        above = "" if city in NO_CITY else city
        name = each["name"].removesuffix("办事处")
        rows.append((code, provinces[each["provinceCode"]], above, areas[code], name))
    return random.Random(7).sample(rows, 400)  # noqa: S311 (no secret)


def test_addresses_made_of_all_townships(gazetteer, townships):
    dice = random.Random(11)  # noqa: S311 (no secret)
    lines, totals = [], Counter()
    for style, text in STYLES.items():
        seen = Counter()
        for code, *names in townships:
            road = f"{dice.choice(ROADS)}{dice.randint(1, 400)}号"
            answer = gazetteer.answer(text.format(**forms(*names, road)))
            if answer.precision is not None:
                seen["answered"] += 1
                seen["right"] += gazetteer.code(answer.row)[:6] == code
                seen["township"] += answer.precision == "township"
        totals += seen
        share = seen["right"] / seen["answered"]
        lines.append(
            f"{style:28} answered {seen['answered'] / len(townships):6.1%}"
            f"  right county {share:7.2%}  to the township {seen['township']:4}"
        )
        assert share >= 0.98, style
    print(f"\n{len(townships)} townships\n" + "\n".join(lines))
    assert totals["right"] / totals["answered"] >= 0.995


# --- how well: numbered houses of mainland streets, half of them held out -------------------


def test_house_numbers_of_mainland_streets():
    """OpenStreetMap names them, and is the source of the streets too: best in its large cities."""
    layers = {each: read_layer(layers_dir(), each) for each in ("places", "streets", "residential")}
    streets, places = layers["streets"], layers["places"]
    held_out = streets[streets["number"].notna()].sample(frac=0.5, random_state=3)
    named = layers["residential"]
    named = named[~named["name"].str.contains(r"\d+[号弄院]")]
    gazetteer = Gazetteer.of(places, with_points(named), with_points(streets.drop(held_out.index)))
    paths = places[places["kind"].isin(["county", "city", "province"])].set_index("adcode")["path"]
    held_out = held_out[held_out["adcode"].isin(paths.index)]
    texts = held_out["adcode"].map(paths) + held_out["name"] + held_out["number"].astype(str) + "号"
    answers = [gazetteer.answer(text) for text in texts]
    answered = np.array([each.precision is not None for each in answers])
    found = [each.row is not None and gazetteer.code(each.row)[:6] for each in answers]
    right = np.array(found) == held_out["adcode"].to_numpy()
    lon, lat = (
        np.array([getattr(each, axis) for each in answers], float) for axis in ("lon", "lat")
    )
    away_m = GEOD.inv(held_out.geometry.x.to_numpy(), held_out.geometry.y.to_numpy(), lon, lat)[2]
    by = pd.Series([each.by for each in answers])
    lines = [
        f"  {way}: {len(rows)}, median {np.median(away_m[rows]):.0f} m,"
        f" 90 % {np.percentile(away_m[rows], 90):.0f} m"
        for way, rows in by.groupby(by).indices.items()
    ]
    total = f"answered {answered.mean():.1%}, right county {right[answered].mean():.2%}"
    print(f"\n{len(texts)} house numbers: {total}\n" + "\n".join(lines))
    assert right[answered].mean() >= 0.98
    assert np.median(away_m[by == "number"]) < 200
    assert np.median(away_m[by == "street"]) < np.median(away_m[by == "county"]) / 3


def with_points(frame):
    return pd.DataFrame(frame.drop(columns="geometry")).assign(
        lon=frame.geometry.x, lat=frame.geometry.y
    )


def test_what_rows_say_of_their_place_is_shown_as_one_text(tmp_path):
    from geomap.data.files.columns.matching import match_columns
    from geomap.data.files.formats.raw import read_raw

    table = TABLES["facilities"]
    path = tmp_path / "a.csv"
    path.write_text("名称,省份,地址\n甲,河南省,文化路97号\n", encoding="utf-8")
    raw = read_raw(path, table)
    words = words_of(table, raw, match_columns(raw.header, raw.cells, table), {})
    assert words.shown(0) == "河南省文化路97号"
