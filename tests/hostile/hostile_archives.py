"""Archives: members that leave the folder, links, and bombs; as shapefiles, workbooks, KMZ."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from traps import Trap, hostile

if TYPE_CHECKING:
    from pathlib import Path

KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
    "<name>甲敬老院</name><Point><coordinates>121.5,31.2</coordinates></Point></Placemark>"
    "</Document></kml>"
)
_SUFFIXES = ("zip", "kmz", "xlsx")


def _names(what: str) -> list[str]:
    return [f"{what}/a.{suffix}" for suffix in _SUFFIXES]


def _main(path: Path) -> str:
    """Name the member that makes an archive what its name says."""
    return {".kmz": "doc.kml", ".xlsx": "xl/workbook.xml"}.get(path.suffix, "a.shp")


@hostile(*_names("zip-slip"))
def _leaves_the_folder(path: Path, trap: Trap) -> None:
    outside = path.parent.parent / "slipped.txt"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../slipped.txt", "../../slipped.shp", "..\\slipped.dbf", str(outside)):
            archive.writestr(name, "slipped")
        archive.writestr("C:\\slipped.txt", "slipped")
        archive.writestr(f"../{_main(path)}", KML)
        archive.writestr(_main(path), KML)
        archive.writestr(str(trap.canary), "overwritten")


@hostile(*_names("zip-link"))
def _is_a_link(path: Path, trap: Trap) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in (_main(path), "a.dbf", "a.shx", "a.csv"):
            link = zipfile.ZipInfo(name)
            link.create_system = 3
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, str(trap.canary))


@hostile(*_names("zip-bomb"))
def _declares_little(path: Path, trap: Trap) -> None:
    _write_zeros(path, real=trap.size(100, 2_000), said=100)


@hostile(*_names("zip-honest-bomb"))
def _declares_much(path: Path, trap: Trap) -> None:
    real = trap.size(20, 3_000)
    _write_zeros(path, real=real, said=trap.size(3_000, real) * 2**20)


def _write_zeros(path: Path, *, real: int, said: int) -> None:
    """Write an archive of one member that unpacks to `real` megabytes of the `said` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(real)) + packer.flush()
    name = _main(path).encode()
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), said, len(name), 0)
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), said, len(name), *[0] * 6
    )
    start, size = len(local) + len(name) + len(packed), len(central) + len(name)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, size, start, 0)
    path.write_bytes(local + name + packed + central + name + end)


@hostile("zip-overlap/a.zip", "zip-overlap/a.kmz")
def _overlapping_members(path: Path, trap: Trap) -> None:
    """Write one packed body that a great many members share."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(bytes(trap.size(2**20, 2**24))) + body.flush()
    size = trap.size(2**20, 2**24)
    crc = zlib.crc32(bytes(size))
    name = _main(path).encode()
    local = struct.pack(
        "<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), size, len(name), 0
    )
    central = b""
    count = trap.size(1_000, 60_000)
    for number in range(count):
        other = name if not number else b"%d.dbf" % number
        central += struct.pack(
            "<4s6H3I5H2I",
            b"PK\1\2",
            20,
            20,
            0,
            8,
            0,
            0,
            crc,
            len(packed),
            size,
            len(other),
            *[0] * 6,
        )
        central += other
    start = len(local) + len(name) + len(packed)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(central), start, 0)
    path.write_bytes(local + name + packed + central + end)


@hostile("zip-nested/a.zip", "zip-nested/a.kmz")
def _nested(path: Path, trap: Trap) -> None:
    inner = path.with_name("inner.zip")
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(trap.size(2**22, 2**29)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(trap.size(10, 200)):
            archive.write(inner, f"{number}.zip")
    inner.unlink()


@hostile(*_names("zip-members"))
def _many_members(path: Path, trap: Trap) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_main(path), KML)
        for number in range(trap.size(5_000, 100_000)):
            archive.writestr(f"{number}.shp", b"")


@hostile(*_names("zip-encrypted"))
def _encrypted(path: Path, _: Trap) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_main(path), KML)
    whole = bytearray(path.read_bytes())
    whole[6] |= 1
    whole[whole.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(whole)


@hostile(*_names("zip-cut"))
def _truncated(path: Path, _: Trap) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_main(path), KML * 10)
    path.write_bytes(path.read_bytes()[:-40])


@hostile(*_names("zip-bad-data"))
def _broken_data(path: Path, _: Trap) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_main(path), KML * 10)
    whole = bytearray(path.read_bytes())
    whole[60:90] = bytes(30)
    path.write_bytes(whole)


@hostile("zip-names/a.zip")
def _odd_names(path: Path, _: Trap) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("\x00.shp", "a" * 60_000 + ".shp", "/", "./././a.shp", "con.shp", "a.shp/"):
            archive.writestr(zipfile.ZipInfo(name), b"x")


@hostile("zip-methods/a.zip", "zip-methods/a.kmz")
def _heavy_methods(path: Path, trap: Trap) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(_main(path), bytes(trap.size(2**24, 2**29)))


@hostile("kmz-bomb/a.kmz")
def _large_document(path: Path, trap: Trap) -> None:
    place = KML[KML.index("<Placemark>") : KML.index("</Document>")]
    whole = KML.replace(place, place * trap.size(2_000, 3_000_000))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", whole)
