"""What is handed in, made fit for the formulas: columns may be missing, or written otherwise.

A column that is not there, or that nobody filled in, is unknown. So is a value that cannot be
read as what its column holds: it is counted as unknown, never as no and never as 0. Only a number
that there cannot be, one below 0, is refused, where it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from geomap.model.adcodes import code_ranges
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES
from geomap.plan.indicators.codes import code_texts, joined_by
from geomap.plan.people import read_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd

    from geomap.model.table import Field, Table

#: Which level a code names, by how many codes of twelve digits lie in it.
LEVEL_OF_SPAN: Final[Mapping[int, str]] = {
    10**10: "province", 10**8: "city", 10**6: "county", 10**3: "township", 1: "community"
}  # fmt: skip
_LEVEL_WORDS: Final[Mapping[str, str]] = {
    "省级": "province", "自治区": "province", "直辖市": "province", "市级": "city",
    "地级市": "city", "县": "county", "区": "county", "县级": "county", "区、县": "county",
    "乡镇": "township", "街道": "township", "乡": "township", "镇": "township",
    "乡镇、街道": "township", "社区": "community", "村": "community", "行政村": "community",
}  # fmt: skip
_YES: Final = frozenset({"yes", "y", "true", "t", "1", "1.0", "是", "有", "已列入"})
_NO: Final = frozenset({"no", "n", "false", "f", "0", "0.0", "否", "无", "未列入"})
#: Columns of text that formulas ask about: a blank one is not filled in.
_ASKED: Final = frozenset({"demo_tag", "steward_name"})
_CHOSEN: Final = frozenset({"status", "medical", "level"})


def fitted(
    areas: pd.DataFrame, facilities: pd.DataFrame, demand: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read the columns that formulas stand on as the tables have them.

    Numbers, days and answers may be written as text, codes as numbers, levels in Chinese; a frame
    may have no geometry. Frames that are as the tables want them come back as they are.

    Parameters
    ----------
    areas, facilities, demand : (k,), (m,), (n,) frames, of any columns.

    Returns
    -------
    The three, on their own index. Where codes are none of China's, they have a column
    :data:`geomap.plan.indicators.codes.JOINS_AS` too.

    Examples
    --------
    >>> homes = pd.DataFrame({"adcode": [410102.0], "beds_total": ["50"], "rating": [0]})
    >>> found = fitted(homes[:0], homes, homes[:0])[1]
    >>> found[["adcode", "beds_total", "rating"]].values.tolist()
    [['410102', 50.0, nan]]
    """
    read = [
        _read(frame, table)
        for frame, table in ((areas, AREAS), (facilities, FACILITIES), (demand, DEMAND))
    ]
    own, homes, people = joined_by(read)
    return _levelled(own), homes, people


def without_copies(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out rows that repeat another one of the same id in everything: one home, listed twice.

    Two homes that differ in anything are two, whatever their ids say.
    """
    if "id" not in facilities:
        return facilities
    again = (facilities["id"].duplicated(keep=False) & facilities["id"].notna()).to_numpy()
    if not again.any():
        return facilities
    some = facilities[again]
    told = some.drop(columns=some.geometry.name).astype(str).assign(at=some.geometry.to_wkb())
    keep = ~again
    keep[again] = ~told.duplicated().to_numpy()
    return facilities[keep]


def _read(frame: pd.DataFrame, table: Table) -> gpd.GeoDataFrame:
    """Read the columns of one table, each by its kind."""
    shaped = _shaped(frame)
    read = {}
    for each in table.fields:
        if each.name in shaped and (each.kind in _READERS or each.name in _ASKED):
            told = shaped[each.name]
            column = _READERS.get(each.kind, _words)(told, each)
            if column is not told:
                read[each.name] = column
    return shaped.assign(**read) if read else shaped


def _shaped(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give a frame with geometry, if only with none in any row."""
    import geopandas as gpd

    made = frame if isinstance(frame, gpd.GeoDataFrame) else gpd.GeoDataFrame(frame)
    if made.active_geometry_name is not None:
        return made
    return made.set_geometry(gpd.GeoSeries([None] * len(made), index=made.index))


def _numbers(column: pd.Series, field: Field) -> pd.Series:
    """Read numbers; a rating that is none of the scheme's is none: many lists say 0 for it."""
    column = read_numbers(column)
    if field.name == "rating" and not column.dropna().between(1, 5).all():
        column = column.where(column.between(1, 5).fillna(value=False))
    return column


def _days(column: pd.Series, _: Field) -> pd.Series:
    """Read days: of the calendar, as text, or as numbers such as 20260331."""
    kind = column.dtype.kind
    if kind == "M":
        return column if column.dt.tz is None else column.dt.tz_localize(None)
    if kind in "iuf":
        column = column.astype("float64").round().astype("Int64").astype("str")
    texts = column.astype(object).where(column.notna(), None).map(_day_text)
    return pd.to_datetime(texts, errors="coerce", format="ISO8601").astype("datetime64[s]")


def _day_text(told: object) -> str | None:
    """Write a day as year-month-day, however it was separated; None where it is none.

    Examples
    --------
    >>> from datetime import date
    >>> [_day_text(each) for each in (date(2026, 3, 1), "2026年3月1日", "2026/3/1", 20260301)]
    ['2026-03-01', '2026-03-01', '2026-03-01', '2026-03-01']
    """
    if told is None:
        return None
    parts = str(told).strip().partition("T")[0].partition(" ")[0].rstrip("日")
    for mark in "年月/.":
        parts = parts.replace(mark, "-")
    numbers = parts.split("-")
    if len(numbers) == 3:  # noqa: PLR2004 (year, month, day)
        year, month, day = numbers
        return f"{year}-{month:0>2}-{day:0>2}"
    digits = len("20260331")
    return f"{parts[:4]}-{parts[4:6]}-{parts[6:]}" if len(parts) == digits else None


def _answers(column: pd.Series, _: Field) -> pd.Series:
    """Read yes and no; any other word is no answer."""
    if column.dtype == "boolean" or column.dtype.kind == "b":
        return column
    words = column.astype(object).map(lambda each: str(each).strip().lower())
    told = pd.Series(pd.NA, index=column.index, dtype="boolean")
    return told.mask(words.isin(_YES), other=True).mask(words.isin(_NO), other=False)


def _choices(column: pd.Series, field: Field) -> pd.Series:
    """Read one of a closed set, by its key or what it is called; any other word is unknown."""
    if field.name not in _CHOSEN:
        return column
    if column.dropna().isin(list(field.choices)).all():
        return column
    known = dict(_LEVEL_WORDS) if field.name == "level" else {}
    for key, label in field.choices.items():
        known |= {key: key, label.zh: key, label.en.lower(): key}
    words = column.astype(object).map(lambda each: str(each).strip().lower())
    return words.map(known).astype("str")


def _words(column: pd.Series, _: Field) -> pd.Series:
    """Take blank text for none."""
    if column.dtype.kind in "iufb":
        return column
    if column.dtype == "str":  # all are texts: no need to look at each
        blank = column.str.strip().eq("").fillna(value=False)
    else:
        blank = column.map(lambda each: isinstance(each, str) and not each.strip())
    return column.mask(blank.astype(bool)) if blank.any() else column


def _codes(column: pd.Series, field: Field) -> pd.Series:
    return code_texts(column) if field.name in ("adcode", "parent_adcode") else column


def _levelled(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Fill the levels in that areas leave out, from how far their codes reach."""
    if "adcode" not in areas or ("level" in areas and areas["level"].notna().all()):
        return areas
    first, last = code_ranges(areas["adcode"])
    by_code = pd.Series(last - first + 1, index=areas.index).map(LEVEL_OF_SPAN).astype("str")
    stated = areas.get("level", by_code)
    return areas.assign(level=stated.where(stated.notna(), by_code))


_READERS: Final[Mapping[str, Callable[[pd.Series, Field], pd.Series]]] = {
    "integer": _numbers, "number": _numbers, "date": _days, "yes_no": _answers,
    "choice": _choices, "code": _codes,
}  # fmt: skip
