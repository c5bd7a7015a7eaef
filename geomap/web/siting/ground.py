"""What a siting question stands on: people, candidates and facilities of what is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import NotFoundError
from geomap.web.plan.ask import Ask
from geomap.web.siting.ask import (
    CANDIDATES,
    DEMAND,
    FIT,
    GRID,
    IGNORE,
    PLANNED,
    STRIKE,
    USE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.model.standards import RulePack
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.siting.ask import SiteAsk

    Mask = NDArray[np.bool_]

#: Why a candidate takes no part: it lies in an exclusion area, it is too small for the beds that
#: are planned, or nobody knows how many beds fit where that is what it can serve.
IN_EXCLUSION, TOO_SMALL, NO_SIZE = "exclusion", "small", "unknown_size"
#: Columns that are added to candidates: beds that fit, and what each can serve.
BEDS_FIT, CAPACITY = "beds_fit", "capacity"
_SIZES: Final = ("floor_m2", "land_m2")


@dataclass(frozen=True, eq=False)
class SiteGround:
    """The rows of a question.

    Parameters
    ----------
    demand : (n,) who lives where, in the asked area.
    places : (m,) candidates on their ids, in the asked area, without those struck; with
        ``beds_fit`` where anything is known of their size, with ``enough`` where beds are planned,
        and with ``capacity`` where they can serve so many only.
    existing : (e,) facilities that are kept, wherever they are: they serve across borders.
    weight : the column that counts the people.
    struck : candidates that take no part, on their ids: name, why and beds_fit.
    exclusions : how many exclusion areas were kept clear.
    """

    demand: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    weight: str
    struck: pd.DataFrame
    exclusions: int

    @property
    def unsized(self) -> int:
        """How many may or may not be large enough for the beds planned: nobody knows."""
        return 0 if "enough" not in self.places else int(self.places["enough"].isna().sum())

    @property
    def undersized(self) -> int:
        """How many are too small for the beds planned, and only marked so."""
        if "enough" not in self.places:
            return 0
        return int((~self.places["enough"].fillna(value=True)).sum())


def ground_of(ask: SiteAsk, inputs: PlanInputs) -> SiteGround:
    """Take the rows that a question is about.

    Raises
    ------
    NotFoundError : if there is no demand, there are no candidates, or no such area.
    ParameterError : if the pack says nothing of the size of sites.
    TooLargeError : if a grid has too many points.
    """
    demand = inputs.demand
    if demand is None:
        raise NotFoundError(
            "the workspace has no demand: import demand, who lives where",
            zh="还没有人口数据：请先导入需求点",
        )
    existing = inputs.facilities
    if ask.existing == IGNORE:
        existing = existing.iloc[:0]
    elif ask.types:
        existing = existing[existing["type"].isin(ask.types)]
    places = _places(ask, inputs, demand)
    if ask.area:
        areas = inputs.scope(Ask(area=ask.area)).areas
        demand, places = _inside(demand, areas), _inside(places, areas)
    weight = ask.weight or (inputs.weights[0] if inputs.weights else "population")
    places = _sized(ask, places, inputs.packs)
    why, exclusions = _why_not(ask, places, inputs)
    struck = places.loc[why != "", [n for n in ("name", BEDS_FIT) if n in places]]
    struck = struck.assign(why=why[why != ""])
    return SiteGround(demand, places[why == ""], existing, weight, struck, exclusions)


def sites_of(ask: SiteAsk, inputs: PlanInputs) -> str:
    """Tell where candidates come from, as asked, else those imported, else the demand."""
    return ask.sites or (DEMAND if inputs.candidates is None else CANDIDATES)


def _places(ask: SiteAsk, inputs: PlanInputs, demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the candidates on their ids: those imported, a grid, or wherever people live."""
    source = sites_of(ask, inputs)
    if source == DEMAND:
        return demand_places(demand)
    if source == GRID:
        from geomap.plan.siting.candidates import grid_candidates

        areas = inputs.scope(Ask(area=ask.area)).areas
        return grid_candidates(areas, spacing_m=ask.grid_m).set_index("id")
    if inputs.candidates is None:
        raise NotFoundError(
            "the workspace has no candidates: import some, or ask with candidates=demand or grid",
            zh="还没有导入候选地点：请先导入，或改用需求点、格点作候选",
        )
    return inputs.candidates.set_index("id")


def demand_places(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make candidates, on their ids, of wherever people live."""
    at = demand.geometry.representative_point()
    return demand[["id", "name"]].set_geometry(at).set_index("id")


def _inside(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the rows that lie in any of some areas."""
    from geomap.plan.placing import place

    return frame[~place(frame, areas).nowhere]


def _sized(
    ask: SiteAsk, places: gpd.GeoDataFrame, packs: Mapping[str, RulePack]
) -> gpd.GeoDataFrame:
    """Tell how many beds fit where anything is known of that, and how many each can serve."""
    from geomap.plan.siting.room import room
    from geomap.web.plan.working import china_today

    known = any(name in places and places[name].notna().any() for name in _SIZES)
    if known or ask.needs_room:
        found = room(places, packs[ask.pack], on=china_today(), beds=ask.beds)
        places = places.assign(**{BEDS_FIT: found["beds_fit"]})
        if ask.beds is not None:
            places = places.assign(enough=found["enough"])
    if ask.capacity == FIT:
        return places.assign(**{CAPACITY: places[BEDS_FIT]})
    if ask.capacity == PLANNED:
        return places.assign(**{CAPACITY: float("nan") if ask.beds is None else ask.beds})
    if ask.capacity and ask.capacity in places:
        return places.assign(**{CAPACITY: places[ask.capacity]})
    return places


def _why_not(
    ask: SiteAsk, places: gpd.GeoDataFrame, inputs: PlanInputs
) -> tuple[NDArray[np.str_], int]:
    """Say why each candidate takes no part, empty where it does; and how many areas are clear."""
    why = np.full(len(places), "", dtype="<U12")
    if ask.beds is not None and ask.room == STRIKE:
        small = ~places["enough"].fillna(value=True).to_numpy(dtype=bool)
        why[small] = TOO_SMALL
    if ask.capacity == FIT:
        why[places[CAPACITY].isna().to_numpy()] = NO_SIZE
    areas = inputs.exclusions if ask.exclusions == USE else None
    if areas is None or not len(areas):
        return why, 0
    from geomap.plan.siting.candidates import outside

    why[~outside(places, areas)] = IN_EXCLUSION
    return why, len(areas)
