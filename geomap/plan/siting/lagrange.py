"""Bounds for the median form, and columns that they rule in or out.

The rows' one offer is relaxed: row i pays lambda_i at most, and column j is worth
rho_j = sum_i min(0, value_ij - lambda_i). Then no choice costs less than

    L(lambda) = sum_i (lambda_i + min(0, base_i - lambda_i)) + the p lowest rho_j

and a column that is not among the p lowest belongs to no choice that costs less than
L - (the highest chosen rho) + rho_j; if that is no better than the best known answer, the column
is ruled out, and likewise one that cannot be missed is ruled in (Cornuejols, Fisher and
Nemhauser 1977, doi:10.1287/mnsc.23.8.789; Beasley 1993, doi:10.1016/0377-2217(93)90118-7).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

_STEP, _SHORTEST = 2.0, 0.004
#: Steps without gain before they are halved: fewer where HiGHS will soon be done with the rest.
_PATIENCE, _SMALL_PATIENCE, _SMALL_PAIRS = 60, 15, 50_000
#: How much of the last direction a step keeps, which spares the zigzag (Camerini et al. 1975).
_KEPT: Final = 0.7
#: Rounding of a sum of many costs, as a share of it.
ROUNDING: Final = 1e-9


@dataclass(eq=False)
class Relaxed:
    """The best bound so far, the prices that gave it, and what it rules in and out."""

    medians: Medians
    cost: float
    price: Floats
    bound: float = -np.inf
    shut: Mask = field(init=False)
    opened: Mask = field(init=False)
    choices: list[Ints] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shut = np.zeros(self.medians.size, dtype=bool)
        self.opened = np.zeros(self.medians.size, dtype=bool)

    @property
    def limit(self) -> float:
        """Only an answer that costs less than this is of interest."""
        if self.medians.whole:
            return self.cost - 1 + 1e-6 + ROUNDING * abs(self.cost)
        return self.cost - ROUNDING * abs(self.cost)

    @property
    def done(self) -> bool:
        """Whether no answer can cost less than the known one."""
        return self.bound > self.limit

    def measure(self, price: Floats) -> tuple[float, Ints, Floats]:
        """Give L, the p lowest columns, and by how much each row's offers differ from one."""
        medians = self.medians
        over = np.take(price, medians.row)
        np.subtract(medians.value, over, out=over)
        np.minimum(over, 0.0, out=over)
        worth = medians.sums(over)
        p = min(medians.p, medians.size)
        order = np.argsort(worth, kind="stable")
        lowest = order[:p]
        pays = np.minimum(price, medians.base)
        value = float(pays.sum() + worth[lowest].sum()) + medians.offset
        self._rule(value, worth, order, p)
        pairs = medians.pairs_of(lowest)
        taken = medians.row[pairs[over[pairs] < 0]]
        slack = (price <= medians.base) - np.bincount(taken, minlength=len(price)).astype(float)
        return value, lowest, slack

    def _rule(self, value: float, worth: Floats, order: Ints, p: int) -> None:
        """Rule columns in and out by one bound."""
        self.bound = max(self.bound, value)
        inside, outside = order[:p], order[p:]
        if not outside.size or not np.isfinite(self.cost):
            return
        last, next_ = worth[inside[-1]], worth[outside[0]]
        self.shut[outside[value - last + worth[outside] > self.limit]] = True
        self.opened[inside[value - worth[inside] + next_ > self.limit]] = True

    def worth(self, price: Floats) -> Floats:
        """Give rho, what each column is worth at these prices: the lowest, most; (m,)."""
        medians = self.medians
        return medians.sums(np.minimum(medians.value - price[medians.row], 0.0))

    def left(self, *, trimmed: bool = False) -> Medians:
        """Give the question that is left.

        Trimmed: a row that pays more than its price plus what the bound leaves open belongs to
        no better answer, so its dearer offers go as well.
        """
        most = self.price + (self.limit - self.bound) if trimmed else None
        return self.medians.without(self.shut, self.opened, most=most)


def ascend(
    relaxed: Relaxed,
    *,
    until: float,
    rounds: int,
    better: Callable[[Ints], float] | None = None,
) -> None:
    """Raise the bound by subgradient steps, until it proves the answer or time runs out.

    Parameters
    ----------
    relaxed : changed in place: bound, prices, columns ruled in and out.
    until : time.monotonic() at which to stop.
    rounds : most steps.
    better : what the known answer costs after trying a choice of columns; tried as L improves.
    """
    medians, step, idle = relaxed.medians, _STEP, 0
    patience = _SMALL_PATIENCE if len(medians.row) < _SMALL_PAIRS else _PATIENCE
    price = relaxed.price.copy()
    best, tried, way = -np.inf, 0, np.zeros(len(price))
    for turn in range(rounds):
        value, lowest, slack = relaxed.measure(price)
        if value > best + 1e-4 * max(relaxed.cost - best, 0.0):
            idle = 0
        else:
            idle += 1
        if value > best:
            best, relaxed.price = value, price.copy()
            if better is not None and turn >= 2 * tried + 10:
                tried, relaxed.cost = turn, better(lowest)
        way = slack + _KEPT * way
        norm = float(way @ way)
        if relaxed.done or norm == 0 or time.monotonic() > until:
            break
        if idle >= patience:
            step, idle, price, way = step / 2, 0, relaxed.price.copy(), np.zeros(len(price))
            if step < _SHORTEST:
                break
            continue
        toward = max(relaxed.cost - value, ROUNDING * abs(relaxed.cost))
        price = np.clip(price + step * toward / norm * way, 0.0, medians.base)
