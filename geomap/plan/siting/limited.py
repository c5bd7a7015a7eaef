"""The median form where more than the number of sites is limited: money, or types of one site."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geomap.plan.siting.highs import PAIRS_A_SECOND, Program, minimise, shifted
from geomap.plan.siting.lagrange import ROUNDING
from geomap.plan.siting.median import Found
from geomap.plan.siting.radii import radius_program, start_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.covering import Sets
    from geomap.plan.siting.median import Effort
    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Limits:
    """What a choice may use: ``use @ x <= high`` for each of k limits.

    Parameters
    ----------
    use : (k, m) how much of each limit a candidate uses, 0 or more.
    high : (k,) how much there is.
    price : (m,) by which what a candidate saves is weighed, or None: all alike.
    """

    use: sparse.csc_array
    high: Floats
    price: Floats | None = None

    def of(self, sites: Ints) -> Limits:
        """Give the limits of some candidates."""
        price = None if self.price is None else self.price[sites]
        return Limits(sparse.csc_array(self.use[:, sites]), self.high, price)

    def too_much(self, left: Floats) -> npt.NDArray[np.bool_]:
        """Mark the candidates that use more than is left."""
        over = self.use.data > left[self.use.indices]
        found = np.zeros(self.use.shape[1], dtype=bool)
        found[np.repeat(np.arange(len(found)), np.diff(self.use.indptr))[over]] = True
        return found


def money_limit(site_cost: Floats, budget: float) -> Limits:
    """Limit what a choice costs."""
    return Limits(sparse.csc_array(site_cost[None, :]), np.array([budget]), site_cost)


def solve_limited(
    medians: Medians, limits: Limits, effort: Effort, *, start: Ints | None = None
) -> Found:
    """Choose columns within p and the limits that cost demand least.

    Parameters
    ----------
    medians : the question without the required sites.
    limits : what is left for the others, by candidate.
    effort : how long to look.
    start : candidates of a first answer within the limits.
    """
    fits = ~limits.of(medians.site).too_much(limits.high)
    medians = medians.without(~fits, np.zeros(medians.size, dtype=bool))
    none = np.zeros(0, dtype=np.int64)
    if not medians.size or medians.p <= 0:
        cost = medians.cost_of(none)
        return Found(none, cost, cost, proven=True)
    limits = limits.of(medians.site)
    first = _first(medians, limits, effort)
    if start is not None:
        first = min(first, np.flatnonzero(np.isin(medians.site, start)), key=medians.cost_of)
    if len(medians.row) > PAIRS_A_SECOND * max(effort.left_s, 1.0):
        cost = medians.cost_of(first)
        bound = min(_floor(medians, limits), cost)
        if effort.tell is not None:
            effort.tell(cost, bound)
        return Found(medians.site[first], cost, bound, proven=bound >= cost)
    return _decide(medians, limits, first, effort)


def _decide(medians: Medians, limits: Limits, first: Ints, effort: Effort) -> Found:
    """Let HiGHS find the best choice."""
    program, constant = radius_program(medians)
    program = _limited(program, limits)
    cost = medians.cost_of(first)
    floor = min(_floor(medians, limits), cost)
    gap = 1 - 1e-4 if medians.whole else ROUNDING * abs(cost)
    outcome = minimise(
        program, time_limit_s=effort.left_s, start=start_of(medians, first), gap=gap,
        seed=effort.seed, tell=shifted(effort.tell, constant, best=cost, floor=floor),
    )  # fmt: skip
    if outcome.values is not None:
        chosen = np.flatnonzero(outcome.values[: medians.size] > 0.5)  # noqa: PLR2004 (0 or 1)
        if medians.cost_of(chosen) < cost:
            first, cost = chosen, medians.cost_of(chosen)
    bound = max(outcome.bound + constant, floor)
    bound = cost if outcome.proven else min(bound, cost)
    return Found(medians.site[first], cost, bound, proven=outcome.proven)


def _limited(program: Program, limits: Limits) -> Program:
    """Add the limits to a programme whose first variables are the columns."""
    more = program.matrix.shape[1] - limits.use.shape[1]
    rows = sparse.hstack([limits.use, sparse.csc_array((len(limits.high), more))])
    return replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, rows])),
        low=np.append(program.low, np.full(len(limits.high), -np.inf)),
        high=np.append(program.high, limits.high),
    )


def _first(medians: Medians, limits: Limits, effort: Effort) -> Ints:
    """Take what saves most for its price, then most at all; the better of the two."""
    chosen = _picked(medians, limits, np.ones(medians.size), effort)
    if limits.price is None:
        return chosen
    return min(chosen, _picked(medians, limits, _least(limits.price), effort), key=medians.cost_of)


def _picked(medians: Medians, limits: Limits, per: Floats, effort: Effort) -> Ints:
    """Choose columns one by one that save most for `per`, as far as the limits allow."""
    best, left = medians.base.copy(), limits.high.copy()
    picked: list[int] = []
    while len(picked) < medians.p and time.monotonic() < effort.until:
        saved = medians.sums(np.maximum(best[medians.row] - medians.value, 0.0)) / per
        saved[limits.too_much(left)] = 0.0
        j = int(saved.argmax())
        if saved[j] <= 0:
            break
        picked.append(j)
        left -= limits.use[:, [j]].toarray()[:, 0]
        here = medians.column(j)
        best[medians.row[here]] = np.minimum(best[medians.row[here]], medians.value[here])
    return np.array(picked, dtype=np.int64)


def _least(price: Floats) -> Floats:
    """Give prices to divide by: what is free is next to nothing."""
    return np.maximum(price, 1e-12 * max(float(price.max()), 1.0))


def _floor(medians: Medians, limits: Limits) -> float:
    """Give a bound: what p columns, or what the money buys, would save if each saved alone."""
    saved = medians.sums(medians.base[medians.row] - medians.value)
    most = float(np.sort(saved)[::-1][: medians.p].sum())
    if limits.price is not None:
        price, least = limits.price, _least(limits.price)
        order = np.argsort(-saved / least, kind="stable")
        before = np.cumsum(price[order]) - price[order]
        share = np.where(price[order] > 0, (limits.high[0] - before) / least[order], 1.0)
        most = min(most, float((saved[order] * share.clip(0.0, 1.0)).sum()))
    none, every = np.zeros(0, dtype=np.int64), np.arange(medians.size)
    return max(medians.cost_of(none) - most, medians.cost_of(every))


def cheapest_cover(sets: Sets, effort: Effort) -> float:
    """Give what covering all costs at least, as far as it can be proven."""
    assert sets.site_cost is not None  # noqa: S101 (checked before)
    medians = sets.medians()
    n, m = len(medians.base), medians.size
    rows = [medians.sets(), sparse.csr_array(np.ones((1, m)))]
    program = Program(
        cost=sets.site_cost[medians.site], matrix=sparse.csr_array(sparse.vstack(rows)),
        low=np.append(np.ones(n), -np.inf), high=np.append(np.full(n, np.inf), float(medians.p)),
        least=np.zeros(m), most=np.ones(m), whole=np.ones(m, dtype=bool),
    )  # fmt: skip
    outcome = minimise(program, time_limit_s=max(effort.left_s, 5.0))
    return float(outcome.bound) + float(sets.site_cost[sets.required].sum())
