"""What a question is about: one level of areas, what lies below it, and the whole of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geomap.errors import NotFoundError, ParameterError
from geomap.model.adcodes import code_range, code_ranges
from geomap.model.area import LEVELS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

_PEOPLE = ("population", "aged_60", "aged_65", "aged_80")


@dataclass(frozen=True, eq=False)
class Scope:
    """The areas of a question.

    Attributes
    ----------
    areas : (k,) of one level.
    lower : (l,) of the levels below.
    whole : one row that holds them; None where all areas are asked about.
    levels : which levels could have been chosen.
    level : the chosen one; None where none is stated.
    """

    areas: gpd.GeoDataFrame
    lower: gpd.GeoDataFrame
    whole: gpd.GeoDataFrame | None
    levels: tuple[str, ...]
    level: str | None


def scope_of(
    areas: gpd.GeoDataFrame, *, area: str | None = None, level: str | None = None
) -> Scope:
    """Choose the areas of a question.

    Parameters
    ----------
    areas : area frame of any levels.
    area : a division code, or an area's id; everything where None.
    level : the rows to report by; the highest with more than one area where None.

    Raises
    ------
    NotFoundError : if no area has this id or lies in this division, or none is of this level.
    """
    inside = _inside(areas, area)
    if not inside.any():
        raise NotFoundError(f"no area is {area!r} or lies in it", zh=f"没有地区 {area}，里面也没有")
    own = areas[inside]
    levels = tuple(each for each in LEVELS if "level" in own and (own["level"] == each).any())
    chosen = level or _best(own, levels)
    rows = own if chosen is None else own[own["level"] == chosen]
    if rows.empty:
        raise NotFoundError(f"no area here is a {level}", zh=f"这里没有级别为 {level} 的地区")
    below = LEVELS if chosen is None else list(LEVELS)[list(LEVELS).index(chosen) + 1 :]
    lower = own[own["level"].isin(list(below))] if "level" in own and chosen else own.iloc[:0]
    whole = None if area is None else _whole(own, rows, area)
    return Scope(rows, lower, whole, levels, chosen)


def whole_of(
    areas: gpd.GeoDataFrame, *, name: str = "", adcode: str | None = None
) -> gpd.GeoDataFrame:
    """Join areas of one level to one row, a level higher, with their people where all are known."""
    import geopandas as gpd

    shapes = areas.geometry.to_numpy()
    drawn = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    ground = shapely.union_all(shapely.make_valid(drawn)) if len(drawn) else None
    row: dict[str, object] = {each: None for each in areas.columns if each != areas.geometry.name}
    for each in _PEOPLE:
        if each in areas:
            row[each] = float(areas[each].astype("float64").sum(skipna=False))
    row |= {"id": adcode or "whole", "name": name, "adcode": adcode or common_code(areas)}
    row["level"] = _above(areas)
    table = pd.DataFrame([row]).astype({n: "float64" for n in _PEOPLE if n in row})
    return gpd.GeoDataFrame(table, geometry=[ground], crs=areas.crs)


def common_code(areas: gpd.GeoDataFrame) -> str | None:
    """Give the smallest division of six digits that all areas with a code lie in.

    Examples
    --------
    >>> import geopandas as gpd
    >>> towns = gpd.GeoDataFrame({"adcode": ["211102", "211104"]}, geometry=[None] * 2)
    >>> common_code(towns), common_code(towns[:1])
    ('211100', '211102')
    """
    if "adcode" not in areas:
        return None
    codes = areas["adcode"].dropna().astype("str")
    codes = codes[codes.str.fullmatch("[1-9][0-9]{5,11}")]
    for digits in (6, 4, 2):
        heads = codes.str[:digits].unique()
        if len(heads) == 1:
            return str(heads[0]).ljust(6, "0")
    return None


def _inside(areas: gpd.GeoDataFrame, area: str | None) -> Mask:
    """Mark the area of a code and those in it by their codes, else the area of an id."""
    if area is None:
        return np.ones(len(areas), dtype=bool)
    same: Mask = (areas["id"] == area).to_numpy(dtype=bool)
    if "adcode" in areas and area.isdigit():
        try:
            low, high = code_range(area)
        except ParameterError:  # digits that are no code may be an id
            return same
        first, last = code_ranges(areas["adcode"])
        within: Mask = (first >= low) & (last <= high)
        if within.any():
            return within
    return same


def _best(areas: gpd.GeoDataFrame, levels: tuple[str, ...]) -> str | None:
    """Choose the highest level with several drawn areas, else with several, else any."""
    drawn = areas.geometry.notna()
    for some in (areas[drawn], areas):
        counts = some["level"].value_counts() if "level" in some else {}
        for each in levels:
            if counts.get(each, 0) > 1:
                return each
    return levels[0] if levels else None


def _whole(own: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, area: str) -> gpd.GeoDataFrame:
    """Take the asked area itself as the whole, else join the rows."""
    same = (own["id"] == area).to_numpy(dtype=bool)
    if "adcode" in own and area.isdigit():
        code = area if len(area) >= 6 else area.ljust(6, "0")  # noqa: PLR2004 (digits of a county's code)
        same = same | (own["adcode"] == code).to_numpy(dtype=bool)
    found = own[same & own.geometry.notna().to_numpy()]
    if len(found):
        return found.iloc[:1]
    return whole_of(rows, adcode=area.ljust(6, "0") if area.isdigit() else None)


def _above(areas: gpd.GeoDataFrame) -> str | None:
    """Give the level above the highest of areas; None where none is stated."""
    if "level" not in areas:
        return None
    there = [n for n, each in enumerate(LEVELS) if (areas["level"] == each).any()]
    return list(LEVELS)[max(0, there[0] - 1)] if there else None
