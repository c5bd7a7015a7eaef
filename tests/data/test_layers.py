"""The layers that ship: whole, described, licensed, and read as they were written."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.layers import (
    BACKGROUND,
    TABLES,
    background_tile,
    layer_info,
    read_layer,
    verify_layer,
)
from geomap.errors import DataError, NotFoundError
from geomap.model.facility import FACILITIES, TYPES, infer_types
from geomap.settings import layers_dir

ROOT = Path(__file__).parents[2]
FOLDER = layers_dir()
ALL = (*TABLES, BACKGROUND, "platforms")
UNKNOWN = set(FACILITIES.names) - {
    "id", "name", "name_en", "type", "adcode", "source", "licence", "location_precision",
}  # fmt: skip


@pytest.fixture(scope="module")
def facilities():
    return read_layer(FOLDER, "facilities")


@pytest.fixture(scope="module")
def places():
    return read_layer(FOLDER, "places")


@pytest.mark.parametrize("name", ALL)
def test_each_layer_says_what_it_is_and_its_file_is_the_one_described(name):
    layer = layer_info(FOLDER, name)
    verify_layer(layer)
    assert layer.title.zh
    assert layer.title.en
    assert layer.licence
    assert layer.data_date
    assert layer.caveats
    assert layer.sha256 == hashlib.sha256(layer.path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["facilities", "hospitals", "residential", "places", "background"])
def test_what_comes_from_openstreetmap_names_its_contributors_and_its_licence(name):
    layer = layer_info(FOLDER, name)
    assert "© OpenStreetMap contributors" in layer.attribution
    assert "ODbL-1.0" in layer.licence


def test_the_sample_says_that_it_is_too_sparse_to_judge_coverage_by():
    caveats = layer_info(FOLDER, "facilities").caveats
    assert any("far too sparse to judge coverage by" in each.en for each in caveats)
    assert any("不能据此判断任何地方的覆盖情况" in each.zh for each in caveats)


def test_all_layers_together_have_at_most_12_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 12_000_000


def test_the_sample_fits_the_facility_table(facilities):
    FACILITIES.schema.validate(facilities, lazy=True)
    assert facilities.crs.to_epsg() == 4326
    assert 400 <= len(facilities) <= 500
    assert facilities.geometry.notna().all()


def test_lists_of_the_sample_are_python_lists_or_none(facilities):
    for name in ("accepts", "services"):
        assert all(each is None or isinstance(each, list) for each in facilities[name])


def test_what_openstreetmap_does_not_say_is_unknown(facilities):
    known = {name for name in UNKNOWN if facilities[name].notna().any()}
    assert known == set()
    assert set(facilities["source"]) == {"OpenStreetMap"}
    assert set(facilities["location_precision"]) == {"point"}


def test_the_counts_of_the_sample_add_up(facilities):
    counts = layer_info(FOLDER, "facilities").counts
    steps = counts["steps"]
    assert steps["candidate_rows"] - steps["excluded_rows"] == steps["kept_rows"]
    assert steps["facilities"] == len(facilities)
    assert dict(counts["type"]) == facilities["type"].value_counts().to_dict()
    assert sum(counts["province"].values()) == len(facilities)
    assert set(counts["type"]) <= set(TYPES)


def test_every_exclusion_has_a_reason_and_none_is_in_the_sample(facilities):
    with (ROOT / "layers" / "osm_exclusions.csv").open(encoding="utf-8", newline="") as lines:
        exclusions = list(csv.DictReader(lines))
    assert all(each["reason"] for each in exclusions)
    keys = [(each["osm_id"], each["name"]) for each in exclusions]
    assert len(set(keys)) == len(keys)
    assert not {f"osm-{osm_id}" for osm_id, _ in keys} & set(facilities["id"])


@pytest.mark.parametrize(
    "words",
    ["儿童", "有限公司", "保险", "酒店", "原址", "在建", "农田", "康养小镇", "大学", "家属楼"],
)
def test_names_that_only_look_like_care_are_not_in_the_sample(facilities, words):
    assert facilities.loc[facilities["name"].str.contains(words), "name"].tolist() == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("三汇敬老院", "rural_welfare_home"),
        ("滨湖社区养老服务驿站", "community_center"),
        ("白鹤镇社区综合为老服务中心", "street_center"),
        ("龙江镇旺岗村农村幸福院", "rural_mutual_aid_home"),
        ("李家庄社区养老公寓", "nursing_home"),
        ("微山滨湖老年公寓", "nursing_home"),
        ("杭州市第一社会福利院", "nursing_home"),
    ],
)
def test_the_type_is_what_the_name_says(facilities, name, kind):
    assert facilities.loc[facilities["name"] == name, "type"].tolist() == [kind]


def test_the_types_of_the_sample_are_those_that_are_inferred_today(facilities):
    told = infer_types(facilities["name"] + " " + facilities["name_en"].fillna(""))
    # Where the name says nothing, OpenStreetMap's class did when the layer was built.
    assert ((told == facilities["type"]) | (told == "other")).all()


def test_names_in_two_scripts_are_parted(facilities):
    home = facilities[facilities["name"] == "伯大尼安老院"]
    assert home["name_en"].tolist() == ["Asilo Betânia"]
    latin = facilities["name"].str.contains(r"[A-Za-z]{4}")
    assert facilities.loc[latin, "name"].tolist() == ["Hong Kong Nursing Home"]


def test_parts_of_one_compound_are_one_facility(facilities):
    parts = r"[A-Z]类|\d(?:栋|号楼|号大门)$|单元$|门诊$"
    assert not facilities["name"].str.contains(parts).any()


def test_the_points_are_in_wgs84_as_the_peking_union_hospital_shows():
    # 39°54′49″ N 116°24′36″ E; in GCJ-02 it would be 700 m to the north-east.
    hospitals = read_layer(FOLDER, "hospitals")
    found = hospitals[hospitals["name"] == "北京协和医院"].geometry
    near = ((found.x - 116.410) ** 2 + (found.y - 39.9137) ** 2) ** 0.5
    assert near.min() < 0.003


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("hospitals", ["id", "name", "kind", "adcode"]),
        ("residential", ["id", "name", "adcode"]),
    ],
)
def test_context_points_are_complete_and_distinct(name, columns):
    frame = read_layer(FOLDER, name)
    assert list(frame.columns) == [*columns, "geometry"]
    assert frame["id"].is_unique
    assert frame.notna().all(axis=None)
    assert frame.crs.to_epsg() == 4326


def test_hospitals_and_facilities_share_no_object(facilities):
    assert not set(read_layer(FOLDER, "hospitals")["id"]) & set(facilities["id"])


def test_places_hold_all_divisions_of_the_country_once(places):
    kinds = places["kind"].value_counts()
    assert kinds["province"] == 34
    of_taiwan = places["id"].str.startswith("71")
    assert kinds["township"] == 38_723 + (of_taiwan & (places["kind"] == "township")).sum()
    assert kinds["county"] > 2_845
    assert places["id"].is_unique
    divisions = places[places["kind"] != "town"]
    assert (divisions["id"] == divisions["adcode"]).all()
    assert divisions["path"].notna().all()


def test_a_division_knows_its_path_its_code_and_its_other_names(places):
    jingan = places[places["id"] == "310106"].iloc[0]
    assert jingan["path"] == "上海市静安区"
    assert set(jingan["aliases"].split("|")) >= {"静安", "靜安區"}
    assert places.loc[places["id"] == "110101001", "path"].tolist() == ["北京市东城区东华门街道"]


def test_a_place_says_how_well_it_is_located(places):
    county = places.set_index("id").geometry
    unfound = places[(places["kind"] == "township") & (places["precision"] == "county")]
    assert (unfound.geometry.to_numpy() == county[unfound["id"].str[:6]].to_numpy()).all()
    assert set(places.loc[places["kind"] == "town", "precision"]) == {"point"}
    assert (places["rank"] == 7).sum() == len(unfound) + (
        (places["kind"] == "township") & (places["precision"] == "city")
    ).sum()


def test_places_come_with_their_coordinates_as_columns(places):
    assert (places["lon"] == places.geometry.x).all()
    assert (places["lat"] == places.geometry.y).all()


def test_a_city_stands_where_its_people_live(places):
    # Hangzhou's middle is in the mountains; the city is at 30.25° N 120.17° E.
    city = places[places["id"] == "330100"].iloc[0]
    assert abs(city["lon"] - 120.17) < 0.1
    assert abs(city["lat"] - 30.25) < 0.1


def test_the_background_has_the_world_to_zoom_2_and_china_to_zoom_6():
    for z in range(3):
        assert all(background_tile(FOLDER, z, x, y) for x in range(2**z) for y in range(2**z))
    beijing = background_tile(FOLDER, 6, 52, 24)
    assert beijing is not None
    assert beijing.startswith(b"\x89PNG")
    assert background_tile(FOLDER, 6, 0, 24) is None
    assert background_tile(FOLDER, 7, 105, 48) is None


@given(z=st.integers(0, 6), data=st.data())
def test_rows_of_the_background_count_from_the_north(z, data):
    x, y = (data.draw(st.integers(0, 2**z - 1)) for _ in "xy")
    with sqlite3.connect(f"file:{FOLDER / 'background.mbtiles'}?mode=ro", uri=True) as tiles:
        row = tiles.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?",
            (z, x, 2**z - 1 - y),
        ).fetchone()
    tiles.close()
    assert background_tile(FOLDER, z, x, y) == (row and row[0])


def test_tiles_are_the_same_from_every_thread():
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: background_tile(FOLDER, 5, 26, 12), range(64)))
    assert len(found) == 1


@pytest.fixture
def copy(tmp_path):
    """A layer of its own, to break."""
    for suffix in (".toml", ".parquet"):
        (tmp_path / f"hospitals{suffix}").write_bytes((FOLDER / f"hospitals{suffix}").read_bytes())
    return tmp_path


def test_a_layer_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFoundError, match=r"nothing\.toml is missing"):
        layer_info(tmp_path, "nothing")


def test_an_incomplete_text_names_everything_that_it_lacks(copy):
    note = copy / "hospitals.toml"
    lines = note.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("licence =", "rows =", 'zh = "'))]
    note.write_text("\n".join(kept).replace("[caveats]", "[other]"), encoding="utf-8")
    with pytest.raises(DataError, match=r"licence, rows, title\.zh.*caveats\.zh"):
        layer_info(copy, "hospitals")


@pytest.mark.parametrize("content", [b"rows = ", b"\xff\xfe", b"rows = 1\nrows = 2"])
def test_a_text_that_is_no_toml_is_said_to_be_none(copy, content):
    (copy / "hospitals.toml").write_bytes(content)
    with pytest.raises(DataError, match="must be TOML"):
        layer_info(copy, "hospitals")


@pytest.mark.parametrize("file", ["missing.parquet", "../hospitals.parquet", "/etc/passwd"])
def test_a_layer_names_a_file_beside_it(copy, file):
    note = copy / "hospitals.toml"
    told = note.read_text(encoding="utf-8").replace('"hospitals.parquet"', f'"{file}"')
    note.write_text(told, encoding="utf-8")
    with pytest.raises(DataError, match="not beside it"):
        layer_info(copy, "hospitals")


def test_a_changed_file_is_found_out(copy):
    path = copy / "hospitals.parquet"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DataError, match=r"differs from what hospitals\.toml describes"):
        verify_layer(layer_info(copy, "hospitals"))


def test_a_file_that_is_no_table_is_said_to_be_none(copy):
    (copy / "hospitals.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError, match="must be GeoParquet"):
        read_layer(copy, "hospitals")


def test_a_table_with_other_rows_than_described_is_refused(copy):
    note = copy / "hospitals.toml"
    rows = len(read_layer(copy, "hospitals"))
    told = note.read_text(encoding="utf-8").replace(f"rows = {rows}", f"rows = {rows + 1}")
    note.write_text(told, encoding="utf-8")
    with pytest.raises(DataError, match="build the layer again"):
        read_layer(copy, "hospitals")


def test_a_background_that_is_no_database_is_said_to_be_none(tmp_path):
    note = (FOLDER / "background.toml").read_bytes()
    (tmp_path / "background.toml").write_bytes(note)
    (tmp_path / "background.mbtiles").write_bytes(b"no database")
    with pytest.raises(DataError, match="must be MBTiles"):
        background_tile(tmp_path, 0, 0, 0)


def test_taiwan_has_its_towns_and_villages_under_its_counties(places):
    """368 towns and 7,701 villages; those of 金门 and 连江 lie in Fujian in the other sources."""
    taiwan = places[places["adcode"].fillna("").str.startswith("71")].set_index("path")
    assert (taiwan["kind"] == "township").sum() == 358
    assert (taiwan["kind"] == "village").sum() > 7_500
    shilin = taiwan.loc["台湾省台北市士林区"]
    assert "士林區" in shilin["aliases"]
    assert abs(shilin["lon"] - 121.525) < 0.02
    assert abs(shilin["lat"] - 25.095) < 0.02


@pytest.mark.parametrize(
    ("code", "former"),
    [
        ("410307", "偃师市"),
        ("330109", "萧山市"),
        ("440606", "顺德市"),
        ("411103", "郾城县"),
        ("340722", "安庆市枞阳县"),
        ("420600", "襄樊市"),
        ("370116", "莱芜市莱城区"),
        ("120116", "塘沽区"),
    ],
)
def test_units_that_were_renamed_or_moved_keep_their_former_names(places, code, former):
    assert former in places.loc[places["id"] == code, "aliases"].item().split("|")


def test_no_unit_has_the_name_of_another_one_as_a_former_name(places):
    units = places[places["kind"].isin(["province", "city", "county"])]
    aliases = units["aliases"].dropna().str.split("|", regex=False).explode()
    clash = aliases[aliases.isin(set(units["name"]))]
    assert clash[clash.str.len() > 2].tolist() == []


def test_points_on_streets_have_the_name_of_a_street(places):
    streets = read_layer(FOLDER, "streets")
    assert streets["name"].str.contains(r"路|街|道|巷|弄|胡同").all()
    assert streets["number"].dropna().between(0, 9_999).all()
    codes = set(streets.loc[~streets["adcode"].str.startswith("4603"), "adcode"])
    assert codes <= set(places["adcode"])
