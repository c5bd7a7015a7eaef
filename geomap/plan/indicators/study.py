"""What all indicators stand on: which facilities, people and lower areas each area has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geomap.errors import DataError, ParameterError
from geomap.model.area import LEVELS
from geomap.model.crs import GEOGRAPHIC
from geomap.plan.coverage import coverage
from geomap.plan.discs import check_radius
from geomap.plan.indicators.codes import by_code, code_texts
from geomap.plan.indicators.given import fitted, without_copies
from geomap.plan.indicators.undecided import Undecided
from geomap.plan.people import people_of, read_numbers
from geomap.plan.placing import Placement, place
from geomap.plan.sites import has_geometry, out_of_service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.coverage import Coverage

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: Days that say how recent a list is.
_DAYS: Final = ("verified_on", "inspected_on", "beds_updated")
#: Days that a few others lie beyond are held for mistyped: so many days after, of one in so many
#: others, of which there must be so many.
_QUARTER, _ONE_IN, _SURE = 92, 100, 5
#: Which people coverage counts, the first that anybody states.
_WEIGHTS: Final = ("aged_60", "population")
#: What :attr:`Parameters.programmes` may state of an area.
PROGRAMMES: Final = (
    "demo_target", "training_done", "training_target", "retrofit_done", "retrofit_target",
    "funding_yuan",
)  # fmt: skip


@dataclass(frozen=True)
class Subsidy:
    """What a resident with disabilities brings a home in a year: base + care × factor.

    Parameters
    ----------
    base_yuan, care_yuan : a resident-year.
    factors : by rating.
    unrated : the factor of a home without a rating.
    disabled_share : which share of the residents of homes that take disabled people are so; 1
        makes the estimate an upper one.
    """

    base_yuan: float = 3_000.0
    care_yuan: float = 4_800.0
    factors: Mapping[int, float] = field(
        default_factory=lambda: MappingProxyType({1: 0.8, 2: 0.9, 3: 1.0, 4: 1.1, 5: 1.2})
    )
    unrated: float = 0.8
    disabled_share: float = 1.0


@dataclass(frozen=True, eq=False)
class Parameters:
    """What the formulas leave open.

    Parameters
    ----------
    on : the day; the latest that the facilities state where None, see :func:`latest_day`.
    today : days after it cannot have been: they do not make the latest.
    standard_m : coverage standard S, metres.
    weight : the demand's column that coverage counts; where None, aged_60, or population where
        nobody states that.
    beds_norm : beds per 1,000 aged 60 and over.
    subsidy : yuan a resident-year.
    programmes : what the lists do not state, one row an area: ``adcode`` or ``id``, and any of
        demo_target, training_done, training_target, retrofit_done, retrofit_target,
        funding_yuan.
    """

    on: date | None = None
    standard_m: float = 1_000.0
    weight: str | None = None
    beds_norm: float = 40.0
    subsidy: Subsidy = field(default_factory=Subsidy)
    programmes: pd.DataFrame | None = None
    today: date | None = None


@dataclass(frozen=True, eq=False)
class CoveredPeople:
    """Of (k,) areas: people, covered people, and rows of demand with and without an answer."""

    people: Floats
    covered: Floats
    rows: Floats
    unknown: Floats


@dataclass(frozen=True, eq=False)
class Study:
    """Areas with what lies in them.

    Parameters
    ----------
    areas : (k,) area frame.
    facilities : (m,) facility frame: those in service, each once; an unstated status is taken so.
    demand : (n,) demand frame.
    parameters : with the day settled, if any is known, and the weight.
    copies : how many rows in service were left out as copies of another.
    """

    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    parameters: Parameters
    copies: int = 0

    @classmethod
    def of(
        cls,
        areas: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        demand: gpd.GeoDataFrame,
        parameters: Parameters,
    ) -> Study:
        """Check the parameters, and leave out the facilities that serve nobody today.

        Raises
        ------
        ParameterError : if a parameter is out of range.
        DataError : if there are negative numbers where there can be none.
        """
        check_radius(parameters.standard_m, "standard_m")
        if not 0 < parameters.beds_norm < np.inf:
            raise ParameterError(f"beds_norm must be positive, got {parameters.beds_norm!r}")
        own, homes, people = fitted(areas, facilities, demand)
        serving = homes[~out_of_service(homes)]
        once = without_copies(serving)
        if parameters.on is None:
            parameters = replace(parameters, on=latest_day(once, today=parameters.today))
        if parameters.weight is None:
            parameters = replace(parameters, weight=_weight(people))
        return cls(own, once, people, parameters, len(serving) - len(once))

    @cached_property
    def of_facilities(self) -> Placement:
        """Which areas the facilities lie in."""
        return place(by_code(self.facilities), by_code(self.areas))

    @cached_property
    def undecided(self) -> Undecided:
        """Which facilities may lie in an area, and may not: nobody states where they are."""
        return Undecided.of(by_code(self.areas), by_code(self.facilities), self.of_facilities)

    @cached_property
    def of_demand(self) -> Placement:
        """Which areas the demand lies in."""
        return place(by_code(self.demand), by_code(self.areas))

    @cached_property
    def of_areas(self) -> Placement:
        """Which areas the areas lie in: every one in itself, and in those above."""
        return _above(by_code(self.areas))

    @cached_property
    def covered_people(self) -> CoveredPeople:
        """Who of each area's people has a facility within the coverage standard."""
        people, fraction = _number(self.demand, self.weight), self._fraction
        known = np.isfinite(people) & np.isfinite(fraction)
        counted = np.where(known, people, np.nan)
        sums, drawn = self.of_demand.sums, has_geometry(self.areas)
        found = CoveredPeople(
            sums(counted),
            sums(counted * fraction),
            sums(known.astype(np.float64)),
            sums((~known).astype(np.float64)),
        )
        if drawn.any() and known.any():  # where there is ground, cut it as the gaps do
            exact = self._coverage(self.areas).by_area
            for name, column in (("people", "population"), ("covered", "covered")):
                getattr(found, name)[drawn] = exact[column].to_numpy()[drawn]
        return found

    @property
    def weight(self) -> str:
        """Which people coverage counts."""
        return self.parameters.weight or _WEIGHTS[0]

    @property
    def unlocated(self) -> bool:
        """Whether a facility has no location: nobody knows whom it covers."""
        return bool((~has_geometry(self.facilities)).any())

    @cached_property
    def _fraction(self) -> Floats:
        """(n,) covered share of each demand row; NaN where nothing can be said."""
        unknown = np.full(len(self.demand), np.nan)
        lost = len(self.facilities) and not has_geometry(self.facilities).any()
        if self.weight not in self.demand or not has_geometry(self.demand).any() or lost:
            return unknown
        return self._coverage(None).fraction.to_numpy()

    def _coverage(self, areas: gpd.GeoDataFrame | None) -> Coverage:
        facilities = self.facilities
        if facilities.crs is None:  # there are none, else they had been refused
            facilities = facilities.set_crs(GEOGRAPHIC)
        given = self.parameters
        return coverage(
            self.demand, facilities, standard_m=given.standard_m, weight=self.weight, areas=areas
        )

    def count(self, marked: Mask) -> Floats:
        """Count marked facilities by area."""
        return self.of_facilities.sums(marked.astype(np.float64))

    def total(self, values: Floats) -> Floats:
        """Add values of facilities up by area."""
        return self.of_facilities.sums(values)

    @property
    def every(self) -> Mask:
        """Mark every facility."""
        return np.ones(len(self.facilities), dtype=bool)

    def number(self, column: str) -> Floats:
        """Give a column of the facilities as numbers, NaN where unknown."""
        return _number(self.facilities, column)

    def known(self, column: str) -> Mask:
        """Mark the facilities that state something."""
        if column not in self.facilities:
            return np.zeros(len(self.facilities), dtype=bool)
        known: Mask = self.facilities[column].notna().to_numpy(dtype=bool)
        return known

    def day(self, column: str) -> NDArray[np.datetime64]:
        """Give a column of the facilities as days, NaT where unknown."""
        if column not in self.facilities:
            return np.full(len(self.facilities), np.datetime64("NaT"), dtype="datetime64[D]")
        days: NDArray[np.datetime64] = self.facilities[column].to_numpy()
        return days.astype("datetime64[D]")

    def people(self, column: str) -> Floats:
        """Give the people of each area: as it states, else as its demand does, else NaN."""
        stated = _number(self.areas, column)
        counted = _number(self.demand, column)
        known = self.of_demand.sums(np.isfinite(counted).astype(np.float64))
        summed = np.where(known > 0, self.of_demand.sums(counted), np.nan)
        return np.where(np.isfinite(stated), stated, summed)

    def of_people(self, column: str) -> Floats:
        """Give a column of the demand as numbers, NaN where unknown."""
        return _number(self.demand, column)

    def lost(self, column: str) -> Floats:
        """Count the rows of demand that :meth:`people` lacks, and the area where it has none."""
        silent = ~np.isfinite(_number(self.demand, column))
        rows = self.of_demand.sums(silent.astype(np.float64))
        rows = np.where(np.isfinite(_number(self.areas, column)), 0.0, rows)
        return np.where(np.isfinite(self.people(column)), rows, np.maximum(rows, 1.0))

    def both(self, over: str, under: str) -> tuple[Floats, Floats, Floats]:
        """Give two numbers of people of each area, of the same people, and how many rows lack one.

        An area that states both is taken at its word. Of another, the rows of demand that state
        both tell either, for a share must not be of two sources; where there is no such row,
        each comes from where it is stated.
        """
        columns = [over, under]
        stated = [np.isfinite(_number(self.areas, each)) for each in columns]
        if (stated[0] & stated[1]).all():
            return self.people(over), self.people(under), self.lost(over) + self.lost(under)
        counted = [_number(self.demand, each) for each in columns]
        known = np.isfinite(counted[0]) & np.isfinite(counted[1])
        rows = self.of_demand.sums(known.astype(np.float64))
        lacking = np.maximum(self.of_demand.sums((~known).astype(np.float64)), rows == 0)
        by_rows = [np.where(rows > 0, self.of_demand.sums(np.where(known, each, np.nan)), np.nan)
                   for each in counted]  # fmt: skip
        own = (stated[0] & stated[1]) | ((stated[0] | stated[1]) & (rows == 0))
        lost = np.where(own, self.lost(over) + self.lost(under), lacking)
        first, second = (
            np.where(own, self.people(each), rest)
            for each, rest in zip(columns, by_rows, strict=True)
        )
        return first, second, lost

    def programme(self, column: str) -> Floats:
        """Give what the programmes state of each area, NaN where nothing."""
        told = self.parameters.programmes
        if told is None or column not in told:
            return np.full(len(self.areas), np.nan)
        by = "adcode" if "adcode" in told else "id"
        names = code_texts(told[by]) if by == "adcode" else told[by]
        if names.dropna().duplicated().any():
            raise DataError(f"programmes must have one row an area, got {by} twice")
        if by not in self.areas:
            return np.full(len(self.areas), np.nan)
        numbers = read_numbers(told[column]).to_frame()
        values = pd.Series(_number(numbers, column), index=names.to_numpy(dtype=object))
        values = values[values.index.notna()]
        given: Floats = self.areas[by].astype(object).map(values).to_numpy(dtype=np.float64)
        return given


def latest_day(facilities: gpd.GeoDataFrame, *, today: date | None = None) -> date | None:
    """Give the latest day that facilities state, None where none does.

    A mistyped year must not move the day that everything is counted to: days after `today` are
    left out, and so are a few (one, or one in a hundred) that lie a quarter of a year or more
    after all the others, where there are five of those at least.

    Examples
    --------
    >>> import geopandas as gpd
    >>> told = ["2026-03-01", "2026-02-01", "2025-12-01", "2025-11-01", "2025-10-01"]
    >>> def homes(*days):
    ...     column = pd.to_datetime(pd.Series(days))
    ...     return gpd.GeoDataFrame({"inspected_on": column}, geometry=[None] * len(days))
    >>> latest_day(homes(*told, "2062-03-01")), latest_day(homes(*told, "2026-04-01"))
    (datetime.date(2026, 3, 1), datetime.date(2026, 4, 1))
    """
    columns = [facilities[each].dropna() for each in _DAYS if each in facilities]
    stated = [each.to_numpy().astype("datetime64[D]") for each in columns]
    days = np.sort(np.concatenate([np.empty(0, "datetime64[D]"), *stated]))
    if today is not None:
        days = days[days <= np.datetime64(today, "D")]
    few = max(1, days.size // _ONE_IN)
    first = max(_SURE, days.size - few)
    gaps = np.flatnonzero(np.diff(days)[first - 1 :] > np.timedelta64(_QUARTER, "D"))
    if gaps.size:
        days = days[: first + gaps[0]]
    return days[-1].item() if days.size else None


def _weight(demand: gpd.GeoDataFrame) -> str:
    """Choose the people that demand states."""
    told = (each for each in _WEIGHTS if each in demand and demand[each].notna().any())
    return next(told, _WEIGHTS[0])


def _number(frame: pd.DataFrame, column: str) -> Floats:
    if column not in frame:
        return np.full(len(frame), np.nan)
    return people_of(frame, column)


def _above(areas: gpd.GeoDataFrame) -> Placement:
    """Place areas in those of higher levels, polygons by a point inside, and each in itself."""
    own = np.arange(len(areas))
    rank = np.zeros(len(areas), dtype=np.intp)
    if "level" in areas:
        rank = pd.Categorical(areas["level"], categories=list(LEVELS)).codes.astype(np.intp)
    shapes = areas.geometry
    inner = areas.set_geometry(shapes.representative_point()) if shapes.notna().any() else areas
    found = place(inner, areas)
    lower = (rank[found.rows] > rank[found.areas]) & (rank[found.areas] >= 0)
    rows = np.concatenate([found.rows[lower], own])
    places = np.concatenate([found.areas[lower], own])
    return Placement(rows, places, np.ones(rows.size), len(areas), len(areas))
