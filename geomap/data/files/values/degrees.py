"""Read degrees: decimal, with a decimal comma, or as degrees, minutes and seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.values.values import Fault, half_width, known, to_numbers

if TYPE_CHECKING:
    import pandas as pd

_SIGN = r"(?P<before>[NSEWnsew北南东西東])?"
_DMS = (
    rf"^\s*{_SIGN}[经緯纬經度\s:：]*(?P<minus>[-+])?(?P<d>[0-9]{{1,3}}(?:\.[0-9]+)?)\s*[°度º]"
    r"\s*(?:(?P<m>[0-9]{1,2}(?:\.[0-9]+)?)\s*['′’分]\s*)?"
    r"(?:(?P<s>[0-9]{1,2}(?:\.[0-9]+)?)\s*(?:[\"″”秒]|''|′′|’’)\s*)?"
    r"(?P<after>[NSEWnsew北南东西東])?[经緯纬經]?\s*$"
)
_SUFFIXED = (
    r"^(?P<before>[NSEWnsew北南东西東])?[经緯纬經]?\s*(?P<d>[0-9]{1,3}(?:\.[0-9]+)?)\s*"
    r"(?P<after>[NSEWnsew北南东西東])?[经緯纬經]?$"
)
_COMMA = r"[+-]?[0-9]{1,3},[0-9]+"
_SOUTH_WEST = "^[SWsw南西]$"
_SIXTY = 60.0


def to_degrees(texts: pd.Series) -> tuple[pd.Series, tuple[Fault, ...]]:
    """Read a column of degrees.

    Parameters
    ----------
    texts : (n,) text, missing where unknown.

    Returns
    -------
    (n,) float64 degrees, NaN where missing or faulty; south and west are negative. Faults are
    ``bad_coordinate`` and, on the column, ``decimal_comma``.

    Examples
    --------
    >>> import pandas as pd
    >>> to_degrees(pd.Series(["121.5", "121,470", "121°30′E", "S 33°30'", "abc"]))[0].tolist()
    [121.5, 121.47, 121.5, -33.5, nan]
    """
    texts = half_width(known(texts))
    comma = texts.str.fullmatch(_COMMA)
    faults: list[Fault] = []
    plain = texts
    if comma.any():
        plain = texts.where(~comma, texts.str.replace(",", ".", regex=False))
        first = int(np.flatnonzero(comma)[0])
        values = {"came": texts.iloc[first], "expected": plain.iloc[first]}
        faults.append(Fault("decimal_comma", values=values))
    numbers, _ = to_numbers(plain)
    rest = plain[plain.notna() & numbers.isna()]
    if not rest.empty:
        numbers = numbers.copy()
        numbers.loc[rest.index] = _sexagesimal(rest)
    bad = texts.notna() & numbers.isna()
    if bad.any():
        faults.append(Fault("bad_coordinate", bad, {"came": texts}))
    return numbers, tuple(faults)


def _sexagesimal(texts: pd.Series) -> pd.Series:
    """Read degrees, minutes and seconds, or degrees with a quarter of the sky."""
    parts = texts.str.extract(_DMS)
    quarter = texts.str.extract(_SUFFIXED)
    parts = parts.where(parts["d"].notna(), quarter.reindex(columns=parts.columns))
    degrees, minutes, seconds = (parts[name].astype("float64") for name in ("d", "m", "s"))
    wrong = (minutes >= _SIXTY) | (seconds >= _SIXTY)
    total = degrees + minutes.fillna(0) / _SIXTY + seconds.fillna(0) / _SIXTY**2
    south_west = parts["before"].str.match(_SOUTH_WEST).eq(True)  # noqa: FBT003
    south_west |= parts["after"].str.match(_SOUTH_WEST).eq(True)  # noqa: FBT003
    negative = south_west | parts["minus"].eq("-")
    return total.mask(wrong, np.nan).where(~negative, -total)


def split_pair(texts: pd.Series) -> pd.DataFrame:
    """Split "121.47,31.23" into two columns of text, 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> split_pair(pd.Series(["121.47, 31.23", "(121.47 31.23)", "nothing"])).values.tolist()
    [['121.47', '31.23'], ['121.47', '31.23'], ['nothing', nan]]
    """
    plain = half_width(known(texts)).str.replace(r"[\[\](){}]", "", regex=True).str.strip()
    parts = plain.str.split(r"\s*[,;、]\s*|\s+", n=1, expand=True, regex=True)
    return parts.reindex(columns=[0, 1])
