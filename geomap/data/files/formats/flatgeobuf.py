"""Read FlatGeobuf by GDAL from a private copy whose coordinate system is taken out.

The definition in the file is read here by the strict grammar of :mod:`geomap.model.definitions`;
in the copy that GDAL sees there is none, so that no text of a user reaches PROJ.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.parquet import arrow_table
from geomap.data.files.formats.raw import RawTable  # noqa: TC001 (what the reader gives)
from geomap.data.files.formats.sniff import MOST_COLUMNS, NAMES
from geomap.data.files.places.systems import stated_system

if TYPE_CHECKING:
    import pyarrow as pa

_MAGIC_BYTES = 8
_LARGEST_HEADER = 10 * 2**20
#: Places of fields in the tables of the format's schema.
_COLUMNS, _COUNT, _CRS = 7, 8, 10
_CRS_ORG, _CRS_CODE, _CRS_WKT = 0, 1, 4
#: No feature takes fewer bytes: its size, its table and a geometry.
_LEAST_BYTES = 12
_GEOMETRIES = ("wkb_geometry", "geometry")


def read_flatgeobuf(path: Path) -> RawTable:
    """Read a FlatGeobuf file; a row's number is its feature's, from 1.

    Raises
    ------
    RefusedError : if it is damaged, cut short, or has no features or too many columns.
    """
    import pyarrow as pa

    try:
        header, count, system = _header(path)
        table = _features(path, header)
        if count and table.num_rows != count:
            raise _damaged(f"{table.num_rows} / {count}")
        shapes = next((name for name in _GEOMETRIES if name in table.column_names), None)
        blobs = None if shapes is None else table.column(shapes).to_pylist()
        attributes = table if shapes is None else table.drop_columns([shapes])
        return arrow_table(attributes, blobs, details={"format": "flatgeobuf"}, system=system)
    except struct.error as error:
        raise _damaged("header") from error
    except (RuntimeError, ValueError, IndexError, OSError, pa.ArrowException) as error:
        if isinstance(error, RefusedError):
            raise
        raise _damaged(str(error)) from error


def _features(path: Path, header: bytes) -> pa.Table:
    """Read all features from a private copy with another header."""
    import pyogrio

    with tempfile.TemporaryDirectory(prefix="geomap-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong with a feature is told by its geometry
        copy = Path(folder) / "layer.fgb"
        shutil.copyfile(path, copy)
        with copy.open("r+b") as file:
            file.seek(_MAGIC_BYTES + 4)
            file.write(header)
        # GDAL 3.12's own way to Arrow writes broken columns where a feature has no geometry.
        pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": True})
        table: pa.Table = pyogrio.raw.read_arrow(copy)[1]
    table.validate(full=True)
    return table


def _header(path: Path) -> tuple[bytes, int, str | None]:
    """Give the header without the coordinate system, the number of features, what that says."""
    with path.open("rb") as file:
        file.seek(_MAGIC_BYTES)
        (size,) = struct.unpack("<I", file.read(4))
        data = bytearray(file.read(size)) if size <= _LARGEST_HEADER else bytearray()
    if len(data) != size:
        raise _damaged("header")
    table = _int(data, 0)
    count_at, columns_at = _field(data, table, _COUNT), _field(data, table, _COLUMNS)
    (count,) = struct.unpack_from("<Q", data, count_at) if count_at else (0,)
    if count * _LEAST_BYTES > path.stat().st_size:
        raise _damaged(f"{count} features")
    columns = _int(data, columns_at + _int(data, columns_at)) if columns_at else 0
    if columns > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=columns, expected=MOST_COLUMNS)
    crs_at = _field(data, table, _CRS)
    if not crs_at:
        return bytes(data), count, None
    system = _system(data, crs_at + _int(data, crs_at))
    slot = table - struct.unpack_from("<i", data, table)[0] + 4 + 2 * _CRS
    struct.pack_into("<H", data, slot, 0)  # the field is not there
    return bytes(data), count, system


def _system(data: bytearray, crs: int) -> str | None:
    """Read the table of the coordinate system."""
    org, code, wkt = (_field(data, crs, each) for each in (_CRS_ORG, _CRS_CODE, _CRS_WKT))
    owner = _string(data, org) if org else "EPSG"
    number = struct.unpack_from("<i", data, code)[0] if code else 0
    text = _string(data, wkt) if wkt else ""
    if not number and not text:
        return None
    return stated_system(text, code=f"{owner}:{number}" if number else None)


def _field(data: bytearray, table: int, place: int) -> int:
    """Give where a field of a table stands; 0 where it is absent."""
    virtual = table - struct.unpack_from("<i", data, table)[0]
    (size,) = struct.unpack_from("<H", data, virtual)
    if 4 + 2 * place >= size:
        return 0
    (offset,) = struct.unpack_from("<H", data, virtual + 4 + 2 * place)
    return table + offset if offset else 0


def _int(data: bytearray, place: int) -> int:
    """Read an unsigned number of four bytes."""
    return int(struct.unpack_from("<I", data, place)[0])


def _string(data: bytearray, place: int) -> str:
    """Read a text."""
    start = place + _int(data, place)
    size = _int(data, start)
    return bytes(data[start + 4 : start + 4 + size]).decode("utf-8")


def _damaged(came: str) -> RefusedError:
    """Say that the file cannot be read."""
    return RefusedError("invalid_file", came=came, expected=NAMES["fgb"])
