"""``gm.site`` with several types: the questions of each type, asked together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.siting.problem import Problem, check, require_number
from geomap.plan.siting.several import site_several
from geomap.plan.siting.ways import Asked, Ways, column_of, reach_of, today_of

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.model.network import Network
    from geomap.plan.siting.answer import Siting
    from geomap.plan.siting.median import Effort


@dataclass(frozen=True, eq=False)
class Typed:
    """What all types share.

    Parameters
    ----------
    demand, candidates : the frames.
    existing : facilities with their ``type``, or None.
    weight : the demand's column that counts the people.
    network : a walking network, or None.
    site_cost, budget : the candidates' column of costs and what may be spent, or None.
    """

    demand: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame | None
    weight: str
    network: Network | None
    site_cost: str
    budget: float | None

    def problem(self, asked: Asked, type_: str, p: int, standard_m: float) -> Problem:
        """Ask for one type."""
        reach_m = reach_of("mclp", standard_m)
        ways, there = Ways(self.network, reach_m), self.existing
        if there is not None:
            if "type" not in there:
                raise ParameterError("existing facilities need a column type with several types")
            there = there[there["type"] == type_]
        today = today_of(ways, asked, there, covered_only=True, each=False)
        money = None
        if self.budget is not None:
            money = column_of(self.candidates, self.site_cost, "site_cost")
        reach = ways.between(asked.homes, asked.spots)
        return check(
            Problem(
                model="mclp", reach=reach, existing=reach[:, :0] if today is None else today,
                weights=asked.people, p=p, required=np.zeros(reach.shape[1], dtype=bool),
                allowed=np.isfinite(asked.spots[0]), site_cost=money,
                budget=require_number(self.budget, "budget"),
            )
        )  # fmt: skip


def site_by_type(
    typed: Typed, p: object, standard_m: object, *, time_limit_s: float, effort: Effort
) -> Siting:
    """Choose sites for several types.

    Raises
    ------
    ParameterError : if p and standard_m are not of the same types, or a question cannot be asked.
    """
    if not (
        isinstance(p, Mapping) and isinstance(standard_m, Mapping) and set(p) == set(standard_m)
    ):
        raise ParameterError(
            f"with several types p and standard_m must both give a number for each, got p={p!r}"
            f" and standard_m={standard_m!r}"
        )
    if not p:
        raise ParameterError("there must be a type to site, got none")
    asked = Asked.of(typed.demand, typed.candidates, "mclp", typed.weight)
    problems = {each: typed.problem(asked, each, p[each], standard_m[each]) for each in p}
    limit = require_number(time_limit_s, "time_limit_s") or 0.0
    effort = replace(effort, until=time.monotonic() + limit)
    found = site_several(problems, effort)
    beyond = [row for row in found.unreachable if asked.people[row] > 0]
    return replace(
        found,
        chosen=typed.candidates.index[found.chosen].tolist(),
        unreachable=typed.demand.index[beyond].tolist(),
        notes=asked.notes,
    )
