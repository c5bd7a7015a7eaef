"""Beds, gaps and equity of one state of the facilities, to be held against another's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geomap.model.plane import EqualAreaPlane, polygonal
from geomap.plan.accessibility import measure_access
from geomap.plan.discs import MOST_M
from geomap.plan.equity import equity
from geomap.plan.gaps import find_gaps
from geomap.plan.ground import polygons_of
from geomap.plan.indicators.answer import study_of
from geomap.plan.people import people_of
from geomap.plan.placing import place
from geomap.plan.sites import has_geometry

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geomap.plan.equity import Equity
    from geomap.plan.gaps import Gaps
    from geomap.plan.pace import Pace
    from geomap.plan.scenarios.stands import Reach

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: What is left of a gap that is closed, at most: the rounding of its border.
_NOTHING_M2: Final = 1.0


@dataclass(frozen=True, eq=False)
class Beds:
    """The facilities in service and their beds.

    Parameters
    ----------
    by_area : (k,) beds of those that state theirs; NaN where there are some and none does.
    people : (k,) people of the areas, as these or their demand state; NaN where neither does.
    total : of those in the areas, or of all where there are no areas.
    unknown, facilities, without_place : of these, those that do not state theirs; all; and those
        without a location.
    """

    by_area: Floats
    people: Floats
    total: float
    unknown: int
    facilities: int
    without_place: int

    @classmethod
    def of(
        cls, facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None,
        demand: gpd.GeoDataFrame, *, weight: str, scoped: bool,
    ) -> Beds:  # fmt: skip
        """Count them, in areas of which the last is the whole, where the question is `scoped`."""
        none = facilities.iloc[:0]
        places = none[[none.geometry.name]] if areas is None else areas
        study = study_of(places, facilities, none if areas is None else demand)
        beds = study.number("beds_total")
        known, where = np.isfinite(beds), study.of_facilities
        by_area = np.where(
            (study.count(known) > 0) | (study.count(study.every) == 0), study.total(beds), np.nan
        )
        inside = np.ones(len(beds), dtype=bool) if areas is None else ~where.nowhere
        if areas is not None and scoped:
            inside = np.isin(np.arange(len(beds)), where.rows[where.areas == len(areas) - 1])
        told = inside & known
        total = np.nan if inside.any() and not told.any() else float(beds[told].sum())
        lost = inside & ~has_geometry(study.facilities)
        people = study.people(weight) if areas is not None else np.zeros(0)
        return cls(
            by_area, people, total, int((inside & ~known).sum()), int(inside.sum()), int(lost.sum())
        )


def evenness(  # noqa: PLR0913 (what it stands on)
    demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, whole: gpd.GeoDataFrame | None, *,
    weight: str, reach_m: float, cost: csr_array | None, told: NDArray[np.bool_],
) -> Equity | None:  # fmt: skip
    """Measure how evenly the beds within reach are shared; None where no facility states its beds.

    Parameters
    ----------
    demand, facilities : people, and who serves them.
    whole : one row: only people in it count; None for all.
    weight, reach_m : the people, and how far they go.
    cost : distances on foot, None for straight ones.
    told : (n,) which rows of demand anything can be said of.
    """
    if "beds_total" not in facilities or not facilities["beds_total"].notna().any():
        return None
    reach = measure_access(
        demand, facilities, threshold_m=min(reach_m, MOST_M), weight=weight, cost=cost
    ).per_demand.where(told)
    ours = np.ones(len(demand), dtype=bool) if whole is None else ~place(demand, whole).nowhere
    people = pd.Series(people_of(demand, weight), index=demand.index)
    return equity(reach[ours], people[ours])


@dataclass(frozen=True, eq=False)
class GapsHeld:
    """Gaps before and after; areas that there was no time for in either are in neither."""

    before: Gaps
    after: Gaps

    @classmethod
    def of(
        cls, areas: gpd.GeoDataFrame, frames: tuple[Any, Any], asked: tuple[Any, Any],
        people: dict[str, Any], pace: Pace,
    ) -> GapsHeld:  # fmt: skip
        """Cut both.

        Parameters
        ----------
        areas : whose gaps.
        frames, asked : the facilities and what they are asked by, before and after.
        people : demand and weight, as :func:`geomap.plan.gaps.find_gaps` takes them.
        pace : from when the time is up on, areas are left uncut.
        """
        before, after = ({**people, **each, "out_of_time": pace.out_of_time} for each in asked)
        first = find_gaps(
            areas, frames[0], progress=lambda done, of: pace.tell("gaps", done, 2 * of), **before
        )
        second = find_gaps(
            areas, frames[1], previous=first,
            progress=lambda done, of: pace.tell("gaps", of + done, 2 * of), **after,
        )  # fmt: skip
        return cls(first, second)

    @property
    def uncut(self) -> pd.Index:
        """Index of the areas of which nothing can be held against the other."""
        return self.before.uncut.union(self.after.uncut)

    def listed(self, which: Gaps) -> gpd.GeoDataFrame:
        """Give the gaps of areas that were cut both times."""
        late = self.uncut
        rows = which.listed
        return rows if late.empty else rows[~rows["area"].isin(late)].reset_index(drop=True)

    def by_area(self, which: Gaps) -> pd.DataFrame:
        """Give the figures of areas that were cut both times."""
        table = which.by_area[["gaps", "gap_km2", "population"]]
        kept = table.mask(table.index.isin(self.uncut)) if len(self.uncut) else table
        return kept.rename(columns={"population": "gap_people"})

    def closed(self, reach: Reach) -> gpd.GeoDataFrame:
        """Give the gaps of before whose ground is wholly covered after."""
        listed, stands = self.listed(self.before), reach.stands
        if listed.empty or not len(stands.gained):
            return listed.iloc[:0]
        shapes = polygons_of(listed, "gaps")
        met = shapely.STRtree(shapes).query(reach.boxes(stands.gained))[1]
        some = listed.iloc[np.unique(met)]
        outlines = polygons_of(some, "gaps")
        plane = EqualAreaPlane.serving(outlines, "gaps")
        flat = polygonal(plane.flatten(outlines))
        near = reach.near(some.geometry.to_numpy())
        left = reach.ground(np.intersect1d(near, stands.after)).uncovered(flat, plane)
        return some[shapely.area(left) < _NOTHING_M2]
