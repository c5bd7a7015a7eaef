"""Tell what a file is by its content, and whether its name agrees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.archive import megabytes, members
from geomap.data.files.formats.markup import root_element
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal[
    "csv", "xlsx", "geojson", "gpkg", "shp", "zip", "parquet", "fgb", "kml", "kmz", "osm", "pbf"
]

#: No file over this many bytes is read.
LARGEST_BYTES = 512 * 2**20
#: No table with more columns is read.
MOST_COLUMNS = 500
#: No table with more cells is read.
MOST_CELLS = 40_000_000

SUFFIXES: Mapping[Format, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx",),
    "geojson": (".geojson", ".json"),
    "gpkg": (".gpkg",),
    "shp": (".shp",),
    "zip": (".zip", ".shz"),
    "parquet": (".parquet", ".geoparquet"),
    "fgb": (".fgb",),
    "kml": (".kml",),
    "kmz": (".kmz",),
    "osm": (".osm",),
    "pbf": (".pbf",),
}
NAMES: Mapping[Format, Label] = {
    "csv": Label("文本表格（CSV）", "delimited text (CSV)"),
    "xlsx": Label("Excel 工作簿（.xlsx）", "an Excel workbook (.xlsx)"),
    "geojson": Label("GeoJSON", "GeoJSON"),
    "gpkg": Label("GeoPackage", "a GeoPackage"),
    "shp": Label("Shapefile", "a shapefile"),
    "zip": Label("压缩的 Shapefile（.zip）", "a zipped shapefile"),
    "parquet": Label("GeoParquet", "GeoParquet"),
    "fgb": Label("FlatGeobuf", "FlatGeobuf"),
    "kml": Label("KML", "KML"),
    "kmz": Label("KMZ", "KMZ"),
    "osm": Label("OpenStreetMap XML（.osm）", "OpenStreetMap XML (.osm)"),
    "pbf": Label("OpenStreetMap 数据（.osm.pbf）", "OpenStreetMap data (.osm.pbf)"),
}
#: Either kind of map extract.
EXTRACT: Final = Label("OpenStreetMap 数据（.osm.pbf .osm）", "OpenStreetMap data (.osm.pbf .osm)")
_ACCEPTED_SUFFIXES = (
    "CSV TSV (.csv .tsv .txt), Excel (.xlsx), GeoJSON (.geojson .json), GeoPackage (.gpkg), "
    "Shapefile (.shp .zip), GeoParquet (.parquet), FlatGeobuf (.fgb), KML (.kml .kmz), "
    "OpenStreetMap (.osm.pbf .osm)"
)
ACCEPTED = Label(_ACCEPTED_SUFFIXES.replace(", ", "，"), _ACCEPTED_SUFFIXES)
_MAGICS: tuple[tuple[bytes, Format], ...] = (
    (b"SQLite format 3\x00", "gpkg"),
    (b"PAR1", "parquet"),
    (b"fgb\x03", "fgb"),
    (b"\x00\x00\x27\x0a", "shp"),
)
#: What is told apart only to say what came.
_OTHERS: tuple[tuple[bytes, Label], ...] = (
    (b"\xd0\xcf\x11\xe0", Label("旧版 Excel（.xls）", "an old Excel file (.xls)")),
    (b"%PDF", Label("PDF", "PDF")),
    (b"\x89PNG", Label("图片", "a picture")),
    (b"\xff\xd8\xff", Label("图片", "a picture")),
    (b"\x1f\x8b", Label("gzip 压缩文件", "a gzip archive")),
    (b"Rar!", Label("RAR 压缩文件", "a RAR archive")),
    (b"7z\xbc\xaf", Label("7z 压缩文件", "a 7z archive")),
)
#: What an OpenStreetMap file begins with, after four bytes of length.
_PBF = b"\x0a\x09OSMHeader"
_ROOTS: Mapping[str, Format] = {"kml": "kml", "osm": "osm"}
_HEAD = 65_536
#: Share of bytes that text does not have: controls besides tab, line feed and the like.
_JUNK = 0.02


@dataclass(frozen=True)
class Source:
    """A file that may be read: where it is and what it holds."""

    path: Path
    format: Format

    def read_bytes(self) -> bytes:
        """Read the whole file; its size was checked."""
        return self.path.read_bytes()


def sniff(path: str | Path) -> Source:
    """Find out what a file is; its content and the end of its name must agree.

    Parameters
    ----------
    path : a file on this machine.

    Raises
    ------
    RefusedError : if it is missing, empty, too large, unreadable, of no accepted format, or
        named as another format.
    """
    path = Path(path)
    if not path.exists():
        raise RefusedError("file_missing", path=path.name)
    if not path.is_file():
        raise RefusedError("file_unreadable", path=path.name)
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise RefusedError("too_large", came=megabytes(size), expected=megabytes(LARGEST_BYTES))
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise RefusedError("file_unreadable", path=path.name) from error
    if not head.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise RefusedError("file_empty")
    return Source(path, _agreed(_content(path, head), path.suffix.lower()))


def _content(path: Path, head: bytes) -> Format:
    """Tell the format by the first bytes."""
    if head.startswith(b"PK\x03\x04"):
        return _packed(path)
    known = next((name for magic, name in _MAGICS if head[: len(magic)] == magic), None)
    if known is not None or head[4:15] == _PBF:
        return known or "pbf"
    for magic, other in _OTHERS:
        if head.startswith(magic):
            raise RefusedError("format_unknown", came=other, expected=ACCEPTED)
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\t\r\n ")
    if plain.startswith((b"{", b"[")):
        return "geojson"
    if re.match(rb"<(?:\?xml|!|[A-Za-z])", plain):
        return _markup(head)
    _require_text(head)
    return "csv"


def _require_text(head: bytes) -> None:
    """Refuse bytes that are no text in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 says so, and has any byte at all
        return
    controls = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]", head))
    stray = head.count(b"\x00") if b"\x00\x00" in head else 0
    if controls + stray > _JUNK * len(head):
        raise RefusedError(
            "format_unknown", came=Label("二进制数据", "binary data"), expected=ACCEPTED
        )


def _markup(head: bytes) -> Format:
    """Tell XML formats by their first element, whatever its encoding."""
    root = root_element(head)
    if root is None:  # an encoding that the parser does not know, such as GBK
        found = re.search(rb"<(?:[A-Za-z0-9]+:)?(kml|osm)[\s>]", head[:2000])
        root = found[1].decode() if found else ""
    if root not in _ROOTS:
        came = Label(f"XML 或网页 {root}".strip(), f"XML or a web page {root}".strip())
        raise RefusedError("format_unknown", came=came, expected=ACCEPTED)
    return _ROOTS[root]


def _packed(path: Path) -> Format:
    """Tell a workbook, a zipped shapefile and a KMZ from other archives, by their members."""
    try:
        names = [each.filename for each in members(path)]
    except RefusedError as error:
        if error.finding.code == "invalid_file" and path.suffix.lower() == ".xlsx":
            raise RefusedError("invalid_xlsx", came=error.finding.values["came"]) from error
        raise
    if "xl/workbook.xml" in names:
        return "xlsx"
    suffixes = {PurePosixPath(name).suffix.lower() for name in names}
    if ".shp" in suffixes:
        return "zip"
    if ".kml" in suffixes:
        return "kmz"
    raise RefusedError("format_unknown", came=Label("压缩文件", "an archive"), expected=ACCEPTED)


def _agreed(content: Format, suffix: str) -> Format:
    """Hold the end of the name against the content."""
    if suffix in SUFFIXES[content]:
        return content
    if not any(suffix in suffixes for suffixes in SUFFIXES.values()):
        came = Label(
            f"文件名以 {suffix or '（无）'} 结尾", f"the name ends in {suffix or 'nothing'}"
        )
        raise RefusedError("format_unknown", came=came, expected=ACCEPTED)
    raise RefusedError(
        "format_mismatch", suffix=suffix, came=NAMES[content], expected=SUFFIXES[content][0]
    )
