"""Division codes as ranges: all that lies in 310000 has codes from 310000000000 to 319999999999."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import ParameterError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Codes = npt.NDArray[np.int64]

_DIGITS = 12  # province 2, city 4, county 6, township 9, community 12
_LEVELS = (2, 4, 6, 9, 12)
_EVERYWHERE = (0, 10**_DIGITS - 1)


def code_range(adcode: str) -> tuple[int, int]:
    """Give the first and last twelve-digit code within a division.

    Zeros at the end of a code that fill whole levels name the division above.

    Raises
    ------
    ParameterError : if the code has not 2, 4, 6, 9 or 12 digits, or is all zeros.

    Examples
    --------
    >>> code_range("310000") == code_range("31")
    True
    >>> code_range("310106")
    (310106000000, 310106999999)
    """
    if (
        not re.fullmatch(r"[1-9]\d(?:\d\d){0,2}(?:\d{3}){0,2}", adcode, re.ASCII)
        or len(adcode) not in _LEVELS
    ):
        raise ParameterError(
            "adcode must be a division code of 2, 4, 6, 9 or 12 digits such as 310106,"
            f" got {adcode!r}"
        )
    first = int(adcode.ljust(_DIGITS, "0"))
    return first, first + _size(first) - 1


def code_ranges(adcodes: pd.Series) -> tuple[Codes, Codes]:
    """Give the first and last code of many divisions; an unknown one may be anywhere.

    Parameters
    ----------
    adcodes : (n,) codes as text, missing or malformed where unknown.

    Returns
    -------
    Two (n,) int64 arrays, the last code included.
    """
    words = adcodes.astype("str")
    known = words.str.fullmatch("[1-9][0-9]{1,11}").fillna(value=False).to_numpy(dtype=bool)
    first = np.full(len(words), _EVERYWHERE[0], dtype=np.int64)
    last = np.full(len(words), _EVERYWHERE[1], dtype=np.int64)
    first[known] = words[known].str.ljust(_DIGITS, "0").to_numpy().astype(np.int64)
    last[known] = first[known] + _sizes(first[known]) - 1
    return first, last


def _size(first: int) -> int:
    return int(_sizes(np.array([first]))[0])


def _sizes(first: Codes) -> Codes:
    """How many codes a division spans: its trailing zeros, by whole levels."""
    size = np.ones_like(first)
    for level in reversed(_LEVELS[:-1]):
        span = 10 ** (_DIGITS - level)
        size = np.where(first % span == 0, span, size)
    return size
