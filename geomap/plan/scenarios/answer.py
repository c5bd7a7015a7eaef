"""What a scenario changes: figures before and after, by area, by change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geomap.model.table import Label
    from geomap.plan.pace import Cut

_UNKNOWN = float("nan")


@dataclass(frozen=True)
class Figures:
    """One state of the facilities in figures; NaN where it was not asked for or is unknown.

    Attributes
    ----------
    covered, uncovered, share : people whose place and number are known; as of
        :class:`geomap.plan.coverage.Coverage`.
    gaps, gap_people, gap_km2 : gaps listed; people and ground in all of them, slivers included.
    beds : of the facilities in service, of those that state theirs; NaN where none does.
    beds_unknown : facilities in service that do not.
    beds_per_1000 : beds ÷ people × 1,000: the people of the areas, or of the whole where there
        is one; without areas, covered + uncovered.
    gini, palma : how evenly the beds within reach are shared, as of
        :func:`geomap.plan.equity.equity`.
    worst_mean : beds within reach a person of the worst served tenth.
    facilities : in service.
    without_place : of these, without a location: they serve nobody that is known.
    """

    covered: float = _UNKNOWN
    uncovered: float = _UNKNOWN
    share: float = _UNKNOWN
    gaps: float = _UNKNOWN
    gap_people: float = _UNKNOWN
    gap_km2: float = _UNKNOWN
    beds: float = _UNKNOWN
    beds_unknown: int = 0
    beds_per_1000: float = _UNKNOWN
    gini: float = _UNKNOWN
    palma: float = _UNKNOWN
    worst_mean: float = _UNKNOWN
    facilities: int = 0
    without_place: int = 0


@dataclass(frozen=True, eq=False)
class ScenarioEffect:
    """What a scenario changes.

    Attributes
    ----------
    before, after : :class:`Figures`.
    newly_covered, lost : people; summed over the rows of demand, so that
        newly_covered - lost = after.covered - before.covered.
    demand : (n,) rows on the index of the demand: ``people``, ``before`` and ``after`` (covered
        fractions, NaN without a place) and geometry.
    changes : (c,) rows in the order of the changes: ``n`` (from 1), ``kind``, ``facility_id``,
        ``name``; ``newly`` and ``lost``, people that it alone adds and loses, given all the
        others; ``beds``, that it alone adds, NaN where unknown; ``cost`` and
        ``yuan_per_person`` newly covered, NaN where unknown or nobody is.
    by_area : (k,) rows on the index of the areas, None without areas: ``id name level adcode``
        where there are any, ``people``, ``newly``, ``lost``, and each with ``before_``,
        ``after_`` and ``change_`` before it: ``covered share beds beds_per_1000 gap_km2
        gap_people gaps``; geometry. NaN where nothing is known, or there was no time.
    gaps_before, gaps_after : as of :func:`geomap.plan.gaps.gaps`; None without areas.
    gaps_closed : the rows of `gaps_before` whose ground is wholly covered after (less than 1 m²
        is not).
    unknown_rows : rows of demand with a place whose number of people is unknown: in no figure.
    without_place, without_place_rows : people, and rows of demand, whose place is unknown.
    off_network, people_off_network : rows of demand, and their people, of which the streets tell
        nothing: in no figure of a walk.
    evenly : whether people were taken to live evenly over the areas, for want of demand.
    notes : what a reader must know, in both languages.
    cut : what the time budget left out.
    """

    before: Figures
    after: Figures
    newly_covered: float
    lost: float
    demand: gpd.GeoDataFrame
    changes: pd.DataFrame
    by_area: gpd.GeoDataFrame | None = None
    gaps_before: gpd.GeoDataFrame | None = None
    gaps_after: gpd.GeoDataFrame | None = None
    gaps_closed: gpd.GeoDataFrame | None = None
    unknown_rows: int = 0
    without_place: float = 0.0
    without_place_rows: int = 0
    off_network: int = 0
    people_off_network: float = 0.0
    evenly: bool = False
    notes: tuple[Label, ...] = field(default=())
    cut: tuple[Cut, ...] = field(default=())

    @property
    def closed_people(self) -> float:
        """Give the people of the gaps that close; NaN without areas."""
        return _UNKNOWN if self.gaps_closed is None else float(self.gaps_closed["population"].sum())
