"""Shapefiles, plain and zipped, whose parts are missing, lie or do not belong together."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
from shapely.geometry import box
from traps import Trap, hostile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[Path, Trap], None]

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def shapefile(what: str, *, encoding: str = "UTF-8") -> Callable[[Change], Change]:
    """Enter a change to a sound shapefile; the plain one and the zipped one both."""

    def enter(change: Change) -> Change:
        def write(path: Path, trap: Trap) -> None:
            plain = path.with_suffix(".shp")
            shapes = [box(121.4, 31.1, 121.6, 31.3), box(121.6, 31.1, 121.7, 31.3)]
            frame = gpd.GeoDataFrame({"名称": ["甲县", "乙县"]}, geometry=shapes, crs="EPSG:4326")
            frame.to_file(plain, driver="ESRI Shapefile", encoding=encoding)
            change(plain, trap)
            if path.suffix == ".zip":
                parts = [plain.with_suffix(each) for each in _PARTS]
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                    for part in parts:
                        if part.exists():
                            archive.write(part, part.name)
                            part.unlink()

        hostile(f"{what}/a.shp", f"{what}-zip/a.zip")(write)
        return change

    return enter


def _patch(path: Path, place: int, data: bytes) -> None:
    whole = bytearray(path.read_bytes())
    whole[place : place + len(data)] = data
    path.write_bytes(whole)


@shapefile("shp-length")
def _lying_length(path: Path, _: Trap) -> None:
    _patch(path, 24, struct.pack(">i", 2**31 - 1))
    _patch(path.with_suffix(".shx"), 24, struct.pack(">i", 2**31 - 1))


@shapefile("shp-parts")
def _lying_parts(path: Path, _: Trap) -> None:
    _patch(path, 100 + 8 + 36, struct.pack("<ii", 2**31 - 1, 2**31 - 1))


@shapefile("shp-points")
def _lying_points(path: Path, _: Trap) -> None:
    _patch(path, 100 + 8 + 36, struct.pack("<ii", 1, 2**26))
    _patch(path, 100 + 4, struct.pack(">i", 2**30))


@shapefile("shp-index")
def _index_points_away(path: Path, _: Trap) -> None:
    _patch(path.with_suffix(".shx"), 100, struct.pack(">ii", 2**30, 2**30) * 2)


@shapefile("shp-many-records")
def _index_of_many(path: Path, trap: Trap) -> None:
    many = trap.size(100_000, 20_000_000)
    index = path.with_suffix(".shx")
    index.write_bytes(index.read_bytes()[:100] + struct.pack(">ii", 50, 64) * many)
    _patch(index, 24, struct.pack(">i", 50 + 4 * many))


@shapefile("shp-no-shx")
def _without_index(path: Path, _: Trap) -> None:
    path.with_suffix(".shx").unlink()


@shapefile("shp-no-dbf")
def _without_table(path: Path, _: Trap) -> None:
    path.with_suffix(".dbf").unlink()


@shapefile("shp-no-prj")
def _without_system(path: Path, _: Trap) -> None:
    path.with_suffix(".prj").unlink()


@shapefile("shp-alone")
def _alone(path: Path, _: Trap) -> None:
    for suffix in (".shx", ".dbf", ".prj", ".cpg"):
        path.with_suffix(suffix).unlink(missing_ok=True)


@shapefile("shp-gbk", encoding="GBK")
def _gbk_unsaid(path: Path, _: Trap) -> None:
    path.with_suffix(".cpg").unlink(missing_ok=True)
    _patch(path.with_suffix(".dbf"), 29, b"\x00")


@shapefile("shp-cpg")
def _sly_encoding(path: Path, trap: Trap) -> None:
    path.with_suffix(".cpg").write_text(f"../../..{trap.canary}")


@shapefile("shp-dbf-records")
def _lying_records(path: Path, _: Trap) -> None:
    _patch(path.with_suffix(".dbf"), 4, struct.pack("<I", 2**31 - 1))


@shapefile("shp-dbf-header")
def _lying_header(path: Path, _: Trap) -> None:
    _patch(path.with_suffix(".dbf"), 8, struct.pack("<HH", 65_535, 65_535))


@shapefile("shp-dbf-field")
def _lying_field(path: Path, _: Trap) -> None:
    _patch(path.with_suffix(".dbf"), 32 + 11, b"N\0\0\0\0\xff\xff")


@shapefile("shp-prj-remote")
def _system_elsewhere(path: Path, trap: Trap) -> None:
    path.with_suffix(".prj").write_text(f"+init={trap.canary}:1 +nadgrids={trap.url}/g.gsb")


@shapefile("shp-prj-deep")
def _deep_system(path: Path, trap: Trap) -> None:
    levels = trap.size(20_000, 1_000_000)
    path.with_suffix(".prj").write_text('PROJCS["x",' * levels + "]" * levels)


@shapefile("shp-prj-long")
def _long_system(path: Path, trap: Trap) -> None:
    path.with_suffix(".prj").write_text('GEOGCS["' + "x" * trap.size(10**6, 10**8) + '"]')


@shapefile("shp-numbers")
def _impossible_numbers(path: Path, _: Trap) -> None:
    odd = struct.pack("<dddd", float("nan"), float("inf"), 1e308, -1e308)
    _patch(path, 36, odd)
    _patch(path, 100 + 12, odd)
    _patch(path, 100 + 8 + 48, odd)


@shapefile("shp-cut")
def _truncated(path: Path, _: Trap) -> None:
    path.write_bytes(path.read_bytes()[:150])
    path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes()[:40])


@shapefile("shp-other-table")
def _table_of_another(path: Path, _: Trap) -> None:
    table = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(
        table[:4] + struct.pack("<I", 1) + table[8 : 8 + len(table) // 2]
    )
