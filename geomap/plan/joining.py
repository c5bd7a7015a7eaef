"""Joining published figures to areas by code, and saying which did not join, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.model.divisions import short_name
from geomap.model.table import Label
from geomap.plan.indicators.codes import code_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import pandas as pd

#: Why a row did not join.
REASONS: Final[Mapping[str, Label]] = {
    "no_code": Label("没有代码", "It has no code"),
    "other_level": Label("是另一级的数", "It is a figure of another level"),
    "twice": Label("同一代码出现多次", "Its code stands more than once"),
    "statistical": Label(
        "开发区等统计区，不是行政区划", "It is a development zone: counted apart, no division"
    ),
    "renamed": Label("区划已调整，同名者另有代码", "The division has another code now"),
    "unknown_code": Label(
        "现在没有这个代码的区域，可能已撤并", "No area has this code now; it may have been merged"
    ),
    "no_figure": Label("没有它的数", "There is no figure for it"),
}
_ZONES = r"\d{4}7\d"


@dataclass(frozen=True, eq=False)
class Joined:
    """Areas with the figures of their codes.

    Attributes
    ----------
    areas : (k,) the areas, with the joined columns; NaN where none joined.
    left : the rows of the figures that did not join: ``adcode``, ``name``, ``reason`` of
        :data:`REASONS`, and ``other``, the code of the area that has the same name now.
    bare : the areas for which no figure came: the same columns.
    """

    areas: gpd.GeoDataFrame
    left: pd.DataFrame
    bare: pd.DataFrame


def join_figures(
    areas: gpd.GeoDataFrame, figures: pd.DataFrame, *, columns: Iterable[str]
) -> Joined:
    """Put figures on areas that have the same code.

    Nothing is joined by name: a division that was merged or divided keeps its name and not its
    people. Such a pair is named, for somebody to decide.

    Parameters
    ----------
    areas : (k,) area frame.
    figures : (n,) rows with ``adcode``, and ``name`` and ``level`` where there are any.
    columns : of the figures, such as population and aged_60; they replace those of the areas.

    Raises
    ------
    ParameterError : if a column is missing.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> now = gpd.GeoDataFrame({"adcode": ["410307", "410325"], "name": ["偃师区", "嵩县"]},
    ...     geometry=[None, None])
    >>> census = pd.DataFrame({"adcode": ["410381", "410325"], "name": ["偃师市", "嵩县"],
    ...     "aged_60": [111, 222]})
    >>> found = join_figures(now, census, columns=["aged_60"])
    >>> found.areas["aged_60"].tolist()
    [nan, 222.0]
    >>> found.left[["adcode", "reason", "other"]].values.tolist()
    [['410381', 'renamed', '410307']]
    """
    wanted = list(columns)
    for name, frame, needed in (("areas", areas, ["adcode"]), ("figures", figures, wanted)):
        lacking = [each for each in ["adcode", *needed] if each not in frame]
        if lacking:
            raise ParameterError(f"{name} must have {', '.join(lacking)}, got {list(frame)}")
    codes, of_area = _codes(figures), _codes(areas)
    known = codes.isin(set(of_area.dropna())).to_numpy(dtype=bool)
    twice = codes.duplicated(keep=False) & codes.notna()
    joins = known & (~twice & codes.notna()).to_numpy(dtype=bool)
    values = figures[joins].set_index(codes[joins].to_numpy(dtype=object))[wanted]
    of_area = of_area.astype(object)
    joined = areas.assign(**{each: of_area.map(values[each]) for each in wanted})
    bare = areas[~of_area.isin(values.index)]
    left = _reasoned(figures[~joins].assign(adcode=codes[~joins]), bare, areas, twice[~joins])
    return Joined(joined, left, _bare(bare, left))


def _codes(frame: pd.DataFrame) -> pd.Series:
    """Give codes as text, however written: 410325.0 and 410325000000 are 410325."""
    return code_texts(frame["adcode"]).str.replace("^([0-9]{6})0{6}$", r"\1", regex=True)


def _reasoned(
    left: pd.DataFrame, bare: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, twice: pd.Series
) -> pd.DataFrame:
    """Say why rows did not join: the first reason that fits."""
    import pandas as pd

    codes = left["adcode"].astype("str")
    names = _column(left, "name")
    now = {
        (str(code)[:4], short_name(name)): code
        for code, name in zip(bare["adcode"], _column(bare, "name"), strict=True)
        if name
    }
    other = [
        now.get((str(code)[:4], short_name(name))) for code, name in zip(codes, names, strict=True)
    ]
    levels = set(_column(areas, "level")) - {""}
    level = _column(left, "level")
    checks = {
        "no_code": left["adcode"].isna(),
        "twice": twice,
        "other_level": (level != "") & ~level.isin(levels) if levels else level.isin([]),
        "statistical": codes.str.fullmatch(_ZONES).fillna(value=False),
        "renamed": pd.Series(other, index=left.index, dtype="str").notna(),
    }
    reason = np.select([each.to_numpy(dtype=bool) for each in checks.values()], list(checks),
                       default="unknown_code")  # fmt: skip
    found = {"adcode": left["adcode"], "name": names, "reason": reason}
    return pd.DataFrame(found, index=left.index).assign(
        other=pd.Series(other, index=left.index, dtype="str").where(reason == "renamed")
    )


def _bare(bare: gpd.GeoDataFrame, left: pd.DataFrame) -> pd.DataFrame:
    """Say of the areas without a figure which code has one under their name."""
    import pandas as pd

    renamed = left[left["reason"] == "renamed"].drop_duplicates("other")
    other = bare["adcode"].map(renamed.set_index("other")["adcode"])
    found = {"adcode": bare["adcode"], "name": _column(bare, "name")}
    reason = np.where(other.notna(), "renamed", "no_figure")
    return pd.DataFrame(found, index=bare.index).assign(reason=reason, other=other)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    import pandas as pd

    if name not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return frame[name].astype("str").fillna("")
