"""Read GeoPackages with SQLite alone: ordinary tables, no views, no triggers, no other drivers.

A GeoPackage is an SQLite database, and a database can hold views that never end, triggers and
virtual tables that open other files. What it holds is looked at first; then only columns of
ordinary tables are read, by a connection that may do nothing else and not for ever.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.data.files.columns.matching import count_known
from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.raw import FrameBuilder, RawTable
from geomap.data.files.formats.shapes import from_wkb
from geomap.data.files.formats.sniff import MOST_COLUMNS, NAMES
from geomap.data.files.formats.typed import cell_text, moment_text
from geomap.data.files.places.coordinates import NOT_STATED
from geomap.data.files.places.systems import first_coordinates, stated_system
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geomap.model.table import Table

#: Steps of SQLite's machine that reading may take, for each byte of the file and besides.
_STEPS_A_BYTE, _STEPS = 50, 20_000_000
_STEPS_BETWEEN = 100_000
_LONGEST_VALUE = 64 * 2**20
_BLOCK = 20_000
#: What GDAL, QGIS and the standard itself put beside the tables of features.
_OWN_TRIGGERS = re.compile(
    r"(?:rtree_.+_(?:insert|delete|update\d?)|trigger_(?:insert|delete)_feature_count_.+"
    r"|(?:gpkg|gpkgext|gimi|fgti|fgtu|fgtd)_.+)",
    re.DOTALL,
)
_OWN_VIEWS = frozenset(
    {"st_spatial_ref_sys", "st_geometry_columns", "spatial_ref_sys", "geometry_columns"}
)
_RTREE = re.compile(r"CREATE\s+VIRTUAL\s+TABLE\s+.{1,300}?\s+USING\s+rtree\s*\(", re.I | re.DOTALL)
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\b", re.IGNORECASE)
#: Bytes of the box that stands before the geometry, by three bits of its flags.
_BOX_BYTES = (0, 32, 48, 48, 64)
_HEADER_BYTES = 8
_MAGIC = b"GP"


@dataclass(frozen=True)
class _Layer:
    """A table of features: its columns but the key, which of them is the geometry, its system."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    geometry: str | None
    system: str | None


def read_geopackage(path: Path, table: Table) -> RawTable:
    """Read the layer that names most fields of `table`; a row's number is its feature's, from 1.

    Raises
    ------
    RefusedError : if it is damaged, holds what a plain GeoPackage does not, or has no layer.
    """
    try:
        with closing(_connect(path)) as connection:
            _require_plain(connection)
            return _read(connection, table)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # what SQLite says quotes the file
        came = str(error)
        raise RefusedError("invalid_file", came=came, expected=NAMES["gpkg"]) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open a database to read it, and nothing else."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.set_authorizer(_may)
    left = (_STEPS + _STEPS_A_BYTE * path.stat().st_size) // _STEPS_BETWEEN

    def stop() -> int:
        nonlocal left
        left -= 1
        return left < 0

    connection.set_progress_handler(stop, _STEPS_BETWEEN)
    return connection


def _may(action: int, first: str | None, *_: str | None) -> int:
    """Allow reading of columns and their description; no function, no recursion, no writing."""
    reading = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)
    describing = action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    return sqlite3.SQLITE_OK if reading or describing else sqlite3.SQLITE_DENY


def _require_plain(connection: sqlite3.Connection) -> None:
    """Refuse a database with views, triggers or virtual tables beyond those of the standard."""
    for kind, name, text in connection.execute("SELECT type, name, sql FROM sqlite_schema"):
        sql = str(text or "")
        if kind == "view" and str(name).lower() not in _OWN_VIEWS:
            raise RefusedError("unsafe_database", came=Label(f"视图 {name}", f"the view {name}"))
        if kind == "trigger" and not _OWN_TRIGGERS.fullmatch(str(name)):
            came = Label(f"触发器 {name}", f"the trigger {name}")
            raise RefusedError("unsafe_database", came=came)
        if _VIRTUAL.match(sql) and not (_RTREE.match(sql) and str(name).startswith("rtree_")):
            came = Label(f"虚拟表 {name}", f"the virtual table {name}")
            raise RefusedError("unsafe_database", came=came)


def _read(connection: sqlite3.Connection, table: Table) -> RawTable:
    """Choose the layer and read it."""
    layers = list(_layers(connection))
    if not layers:
        raise RefusedError("no_layer", came="gpkg_contents")
    scores = [
        (count_known(each.columns, table), each.geometry is not None, -place)
        for place, each in enumerate(layers)
    ]
    chosen = layers[scores.index(max(scores))]
    findings: list[Finding] = []
    if len(layers) > 1:
        others = [each.name for each in layers if each is not chosen]
        findings.append(Finding("sheet_chosen", values={"came": chosen.name, "expected": others}))
    if len(chosen.columns) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=len(chosen.columns), expected=MOST_COLUMNS)
    builder = FrameBuilder(len(chosen.columns))
    blobs: list[bytes | None] = []
    for cells, geometries in _rows(connection, chosen):
        builder.add(cells)
        blobs.extend(geometries)
    if not blobs:
        raise RefusedError("no_rows")
    numbers = np.arange(1, len(blobs) + 1, dtype=np.int64)
    geometry, bad = from_wkb(blobs, numbers)
    system = chosen.system
    if system is None and chosen.geometry is not None:
        came = first_coordinates(geometry)
        system = NOT_STATED + came if came else None
    return RawTable(
        chosen.columns,
        builder.frame(len(blobs)),
        numbers,
        geometry if chosen.geometry is not None else None,
        system,
        findings=(*findings, *bad),
        details={"format": "gpkg", "layer": chosen.name},
    )


def _layers(connection: sqlite3.Connection) -> Iterator[_Layer]:
    """Give the tables that the contents name and that are ordinary tables."""
    tables = {
        name
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type='table'"
        )
        if not _VIRTUAL.match(str(sql))
    }
    if not {"gpkg_contents", "gpkg_spatial_ref_sys"} <= tables:
        raise RefusedError("invalid_file", came="gpkg_contents", expected=NAMES["gpkg"])
    shapes: dict[str, tuple[str, int]] = {}
    if "gpkg_geometry_columns" in tables:
        sql = "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
        shapes = {name: (str(column), code) for name, column, code in connection.execute(sql)}
    systems = _systems(connection)
    sql = "SELECT table_name, data_type FROM gpkg_contents"
    for name, kind in connection.execute(sql).fetchall():
        if kind not in ("features", "attributes") or name not in tables:
            continue
        column, code = shapes.get(name, (None, None))
        yield _layer(connection, name, column, systems.get(code))


def _layer(
    connection: sqlite3.Connection, name: str, geometry: str | None, system: str | None
) -> _Layer:
    """Describe one table; its key and computed columns are left out."""
    kept: list[tuple[str, str]] = []
    for row in connection.execute(f"PRAGMA table_xinfo({_quoted(name)})"):
        column, kind, key, hidden = str(row[1]), str(row[2]).upper(), row[5], row[6]
        own_key = bool(key) and kind == "INTEGER"
        if not hidden and not own_key and column != geometry:
            kept.append((column, kind))
    columns, kinds = zip(*kept, strict=True) if kept else ((), ())
    return _Layer(name, columns, kinds, geometry, system)


def _systems(connection: sqlite3.Connection) -> dict[Any, str | None]:
    """Give the coordinate systems by their number; None for those that are undefined."""
    sql = "SELECT srs_id, organization, organization_coordsys_id, definition "
    found: dict[Any, str | None] = {}
    for code, owner, number, text in connection.execute(sql + "FROM gpkg_spatial_ref_sys"):
        stated = f"EPSG:{number}" if str(owner).upper() == "EPSG" else None
        found[code] = None if code in (-1, 0) else stated_system(str(text), code=stated)
    return found


def _rows(
    connection: sqlite3.Connection, layer: _Layer
) -> Iterator[tuple[list[list[str]], list[bytes | None]]]:
    """Read a table block by block: its cells as text columns, and its geometries."""
    shape = "NULL" if layer.geometry is None else _quoted(layer.geometry)
    names = ", ".join([shape, *map(_quoted, layer.columns)])
    cursor = connection.execute(f"SELECT {names} FROM {_quoted(layer.name)}")  # noqa: S608 (quoted names of its own schema)
    moments = [kind.startswith(("DATETIME", "TIMESTAMP", "DATE")) for kind in layer.kinds]
    switches = [kind.startswith("BOOL") for kind in layer.kinds]
    while block := cursor.fetchmany(_BLOCK):
        shapes, *columns = zip(*block, strict=True)
        cells = [
            [_text(value, moment=moment, switch=switch) for value in column]
            for column, moment, switch in zip(columns, moments, switches, strict=True)
        ]
        yield cells, [_plain_wkb(each) for each in shapes]


def _text(value: object, *, moment: bool, switch: bool) -> str:
    """Write one value as a cell, by the type that its column declares."""
    if isinstance(value, str):
        return moment_text(value) if moment else value
    if switch and value in (0, 1):
        return "true" if value else "false"
    return "" if isinstance(value, bytes) else cell_text(value)


def _plain_wkb(value: object) -> bytes | None:
    """Take the header off a geometry; what has none is passed on, to be told."""
    if value is None:
        return None
    if not isinstance(value, bytes):
        return str(value).encode()
    if not value.startswith(_MAGIC) or len(value) < _HEADER_BYTES:
        return value
    flags = value[3]
    box = (flags >> 1) & 0b111
    if flags & 0b1_0000 or box >= len(_BOX_BYTES):  # empty, or no box that there is
        return None if flags & 0b1_0000 else value
    return value[_HEADER_BYTES + _BOX_BYTES[box] :]


def _quoted(name: str) -> str:
    """Write a name of the schema in SQL."""
    return '"' + name.replace('"', '""') + '"'
