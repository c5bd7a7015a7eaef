"""Having the sites of a question chosen: of one type, or of several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.web.siting.ground import CAPACITY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geomap.model.network import Network
    from geomap.plan.siting.answer import Siting
    from geomap.plan.siting.places import Measured
    from geomap.web.siting.ask import OneType, SiteAsk
    from geomap.web.siting.ground import SiteGround

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Tell = Callable[[float, float], None]


@dataclass(frozen=True, eq=False)
class Part:
    """What is asked of one type, with its answer.

    Parameters
    ----------
    one : the type and what is asked of it; None where no types are sited apart.
    measured : who lives where, and how far it is.
    chosen : positions of the sites that are chosen for it.
    place : where each of these stands among all that are chosen.
    today_m, near_m : (n,) metres to the nearest facility that stands, and with the new ones;
        infinite where there is none. Covering models leave out whom somebody covers today.
    served_by : (n,) as :attr:`geomap.plan.siting.answer.Siting.served_by`.
    """

    one: OneType | None
    measured: Measured
    chosen: Ints
    place: Ints
    today_m: Floats
    near_m: Floats
    served_by: Ints


def choose(
    ask: SiteAsk, ground: SiteGround, network: Network | None, tell: Tell | None
) -> tuple[Siting, list[Part]]:
    """Choose the sites.

    Raises
    ------
    ParameterError, CRSError, DataError, TooLargeError : if it cannot be asked.
    """
    if ask.by_type:
        return _several(ask, ground, network, tell)
    from geomap.plan.siting.places import site_measured
    from geomap.plan.siting.ways import held_by

    limited = bool(ask.capacity)
    measured = _measured(ask, ground, network, None, each=limited, all_rows=ask.equity != 0)
    found = site_measured(
        measured, ground.demand, ground.places, p=ask.p, time_limit_s=ask.time_limit_s,
        required=ask.required, excluded=_there(ask, ground), budget=ask.budget,
        site_cost=None if ask.budget is None else "cost",
        capacity=CAPACITY if limited else None, equity=ask.equity, tell=tell,
        existing_capacity=held_by(ground.existing, "beds_total") if limited else None,
    )  # fmt: skip
    chosen = ground.places.index.get_indexer_for(found.chosen)
    part = _part(None, measured, chosen, np.arange(len(chosen)), found.served_by)
    return found, [part]


def _several(
    ask: SiteAsk, ground: SiteGround, network: Network | None, tell: Tell | None
) -> tuple[Siting, list[Part]]:
    """Choose sites for several types, and measure again what each reaches."""
    from geomap.plan.siting.places import site

    numbers, metres = ({each.type: each[at] for each in ask.by_type} for at in (1, 2))
    limits: dict[str, object] = {
        "required": ask.required or None, "excluded": _there(ask, ground) or None,
        "capacity": CAPACITY if ask.capacity else None, "equity": ask.equity,
    }  # fmt: skip
    found = site(
        ground.demand, ground.places, model=ask.model, p=_stated(numbers),
        standard_m=_stated(metres), existing=ground.existing, time_limit_s=ask.time_limit_s,
        weight=ground.weight, network=network, budget=ask.budget, tell=tell,
        **{name: value for name, value in limits.items() if value},  # type: ignore[arg-type]  # each is of its kind
    )  # fmt: skip
    chosen = ground.places.index.get_indexer_for(found.chosen)
    types = np.array(found.types or [], dtype=object)
    parts = []
    for nth, each in enumerate(ask.by_type):
        own = np.flatnonzero(types == each.type)
        measured = _measured(ask, ground, network, each)
        parts.append(_part(each, measured, chosen[own], own, found.served_by[nth]))
    return found, parts


def _stated(numbers: dict[str, Any]) -> Any:  # noqa: ANN401 (numbers by type, or None)
    """Give numbers by type; None where none is stated."""
    return numbers if any(each is not None for each in numbers.values()) else None


def _there(ask: SiteAsk, ground: SiteGround) -> list[str]:
    """Of the ids that must not be chosen, those that might be."""
    return [each for each in ask.excluded if each in ground.places.index]


def _measured(  # noqa: PLR0913 (what a question is about)
    ask: SiteAsk,
    ground: SiteGround,
    network: Network | None,
    one: OneType | None,
    *,
    each: bool = False,
    all_rows: bool = False,
) -> Measured:
    """Measure how far it is, to the facilities that stand of one type or of all."""
    from geomap.plan.siting.places import measure

    there = ground.existing
    if one is not None:
        there = there[there["type"] == one.type]
    return measure(
        ground.demand, ground.places, there, model=ask.model,
        standard_m=ask.standard_m if one is None else one.standard_m, weight=ground.weight,
        network=network, each=each, all_rows=all_rows,
    )  # fmt: skip


def _part(
    one: OneType | None, measured: Measured, chosen: Ints, place: Ints, served_by: Ints
) -> Part:
    """Find how far the nearest is, today and with the chosen."""
    from geomap.plan.siting.problem import least_of

    today = np.full(len(served_by), np.inf)
    if measured.today is not None:
        today = least_of(measured.today)
        if measured.reach_m is not None:  # no nearer one serves from beyond
            today = np.where(today <= measured.reach_m, today, np.inf)
    near = np.minimum(today, least_of(measured.cost[:, chosen]))
    return Part(one, measured, chosen, place, today, near, served_by)
