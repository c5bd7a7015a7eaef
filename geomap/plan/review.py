"""Everything about an area in one answer: what the planner's page and the report are written from.

A review holds frames and plain values only, so that it can be kept as files and read again. What
a time budget left undone is named, never silently missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.plan.discs import check_radius
from geomap.plan.pace import Pace
from geomap.plan.review_steps import work_through
from geomap.plan.review_work import Made, Work
from geomap.plan.scope import whole_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    import geopandas as gpd

    from geomap.model.claims import Claim
    from geomap.model.network import Network
    from geomap.model.standards import RulePack
    from geomap.plan.pace import Cut, Tell

#: What a review works through, in this order; the last ones are cut first.
STEPS: Final = ("service", "coverage", "gaps", "indicators", "access", "claims")
#: Columns that count people, in the order in which one is taken where none is asked for.
WEIGHTS: Final = ("aged_60", "aged_65", "aged_80", "population", "disabled")


@dataclass(frozen=True)
class Question:
    """What is asked: by which standard, of whom, of which facilities.

    Parameters
    ----------
    standard_m : coverage standard S, straight-line metres; None where it is walked.
    minutes, speed_mps : of the walk along the streets, where it is.
    weight : the column that counts the people.
    types : of facility; all where empty.
    on : the day that "this year" is counted to; the latest of the data where None.
    pack, rule : where the standard comes from; the pack is what areas are held against.
    """

    standard_m: float | None = 1_000.0
    minutes: float | None = None
    speed_mps: float = 0.8
    weight: str = "aged_60"
    types: tuple[str, ...] = ()
    on: date | None = None
    pack: str | None = None
    rule: str | None = None

    def __post_init__(self) -> None:
        if (self.standard_m is None) == (self.minutes is None):
            raise ParameterError("give either standard_m or minutes: a straight line, or a walk")
        check_radius(self.reach_m, "minutes" if self.standard_m is None else "standard_m")

    @property
    def reach_m(self) -> float:
        """The metres that a person goes: in a straight line, or along the streets."""
        if self.minutes is not None:
            return self.minutes * 60 * self.speed_mps
        return float(self.standard_m or 0)


@dataclass(frozen=True, eq=False)
class PlanReview:
    """Everything about an area.

    Attributes
    ----------
    question : what was asked.
    areas : (k,) frame: ``id name level adcode geometry``; ``people covered uncovered share
        unknown_rows`` of the coverage; ``area_km2 served_km2 gap_km2 sliver_km2 gaps
        gap_people`` of the gaps; ``beds`` and ``beds_per_1000`` of the people asked about;
        ``access``, beds within reach per 1,000 of them; and each indicator's value, ``_base``
        and ``_unknown``. What was not worked out is NaN, or its columns are missing.
    whole : one row of the same columns, for all of it together.
    covered, uncovered, unknown_rows, without_place, without_place_rows : as of
        :class:`geomap.plan.coverage.Coverage`; NaN where nothing is known of people.
    evenly : whether the people were taken to live evenly over the areas, for want of demand.
    gaps : as of :func:`geomap.plan.gaps.gaps`.
    service : ground within the standard, merged.
    demand : (n,) rows with ``people``, ``fraction`` covered, ``access`` and geometry.
    far : areas that are built, though few of their people can walk there.
    unbuilt : areas without a facility in service; not those of which that is unknown.
    overdue, unpaired, crowding : facilities to act on.
    verdicts : areas held against the pack, one row an area and rule.
    claims : published figures recomputed, one row each.
    lorenz : the curve of access among the people.
    equity : its figures.
    counts : numbers of facilities: in the list, serving, out of service, without a place.
    cut : what the time budget left out.
    on : the day that was counted to.
    """

    question: Question
    areas: gpd.GeoDataFrame
    whole: gpd.GeoDataFrame
    covered: float = float("nan")
    uncovered: float = float("nan")
    unknown_rows: int = 0
    without_place: float = 0.0
    without_place_rows: int = 0
    evenly: bool = False
    gaps: gpd.GeoDataFrame | None = None
    service: gpd.GeoDataFrame | None = None
    demand: gpd.GeoDataFrame | None = None
    far: gpd.GeoDataFrame | None = None
    unbuilt: gpd.GeoDataFrame | None = None
    overdue: gpd.GeoDataFrame | None = None
    unpaired: gpd.GeoDataFrame | None = None
    crowding: gpd.GeoDataFrame | None = None
    verdicts: pd.DataFrame | None = None
    claims: pd.DataFrame | None = None
    lorenz: pd.DataFrame | None = None
    equity: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    cut: tuple[Cut, ...] = ()
    on: date | None = None

    @property
    def people(self) -> float:
        """Give all whose place and number are known."""
        return self.covered + self.uncovered

    @property
    def share(self) -> float:
        """Give the covered share of the people; NaN where there is nobody."""
        return self.covered / self.people if self.people else float("nan")


def review(  # noqa: PLR0913 (everything that an answer stands on)
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame | None,
    question: Question,
    *,
    whole: gpd.GeoDataFrame | None = None,
    lower: gpd.GeoDataFrame | None = None,
    network: Network | None = None,
    packs: Mapping[str, RulePack] | None = None,
    claims: Iterable[Claim] = (),
    steps: Iterable[str] = STEPS,
    tell: Tell | None = None,
    out_of_time: Callable[[], bool] | None = None,
    today: date | None = None,
) -> PlanReview:
    """Work everything about some areas out.

    Parameters
    ----------
    areas : (k,) area frame of one level; they should not overlap.
    facilities : (m,) facility frame, those of the neighbours too: they are chosen by geometry.
    demand : (n,) demand frame; without it, people of the areas live evenly over them.
    question : the standard, the people and the types.
    whole : one area frame row that the totals are of; all areas and all demand where None.
    lower : area frame of lower levels, for built rates.
    network : the streets, where the question is of a walk.
    packs, claims : standards, and published figures to be checked.
    steps : of :data:`STEPS`.
    tell : told how far it is.
    out_of_time : asked before each part; from the first yes on, parts are left out and named.
    today : rules in force on this day, where the data state none.

    Returns
    -------
    A :class:`PlanReview`.

    Raises
    ------
    ParameterError : if the question is out of range, or a walk is asked for without a network.
    CRSError, DataError : as of the functions that it calls.
    """
    if areas.geometry.name != "geometry":
        areas = areas.rename_geometry("geometry")
    if areas.empty:
        raise ParameterError("areas must have at least one row: import some, or choose others")
    if question.minutes is not None and network is None:
        raise ParameterError("a walk needs a network: import one, or ask for a straight line")
    if question.types:
        facilities = facilities[facilities["type"].isin(question.types)]
    top = whole_of(areas) if whole is None else whole
    evenly = demand is None or question.weight not in demand or demand[question.weight].isna().all()
    people = areas if evenly or demand is None else demand
    work = Work(
        question=question, areas=areas, facilities=facilities, demand=people, whole=top,
        scoped=whole is not None, lower=areas.iloc[:0] if lower is None else lower,
        network=network, packs=packs or {}, claims=tuple(claims),
        pace=Pace.of(tell, out_of_time), today=today,
        rows=_rows(areas, top),
    )  # fmt: skip
    made = work_through(work, [each for each in STEPS if each in set(steps)])
    return _assembled(work, made, evenly=bool(evenly))


def _assembled(work: Work, made: Made, *, evenly: bool) -> PlanReview:
    """Put what was worked out together."""
    table = made.table(work.rows)
    size = len(work.areas)
    areas = table.iloc[:size].set_axis(work.areas.index)
    whole = table.iloc[size:]
    if "share" in whole and not work.scoped:
        totals = {"people": "covered", "covered": "covered", "uncovered": "uncovered"}
        found = {name: made.values.get(of, np.nan) for name, of in totals.items()}
        found["people"] = found["covered"] + found["uncovered"]
        share = found["covered"] / found["people"] if found["people"] else np.nan
        whole = whole.assign(**found, share=share)
    return PlanReview(
        question=work.question, areas=areas, whole=whole, evenly=evenly, cut=tuple(work.pace.cut),
        **made.values, **made.frames,
    )  # fmt: skip


def _rows(areas: gpd.GeoDataFrame, whole: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the whole below its areas."""
    import geopandas as gpd

    own = [each for each in ("id", "name", "level", "adcode") if each in areas]
    parts = [each.set_axis(range(len(each)))[[*own, "geometry"]] for each in (areas, whole)]
    table: Any = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=areas.crs)
