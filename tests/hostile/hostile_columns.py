"""GeoParquet, FlatGeobuf and OpenStreetMap extracts that lie about what is in them."""

from __future__ import annotations

import json
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
from traps import Trap, hostile

if TYPE_CHECKING:
    from pathlib import Path

_POINT = struct.pack("<BIdd", 1, 1, 121.5, 31.2)


def _geo(**changes: Any) -> dict[str, Any]:
    column = {"encoding": "WKB", "geometry_types": ["Point"]} | changes
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _write(path: Path, columns: dict[str, Any], geo: Any, **options: Any) -> None:
    rows = pa.table(columns)
    said = geo if isinstance(geo, bytes) else json.dumps(geo).encode()
    pq.write_table(rows.replace_schema_metadata({b"geo": said}), path, **options)


def _homes(count: int = 3) -> dict[str, Any]:
    return {"name": [f"甲{n}敬老院" for n in range(count)], "geometry": [_POINT] * count}


@hostile(*(f"parquet-geo/{n}.parquet" for n in range(10)))
def _lying_geo(path: Path, trap: Trap) -> None:
    deep: Any = {"type": "GeographicCRS"}
    for _ in range(900):
        deep = {"type": "BoundCRS", "source_crs": deep}
    said = (
        b"{", b"[]", b"\xff\xfe", {"primary_column": "nothing", "columns": {}}, _geo(crs=deep),
        _geo(crs=f"{trap.url}/crs"), _geo(crs={"$schema": trap.url, "id": {"authority": "x"}}),
        _geo(encoding="point"), _geo(crs=f"+proj=longlat +nadgrids={trap.canary}"),
        b"[" * 100_000,
    )  # fmt: skip
    _write(path, _homes(), said[int(path.stem)])


@hostile("parquet-wkb/a.parquet")
def _bad_shapes(path: Path, _: Trap) -> None:
    deep = bytes.fromhex("010700000001000000") * 100_000
    bad = [b"", b"\x01", _POINT[:9], deep, bytes.fromhex("0103000000ffffffff"), b"\xff" * 50, None]
    bad += [struct.pack("<BIdd", 1, 1, float("nan"), float("inf")), b"POINT (1 1)"]
    columns = {"name": [f"甲{n}" for n in range(len(bad))], "geometry": bad}
    _write(path, columns, _geo())


@hostile("parquet-nested/a.parquet")
def _deep_schema(path: Path, _: Trap) -> None:
    kind: pa.DataType = pa.string()
    for _level in range(90):
        kind = pa.struct([("a", kind)])
    _write(path, _homes() | {"deep": pa.nulls(3, kind)}, _geo())


@hostile("parquet-columns/a.parquet")
def _many_columns(path: Path, trap: Trap) -> None:
    many = {f"c{n}": [1] for n in range(trap.size(2_000, 50_000))}
    _write(path, _homes(1) | many, _geo())


@hostile("parquet-groups/a.parquet")
def _many_groups(path: Path, trap: Trap) -> None:
    _write(path, _homes(trap.size(2_000, 30_000)), _geo(), row_group_size=1)


@hostile("parquet-nulls/a.parquet")
def _many_nulls(path: Path, trap: Trap) -> None:
    count = trap.size(5_000_000, 50_000_000)
    columns = {"name": pa.nulls(count, pa.string()), "geometry": pa.nulls(count, pa.binary())}
    _write(path, columns, _geo())


@hostile("parquet-bomb/a.parquet")
def _zeros(path: Path, trap: Trap) -> None:
    zeros = bytes(trap.size(20_000_000, 500_000_000))
    columns = {"name": [zeros, zeros], "geometry": [_POINT, _POINT]}
    _write(path, columns, _geo(), compression="zstd", use_dictionary=False)


@hostile("parquet-dictionary/a.parquet")
def _one_long_word(path: Path, trap: Trap) -> None:
    word = "x" * trap.size(100_000, 1_000_000)
    count = trap.size(5_000, 400_000)
    few = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([word]))
    _write(path, {"name": few, "geometry": [_POINT] * count}, _geo(), compression="zstd")


@hostile(*(f"parquet-footer/{n}.parquet" for n in range(6)))
def _broken_footer(path: Path, _: Trap) -> None:
    _write(path, _homes(), _geo())
    whole = bytearray(path.read_bytes())
    which = int(path.stem)
    length = int.from_bytes(whole[-8:-4], "little")
    if which == 0:
        whole[-8:-4] = (2**31 - 1).to_bytes(4, "little")
    elif which == 1:
        whole = whole[: len(whole) // 2] + b"PAR1"
    else:
        dice = random.Random(which)  # noqa: S311 (the same damage each time)
        for _bit in range(3 * which):
            place = len(whole) - 8 - length + dice.randrange(length)
            whole[place] ^= 1 << dice.randrange(8)
    path.write_bytes(whole)


@hostile("parquet-encrypted/a.parquet")
def _encrypted(path: Path, _: Trap) -> None:
    _write(path, _homes(), _geo())
    path.write_bytes(path.read_bytes()[:-4].replace(b"PAR1", b"PARE") + b"PARE")


@hostile(*(f"fgb/{n}.fgb" for n in range(7)))
def _flatgeobuf(path: Path, _: Trap) -> None:
    points = gpd.points_from_xy([121.5] * 777, [31.2] * 777, crs="EPSG:4326")
    gpd.GeoDataFrame({"name": ["甲敬老院"] * 777}, geometry=points).to_file(
        path, driver="FlatGeobuf"
    )
    whole = bytearray(path.read_bytes())
    header = int.from_bytes(whole[8:12], "little")
    count = whole.find(struct.pack("<Q", 777), 8, 12 + header)
    match int(path.stem):
        case 0:
            whole = whole[: len(whole) // 2]
        case 1:
            whole[8:12] = b"\xff\xff\xff\x7f"
        case 2:
            whole[count : count + 8] = struct.pack("<Q", 2**62)
        case 3:
            whole[count : count + 8] = struct.pack("<Q", 2**31)
        case 4:  # the index
            whole[12 + header : 12 + header + 4000] = b"\xff" * 4000
        case 5:  # sizes and offsets of the features
            whole[-3000:] = b"\xff\xff\xff\x7f" * 750
        case 6:  # offsets of the header
            whole[12:40] = b"\xf0\xff\xff\x7f" * 7
    path.write_bytes(whole)


def _varint(number: int) -> bytes:
    said = b""
    while number > 0x7F:
        said += bytes([number & 0x7F | 0x80])
        number >>= 7
    return said + bytes([number])


def _block(kind: bytes, blob: bytes) -> bytes:
    header = b"\x0a" + _varint(len(kind)) + kind + b"\x18" + _varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _packed(data: bytes, said: int | None = None) -> bytes:
    packed = zlib.compress(data, 9)
    size = len(data) if said is None else said
    return b"\x10" + _varint(size) + b"\x1a" + _varint(len(packed)) + packed


_HEADER = _block(b"OSMHeader", _packed(b"\x22\x0eOsmSchema-V0.6\x22\x0aDenseNodes"))


@hostile(*(f"pbf/{n}.osm.pbf" for n in range(8)))
def _extract(path: Path, trap: Trap) -> None:
    strings = b"\x0a\x04name" * 3
    block = b"\x0a" + _varint(len(strings)) + strings
    nodes = b"\x12\x10\x0a\x0e\x08\x01\x12\x02\xff\x01\x1a\x02\xff\x7f\x40\x01\x48\x01"
    match int(path.name[0]):
        case 0:
            whole = _HEADER[:-5]
        case 1:  # unpacks to more than a block may
            whole = _HEADER + _block(b"OSMData", _packed(_zeros_of(trap)))
        case 2:  # and says that it does not
            whole = _HEADER + _block(b"OSMData", _packed(_zeros_of(trap), said=100))
        case 3:
            whole = _HEADER + struct.pack(">I", 2**31 - 1) + b"\x0a\x07OSMData"
        case 4:  # numbers of strings that are not there
            whole = _HEADER + _block(b"OSMData", _packed(block + nodes))
        case 5:
            noise = random.Random(7).randbytes(5000)  # noqa: S311 (the same noise each time)
            whole = _HEADER + _block(b"OSMData", _packed(noise))
        case 6:
            whole = _HEADER + _block(b"OSMData", b"\x10\xff\xff\xff\xff\x0f\x1a\x02xx")
        case _:
            whole = _HEADER + _block(b"OSMData", _packed(block)) * trap.size(2_000, 500_000)
    path.write_bytes(whole)


def _zeros_of(trap: Trap) -> bytes:
    return bytes(trap.size(100, 1_500) * 2**20)
