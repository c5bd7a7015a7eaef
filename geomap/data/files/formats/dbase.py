"""Read the attribute table of a shapefile: dBase, which says seldom in which encoding it is."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.columns.headers import CUT_OFF, is_known_header, readings
from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.encoding import (
    ENCODINGS,
    NAMES,
    UndecodableError,
    decode,
    named_encoding,
)
from geomap.data.files.formats.raw import read_text
from geomap.data.files.formats.typed import cell_text
from geomap.model.table import Label

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from geomap.model.table import Table

    Bytes = NDArray[np.bytes_]

_DBF = Label("Shapefile 的属性表（.dbf）", "the attribute table of a shapefile (.dbf)")
_HEADER, _FIELD, _END = 32, 32, b"\x0d"
#: Longest column name; a longer one was cut when the shapefile was written.
_NAME_BYTES = 10
#: Kinds of columns that are read: text, numbers, days, yes or no.
_KINDS = b"CNFDL"
#: Code pages by the language driver byte; 0x03 and 0x57 are what programs write without knowing.
_DRIVERS = {0x13: "cp932", 0x7B: "cp932", 0x4D: "gb18030", 0x7A: "gb18030"} | {
    0x4F: "big5hkscs", 0x78: "big5hkscs", 0x4E: "cp949", 0x79: "cp949",
}  # fmt: skip
_CODE_PAGES = {"936": "gbk", "950": "big5", "932": "shift-jis", "949": "euc-kr", "65001": "utf-8"}
#: A character has at most so many bytes, so that one cut off lacks fewer.
_CHARACTER = 4


@dataclass(frozen=True)
class Attributes:
    """A .dbf file as bytes: its columns, and which records were deleted.

    Parameters
    ----------
    names : (k,) column names, at most ten bytes each.
    kinds : (k,) C text, N and F numbers, D days, L yes or no.
    widths : (k,) bytes of a cell.
    columns : (k,) arrays of n cells, blanks around them taken off.
    deleted : (n,) records that a program marked as deleted.
    driver : the language driver byte.
    """

    names: tuple[bytes, ...]
    kinds: tuple[str, ...]
    widths: tuple[int, ...]
    columns: tuple[Bytes, ...]
    deleted: NDArray[np.bool_]
    driver: int


@dataclass(frozen=True)
class TextColumns:
    """Attributes as text: their names, cells by column, how they were read, what was found."""

    header: tuple[str, ...]
    cells: list[pa.Array]
    encoding: str
    findings: tuple[Finding, ...]


def read_dbase(data: bytes) -> Attributes:
    """Take a .dbf file apart.

    Raises
    ------
    RefusedError : if it is damaged or cut short.
    """
    if len(data) < _HEADER:
        raise RefusedError("invalid_file", came=f"{len(data)} bytes", expected=_DBF)
    count, start, length = struct.unpack_from("<IHH", data, 4)
    fields, place = [], _HEADER
    while data[place : place + 1] not in (_END, b"") and place + _FIELD <= min(start, len(data)):
        name = data[place : place + 11].split(b"\0")[0].strip()
        fields.append((name, data[place + 11 : place + 12], data[place + 16]))
        place += _FIELD
    width = 1 + sum(size for _, _, size in fields)
    if not fields or start < place or length < width or len(data) < start + count * length:
        came = Label(
            f"应有 {count} 条记录，文件不够长", f"it should hold {count} records and is too short"
        )
        raise RefusedError("invalid_file", came=came, expected=_DBF)
    layout = np.dtype(
        {
            "names": ["*", *map(str, range(len(fields)))],
            "formats": ["S1", *(f"S{max(1, size)}" for _, _, size in fields)],
            "offsets": [0, *np.cumsum([1, *(size for _, _, size in fields)])[:-1].tolist()],
            "itemsize": max(length, width + 1),
        }
    ) if length > width else np.dtype(
        [("*", "S1"), *((str(nth), f"S{max(1, size)}") for nth, (_, _, size) in enumerate(fields))]
    )  # fmt: skip
    records = np.frombuffer(data, dtype=layout, count=count, offset=start)
    kept = [nth for nth, (_, kind, size) in enumerate(fields) if kind in _KINDS and kind and size]
    return Attributes(
        tuple(fields[nth][0] for nth in kept),
        tuple(fields[nth][1].decode("ascii") for nth in kept),
        tuple(fields[nth][2] for nth in kept),
        tuple(_trimmed(records[str(nth)]) for nth in kept),
        records["*"] == b"*",
        data[29],
    )


def as_text(
    attributes: Attributes, table: Table, *, encoding: str | None, code_page: str | None
) -> TextColumns:
    """Write attributes as text.

    Parameters
    ----------
    attributes : the bytes.
    table : the table whose names tell whether a column name was cut off.
    encoding : the encoding that the office named.
    code_page : what the .cpg file beside it says.

    Raises
    ------
    RefusedError : if the text is in no known encoding, or not in the one named.
    ParameterError : if `encoding` is unknown.
    """
    import pyarrow as pa

    codec, findings = _codec(attributes, encoding, code_page)
    header = [_name(name, codec, table) for name in attributes.names]
    cells: list[pa.Array] = []
    for kind, width, column in zip(
        attributes.kinds, attributes.widths, attributes.columns, strict=True
    ):
        different, places = np.unique(column, return_inverse=True)
        texts = [_text(each, kind, codec, width) for each in different.tolist()]
        cells.append(pa.array(texts, pa.large_string()).take(pa.array(places.ravel())))
    return TextColumns(tuple(header), cells, NAMES.get(codec, codec.upper()), tuple(findings))


def column_names(attributes: Attributes, table: Table) -> tuple[str, ...]:
    """Give the column names alone, to compare one layer with another."""
    codec, _ = _codec(attributes, None, None)
    return tuple(_name(name, codec, table) for name in attributes.names)


def cut_texts(attributes: Attributes, codec_name: str, rows: NDArray[np.int64]) -> list[Finding]:
    """Say in which rows a text ends within a character, because the column was too narrow."""
    codec = next((key for key, name in NAMES.items() if name == codec_name), codec_name.lower())
    findings = []
    for kind, width, column in zip(
        attributes.kinds, attributes.widths, attributes.columns, strict=True
    ):
        if kind != "C":
            continue
        for place in np.flatnonzero(np.char.str_len(column) >= width).tolist():
            text, cut = _decoded(bytes(column[place]), codec, width)
            if cut:
                findings.append(Finding("text_cut", int(rows[place]), values={"came": text}))
    return findings


def _trimmed(column: Bytes) -> Bytes:
    """Take blanks off, and what follows a NUL."""
    if (np.char.find(column, b"\0") >= 0).any():
        column = np.array([each.split(b"\0")[0] for each in column.tolist()], dtype=column.dtype)
    return np.char.strip(column, b" \t\r\n")


def _codec(
    attributes: Attributes, encoding: str | None, code_page: str | None
) -> tuple[str, list[Finding]]:
    """Find the encoding: as named, as the .cpg says, UTF-8, as the driver says, or as it reads."""
    data = _sample(attributes)
    if encoding is not None:
        read_text(data, encoding)
        return named_encoding(encoding), []
    stated = _named(code_page) or _DRIVERS.get(attributes.driver)
    for codec in filter(None, (_named(code_page), "utf-8", _DRIVERS.get(attributes.driver))):
        if _reads(data, codec):
            return codec, []
    try:
        found = decode(data, is_header=is_known_header)
    except UndecodableError:
        return stated or "gb18030", []  # broken characters are told row by row
    rivals = list(found.rivals) if stated is None else [NAMES.get(stated, stated.upper())]
    if not rivals:
        return found.encoding, []
    values: dict[str, object] = {"came": found.name, "expected": rivals}
    return found.encoding, [Finding("encoding_ambiguous", values=values)]


def _named(code_page: str | None) -> str | None:
    """Give the codec that a .cpg file names, if it is a known one."""
    if not code_page:
        return None
    text = code_page.strip().strip("\ufeff").lower()
    digits = re.search(r"(\d{3,5})$", text)
    name = _CODE_PAGES.get(digits[1], text) if digits else text
    return ENCODINGS.get(name)


def _reads(data: bytes, codec: str) -> bool:
    """Whether bytes are text in an encoding."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _sample(attributes: Attributes) -> bytes:
    """Join names and different texts; a cell that fills its column may be cut and is left out."""
    short = [name for name in attributes.names if len(name) < _NAME_BYTES]
    lines = [b"\t".join(short)]
    for kind, width, column in zip(
        attributes.kinds, attributes.widths, attributes.columns, strict=True
    ):
        if kind == "C":
            different = np.unique(column)
            lines.extend(different[np.char.str_len(different) < width].tolist())
    return b"\n".join(lines)


def _name(name: bytes, codec: str, table: Table) -> str:
    """Write a column name; one that was cut off and is not known as it stands ends in CUT_OFF."""
    text, cut = _decoded(name, codec, _NAME_BYTES)
    cut, text = cut or "\ufffd" in text, text.replace("\ufffd", "")
    full = len(name) >= _NAME_BYTES - 1 and not readings(text, table.name)
    return f"{text}{CUT_OFF}" if cut or full else text


def _text(cell: bytes, kind: str, codec: str, width: int) -> str:
    """Write one cell."""
    text, _ = _decoded(cell, codec, width)
    if kind == "D":
        day = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text)
        return "" if text.strip("0") == "" else "-".join(day.groups()) if day else text
    if kind == "L":
        return {"t": "true", "y": "true", "f": "false", "n": "false", "?": ""}.get(
            text.lower(), text
        )
    if kind in "NF" and re.fullmatch(r"[+-]?\d*[.eE][\d.eE+-]*", text):
        try:
            return cell_text(float(text))
        except ValueError:
            return text
    return text


def _decoded(cell: bytes, codec: str, width: int) -> tuple[str, bool]:
    """Read bytes as text; whether the last character was cut off at the width of the column."""
    try:
        return cell.decode(codec), False
    except UnicodeDecodeError as error:
        if len(cell) >= width and len(cell) - error.start < _CHARACTER:
            return cell[: error.start].decode(codec), True
    return cell.decode(codec, "replace"), False
