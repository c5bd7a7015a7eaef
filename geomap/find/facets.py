"""How many facilities each choice would leave: the counts beside the filters.

A count answers "if I tick this": of the rows that surely fit every other criterion, how many
fit this choice too. Each group is counted without its own choices, as is usual for facets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.find.filters import GROUPS, NOT_KNOWN, Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from geomap.find.selection import Columns, Selection

    Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Relaxed:
    """What dropping one criterion would find.

    Parameters
    ----------
    name : the criterion.
    count : rows that surely fit all others.
    """

    name: str
    count: int


def count_choices(
    selection: Selection, columns: Columns, *, among: Mask | None = None
) -> Mapping[str, Mapping[str, int]]:
    """Count, for every group, what each of its choices would leave.

    Parameters
    ----------
    selection : the criteria in force; the group ``type`` stands for its `types` too.
    columns : of the (n,) facilities.
    among : (n,) bool; only these rows count, such as those within a distance.

    Returns
    -------
    Counts by group and choice, ``unknown`` among them; ratings as ``SCHEME|LEVEL``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geomap.find.selection import Columns, Selection
    >>> homes = gpd.GeoDataFrame({"beds_available": [2, 0, None]}, geometry=[None] * 3)
    >>> dict(count_choices(Selection(), Columns(homes))["beds"])
    {'free': 1, 'full': 1, 'unknown': 1}
    """
    parts = selection.sure(columns)
    start = np.ones(len(columns), dtype=bool) if among is None else among
    counts = {}
    for name, group in GROUPS.items():
        base = _all_of(start, (each for other, each in parts.items() if other != name))
        counts[name] = _count_group(group, columns, selection.chosen.get(name, ()), base)
    return counts


def relaxations(
    selection: Selection, columns: Columns, *, among: Mask | None = None
) -> list[Relaxed]:
    """Tell what dropping each single criterion would find, the most first.

    Parameters
    ----------
    selection, columns, among : as for :func:`count_choices`.
    """
    parts = selection.sure(columns)
    start = np.ones(len(columns), dtype=bool) if among is None else among
    found = [
        Relaxed(
            name,
            int(np.count_nonzero(_all_of(start, (parts[each] for each in parts if each != name)))),
        )
        for name in parts
    ]
    return sorted(found, key=lambda each: -each.count)


def _all_of(start: Mask, parts: Iterable[Mask]) -> Mask:
    """Mark what all of some masks mark."""
    held = start.copy()
    for each in parts:
        np.logical_and(held, each, out=held)
    return held


def _count_group(
    group: Group, columns: Columns, chosen: tuple[str, ...], base: Mask
) -> dict[str, int]:
    """Count the choices of one group; where all are needed, beside those chosen already."""
    if group.needs == "all":
        for each in chosen:
            if each != NOT_KNOWN:
                base = base & group.fitting(columns, each)
    offered = [*group.choices, NOT_KNOWN]
    if group.name == "rating":
        offered = [f"{scheme}|{level}" for scheme, level in columns.rated] + offered
    return {each: int(np.count_nonzero(base & group.fitting(columns, each))) for each in offered}
