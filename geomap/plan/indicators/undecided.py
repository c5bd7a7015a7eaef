"""Facilities of which nobody states in which area of a level they lie.

Where a list says of every home in a county only that it lies there, each lies in some township of
it: a township without a home of its own has none that is known, which is not the same as none.
Where the list does name townships of the county, a home of which it names the county alone is one
of the county's own, and of no township.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.model.adcodes import code_ranges
from geomap.plan.sites import has_geometry

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.placing import Placement

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_EVERYWHERE = 10**12


@dataclass(frozen=True, eq=False)
class Undecided:
    """Of (k,) areas and (m,) facilities.

    Parameters
    ----------
    by_level : of each level that areas have, (m,) bool: in no area of it as far as is known, but
        perhaps in one.
    may : (k,) how many facilities may lie in an area beside those that do.
    silent : (k,) bool: none is known to lie in the area, but some that lie in a larger one may;
        or of no facility at all is it known whether it does.
    """

    by_level: dict[str, Mask]
    may: Floats
    silent: Mask

    @classmethod
    def of(
        cls, areas: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, placed: Placement
    ) -> Undecided:
        """Find them."""
        levels = _levels(areas)
        drawn, located = has_geometry(areas), has_geometry(facilities)
        size = len(facilities)
        by_level: dict[str, Mask] = {}
        may, below = np.zeros((2, len(areas)))
        for level in np.unique(levels):
            own = np.flatnonzero(levels == level)
            inside = np.zeros(size, dtype=bool)
            inside[placed.rows[np.isin(placed.areas, own)]] = True
            outside = located & bool(drawn[own].all())
            open_ = ~inside & ~outside
            used = np.isin(own, placed.areas)
            open_[open_] = _may_be_in(facilities[open_], areas.iloc[own], used)
            by_level[str(level)] = open_
            for some, open_here in ((own[drawn[own]], open_ & ~located), (own[~drawn[own]], open_)):
                if some.size and open_here.any():
                    may[some], below[some] = _candidates(areas.iloc[some], facilities[open_here])
        every = np.array([by_level[str(each)].all() for each in levels], dtype=bool)
        none = placed.sums(np.ones(size)) == 0
        silent = none & ((below > 0) | (every & (may > 0)))
        return cls(by_level, may, silent)


def _may_be_in(facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, used: Mask) -> Mask:
    """Mark those without a code, and those whose code reaches around areas, none of them used."""
    first, size = _codes(facilities)
    low, span = _codes(areas)
    coded = span < _EVERYWHERE
    around = _within(low[coded], first, size) > 0
    own = _within(low[coded & used], first, size) > 0
    may: Mask = (size >= _EVERYWHERE) | (around & ~own) | bool((~coded & ~used).any())
    return may


def _within(low: Codes, first: Codes, size: Codes) -> NDArray[np.intp]:
    """Count how many codes lie in each span."""
    codes = np.sort(low)
    last = np.searchsorted(codes, first + size, "left")
    return np.asarray(last - np.searchsorted(codes, first, "left"))


def _candidates(areas: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Count for each area the facilities that may be in it, and those of a code around it."""
    first, size = _codes(facilities)
    low, span = _codes(areas)
    anywhere = float((size >= _EVERYWHERE).sum())
    around = np.zeros(len(areas))
    for each in np.unique(size[size < _EVERYWHERE]):
        of_size = np.sort(first[size == each])
        above = low - low % each
        count = np.searchsorted(of_size, above, "right") - np.searchsorted(of_size, above, "left")
        around += np.where(span < each, count, 0)
    uncoded = span >= _EVERYWHERE
    around[uncoded] = 0
    coded = float((size < _EVERYWHERE).sum())
    return anywhere + np.where(uncoded, coded, around), around


def _codes(frame: gpd.GeoDataFrame) -> tuple[Codes, Codes]:
    """Give the first code of each row and how many it spans, all of them where it has none."""
    if "adcode" not in frame:
        return np.zeros(len(frame), np.int64), np.full(len(frame), _EVERYWHERE, np.int64)
    first, last = code_ranges(frame["adcode"])
    return first, last - first + 1


def _levels(areas: gpd.GeoDataFrame) -> NDArray[np.str_]:
    if "level" not in areas:
        return np.full(len(areas), "")
    levels: NDArray[np.str_] = areas["level"].astype("str").fillna("").to_numpy(dtype=str)
    return levels
