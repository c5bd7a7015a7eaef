from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.model.facility import FACILITIES


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A GeoPackage as geopandas writes it, with its triggers and its R-tree."""
    path = tmp_path_factory.mktemp("gpkg") / "homes.gpkg"
    frame = gpd.GeoDataFrame(
        {"name": ["甲院", "乙院"], "beds": [10, None], "open": [True, False],
         "since": pd.to_datetime(["2020-05-01 00:00", "2021-01-01 08:30"])},
        geometry=gpd.points_from_xy([121, 122], [31, 32]), crs=4326,
    )  # fmt: skip
    frame["beds"] = frame["beds"].astype("Int64")
    pyogrio.write_dataframe(frame, path, layer="homes")
    return path


def changed(package, folder, *statements):
    path = folder / "a.gpkg"
    shutil.copyfile(package, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


def refusal(path):
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    return caught.value.finding


def test_values_of_every_type_become_the_text_of_a_spreadsheet(package):
    raw = read_raw(package, FACILITIES)
    assert raw.header == ("name", "beds", "open", "since")
    first, second = raw.cells.fillna("").to_numpy().tolist()
    assert first == ["甲院", "10", "true", "2020-05-01"]
    assert second == ["乙院", "", "false", "2021-01-01 08:30:00"]
    assert shapely.to_wkt(raw.geometry[1]) == "POINT (122 32)"
    assert raw.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) "
         "SELECT * FROM c", "view"),
        ("CREATE TRIGGER boom AFTER INSERT ON homes BEGIN DELETE FROM homes; END", "trigger"),
        ("CREATE VIRTUAL TABLE f USING fts5(body)", "virtual"),
        ("CREATE VIRTUAL TABLE rtree_x USING fts5(body)", "virtual"),
    ],
)  # fmt: skip
def test_what_a_plain_geopackage_does_not_hold_is_refused(package, tmp_path, statement, what):
    finding = refusal(changed(package, tmp_path, statement))
    assert finding.code == "unsafe_database"
    assert what in finding.message("en")


def test_a_virtual_table_of_another_driver_is_refused_unopened(package, tmp_path):
    path = changed(
        package,
        tmp_path,
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('table', 'evil', 'evil', 0, "
        "'CREATE VIRTUAL TABLE evil USING VirtualOGR(''/etc/passwd'')')",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) "
        "VALUES ('evil', 'features', 4326)",
    )
    finding = refusal(path)
    assert finding.code == "unsafe_database"
    assert "evil" in finding.message("zh")


def test_a_view_named_as_one_of_the_standard_is_no_layer(package, tmp_path):
    path = changed(
        package,
        tmp_path,
        "CREATE VIEW spatial_ref_sys AS WITH RECURSIVE c(x) AS "
        "(SELECT 1 UNION ALL SELECT x FROM c) SELECT x AS name FROM c",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) "
        "VALUES ('spatial_ref_sys', 'attributes', 0)",
    )
    raw = read_raw(path, FACILITIES)
    assert raw.details["layer"] == "homes"
    assert [each.code for each in raw.findings] == []


def test_computed_columns_are_not_computed(package, tmp_path):
    path = changed(
        package,
        tmp_path,
        "CREATE TABLE big (id INTEGER PRIMARY KEY, name TEXT, a TEXT AS (name || name), "
        "b TEXT AS (a || a || zeroblob(70000000)), beds INTEGER, phone TEXT, address TEXT)",
        "INSERT INTO big (name, beds, phone) VALUES ('丙院', 5, '021-62581234')",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('big', 'attributes', 0)",
    )
    raw = read_raw(path, FACILITIES)
    assert raw.header == ("name", "beds", "phone", "address")
    assert raw.geometry is None
    assert [(each.code, each.values["expected"]) for each in raw.findings] == [
        ("sheet_chosen", ["homes"])
    ]


def test_geometries_that_are_none_are_told_by_row(package, tmp_path):
    path = changed(
        package,
        tmp_path,
        "CREATE TABLE more (fid INTEGER PRIMARY KEY, geom POINT, name TEXT, beds INTEGER, "
        "tel TEXT)",
        "INSERT INTO more VALUES (1, NULL, '甲', 1, '1'), (3, 'POINT (1 1)', '丙', 3, '3'), "
        "(2, x'47500001E6100000FF', '乙', 2, '2'), (4, NULL, NULL, NULL, NULL)",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) "
        "VALUES ('more', 'features', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('more', 'geom', 'POINT', 4326, 0, 0)",
    )
    raw = read_raw(path, FACILITIES)
    assert [each is None for each in raw.geometry] == [True, True, True]
    told = [(each.code, each.row) for each in raw.findings if each.row]
    assert told == [("bad_geometry", 2), ("bad_geometry", 3), ("empty_feature", 4)]
    assert raw.lost == 1


def test_a_database_of_another_kind_and_a_damaged_one_are_refused(package, tmp_path):
    other = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    assert refusal(other).code == "invalid_file"
    data = package.read_bytes()
    other.write_bytes(data[: len(data) // 2])
    assert refusal(other).code == "invalid_file"


def test_an_empty_layer_is_refused(package, tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pyogrio.read_dataframe(package).iloc[:0], path)
    assert refusal(path).code == "no_rows"


def test_reading_leaves_the_file_as_it_was(package, tmp_path):
    path = tmp_path / "a.gpkg"
    shutil.copyfile(package, path)
    before = path.read_bytes()
    read_raw(path, FACILITIES)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.gpkg"]
