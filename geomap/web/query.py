"""Reading single values of requests: strict and bounded.

What cannot be read is refused with what came and what is allowed. Digits are ASCII digits:
Python's own ``int`` takes ``٣`` and ``1_0``.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from unicodedata import category

from geomap.errors import ParameterError
from geomap.find.filters import GROUPS, Group
from geomap.model.adcodes import code_range
from geomap.model.facility import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A longer text is no name, place or address.
LONGEST_TEXT = 200
#: A larger limit is clamped to this.
LARGEST_LIMIT = 10_000
_WHOLE = re.compile(r"[0-9]{1,300}", re.ASCII)
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
_WIDE_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
#: Signs without a width that are part of how words are written, in the scripts of `_JOINED`.
_JOINERS = "\u180e\u200c\u200d"
_JOINED = r"\u0620-\u1cff"
_LOOSE_JOINERS = re.compile(rf"(?<![{_JOINED}])[{_JOINERS}]+|[{_JOINERS}]+(?![{_JOINED}])")
#: The groups of filters that have a parameter of their own name; types are read beside them.
FILTERS = tuple(name for name in GROUPS if name != "type")
#: What programs may look for: anything but control characters, and not spaces alone.
_SPACE = r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WORDS = re.compile(rf"[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f{_SPACE}][^\x00-\x1f\x7f-\x9f]*")
_SIDES = 4
_SHOWN = 40


def whole(text: str, *, minimum: int, maximum: int | None = None) -> int:
    """Read a whole number in ASCII digits.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> whole("12", minimum=1)
    12
    >>> whole("٣", minimum=1)
    Traceback (most recent call last):
    ValueError: must be a whole number of at least 1, got '٣'
    """
    span = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    if _WHOLE.fullmatch(text):
        number = int(text)
        if number >= minimum and (maximum is None or number <= maximum):
            return number
    raise ValueError(f"must be a whole number {span}, got {_shown(text)}")


def decimal(text: str, *, minimum: float, maximum: float) -> float:
    """Read a decimal number in ASCII digits; never nan or infinity.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> decimal("121.45", minimum=-180, maximum=180)
    121.45
    >>> decimal("nan", minimum=-180, maximum=180)
    Traceback (most recent call last):
    ValueError: must be a number from -180 to 180, got 'nan'
    """
    if _DECIMAL.fullmatch(text):
        number = float(text)
        if math.isfinite(number) and minimum <= number <= maximum:
            return number
    raise ValueError(f"must be a number from {minimum:g} to {maximum:g}, got {_shown(text)}")


def facility_types(texts: Sequence[str]) -> tuple[str, ...]:
    """Read facility types, repeated or separated by commas, in the order of the table.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> facility_types(["street_center,nursing_home", "nursing_home"])
    ('nursing_home', 'street_center')
    """
    named = [each.strip() for text in texts for each in text.split(",")]
    for each in named:
        if each not in TYPES:
            raise ValueError(f"must be among {', '.join(TYPES)}, got {_shown(each)}")
    return tuple(kind for kind in TYPES if kind in named)


def corners(text: str) -> tuple[float, float, float, float]:
    """Read ``west,south,east,north`` in degrees, whichever of south and north is above.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> corners("116,39.5,117,40.5")
    (116.0, 39.5, 117.0, 40.5)
    """
    parts = text.split(",")
    if len(parts) != _SIDES:
        raise ValueError(f"must be west,south,east,north in degrees, got {_shown(text)}")
    west, east = (decimal(parts[i].strip(), minimum=-180, maximum=180) for i in (0, 2))
    south, north = (decimal(parts[i].strip(), minimum=-90, maximum=90) for i in (1, 3))
    return west, south, east, north


def _shown(text: str) -> str:
    """Quote what came, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def seen_text(text: str) -> str:
    r"""Give what is seen of a text, as it came from a keyboard or a chat, spaces around it cut.

    The wide space that Chinese keyboards type, and its like, are taken as spaces. Nobody sees
    marks of direction and spaces of no width, which hide a house number from those who look for
    one. Joiners stay where they spell: within words of the scripts from Arabic to Mongolian.

    Examples
    --------
    >>> seen_text("\u202e上海\u3000静\u200b安区 ")
    '上海 静安区'
    >>> ["\u200c" in seen_text(each) for each in ("می\u200cخواهم", "三\u200c号", "a\u200c")]
    [True, False, False]
    """
    text = _WIDE_SPACES.sub(" ", text)
    text = "".join(each for each in text if category(each) != "Cf" or each in _JOINERS)
    return _LOOSE_JOINERS.sub("", text).strip()


def plain_text(text: str) -> str:
    """Read a text of 1 to 200 characters without control characters, as :func:`seen_text` does.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> plain_text(" 上海\u3000静安区\u200b ")
    '上海 静安区'
    """
    text = seen_text(text)
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise ValueError(f"must have 1 to {LONGEST_TEXT} characters, got {len(text)}")
    if not text.translate(dict.fromkeys(map(ord, _JOINERS))).isprintable():
        raise ValueError("must not hold control characters")
    return text


def any_words(text: str) -> str:
    """Read what a program looks for: 1 to 200 characters, not spaces alone, none for control.

    What no name holds is no fault: it is not found.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> any_words(" 上海\u3000静安区 ")
    '上海 静安区'
    """
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise ValueError(f"must have 1 to {LONGEST_TEXT} characters, got {len(text)}")
    if not _WORDS.fullmatch(text):
        raise ValueError("must hold words, and no control characters")
    return _WIDE_SPACES.sub(" ", text).strip()


def division_code(text: str) -> str:
    """Read a Chinese division code or its beginning.

    Raises
    ------
    ValueError : with what came and what is allowed.
    """
    try:
        code_range(text)
    except ParameterError as error:
        said = "must be a division code of 2, 4, 6, 9 or 12 digits such as 310106"
        raise ValueError(f"{said}, got {_shown(text)}") from error
    return text


def one_language(text: str) -> str:
    """Read the language of an answer.

    Raises
    ------
    ValueError : with what came and what is allowed.
    """
    if text not in ("zh", "en"):
        raise ValueError(f"must be zh or en, got {_shown(text)}")
    return text


def choices(texts: Sequence[str], *, group: Group) -> tuple[str, ...]:
    """Read the choices of a filter, repeated or separated by commas, each once.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> choices(["inhouse,unknown", "inhouse"], group=GROUPS["medical"])
    ('inhouse', 'unknown')
    """
    named = tuple(dict.fromkeys(each.strip() for text in texts for each in text.split(",")))
    try:
        group.check(named)
    except ParameterError as error:
        raise ValueError(str(error).removeprefix(f"{group.name} ")) from error
    return named
