"""Swaps of a chosen column for another, with what each saves kept up to date.

What a swap saves is what the new column saves beside all that are chosen, less what the rows of
the old one lose to their second offer, plus what the new column makes good of that (Resende and
Werneck 2007, doi:10.1016/j.ejor.2005.05.028). A swap changes that for the rows of two columns
only, so thousands can be tried in the time in which all could be measured anew a few times.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

#: Cells of the table of swaps that is kept.
MOST_CELLS: Final = 4_000_000
#: A swap must save more than this share of the cost, or rounding could swap for ever.
_LEAST: Final = 1e-9
#: What a swap may lose at first and at last, by and large, as shares of what a chosen column does.
_HOT, _COLD = 0.1, 0.005
#: Swaps between two looks at the clock.
_LOOK: Final = 50


class Swaps:
    """A choice of columns, and what each swap would save."""

    def __init__(self, medians: Medians, chosen: Ints) -> None:
        self.medians, self.p = medians, len(chosen)
        order = np.argsort(medians.row, kind="stable")
        column = np.repeat(np.arange(medians.size), np.diff(medians.first))
        self._column, self._value = column[order], medians.value[order]
        self._first = np.searchsorted(medians.row[order], np.arange(len(medians.base) + 1))
        self._least = np.full(len(medians.base), np.inf)
        np.minimum.at(self._least, medians.row, medians.value)
        self._changed = np.zeros(len(medians.base), dtype=bool)
        self.choose(chosen)

    @property
    def cost(self) -> float:
        """What the choice costs, but for the offset."""
        return float(self._cheapest.sum())

    def choose(self, chosen: Ints) -> None:
        """Begin with a choice; (p,)."""
        n, size = len(self.medians.base), self.medians.size
        self.chosen = chosen.copy()
        self._place = np.full(size, -1)
        self._place[chosen] = np.arange(self.p)
        self._cheapest, self._second = np.empty(n), np.empty(n)
        self._holder = np.empty(n, dtype=np.int64)
        # one place more, for the base, which cannot be swapped
        self._gain, self._loss = np.zeros(size), np.append(np.zeros(self.p), np.inf)
        self._mended = np.zeros(size * (self.p + 1))
        every = np.arange(n)
        self._hold(every)
        self._count(every, 1.0)

    @property
    def common_loss(self) -> float:
        """What going without a chosen column costs, by and large."""
        return float(np.median(self._loss[:-1]))

    def saved(self) -> Floats:
        """Give what each swap saves: (m * (p + 1),), by the new column, then the place."""
        saved: Floats = self._gain[:, None] - self._loss
        saved += self._mended.reshape(saved.shape)
        saved[self.chosen] = -np.inf
        return saved.reshape(-1)

    def swap(self, cell: int) -> None:
        """Make the swap of a cell of `saved`."""
        medians, (new, place) = self.medians, divmod(cell, self.p + 1)
        changed = self._changed
        for j in (int(self.chosen[place]), new):
            here = medians.column(j)
            rows = medians.row[here]
            changed[rows[medians.value[here] <= self._second[rows]]] = True
        rows = np.flatnonzero(changed)
        changed[rows] = False
        self._count(rows, -1.0)
        self._place[self.chosen[place]], self._place[new] = -1, place
        self.chosen[place] = new
        self._hold(rows)
        self._count(rows, 1.0)

    def _pairs(self, rows: Ints) -> tuple[Ints, Ints]:
        """Give the pairs of some rows, and which of the rows each is of."""
        begin = self._first[rows]
        size = self._first[rows + 1] - begin
        ends = np.cumsum(size)
        of = np.repeat(np.arange(len(rows)), size)
        return np.arange(len(of)) + (begin - ends + size)[of], of

    def _hold(self, rows: Ints) -> None:
        """Find the two cheapest offers that rows have of the chosen columns."""
        pairs, of = self._pairs(rows)
        place = self._place[self._column[pairs]]
        here = place >= 0
        place, of, value = place[here], of[here], self._value[pairs[here]]
        order = np.lexsort((value, of))
        place, of, value = place[order], of[order], value[order]
        begins = np.ones(len(of), dtype=bool)
        begins[1:] = np.diff(of) != 0
        next_ = np.flatnonzero(begins) + 1
        next_ = next_[next_ < len(of)]
        next_ = next_[~begins[next_]]
        self._cheapest[rows] = self._second[rows] = self.medians.base[rows]
        self._holder[rows] = self.p
        self._cheapest[rows[of[begins]]] = value[begins]
        self._holder[rows[of[begins]]] = place[begins]
        self._second[rows[of[next_]]] = value[next_]

    def _count(self, rows: Ints, sign: float) -> None:
        """Add what rows make of each swap, or take it away."""
        rows = rows[self._least[rows] < self._second[rows]]
        pairs, of = self._pairs(rows)
        column, value = self._column[pairs], self._value[pairs]
        cheapest, second = self._cheapest[rows], self._second[rows]
        holder = self._holder[rows]
        gain, size = np.maximum(cheapest[of] - value, 0.0), self.medians.size
        self._gain += sign * np.bincount(column, gain, size)
        self._loss += sign * np.bincount(holder, second - cheapest, self.p + 1)
        mended = np.maximum(second[of] - np.maximum(value, cheapest[of]), 0.0)
        cell = column * (self.p + 1) + holder[of]
        np.add.at(self._mended, cell, sign * mended)


def descend(swaps: Swaps, *, until: float) -> None:
    """Make the best swap time after time, while one saves anything."""
    while time.monotonic() <= until:
        saved = swaps.saved()
        best = int(saved.argmax())
        if saved[best] <= _LEAST * max(1.0, swaps.cost):
            return
        swaps.swap(best)


def anneal(swaps: Swaps, *, steps: int, random: np.random.Generator, until: float) -> None:
    """Swap at random, rather what saves more, and ever more so; then take the best choice.

    Each swap is drawn with odds of exp(saved / heat): the greatest of saved + heat * noise, where
    the noise is Gumbel's, is such a draw. The heat falls by the same share each time.
    """
    medians = swaps.medians
    cells = medians.size * (swaps.p + 1)
    noise = random.gumbel(size=2 * cells)
    best, chosen = swaps.cost, swaps.chosen.copy()
    heat = _HOT * swaps.common_loss
    cooler = (_COLD / _HOT) ** (1 / steps)
    for turn in range(steps):
        begin = int(random.integers(cells))
        saved = swaps.saved()
        saved += heat * noise[begin : begin + cells]
        swaps.swap(int(saved.argmax()))
        if swaps.cost < best * (1 - _LEAST):
            best, chosen = swaps.cost, swaps.chosen.copy()
        heat *= cooler
        if turn % _LOOK == 0 and time.monotonic() > until:
            break
    swaps.choose(chosen)
    descend(swaps, until=until)
