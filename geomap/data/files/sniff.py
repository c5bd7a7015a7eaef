"""Tell what a file is by its content, and whether its name agrees."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geomap.data.files.report import RefusedError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal["csv", "xlsx", "geojson"]

#: No file over this many bytes is read.
LARGEST_BYTES = 512 * 2**20
#: No workbook that unpacks to more bytes is read.
LARGEST_UNPACKED = 1024 * 2**20
#: No table with more columns is read.
MOST_COLUMNS = 500

SUFFIXES: Mapping[Format, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx",),
    "geojson": (".geojson", ".json"),
}
_NAMES: Mapping[Format, Label] = {
    "csv": Label("文本表格（CSV）", "delimited text (CSV)"),
    "xlsx": Label("Excel 工作簿（.xlsx）", "an Excel workbook (.xlsx)"),
    "geojson": Label("GeoJSON", "GeoJSON"),
}
ACCEPTED = Label(
    "CSV、TSV（.csv .tsv .txt），Excel（.xlsx），GeoJSON（.geojson .json）",
    "CSV and TSV (.csv .tsv .txt), Excel (.xlsx), GeoJSON (.geojson .json)",
)
#: What is told apart only to say what came.
_MAGICS: tuple[tuple[bytes, Label], ...] = (
    (b"\xd0\xcf\x11\xe0", Label("旧版 Excel（.xls）", "an old Excel file (.xls)")),
    (b"SQLite format 3", Label("数据库或 GeoPackage", "a database or GeoPackage")),
    (b"PAR1", Label("Parquet", "Parquet")),
    (b"fgb\x03", Label("FlatGeobuf", "FlatGeobuf")),
    (b"\x00\x00\x27\x0a", Label("Shapefile", "a shapefile")),
    (b"%PDF", Label("PDF", "PDF")),
    (b"\x89PNG", Label("图片", "a picture")),
    (b"\xff\xd8\xff", Label("图片", "a picture")),
    (b"\x1f\x8b", Label("gzip 压缩文件", "a gzip archive")),
    (b"Rar!", Label("RAR 压缩文件", "a RAR archive")),
    (b"7z\xbc\xaf", Label("7z 压缩文件", "a 7z archive")),
)
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
        raise RefusedError("too_large", came=_megabytes(size), expected=_megabytes(LARGEST_BYTES))
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
        return _workbook(path)
    for magic, name in _MAGICS:
        if head.startswith(magic):
            raise RefusedError("format_unknown", came=name, expected=ACCEPTED)
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\t\r\n ")
    if plain.startswith((b"{", b"[")):
        return "geojson"
    if re.match(rb"<(?:\?xml|!|[A-Za-z])", plain):
        raise RefusedError(
            "format_unknown", came=Label("XML 或网页", "XML or a web page"), expected=ACCEPTED
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 says so, and has any byte at all
        return "csv"
    controls = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]", head))
    stray = head.count(b"\x00") if b"\x00\x00" in head else 0
    if controls + stray > _JUNK * len(head):
        raise RefusedError(
            "format_unknown", came=Label("二进制数据", "binary data"), expected=ACCEPTED
        )
    return "csv"


def _workbook(path: Path) -> Format:
    """Tell a workbook from other archives, by its parts and their sizes."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise RefusedError("invalid_xlsx", came=error) from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise RefusedError(
            "format_unknown", came=Label("压缩文件", "an archive"), expected=ACCEPTED
        )
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED:
        limit = _megabytes(LARGEST_UNPACKED)
        raise RefusedError("too_large", came=_megabytes(unpacked), expected=limit)
    return "xlsx"


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
        "format_mismatch", suffix=suffix, came=_NAMES[content], expected=SUFFIXES[content][0]
    )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
