"""GeoPackages: databases that compute for ever, run something, or name what is not theirs."""
# ruff: noqa: S608 (the SQL is the attack)

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from typing import TYPE_CHECKING

from traps import Trap, hostile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TABLES = """
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
  description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84"]', NULL);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT
  '2025-01-01T00:00:00.000Z', min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
  m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
"""
_HOMES = """
CREATE TABLE homes (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB, name TEXT);
"""
_POINT = struct.pack("<2sBBi", b"GP", 0, 1, 4326) + struct.pack("<BIdd", 1, 1, 121.5, 31.2)


def _register(layer: str, *, srs: int = 4326, kind: str = "features") -> str:
    return (
        f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        f"VALUES ('{layer}', '{kind}', '{layer}', {srs});"
        f"INSERT INTO gpkg_geometry_columns VALUES ('{layer}', 'geom', 'POINT', {srs}, 0, 0);"
    )


def package(*names: str) -> Callable[[Callable[[Trap], str]], Callable[[Trap], str]]:
    """Enter a function that gives the SQL which a GeoPackage of one home is changed by."""

    def enter(make: Callable[[Trap], str]) -> Callable[[Trap], str]:
        def write(path: Path, trap: Trap) -> None:
            with closing(sqlite3.connect(path)) as base, base:
                base.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
                base.executescript(_TABLES + _HOMES)
                base.execute("INSERT INTO homes (geom, name) VALUES (?, '甲敬老院')", [_POINT])
                base.executescript(make(trap))

        hostile(*names)(write)
        return make

    return enter


def _view(select: str) -> str:
    return f"CREATE VIEW v AS {select};" + _register("v")


_COUNT = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"


@package("gpkg-endless-view/a.gpkg")
def _endless_view(_: Trap) -> str:
    return _view(f"{_COUNT} SELECT n AS fid, NULL AS geom, 'x' AS name FROM c")


@package("gpkg-endless-count/a.gpkg")
def _endless_single_row(_: Trap) -> str:
    return _view(f"SELECT 1 AS fid, NULL AS geom, ({_COUNT} SELECT count(*) FROM c) AS name")


@package("gpkg-large-view/a.gpkg")
def _view_of_large_values(_: Trap) -> str:
    return _view(
        f"{_COUNT} SELECT n AS fid, NULL AS geom, hex(zeroblob(400000000)) AS name FROM c LIMIT 50"
    )


@package("gpkg-cross/a.gpkg")
def _cross_join(_: Trap) -> str:
    many = ", ".join(f"homes h{n}" for n in range(2, 9))
    rows = "INSERT INTO homes (name) SELECT name FROM homes;" * 7
    return rows + _view(f"SELECT h1.fid, h1.geom, h1.name FROM homes h1, {many}")


@package("gpkg-extension/a.gpkg")
def _loads_code(trap: Trap) -> str:
    return _view(f"SELECT 1 AS fid, NULL AS geom, load_extension('{trap.canary}') AS name")


@package("gpkg-functions/a.gpkg")
def _reads_files(trap: Trap) -> str:
    called = (
        f"readfile('{trap.canary}')", f"writefile('{trap.canary}', 'x')", "ogr_version()",
        f"ogr_datasource_load_layers('{trap.canary}')", f"ImportDXF('{trap.canary}')",
        f"BlobFromFile('{trap.canary}')", f"gdal_get_pixel_value('{trap.url}', 1, 'pixel', 1, 1)",
    )  # fmt: skip
    views = "".join(
        f"CREATE VIEW v{n} AS SELECT 1 AS fid, NULL AS geom, {each} AS name;" + _register(f"v{n}")
        for n, each in enumerate(called)
    )
    return "DELETE FROM homes;" + views


@package("gpkg-trigger/a.gpkg")
def _foreign_trigger(_: Trap) -> str:
    return _register("homes") + (
        "CREATE TRIGGER t AFTER UPDATE ON homes BEGIN DELETE FROM gpkg_contents; END;"
        "CREATE TRIGGER u INSTEAD OF INSERT ON homes_v BEGIN DELETE FROM homes; END;"
    ).replace("CREATE TRIGGER u", "CREATE VIEW homes_v AS SELECT * FROM homes; CREATE TRIGGER u")


def _smuggled(kind: str, name: str, sql: str) -> str:
    quoted = sql.replace("'", "''")
    return (
        "PRAGMA writable_schema = ON;"
        f"INSERT INTO sqlite_master VALUES ('{kind}', '{name}', '{name}', 0, '{quoted}');"
        + _register(name)
    )


@package("gpkg-virtual-ogr/a.gpkg")
def _virtual_ogr(trap: Trap) -> str:
    return "DELETE FROM homes;" + _smuggled(
        "table", "v", f"CREATE VIRTUAL TABLE v USING VirtualOGR('{trap.canary}')"
    )


@package("gpkg-virtual-remote/a.gpkg")
def _virtual_remote(trap: Trap) -> str:
    return _smuggled(
        "table", "v", f"CREATE VIRTUAL TABLE v USING VirtualOGR('/vsicurl/{trap.url}/x.csv')"
    )


@package("gpkg-virtual-text/a.gpkg")
def _virtual_text(trap: Trap) -> str:
    return _smuggled(
        "table", "v", f"CREATE VIRTUAL TABLE v USING VirtualText('{trap.canary}', 'UTF-8', 1)"
    )


@package("gpkg-fts/a.gpkg")
def _full_text(_: Trap) -> str:
    return "CREATE VIRTUAL TABLE v USING fts5(geom, name);" + _register("v")


@package("gpkg-attach/a.gpkg")
def _attach(trap: Trap) -> str:
    return _smuggled("view", "v", f"ATTACH DATABASE '{trap.canary}' AS x")


@package("gpkg-schema/a.gpkg")
def _names_the_schema(_: Trap) -> str:
    return _register("sqlite_master") + _register("gpkg_contents")


@package("gpkg-sly-name/a.gpkg")
def _sly_name(_: Trap) -> str:
    sly = 'x"; DROP TABLE homes; --'
    return f"""ALTER TABLE homes RENAME TO '{sly}';""" + _register(sly)


@package("gpkg-sly-srs/a.gpkg")
def _sly_system(trap: Trap) -> str:
    return (
        f"INSERT INTO gpkg_spatial_ref_sys VALUES ('x', 9, 'NONE', 9, '+init={trap.canary}:1', '');"
        f"INSERT INTO gpkg_spatial_ref_sys VALUES ('y', 8, '{trap.url}', 8, '{trap.url}/crs', '');"
        f"UPDATE homes SET geom = x'{_POINT.hex()}';" + _register("homes", srs=9)
    )


@package("gpkg-system-unknown/a.gpkg")
def _no_system(_: Trap) -> str:
    return "DROP TABLE gpkg_spatial_ref_sys;" + _register("homes", srs=123456)


@package("gpkg-blobs/a.gpkg")
def _bad_shapes(_: Trap) -> str:
    point = _POINT.hex()
    deep = _POINT[:8].hex() + ("0107000000" + "01000000") * 100_000
    bad = ("", "00", "4750", point[:-10], point[:16] + "01ff000000", deep, "4750" + "ff" * 90,
           point[:16] + "0103000000ffffffff", point[:16] + "0102000000ffffff0f" + "00" * 64,
           point[:16] + "0101000000" + "000000000000f87f" * 2)  # fmt: skip
    rows = "".join(f"INSERT INTO homes (geom, name) VALUES (x'{each}', '乙院');" for each in bad)
    return rows + _register("homes")


@package("gpkg-types/a.gpkg")
def _columns_of_any_type(_: Trap) -> str:
    return (
        "INSERT INTO homes (geom, name) VALUES ('text', x'ff00fe'), (1, 2), (1e999, -1e999);"
        "INSERT INTO homes (geom, name) VALUES (NULL, zeroblob(1000000));" + _register("homes")
    )


@package("gpkg-columns/a.gpkg")
def _many_columns(_: Trap) -> str:
    many = ", ".join(f"c{n} TEXT" for n in range(1900))
    return (
        "DROP TABLE homes; CREATE TABLE homes (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT, "
        f"{many}); INSERT INTO homes (name) VALUES ('甲敬老院');" + _register("homes")
    )


@package("gpkg-layers/a.gpkg")
def _many_layers(trap: Trap) -> str:
    return "".join(
        f"CREATE TABLE l{n} (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT);" + _register(f"l{n}")
        for n in range(trap.size(300, 5_000))
    )


@package("gpkg-generated/a.gpkg")
def _generated_columns(_: Trap) -> str:
    return (
        "ALTER TABLE homes ADD COLUMN g TEXT GENERATED ALWAYS AS "
        "(hex(zeroblob(300000000))) VIRTUAL;" + _register("homes")
    )


@hostile("gpkg-corrupt/a.gpkg", "gpkg-corrupt/b.gpkg", "gpkg-corrupt/c.gpkg")
def _corrupt_pages(path: Path, _: Trap) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_TABLES + _HOMES + _register("homes"))
        base.executemany(
            "INSERT INTO homes (geom, name) VALUES (?, ?)", [(_POINT, "甲" * 50)] * 500
        )
    whole = bytearray(path.read_bytes())
    if path.stem == "a":
        whole = whole[: len(whole) // 2 + 7]
    elif path.stem == "b":
        whole[len(whole) - 4096 : len(whole) - 2048] = b"\xff" * 2048
    else:
        whole[100:4000] = b"\x5a" * 3900
    path.write_bytes(whole)


@hostile("gpkg-journal/a.gpkg")
def _hot_journal(path: Path, trap: Trap) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_TABLES + _HOMES + _register("homes"))
    path.with_name("a.gpkg-journal").write_bytes(
        bytes.fromhex("d9d505f920a163d7") + bytes(4096) + str(trap.canary).encode()
    )
