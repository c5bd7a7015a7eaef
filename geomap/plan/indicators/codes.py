"""Division codes as people hand them in: as numbers, with a tail of .0, or none of China's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

#: The column of codes that stand for those of other countries.
JOINS_AS: Final = "joins_as"
_CHINA: Final = "[1-9][0-9]{1,11}"
#: No division of China has a code that begins with 9. None of ours ends in 000, which would name
#: all that lies in a thousand: each is a place by itself.
_FIRST, _STEP = 900_000_000_001, 999


def code_texts(codes: pd.Series) -> pd.Series:
    """Write codes as text: 410102, 410102.0, "410102.0" and " 410102 " are one.

    Examples
    --------
    >>> code_texts(pd.Series([410102.0, None])).tolist()
    ['410102', nan]
    >>> code_texts(pd.Series([" 410102 ", "410103.0", 410104, ""], dtype=object)).tolist()
    ['410102', '410103', '410104', nan]
    """
    if codes.dtype.kind in "iuf":
        whole = codes.astype("float64")
        return codes.where(whole.eq(whole.round())).astype("Int64").astype("str")
    if codes.dtype == "str" and codes.dropna().str.fullmatch(_CHINA).all():
        return codes
    told = codes.astype(object).where(codes.notna(), None)
    texts = told.map(lambda each: None if each is None else str(each).strip())
    texts = texts.astype("str").str.replace(r"\.0+$", "", regex=True)
    return texts.mask(texts == "")


def joined_by(frames: Sequence[gpd.GeoDataFrame]) -> list[gpd.GeoDataFrame]:
    """Let codes of other countries join where they are the same, and only there.

    A code of China begins with 1 to 8, and says by its digits what it lies in. Where any code of
    digits begins with 0 they all are of elsewhere, and may have lost that 0 on the way: they are
    held against each other without it. So are codes with letters.
    """
    stated = [each["adcode"].dropna() for each in frames if "adcode" in each]
    codes = pd.concat(stated) if stated else pd.Series(dtype="str")
    if codes.empty or codes.str.fullmatch(_CHINA).all():
        return list(frames)
    elsewhere = codes.str.fullmatch("0[0-9]+").any()
    told = codes.str.replace("^0+(?=[0-9])", "", regex=True) if elsewhere else codes
    strange = told if elsewhere else told[~told.str.fullmatch(_CHINA)]
    stand = {
        code: str(_FIRST + number // _STEP * (_STEP + 1) + number % _STEP)
        for number, code in enumerate(strange.unique())
    }
    return [_standing(each, stand) for each in frames]


def by_code(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a frame with the codes that it joins by."""
    return frame.assign(adcode=frame[JOINS_AS]) if JOINS_AS in frame else frame


def _standing(frame: gpd.GeoDataFrame, stand: dict[str, str]) -> gpd.GeoDataFrame:
    if "adcode" not in frame:
        return frame
    own = frame["adcode"]
    bare = own.str.replace("^0+(?=[0-9])", "", regex=True)
    return frame.assign(**{JOINS_AS: bare.map(stand).where(bare.isin(list(stand)), own)})
