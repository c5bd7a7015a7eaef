"""The median form where money is limited, beside the number of sites."""

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
class _Money:
    """What columns cost, and what there is to spend.

    Parameters
    ----------
    price : (m,) of each column, 0 or more.
    left : what the chosen ones may cost in all.
    """

    price: Floats
    left: float

    @property
    def divisor(self) -> Floats:
        """(m,) prices to divide by: what is free is next to nothing."""
        return np.maximum(self.price, 1e-12 * max(float(self.price.max()), 1.0))


def solve_limited(
    medians: Medians, site_cost: Floats, left: float, effort: Effort, *, start: Ints | None = None
) -> Found:
    """Choose columns within p and the money that cost demand least.

    Parameters
    ----------
    medians : the question without the required sites.
    site_cost : (m,) what each candidate costs.
    left : what is left for the others.
    effort : how long to look.
    start : candidates of a first answer that the money pays for.
    """
    dear = site_cost[medians.site] > left
    medians = medians.without(dear, np.zeros(medians.size, dtype=bool))
    none = np.zeros(0, dtype=np.int64)
    if not medians.size or medians.p <= 0:
        cost = medians.cost_of(none)
        return Found(none, cost, cost, proven=True)
    money = _Money(site_cost[medians.site], left)
    first = _first(medians, money, effort)
    if start is not None:
        first = min(first, np.flatnonzero(np.isin(medians.site, start)), key=medians.cost_of)
    if len(medians.row) > PAIRS_A_SECOND * max(effort.left_s, 1.0):
        cost = medians.cost_of(first)
        bound = min(_floor(medians, money), cost)
        if effort.tell is not None:
            effort.tell(cost, bound)
        return Found(medians.site[first], cost, bound, proven=bound >= cost)
    return _decide(medians, money, first, effort)


def _decide(medians: Medians, money: _Money, first: Ints, effort: Effort) -> Found:
    """Let HiGHS find the best choice."""
    program, constant = radius_program(medians)
    program = _limited(program, money)
    cost = medians.cost_of(first)
    floor = min(_floor(medians, money), cost)
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


def _limited(program: Program, money: _Money) -> Program:
    """Add the limit to a programme whose first variables are the columns."""
    more = program.matrix.shape[1] - len(money.price)
    row = sparse.csr_array(np.pad(money.price, (0, more))[None, :])
    return replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, row])),
        low=np.append(program.low, -np.inf),
        high=np.append(program.high, money.left),
    )


def _first(medians: Medians, money: _Money, effort: Effort) -> Ints:
    """Take what saves most for its price, then most at all; the better of the two."""
    ways = (np.ones(medians.size), money.divisor)
    return min((_picked(medians, money, per, effort) for per in ways), key=medians.cost_of)


def _picked(medians: Medians, money: _Money, per: Floats, effort: Effort) -> Ints:
    """Choose columns one by one that save most for `per`, as far as the money goes."""
    best, left = medians.base.copy(), money.left
    picked: list[int] = []
    while len(picked) < medians.p and time.monotonic() < effort.until:
        saved = medians.sums(np.maximum(best[medians.row] - medians.value, 0.0)) / per
        saved[money.price > left] = 0.0
        j = int(saved.argmax())
        if saved[j] <= 0:
            break
        picked.append(j)
        left -= float(money.price[j])
        here = medians.column(j)
        best[medians.row[here]] = np.minimum(best[medians.row[here]], medians.value[here])
    return np.array(picked, dtype=np.int64)


def _floor(medians: Medians, money: _Money) -> float:
    """Give a bound: what p columns, or what the money buys, would save if each saved alone."""
    saved = medians.sums(medians.base[medians.row] - medians.value)
    most = float(np.sort(saved)[::-1][: medians.p].sum())
    price, divisor = money.price, money.divisor
    order = np.argsort(-saved / divisor, kind="stable")
    before = np.cumsum(price[order]) - price[order]
    share = np.where(price[order] > 0, (money.left - before) / divisor[order], 1.0)
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
