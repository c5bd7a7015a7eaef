"""Read GeoParquet with pyarrow and shapely: its geometries and the "geo" metadata by ourselves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.archive import LARGEST_UNPACKED, megabytes
from geomap.data.files.formats.raw import RawTable, text_frame
from geomap.data.files.formats.shapes import from_wkb
from geomap.data.files.formats.sniff import MOST_CELLS, MOST_COLUMNS, NAMES
from geomap.data.files.formats.typed import text_columns
from geomap.data.files.places.coordinates import NOT_STATED
from geomap.data.files.places.systems import first_coordinates, stated_system
from geomap.model.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

#: What a part of the metadata may take to be read.
_LARGEST_METADATA = 32 * 2**20


@dataclass(frozen=True)
class _Geo:
    """What the metadata says of geometries.

    Parameters
    ----------
    column : the geometry column; None in a plain table.
    encoding : WKB, or point for two columns of numbers.
    system : what it says about the coordinate system; None where it is unknown.
    left_out : columns that only repeat what the geometry says.
    """

    column: str | None = None
    encoding: str = "WKB"
    system: str | None = None
    left_out: tuple[str, ...] = field(default=())


def read_parquet(path: Path) -> RawTable:
    """Read GeoParquet, or plain Parquet as a table; a row's number is its feature's, from 1.

    A GeoParquet file without ``crs`` is in longitude and latitude on WGS-84, as its specification
    says; one whose ``crs`` is null does not say, and is asked for.

    Raises
    ------
    RefusedError : if it is damaged, too large, or stores geometries in an encoding not read here.
    """
    try:
        with pq.ParquetFile(
            path,
            thrift_string_size_limit=_LARGEST_METADATA,
            thrift_container_size_limit=1_000_000,
            arrow_extensions_enabled=False,
        ) as file:
            _require_size(file.metadata, file.schema_arrow)
            geo = _geo(file)
            table = file.read()
        return _raw(table, geo)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        came = str(error).replace(str(path), path.name)
        raise RefusedError("invalid_file", came=came, expected=NAMES["parquet"]) from error


def arrow_table(
    table: pa.Table,
    blobs: list[bytes | None] | None,
    *,
    details: Mapping[str, object],
    system: str | None,
) -> RawTable:
    """Make a raw table of Arrow columns and geometries in well-known binary.

    Parameters
    ----------
    table : (n, k) the attributes, of any types.
    blobs : (n,) geometries, None where a row has none; None where the file has no geometries.
    details : format and the like.
    system : what the file says about its coordinate system; None where it says nothing.

    Raises
    ------
    RefusedError : if it has no rows or too many columns.
    """
    size = table.num_rows
    if not size:
        raise RefusedError("no_rows")
    columns = list(text_columns(table))
    if len(columns) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=len(columns), expected=MOST_COLUMNS)
    rows = np.arange(1, size + 1, dtype=np.int64)
    header = tuple(" ".join(name.split()) for name, _ in columns)
    cells = text_frame([column for _, column in columns], size)
    geometry: NDArray[np.object_] | None = None
    bad: list[Finding] = []
    if blobs is not None:
        geometry, bad = from_wkb(blobs, rows)
        came = first_coordinates(geometry)
        system = system if system is not None else NOT_STATED + came if came else None
    return RawTable(header, cells, rows, geometry, system, findings=tuple(bad), details=details)


def _require_size(metadata: pq.FileMetaData, schema: pa.Schema) -> None:
    """Refuse what would take too much memory, by what the file says of itself."""
    columns, rows = len(schema), metadata.num_rows
    if columns > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=columns, expected=MOST_COLUMNS)
    if rows * columns > MOST_CELLS:
        raise RefusedError("too_many_cells", came=rows, count=columns, expected=MOST_CELLS)
    groups = range(metadata.num_row_groups)
    unpacked = sum(metadata.row_group(nth).total_byte_size for nth in groups)
    if unpacked > LARGEST_UNPACKED:
        limit = megabytes(LARGEST_UNPACKED)
        raise RefusedError("too_large", came=megabytes(unpacked), expected=limit)


def _geo(file: pq.ParquetFile) -> _Geo:
    """Read the "geo" metadata, else the type of a column that says it holds geometries."""
    text = (file.schema_arrow.metadata or {}).get(b"geo")
    if text is None:
        return _by_type(file)
    try:
        document = json.loads(text)
        name = document["primary_column"]
        column = document["columns"][name]
        encoding = str(column["encoding"])
        covering = column.get("covering", {}).get("bbox", {}).get("xmin", [None])[0]
        others = [each for each in document["columns"] if each != name]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise RefusedError("invalid_file", came="geo", expected=NAMES["parquet"]) from error
    if name not in file.schema_arrow.names or encoding.lower() not in ("wkb", "point"):
        raise RefusedError("invalid_file", came=f"{name}: {encoding}", expected=NAMES["parquet"])
    left_out = tuple(each for each in (covering, *others) if isinstance(each, str))
    return _Geo(name, encoding, _system(column), left_out)


def _by_type(file: pq.ParquetFile) -> _Geo:
    """Find a column of the Parquet type GEOMETRY or GEOGRAPHY."""
    for nth, name in enumerate(file.schema.names):
        kind = json.loads(file.schema.column(nth).logical_type.to_json())
        if kind.get("Type") in ("Geometry", "Geography") and name in file.schema_arrow.names:
            crs = str(kind.get("crs") or "OGC:CRS84")
            return _Geo(name, system=stated_system(crs, code=crs))
    return _Geo()


def _system(column: Mapping[str, Any]) -> str | None:
    """Give the coordinate system: absent means WGS-84 degrees, null unknown, else PROJJSON."""
    if "crs" not in column:
        return GEOGRAPHIC
    crs = column["crs"]
    if not isinstance(crs, dict):
        return None if crs is None else stated_system(str(crs))
    own = crs.get("id")
    code = None
    if isinstance(own, dict):
        code = f"{own.get('authority')}:{own.get('code')}"
    return stated_system(json.dumps(crs), code=code)


def _raw(table: pa.Table, geo: _Geo) -> RawTable:
    """Part geometries from attributes."""
    details = {"format": "parquet"}
    if geo.column is None:
        return arrow_table(table, None, details=details, system=None)
    shapes = table.column(geo.column)
    dropped = [name for name in (geo.column, *geo.left_out) if name in table.column_names]
    blobs = _blobs(shapes) if geo.encoding.lower() == "wkb" else _of_points(shapes)
    return arrow_table(table.drop_columns(dropped), blobs, details=details, system=geo.system)


def _blobs(shapes: pa.ChunkedArray) -> list[bytes | None]:
    """Take well-known binary out of a column."""
    kind = shapes.type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise RefusedError("invalid_file", came=str(kind), expected=NAMES["parquet"])
    found: list[bytes | None] = shapes.to_pylist()
    return found


def _of_points(shapes: pa.ChunkedArray) -> list[bytes | None]:
    """Write points that are stored as two columns of numbers as well-known binary."""
    import pyarrow as pa
    import shapely

    if not pa.types.is_struct(shapes.type):
        raise RefusedError("invalid_file", came=str(shapes.type), expected=NAMES["parquet"])

    parts = shapes.to_pylist()
    return [
        None if each is None or each.get("x") is None or each.get("y") is None
        else shapely.to_wkb(shapely.Point(each["x"], each["y"]))
        for each in parts
    ]  # fmt: skip
