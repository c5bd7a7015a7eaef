"""``gm.site``: choose sites among places, by straight line or on foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.siting.answer import COVERING
from geomap.plan.siting.by_type import Typed, site_by_type
from geomap.plan.siting.matrix import site_from_matrix
from geomap.plan.siting.median import Effort
from geomap.plan.siting.problem import least_of, require_model
from geomap.plan.siting.ways import Asked, Ways, column_of, held_by, reach_of, today_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd

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
    required: Sequence[Any] | None = None,
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
        others take what lies beyond it for out of reach. Several types at once (mclp only): a
        standard for each type, such as {"nursing_home": 5000, "community_center": 1000}, with p
        likewise. Each type covers for itself, a site takes one type, the objective adds the
        types' people up, and existing facilities serve by their ``type``.
    existing : facilities that stand: they serve for free and are not counted in p. Those closed,
        planned or being built, or without a place, serve nobody.
    time_limit_s : seconds for the choice, the measuring of distances not counted.
    weight : the demand's column that counts the people. lscp and p_center do without one.
    network : a walking network: distances on foot; without it, straight.
    required, excluded : labels of the candidates' index.
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
        if name != "mclp" or required or excluded or capacity or equity:
            raise ParameterError(
                "several types go with mclp, without required, excluded, capacity and equity"
            )
        typed = Typed(demand, candidates, existing, weight, network, site_cost, budget)
        effort = Effort(0.0, seed, tell)
        return site_by_type(typed, p, standard_m, time_limit_s=time_limit_s, effort=effort)
    asked = Asked.of(demand, candidates, name, weight)
    reach_m = reach_of(name, standard_m)
    ways = Ways(network, reach_m)
    thin = capacity is None and name in COVERING and not equity
    today = today_of(ways, asked, existing, covered_only=thin, each=capacity is not None)
    served = None if today is None or not thin else np.isfinite(least_of(today))
    found = site_from_matrix(
        ways.between(asked.homes, asked.spots, skip=served), asked.people,
        model=name, p=p, standard=None if standard_m is None else reach_m, existing=today,
        time_limit_s=time_limit_s,
        required=_positions(candidates, required, "required"),
        excluded=[
            *_positions(candidates, excluded, "excluded"),
            *np.flatnonzero(~np.isfinite(asked.spots[0])).tolist(),
        ],
        site_cost=None if budget is None else column_of(candidates, site_cost, "site_cost"),
        budget=budget,
        capacity=None if capacity is None else column_of(candidates, capacity, "capacity"),
        existing_capacity=held_by(existing, existing_capacity) if capacity is not None else None,
        equity=equity, seed=seed, tell=tell,
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
        notes=(*found.notes, *asked.notes),
    )
