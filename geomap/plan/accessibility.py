"""How many beds there are for each person within reach: the floating catchment methods.

Step 1 gives each facility j its ratio R_j of supply to the people who can reach it, step 2 gives
each demand row i the sum of the ratios of what it reaches:

    R_j = S_j / sum_i p_i w_ij        A_i = sum_j w_ij R_j        d_ij <= S

========  ==========================  =========================================================
2sfca     w_ij = 1                    Luo and Wang 2003, doi:10.1068/b29120
e2sfca    w_ij = f(d_ij)              Luo and Qi 2009, doi:10.1016/j.healthplace.2009.06.002
3sfca     w_ij = f(d_ij) G_ij,        Wan, Zou and Sternberg 2012,
          G_ij = f(d_ij)/sum_k f(d_ik)  doi:10.1080/13658816.2011.624987
========  ==========================  =========================================================

The decay f is gaussian, ``(exp(-(d/S)²/2) - exp(-1/2)) / (1 - exp(-1/2))``, 1 at no distance and
0 at the standard (Dai 2010, doi:10.1016/j.healthplace.2010.06.012), or stepped, 1, 0.68 and 0.22
over thirds of the standard unless stated (Luo and Qi's slow decay).

Supply is not lost: sum_i p_i A_i is the supply of the facilities that anybody can reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from geomap.errors import DataError, ParameterError
from geomap.plan.discs import check_radius
from geomap.plan.pairs import Block, pairs_within
from geomap.plan.people import people_of
from geomap.plan.sites import has_geometry, homes_of, out_of_service, point_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd
    from scipy import sparse

    Floats = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

Method = Literal["2sfca", "e2sfca", "3sfca"]
Decay = Literal["gaussian", "stepped"]
METHODS: Final = get_args(Method)
DECAYS: Final = get_args(Decay)
#: Weights of the thirds of the standard, from near to far.
THIRDS: Final = (1.0, 0.68, 0.22)


@dataclass(frozen=True, eq=False)
class Access:
    """What the floating catchment found.

    Attributes
    ----------
    per_demand : (n,) supply per person within reach, on the index of the demand; 0 where nothing
        is in reach, NaN where the row has no place.
    per_facility : (m,) supply per person who reaches the facility, on the index of the
        facilities; NaN where the supply is unknown, it is not in service or nobody reaches it.
    reached, unreached : supply that somebody, and that nobody, can reach.
    left_out : how many rows were left out, by reason: ``supply_unknown``, ``not_in_service``,
        ``facility_without_place``, ``weight_unknown``, ``demand_without_place``.
    """

    per_demand: pd.Series
    per_facility: pd.Series
    reached: float
    unreached: float
    left_out: Mapping[str, int]


def accessibility(  # noqa: PLR0913 (the public name's own options)
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    threshold_m: float,
    method: Method = "e2sfca",
    supply: str = "beds_total",
    weight: str = "population",
    decay: Decay = "gaussian",
    steps: Mapping[float, float] | None = None,
    cost: sparse.csr_array | None = None,
) -> pd.Series:
    """Measure the supply per person within reach of each demand row.

    Parameters
    ----------
    demand : (n,) points, polygons or cells (taken at a point inside), in a known CRS.
    facilities : (m,) points in a known CRS; m may be 0. Those that are closed, planned or being
        built are left out; an unstated status is not taken for closed.
    threshold_m : the coverage standard S in metres, the edge included; at most 100 km.
    method : 2sfca, e2sfca or 3sfca.
    supply : the facilities' column: beds_total, beds_nursing, beds_available or another number.
    weight : the demand's column that counts the people.
    decay : gaussian or stepped; 2sfca has none.
    steps : stepped only: weights by the distance up to which they hold, such as
        {500: 1, 1000: 0.5}.
    cost : (n, m) sparse distances along the network in metres; what is not stored is out of
        reach, a stored 0 is next door. Without it distances are geodesic.

    Returns
    -------
    (n,) float Series ``accessibility`` on the index of `demand`: supply per person; 0 where
    nothing is in reach, NaN where a row has no place. ``attrs["left_out"]`` counts the rows left
    out, by reason: unknown supply and unknown people are not 0.

    Raises
    ------
    ParameterError : if an option is unknown or out of range, or a column is missing.
    DataError : if people, supply or distances are negative.
    TooLargeError : if there are too many pairs within the threshold.

    References
    ----------
    See :mod:`geomap.plan.accessibility`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.points_from_xy([0, 0.001, 1], [0, 0, 0], crs="EPSG:4326")
    >>> people = gpd.GeoDataFrame({"population": [30, 10, 5]}, geometry=at)
    >>> homes = gpd.GeoDataFrame({"beds_total": [20]}, geometry=at[:1])
    >>> accessibility(people, homes, threshold_m=1000, method="2sfca").tolist()
    [0.5, 0.5, 0.0]
    """
    found = measure_access(
        demand, facilities, threshold_m=threshold_m, method=method, supply=supply, weight=weight,
        decay=decay, steps=steps, cost=cost,
    )  # fmt: skip
    found.per_demand.attrs["left_out"] = dict(found.left_out)
    return found.per_demand


def measure_access(  # noqa: PLR0913 (those of accessibility)
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    threshold_m: float,
    method: Method = "e2sfca",
    supply: str = "beds_total",
    weight: str = "population",
    decay: Decay = "gaussian",
    steps: Mapping[float, float] | None = None,
    cost: sparse.csr_array | None = None,
) -> Access:
    """Measure as :func:`accessibility` does, and tell the ratios and what was left out."""
    import pandas as pd

    weigh = _weighing(method, decay, steps, check_radius(threshold_m, "threshold_m"))
    people, supplied = people_of(demand, weight), _supplied(facilities, supply)
    closed = out_of_service(facilities)
    if cost is None:
        at, (sites, located) = homes_of(demand), point_places(facilities)
        placed = np.isfinite(at[0]) & np.isfinite(at[1])
        usable = located & ~closed & np.isfinite(supplied)
        sites = (np.where(usable, sites[0], np.nan), sites[1])
        blocks: Iterable[Block] = pairs_within(at, sites, threshold_m)
    else:
        located = np.ones(len(facilities), dtype=bool)
        usable = ~closed & np.isfinite(supplied)
        block = _given(cost, (len(demand), len(facilities)), threshold_m)
        blocks = [block]
        placed = has_geometry(demand) | (np.diff(block.distance_m.indptr) > 0)
    known = np.where(np.isfinite(people), people, 0.0)
    per_demand, per_facility = _catchments(
        blocks, weigh, known, np.where(usable, supplied, np.nan), thrice=method == "3sfca"
    )
    per_demand[~placed] = np.nan
    left_out = {
        "supply_unknown": int((~np.isfinite(supplied) & ~closed).sum()),
        "not_in_service": int(closed.sum()),
        "facility_without_place": int((~located & ~closed & np.isfinite(supplied)).sum()),
        "weight_unknown": int((~np.isfinite(people)).sum()),
        "demand_without_place": int((~placed).sum()),
    }
    reached = usable & np.isfinite(per_facility)
    return Access(
        pd.Series(per_demand, index=demand.index, name="accessibility"),
        pd.Series(per_facility, index=facilities.index, name="ratio"),
        float(supplied[reached].sum()),
        float(supplied[usable & ~reached].sum()),
        left_out,
    )


def _catchments(
    blocks: Iterable[Block],
    weigh: Callable[[Floats], Floats],
    people: Floats,
    supplied: Floats,
    *,
    thrice: bool,
) -> tuple[Floats, Floats]:
    """Do the two steps over blocks of pairs."""
    reaching = np.zeros(len(supplied))
    weighed = []
    for block in blocks:
        weights = block.distance_m
        weights.data = weigh(weights.data)
        if thrice:
            weights.data *= _choices(weights)
        reaching += people[block.rows] @ weights
        weighed.append((block.rows, weights))
    ratio = np.full(len(supplied), np.nan)
    np.divide(supplied, reaching, out=ratio, where=reaching > 0)
    spread = np.where(np.isfinite(ratio), ratio, 0.0)
    access = np.zeros(len(people))
    for rows, weights in weighed:
        access[rows] = weights @ spread
    return access, ratio


def _choices(weights: sparse.csr_array) -> Floats:
    """Give each stored weight's share of its row: how likely that facility is chosen."""
    sums = weights.sum(axis=1)
    each = np.repeat(np.where(sums > 0, sums, 1.0), np.diff(weights.indptr))
    shares: Floats = weights.data / each
    return shares


def _weighing(
    method: str, decay: str, steps: Mapping[float, float] | None, threshold_m: float
) -> Callable[[Floats], Floats]:
    """Choose the weight of a distance within the threshold."""
    if method not in METHODS:
        raise ParameterError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    if decay not in DECAYS:
        raise ParameterError(f"decay must be one of {', '.join(DECAYS)}, got {decay!r}")
    if steps is not None and (decay != "stepped" or method == "2sfca"):
        raise ParameterError(
            "steps go with decay='stepped' of e2sfca or 3sfca only: leave them out"
        )
    if method == "2sfca":
        return np.ones_like
    if decay == "gaussian":
        return lambda distance_m: _gaussian(distance_m, threshold_m)
    ends, weights = _steps(steps, threshold_m)
    return lambda distance_m: weights[np.searchsorted(ends, distance_m)]


def _gaussian(distance_m: Floats, threshold_m: float) -> Floats:
    """Dai's decay; worked out in place, for there may be a hundred million distances."""
    edge = math.exp(-0.5)
    weights = np.square(distance_m)
    weights *= -0.5 / threshold_m**2
    np.exp(weights, out=weights)
    weights -= edge
    weights /= 1 - edge
    return np.maximum(weights, 0.0, out=weights)


def _steps(steps: Mapping[float, float] | None, threshold_m: float) -> tuple[Floats, Floats]:
    """Give the ends of the steps, and a weight for each and for what lies beyond."""
    if steps is None:
        steps = {threshold_m / 3: THIRDS[0], threshold_m * 2 / 3: THIRDS[1], threshold_m: THIRDS[2]}
    if not isinstance(steps, Mapping) or not steps:
        raise ParameterError(f"steps must be weights by distance, got {steps!r}")
    ends = np.array(sorted(steps), dtype=np.float64)
    weights = np.array([*(steps[each] for each in sorted(steps)), 0.0], dtype=np.float64)
    if not (np.isfinite(ends).all() and (ends > 0).all()):
        raise ParameterError(f"steps must end at positive distances, got {list(steps)}")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ParameterError(f"weights of steps must be 0 or more, got {list(steps.values())}")
    return ends, weights


def _supplied(facilities: gpd.GeoDataFrame, supply: str) -> Floats:
    """Give what each facility has, NaN where unknown."""
    if supply not in facilities:
        raise ParameterError(f"supply must name a column, got {supply!r} and {list(facilities)}")
    return people_of(facilities, supply)


def _given(cost: sparse.csr_array, shape: tuple[int, int], threshold_m: float) -> Block:
    """Check a matrix of distances, and keep what is within the threshold."""
    from scipy import sparse

    if not sparse.issparse(cost) or cost.shape != shape:
        raise ParameterError(
            f"cost must be a sparse matrix of {shape[0]} demand rows by {shape[1]} facilities, got"
            f" {type(cost).__name__} of shape {np.shape(cost)}"
        )
    # A matrix of its own on the numbers of the given one: weights take their place, none change.
    matrix = sparse.csr_array(cost).astype(np.float64, copy=False)
    if not (matrix.data >= 0).all():
        raise DataError("cost must be metres of 0 or more, got negative ones or NaN")
    far = matrix.data > threshold_m
    if far.any():
        stored = matrix.tocoo()
        row, site = (each[~far] for each in stored.coords)
        matrix = sparse.csr_array((stored.data[~far], (row, site)), shape=shape)
    return Block(np.arange(shape[0]), matrix)
