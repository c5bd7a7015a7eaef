"""What a siting question stands on: people, candidates and facilities of what is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import NotFoundError, ParameterError
from geomap.web.plan.ask import Ask
from geomap.web.siting.ask import CANDIDATES, COUNTED, DEMAND, IGNORE

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.siting.ask import SiteAsk

_MOST_NAMED: Final = 5


@dataclass(frozen=True, eq=False)
class SiteGround:
    """The rows of a question.

    Parameters
    ----------
    demand : (n,) who lives where, in the asked area.
    places : (m,) candidates on their ids, in the asked area.
    existing : (e,) facilities that are kept, wherever they are: they serve across borders.
    weight : the column that counts the people.
    """

    demand: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    weight: str


def ground_of(ask: SiteAsk, inputs: PlanInputs) -> SiteGround:
    """Take the rows that a question is about.

    Raises
    ------
    NotFoundError : if there is no demand, there are no candidates, or no such area.
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
    return SiteGround(demand, places, existing, weight)


def sites_of(ask: SiteAsk, inputs: PlanInputs) -> str:
    """Tell where candidates come from, as asked, else those imported, else the demand."""
    return ask.sites or (DEMAND if inputs.candidates is None else CANDIDATES)


def _places(ask: SiteAsk, inputs: PlanInputs, demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the candidates on their ids: those imported, else wherever people live."""
    if sites_of(ask, inputs) == DEMAND:
        return demand_places(demand)
    if inputs.candidates is None:
        raise NotFoundError(
            "the workspace has no candidates: import some, or ask with candidates=demand",
            zh="还没有导入候选地点：请先导入，或改用需求点作候选",
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


def faults_of(ask: SiteAsk, inputs: PlanInputs) -> dict[str, ParameterError]:
    """Find what cannot be asked of these data, by the field of the question.

    Raises
    ------
    NotFoundError : if there is no demand, there are no candidates, or no such area.
    """
    if ask.walks and not inputs.has_network:
        said = "there is no walking network here: give standard_m, a straight line"
        return {"method": ParameterError(said, zh="还没有步行路网，不能沿街道算。请选直线。")}
    if ask.sites == CANDIDATES and inputs.candidates is None:
        said = "there are no candidates here: import some, or ask with candidates=demand"
        return {"sites": ParameterError(said, zh="还没有导入候选地点：请先导入，或从需求点里选")}
    ground = ground_of(ask, inputs)
    found = _few(ask, ground) | _named(ask, ground)
    if ask.weight and (ask.weight not in ground.demand or ground.demand[ask.weight].isna().all()):
        known = ", ".join(inputs.weights)
        found["weight"] = ParameterError(
            f"the demand does not tell {ask.weight}; it tells {known}",
            zh="需求点里没有这一项人数；请换一项",
        )
    cost = ground.places.get("cost")
    if ask.budget is not None and (cost is None or cost.isna().any()):
        found["budget"] = ParameterError(
            "a budget needs the cost of every candidate, and some are not known",
            zh="有的候选地点不知道费用，不能按总费用选；请先填上",
        )
    return found


def _few(ask: SiteAsk, ground: SiteGround) -> dict[str, ParameterError]:
    """Find whether there are too few candidates, or too few sites."""
    shapes = ground.places.geometry
    many = int((~(shapes.isna() | shapes.is_empty)).sum()) - len(set(ask.excluded))
    if many <= 0 or not len(ground.demand):
        return {"area": ParameterError(
            "there are no candidates, or no people, in this area",
            zh="这个地区里没有候选地点，或没有人口数据",
        )}  # fmt: skip
    if ask.model in COUNTED and ask.p is None and ask.budget is None:
        said = f"{ask.model} needs p, how many new sites, or a budget"
        return {"p": ParameterError(said, zh="请填要选几处")}
    if ask.p is not None and ask.p > many:
        return {"p": ParameterError(
            f"must be at most the {many} candidates, got {ask.p}",
            zh=f"最多只能选 {many} 处（候选地点就这么多），这里是 {ask.p}",
        )}  # fmt: skip
    if ask.p is not None and ask.p < len(set(ask.required)):
        return {"p": ParameterError(
            f"must be at least the {len(set(ask.required))} required sites, got {ask.p}",
            zh=f"至少要选 {len(set(ask.required))} 处（必须选的就有这么多），这里是 {ask.p}",
        )}  # fmt: skip
    return {}


def _named(ask: SiteAsk, ground: SiteGround) -> dict[str, ParameterError]:
    """Find ids that no candidate has, and those both required and excluded."""
    found = {}
    for name in ("required", "excluded"):
        ids = np.array(getattr(ask, name), dtype=object)
        lost = [each for each in ids if each not in ground.places.index][:_MOST_NAMED]
        if lost:
            found[name] = ParameterError(
                f"no candidate has the id {', '.join(lost)}",
                zh=f"没有编号为 {'、'.join(lost)} 的候选地点",
            )
    if both := set(ask.required) & set(ask.excluded):
        said = ", ".join(sorted(both)[:_MOST_NAMED])
        found["excluded"] = ParameterError(
            f"{said} is required and excluded", zh=f"{said} 不能既必须选又不能选"
        )
    return found
