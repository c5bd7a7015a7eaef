"""``gm.site``: choose sites among places, by straight line or on foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.siting.answer import COVERING
from geomap.plan.siting.by_type import Typed, site_by_type
from geomap.plan.siting.matrix import site_from_matrix
from geomap.plan.siting.median import Effort
from geomap.plan.siting.problem import least_of, marked, require_model
from geomap.plan.siting.ways import Asked, Ways, column_of, held_by, reach_of, today_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd
    from scipy import sparse

    from geomap.model.network import Network
    from geomap.plan.siting.answer import Siting


def site(  # noqa: PLR0913 (the public name's own options)
    demand: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    model: str = "mclp",
    p: int | Mapping[str, int] | None = None,
    standard_m: float | Mapping[str, float] | None = None,
    existing: gpd.GeoDataFrame | None = None,
    time_limit_s: float = 60,
    weight: str = "population",
    network: Network | None = None,
    required: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
    excluded: Sequence[Any] | None = None,
    site_cost: str = "cost",
    budget: float | None = None,
    capacity: str | None = None,
    existing_capacity: str = "beds_total",
    equity: float = 0.0,
    seed: int = 0,
    tell: Callable[[float, float], None] | None = None,
) -> Siting:
    """Choose the sites that serve people best, and prove how good the choice is.

    The models and what their objectives mean stand in :func:`geomap.site_from_matrix`; costs are
    metres, geodesic or on foot.

    Parameters
    ----------
    demand : (n,) points, polygons or cells (taken at a point inside), in a known CRS. Rows
        without people, without a number of them or without a place are left out, and told.
    candidates : (m,) points or polygons in a known CRS; those without a place are left out.
    model : lscp, mclp, p_median or p_center.
    p : how many new sites to choose; lscp takes none; with a budget, at most.
    standard_m : the coverage standard S, metres, the edge included. lscp and mclp need it; the
        others take what lies beyond it for out of reach. Several types at once: p by type, such
        as {"nursing_home": 1, "community_center": 3}, and the standard by type or one for all;
        for lscp, or with a budget, the standard by type alone will do. Each type serves for
        itself, a site takes one type, and existing facilities serve by their ``type``. The
        objective adds the types up; of p_center it is the greatest way to a site of any type:
        :mod:`geomap.plan.siting.several`.
    existing : facilities that stand: they serve for free and are not counted in p. Those closed,
        planned or being built, or without a place, serve nobody.
    time_limit_s : seconds for the choice, the measuring of distances not counted.
    weight : the demand's column that counts the people. lscp and p_center do without one.
    network : a walking network: distances on foot; without it, straight.
    required, excluded : labels of the candidates' index. With several types a required site may
        take any, or that under whose name it stands: {"nursing_home": ["mill"]}.
    site_cost, budget : the candidates' column of costs, and what the chosen may cost in all.
    capacity : the candidates' column of the people, or beds, that each can serve; None: any
        number.
    existing_capacity : with a capacity: the existing facilities' column of theirs.
    equity, seed, tell : as for :func:`geomap.site_from_matrix`.

    Returns
    -------
    Siting, with labels of the candidates' index in `chosen` and of the demand's in `unreachable`;
    ``notes`` tell what was left out.

    Raises
    ------
    ParameterError : if an option is out of range, a column is missing, there are no candidates,
        p does not fit, or the budget or the capacities do not suffice (by how much).
    CRSError, DataError : if a frame states no coordinate system, or people are negative.
    TooLargeError : if there are too many pairs within the standard.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.points_from_xy([121.0, 121.005, 121.1], [31.0, 31.0, 31.0], crs="EPSG:4326")
    >>> people = gpd.GeoDataFrame({"population": [30, 10, 5]}, geometry=at)
    >>> idle = gpd.GeoDataFrame({"name": ["mill", "shop"]}, index=["a", "b"], geometry=at[1:])
    >>> found = site(people, idle, p=1, standard_m=1000)
    >>> found.chosen, found.objective
    (['a'], 40.0)
    """
    name = require_model(model)
    if isinstance(standard_m, Mapping) or isinstance(p, Mapping):
        typed = Typed(
            name, demand, candidates, existing, weight, network,
            marked(_positions(candidates, excluded, "excluded"), len(candidates), "excluded"),
            site_cost, budget, capacity, existing_capacity, equity,
        )  # fmt: skip
        return site_by_type(
            typed, p, standard_m, required=required, time_limit_s=time_limit_s,
            positions=partial(_positions, candidates), effort=Effort(0.0, seed, tell),
        )  # fmt: skip
    if isinstance(required, Mapping):
        raise ParameterError("required by type goes with p or standard_m by type: give labels")
    measured = measure(
        demand, candidates, existing, model=name, standard_m=standard_m, weight=weight,
        network=network, each=capacity is not None, all_rows=equity != 0,
    )  # fmt: skip
    return site_measured(
        measured, demand, candidates, p=p, time_limit_s=time_limit_s, required=required,
        excluded=excluded, site_cost=None if budget is None else site_cost, budget=budget,
        capacity=capacity, equity=equity, seed=seed, tell=tell,
        existing_capacity=held_by(existing, existing_capacity) if capacity is not None else None,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Measured:
    """Who is asked about and how far it is, for one type: what :func:`site` solves.

    Attributes
    ----------
    model : lscp, mclp, p_median or p_center.
    asked : people and places.
    reach_m : the standard; None: as far as it goes.
    cost : (n, m) metres to the candidates; absent is out of reach. Where only covering counts,
        rows that are covered today have none.
    today : (n, e) metres to the facilities that stand, or (n, 1) to the nearest; None without any.
    """

    model: str
    asked: Asked
    reach_m: float | None
    cost: sparse.csc_array
    today: sparse.csc_array | None


def measure(  # noqa: PLR0913 (what a question is about)
    demand: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame | None,
    *,
    model: str,
    standard_m: float | None,
    weight: str,
    network: Network | None,
    each: bool = False,
    all_rows: bool = False,
) -> Measured:
    """Measure how far it is, as :func:`site` does.

    Parameters
    ----------
    demand, candidates, existing, standard_m, weight, network : as :func:`site`.
    model : one of the models.
    each : measure the way to each facility that stands, not only to the nearest.
    all_rows : measure rows that are covered already too, in models that do without.

    Raises
    ------
    ParameterError, CRSError, DataError, TooLargeError : as :func:`site`.
    """
    asked = Asked.of(demand, candidates, model, weight)
    reach_m = reach_of(model, standard_m)
    ways = Ways(network, reach_m)
    thin = model in COVERING and not (each or all_rows)
    today = today_of(ways, asked, existing, covered_only=thin, each=each)
    served = None if today is None or not thin else np.isfinite(least_of(today))
    cost = ways.between(asked.homes, asked.spots, skip=served)
    return Measured(model, asked, reach_m, cost, today)


def site_measured(  # noqa: PLR0913 (the options of a question)
    measured: Measured,
    demand: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    p: int | None,
    time_limit_s: float,
    required: Sequence[Any] | None = None,
    excluded: Sequence[Any] | None = None,
    site_cost: str | None = None,
    budget: float | None = None,
    capacity: str | None = None,
    existing_capacity: Any = None,  # noqa: ANN401 (an array)
    equity: float = 0.0,
    seed: int = 0,
    tell: Callable[[float, float], None] | None = None,
) -> Siting:
    """Choose sites where the ways were measured by :func:`measure`; options as :func:`site`.

    Raises
    ------
    ParameterError : as :func:`site`.
    """
    asked = measured.asked
    found = site_from_matrix(
        measured.cost, asked.people, model=measured.model, p=p, standard=measured.reach_m,
        existing=measured.today, time_limit_s=time_limit_s,
        required=_positions(candidates, required, "required"),
        excluded=[
            *_positions(candidates, excluded, "excluded"),
            *np.flatnonzero(~np.isfinite(asked.spots[0])).tolist(),
        ],
        site_cost=None if site_cost is None else column_of(candidates, site_cost, "site_cost"),
        budget=budget,
        capacity=None if capacity is None else column_of(candidates, capacity, "capacity"),
        existing_capacity=existing_capacity, equity=equity, seed=seed, tell=tell,
    )  # fmt: skip
    return labelled(found, asked, demand, candidates)


def _positions(candidates: pd.DataFrame, labels: Sequence[Any] | None, name: str) -> list[int]:
    """Find candidates by the labels of their index."""
    import pandas as pd

    if labels is None:
        return []
    found = candidates.index.get_indexer_for(pd.Index(labels))
    if (found < 0).any():
        missing = [each for each in labels if each not in candidates.index]
        raise ParameterError(f"{name} must be labels of the candidates' index, got {missing[:5]}")
    return [int(each) for each in found]


def labelled(
    found: Siting, asked: Asked, demand: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame
) -> Siting:
    """Name the sites and rows by their labels; a row without people is not out of reach."""
    beyond = [each for each in found.unreachable if asked.people[each] > 0]
    return replace(
        found,
        chosen=candidates.index[found.chosen].tolist(),
        unreachable=demand.index[beyond].tolist(),
        notes=asked.notes,
    )
