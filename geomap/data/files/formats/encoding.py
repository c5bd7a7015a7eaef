"""Find the text encoding of a file: strict UTF-8 first, else the one that makes sense of it.

Each national encoding orders its characters by how common they are: GB 2312, Big5 and
JIS X 0208 put the few thousand of daily use on a first level. Text read in its own encoding
is nearly all first level; read in a foreign one it falls on rare characters, half-width
katakana and private use. Column names that geomap knows are the strongest evidence.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What an office may name, and the Python codec that reads it.
ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "cp950": "cp950",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "cp949": "cp949",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
}
#: How an encoding is named in a report.
NAMES = {
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
    "cp950": "Big5",
    "cp932": "Shift-JIS",
    "cp1252": "Windows-1252",
    "cp949": "EUC-KR",
    "euc_jp": "EUC-JP",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSED = ("gb18030", "big5hkscs", "cp950", "cp932", "cp1252")
#: Bytes of the file that the guess is made from; the whole is then decoded strictly.
_SAMPLE = 300_000
#: Below this lead over the second best, or below this score, the guess is called ambiguous.
_LEAD, _SURE = 0.15, 0.6
#: One ideograph within a Latin word is mostly an accent or an apostrophe and the letter after it.
_LONE = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?![^\x00-\x7f])")
_HIGH = re.compile(rb"[\x80-\xff]")
#: UTF-16 is told by its zero bytes: half in Latin text, the commas and digits in Chinese text.
_ZEROS_IN_LATIN, _ZEROS, _STRAY, _FEWEST_PAIRS = 0.6, 0.1, 0.02, 8
#: Share of characters that may be broken in a text that is otherwise UTF-8.
_BROKEN = 0.02


@dataclass(frozen=True)
class Decoded:
    """A file as text: how it was read, and what else it might have been."""

    text: str
    encoding: str
    rivals: tuple[str, ...] = ()
    contradicts: str | None = None

    @property
    def name(self) -> str:
        """The usual name of the encoding."""
        return NAMES.get(self.encoding, self.encoding.upper())


class UndecodableError(ValueError):
    """Bytes that are not text in the encoding asked for, or in any known one."""

    def __init__(self, line: int | None = None, looks_like: str | None = None) -> None:
        self.line, self.looks_like = line, looks_like
        super().__init__(f"undecodable at line {line}")


def named_encoding(name: str) -> str:
    """Give the codec for an encoding that an office named.

    Raises
    ------
    ParameterError : if the name is none of ``ENCODINGS``.

    Examples
    --------
    >>> named_encoding("GBK")
    'gb18030'
    >>> named_encoding("rot13")
    Traceback (most recent call last):
    geomap.errors.ParameterError: encoding must be one of utf-8, utf-16, gb18030, big5, \
shift-jis, euc-jp, euc-kr, cp1252, got 'rot13'
    """
    codec = ENCODINGS.get(name.strip().lower())
    if codec is None:
        raise ParameterError(
            "encoding must be one of utf-8, utf-16, gb18030, big5, shift-jis, euc-jp, euc-kr, "
            f"cp1252, got {name!r}",
            zh="文字编码须为 utf-8、utf-16、gb18030（gbk）、big5、shift-jis、euc-jp、euc-kr、cp1252"
            f" 之一，这里是 {name!r}",
        )
    return codec


def decode(
    data: bytes, *, encoding: str | None = None, is_header: Callable[[str], bool] | None = None
) -> Decoded:
    r"""Read bytes as text, in the encoding named or in the one found.

    Parameters
    ----------
    data : the whole file.
    encoding : the encoding that the office named; a byte order mark wins over it.
    is_header : tells whether a cell is a known column name; the best evidence there is.

    Raises
    ------
    UndecodableError : if the bytes are not text in that encoding, or in any known one.
    ParameterError : if `encoding` is unknown.

    Examples
    --------
    >>> decode("名称,地址\n乐颐养老院,人民路一号".encode("gbk")).name
    'GB18030'
    >>> decode("機構名稱,地址\n臺北市私立安養中心,重慶北路".encode("big5")).name
    'Big5'
    >>> decode(b"name\nGOVERNOR\x92S HOUSE").name
    'Windows-1252'
    """
    codec = named_encoding(encoding) if encoding is not None else None
    for mark, found in _MARKS:
        if data.startswith(mark):
            fits = codec is None or codec.startswith(found[:6])
            text = _strict(data[len(mark) :], found) or ""
            return Decoded(text, found, contradicts=None if fits else found)
    if codec is not None:
        return _as_named(data, codec, is_header)
    plain = _strict(data, "utf-8")
    wide = _utf16_without_mark(data, share=_ZEROS_IN_LATIN if plain is not None else _ZEROS)
    whole = plain if wide is None else _strict(data, wide)
    if whole is not None:
        return Decoded(whole, wide or "utf-8")
    return _guess(data, is_header or (lambda _: False))


def _strict(data: bytes, codec: str) -> str | None:
    """Decode, or give None where a byte does not fit."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        cut_short = codec.startswith("utf-16") and error.end >= len(data)
        return data[: error.start].decode(codec) if cut_short else None


def _as_named(data: bytes, codec: str, is_header: Callable[[str], bool] | None) -> Decoded:
    """Decode as the office said, or say where that fails and what it looks like instead."""
    try:
        return Decoded(data.decode(codec), codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        looks_like = decode(data, is_header=is_header).name
    except UndecodableError:
        looks_like = None
    raise UndecodableError(line, looks_like)


def _utf16_without_mark(data: bytes, *, share: float) -> str | None:
    """Tell UTF-16 by its zero bytes: every other one in Latin letters, digits and commas."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if half < _FEWEST_PAIRS:
        return None
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if max(even, odd) < share or min(even, odd) > _STRAY:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _guess(data: bytes, is_header: Callable[[str], bool]) -> Decoded:
    """Read in the encoding that makes most sense of a sample and fits the whole."""
    scores = _scores(data, is_header)
    for codec, score in sorted(scores.items(), key=lambda pair: -pair[1]):
        text = data.decode(codec, errors="replace") if codec == "utf-8" else _strict(data, codec)
        if text is None:
            continue
        rivals = tuple(
            NAMES.get(other, other.upper())
            for other, theirs in scores.items()
            if NAMES.get(other) != NAMES.get(codec)
            and (score - theirs < _LEAD or (score < _SURE and theirs > 0))
            and _strict(data, other) is not None
        )
        return Decoded(text, codec, rivals)
    raise UndecodableError


def _scores(data: bytes, is_header: Callable[[str], bool]) -> dict[str, float]:
    """Score each encoding that can read the sample at all."""
    sample = _sample(data)
    scores: dict[str, float] = {}
    broken = sample.decode("utf-8", errors="replace")
    many_bytes = sum(1 for char in broken if char > "\x7f" and char != "\ufffd")
    if many_bytes and broken.count("\ufffd") <= _BROKEN * many_bytes + 1 < many_bytes:
        scores["utf-8"] = 1
    for codec in _GUESSED:
        text = _strict(sample, codec)
        if text is not None:
            scores[codec] = _sense(text, codec) + _known_headers(text, is_header)
    return scores


def _sample(data: bytes) -> bytes:
    """Take the first line and lines beyond ASCII; no encoding here has a newline in a character."""
    end = data.find(b"\n") + 1
    lines, size = [data[:end]], end
    while size <= _SAMPLE and (high := _HIGH.search(data, end)):
        start = data.rfind(b"\n", 0, high.start()) + 1
        end = data.find(b"\n", high.start()) + 1 or len(data)
        lines.append(data[max(start, len(lines[0])) : end])
        size += len(lines[-1])
    return b"".join(lines)


def _known_headers(text: str, is_header: Callable[[str], bool]) -> float:
    """Give up to 0.75 for column names that are known and not plain ASCII."""
    cells = (
        cell
        for line in text.splitlines()[:5]
        for cell in re.split(r"[,;|\t]", line)[:200]
        if not cell.isascii()
    )
    return min(0.75, 0.25 * sum(1 for cell in cells if is_header(cell.strip(' "'))))


def _sense(text: str, codec: str) -> float:
    """Weigh how much sense the characters beyond ASCII make: 1 is all common, 0 none."""
    counts = Counter(char for char in text if char > "\x7f")
    total = counts.total()
    if not total:
        return 0.0
    if codec == "cp1252":
        return _western(text, total)
    weigh = {"gb18030": _weigh_gb, "cp932": _weigh_jis}.get(codec, _weigh_big5)
    lone = len(_LONE.findall(text))
    return (sum(weigh(char) * count for char, count in counts.items()) - lone) / total


def _western(text: str, total: int) -> float:
    """Weigh Western text: its letters beyond ASCII stand alone between plain ones."""
    runs = re.findall(r"[^\x00-\x7f]+", text)
    good = re.compile(r"[À-ÖØ-öø-ÿŠšŽžŒœŸ‘’“”–—•…™°®©£€«»§ªºÂ¿¡ßÑñ½¼·´]+\Z")
    fine = sum(len(run) for run in runs if len(run) <= 2 and good.match(run))  # noqa: PLR2004
    return (2 * fine - total) / total


@cache
def _weigh_gb(char: str) -> float:
    """Weigh a character read as GB 18030: lead bytes B0-D7 are GB 2312 level 1."""
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return _odd(char)
    if 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3):  # noqa: PLR2004 (rows of GB 2312)
        return 1.0
    return 0.2 if lead > 0xD7 else -0.2  # noqa: PLR2004 (level 2; kana, Greek, Cyrillic)


@cache
def _weigh_big5(char: str) -> float:
    """Weigh a character read as Big5: lead bytes A4-C6 are its frequently used part."""
    try:
        lead = char.encode("big5")[0]
    except UnicodeEncodeError:
        return _odd(char)
    return 1.0 if lead <= 0xC6 else 0.2  # noqa: PLR2004 (end of the frequent part)


@cache
def _weigh_jis(char: str) -> float:
    """Weigh a character read as Shift-JIS: lead bytes 88-98 are JIS X 0208 level 1."""
    if "\uff61" <= char <= "\uff9f":
        return -0.5
    try:
        lead = char.encode("shift_jis")[0]
    except UnicodeEncodeError:
        return _odd(char)
    return 1.0 if lead <= 0x98 else 0.0  # noqa: PLR2004 (end of level 1)


def _odd(char: str) -> float:
    """Weigh a character outside the national standard: extensions are rare, the rest worse."""
    ordinal = ord(char)
    if 0x4E00 <= ordinal <= 0x9FFF or 0x2000 <= ordinal <= 0x33FF:  # noqa: PLR2004 (CJK, symbols)
        return -0.3
    return -2.0
