"""``gm.site`` with several types: the questions of each type, asked together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.answer import COVERING
from geomap.plan.siting.matrix import raised_weights
from geomap.plan.siting.problem import Problem, check, marked, require_number, within
from geomap.plan.siting.several import site_several
from geomap.plan.siting.ways import Asked, Ways, column_of, held_by, reach_of, today_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import numpy.typing as npt

    from geomap.model.network import Network
    from geomap.plan.siting.answer import Siting
    from geomap.plan.siting.median import Effort

    Floats = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Typed:
    """What all types share; the fields are the options of :func:`geomap.site`.

    Parameters
    ----------
    model : lscp, mclp, p_median or p_center.
    demand, candidates : the frames.
    existing : facilities with their ``type``, or None.
    weight : the demand's column that counts the people.
    network : a walking network, or None.
    excluded : (m,) candidates that must not be chosen.
    site_cost, budget : the candidates' column of costs and what may be spent, or None.
    capacity, existing_capacity : the columns of what sites can serve, or None.
    equity : how much more the worst served count.
    """

    model: str
    demand: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame | None
    weight: str
    network: Network | None
    excluded: Mask
    site_cost: str = "cost"
    budget: float | None = None
    capacity: str | None = None
    existing_capacity: str = "beds_total"
    equity: float = 0.0

    def problem(
        self, asked: Asked, type_: str, p: int | None, standard_m: float | None, required: Mask
    ) -> Problem:
        """Ask for one type."""
        reach_m = reach_of(self.model, standard_m)
        ways, there = Ways(self.network, reach_m), self._of_type(type_)
        thin = self.model in COVERING and self.capacity is None and not self.equity
        today = today_of(ways, asked, there, covered_only=thin, each=self.capacity is not None)
        if today is None:
            today = sparse.csc_array((len(asked.people), 0))
        reach = ways.between(asked.homes, asked.spots)
        return check(
            Problem(
                model=self.model, reach=reach, existing=within(today, reach_m),
                weights=self._weights(asked, today), p=p, required=required,
                allowed=np.isfinite(asked.spots[0]) & ~self.excluded,
                site_cost=self._column(self.site_cost if self.budget is not None else None),
                budget=require_number(self.budget, "budget"),
                capacity=self._column(self.capacity), existing_capacity=self._held(there),
            )
        )  # fmt: skip

    def _of_type(self, type_: str) -> gpd.GeoDataFrame | None:
        """Give the facilities of a type that stand."""
        there = self.existing
        if there is None:
            return None
        if "type" not in there:
            raise ParameterError("existing facilities need a column type with several types")
        return there[there["type"] == type_]

    def _weights(self, asked: Asked, today: sparse.csc_array) -> Floats:
        """Raise the weights of those whom the type serves worst; of nobody is served, all alike."""
        equity = require_number(self.equity, "equity") or 0.0
        if equity and self.existing is not None and not today.shape[1]:
            return asked.people * (1 + equity)
        return raised_weights(asked.people, today, equity)

    def _column(self, name: str | None) -> Floats | None:
        """Read a column of the candidates."""
        if name is None:
            return None
        return column_of(
            self.candidates, name, "site_cost" if name != self.capacity else "capacity"
        )

    def _held(self, there: gpd.GeoDataFrame | None) -> Floats | None:
        """Read what the facilities that stand can serve."""
        if self.capacity is None:
            return None
        held = held_by(there, self.existing_capacity)
        return np.zeros(0) if held is None else held


def site_by_type(  # noqa: PLR0913 (what differs by type, and how long to look)
    typed: Typed,
    p: object,
    standard_m: object,
    *,
    required: Mapping[str, Sequence[Any]] | Sequence[Any] | None,
    positions: Callable[[Sequence[Any] | None, str], list[int]],
    time_limit_s: float,
    effort: Effort,
) -> Siting:
    """Choose sites for several types.

    Parameters
    ----------
    typed : what they share.
    p, standard_m : by type; p is None for lscp, or with a budget; one standard stands for all.
    required : labels of the candidates that must be chosen, by the type that they must take, or
        whichever they take.
    positions : finds candidates by their labels.
    time_limit_s, effort : how long to look.

    Raises
    ------
    ParameterError : if p and standard_m are not of the same types, or a question cannot be asked.
    """
    types = _types(p, standard_m)
    asked = Asked.of(typed.demand, typed.candidates, typed.model, typed.weight)
    m = len(typed.candidates)
    by_type = required if isinstance(required, Mapping) else {}
    foreign = sorted(set(by_type) - set(types))
    if foreign:
        raise ParameterError(f"required must name types of {', '.join(types)}, got {foreign}")
    problems = {
        each: typed.problem(
            asked, each, _of(p, each), _of(standard_m, each),
            marked(positions(by_type.get(each), "required"), m, "required"),
        ) for each in types
    }  # fmt: skip
    shared = [] if isinstance(required, Mapping) else positions(required, "required")
    limit = require_number(time_limit_s, "time_limit_s") or 0.0
    effort = replace(effort, until=time.monotonic() + limit)
    found = site_several(
        problems, effort, people=asked.people, shared=marked(shared, m, "required")
    )
    beyond = [row for row in found.unreachable if asked.people[row] > 0]
    return replace(
        found,
        chosen=typed.candidates.index[found.chosen].tolist(),
        unreachable=typed.demand.index[beyond].tolist(),
        notes=asked.notes,
    )


def _types(p: object, standard_m: object) -> list[str]:
    """Give the types that p, the standard or both are stated for.

    Raises
    ------
    ParameterError : if the two are not of the same types, one number of sites is to do for all,
        or there is no type.
    """
    stated = [each for each in (p, standard_m) if isinstance(each, Mapping)]
    whole = p is not None and not isinstance(p, Mapping)
    if whole or any(set(each) != set(stated[0]) for each in stated):
        raise ParameterError(
            f"with several types p must give a number for each, and standard_m one for each or one"
            f" for all, got p={p!r} and standard_m={standard_m!r}",
            zh=f"多个类型时，p 须按类型分别给出，standard_m 按类型或统一给出，这里是 p={p!r}、"
            f"standard_m={standard_m!r}",
        )
    if not stated[0]:
        raise ParameterError("there must be a type to site, got none")
    return list(stated[0])


def _of(stated: Any, type_: str) -> Any:  # noqa: ANN401 (a number, None, or either by type)
    """Give what is stated for a type."""
    return stated[type_] if isinstance(stated, Mapping) else stated
