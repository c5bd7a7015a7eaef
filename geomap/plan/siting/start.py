"""The first answer: greedy, then interchange.

Greedy takes, time after time, the column that lowers the cost most. What a column still saves
only falls as others are chosen, so an old figure is a ceiling, and only the columns at the top
need be measured again (lazy greedy; Minoux 1978, doi:10.1007/BFb0006528).
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.plan.siting.swaps import MOST_CELLS, Swaps, descend

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

#: A swap must save more than this share of the cost, or rounding could swap for ever.
_LEAST: Final = 1e-12


def greedy(medians: Medians, *, chosen: Ints | None = None, until: float = np.inf) -> Ints:
    """Choose columns one by one, each that which lowers the cost most; of equals, the first.

    Parameters
    ----------
    medians : with p to choose.
    chosen : columns to begin with.
    until : time.monotonic() after which columns are taken as they were last measured.
    """
    picked = [] if chosen is None else [int(each) for each in chosen]
    best = medians.best_of(np.array(picked, dtype=np.int64))
    saved = medians.sums(np.maximum(best[medians.row] - medians.value, 0.0))
    saved[picked] = 0.0
    heap = [(-saving, j) for j, saving in enumerate(saved.tolist()) if saving > 0]
    heapq.heapify(heap)
    row, value, first = medians.row, medians.value, medians.first.tolist()
    while heap and len(picked) < medians.p:
        _, j = heap[0]
        rows, values = row[first[j] : first[j + 1]], value[first[j] : first[j + 1]]
        here = best[rows]
        saving = float(np.maximum(here - values, 0.0).sum())
        if saving <= 0:
            heapq.heappop(heap)
            continue
        late = time.monotonic() > until
        heapq.heapreplace(heap, (-saving, j))
        if heap[0][1] == j or late:
            _take(heap, j)
            picked.append(j)
            best[rows] = np.minimum(here, values)
    return np.array(picked, dtype=np.int64)


def _take(heap: list[tuple[float, int]], j: int) -> None:
    """Take a column off the heap; it is at the top but where time ran out."""
    if heap[0][1] == j:
        heapq.heappop(heap)
    else:
        heap.remove(next(each for each in heap if each[1] == j))
        heapq.heapify(heap)


@dataclass(eq=False)
class _Held:
    """The cheapest and the second cheapest offer that each row has of the chosen columns."""

    cheapest: Floats
    second: Floats
    holder: Ints  # position in the choice of who offers the cheapest; p: the base does

    @classmethod
    def of(cls, medians: Medians, chosen: Ints) -> _Held:
        """Find them, column by column."""
        none = len(chosen)
        cheapest, second = medians.base.copy(), medians.base.copy()
        holder = np.full(len(cheapest), none)
        for position, j in enumerate(chosen.tolist()):
            here = medians.column(j)
            rows, offer = medians.row[here], medians.value[here]
            before = cheapest[rows]
            wins = offer < before
            second[rows] = np.where(wins, before, np.minimum(second[rows], offer))
            won = rows[wins]
            cheapest[won] = offer[wins]
            holder[won] = position
        return cls(cheapest, second, holder)


def interchange(medians: Medians, chosen: Ints, *, until: float) -> Ints:
    """Swap a chosen column for another while that lowers the cost; the best swap each time.

    What the swaps save is kept up to date where a table holds them all, else measured anew.

    Parameters
    ----------
    medians : the question.
    chosen : (p,) a choice.
    until : time.monotonic() at which to stop.
    """
    if not len(chosen) or time.monotonic() > until:
        return chosen
    if medians.size * (len(chosen) + 1) <= MOST_CELLS:
        swaps = Swaps(medians, chosen)
        descend(swaps, until=until)
        return swaps.chosen
    chosen = chosen.copy()
    while time.monotonic() < until:
        held = _Held.of(medians, chosen)
        saved, j, position = _best_swap(medians, chosen, held)
        if saved <= _LEAST * max(1.0, float(held.cheapest.sum())):
            break
        chosen[position] = j
    return chosen


def _best_swap(medians: Medians, chosen: Ints, held: _Held) -> tuple[float, int, int]:
    """Find what the best swap saves, the column that comes and the position that goes.

    Among the columns that may save most, as many as fit into the table.
    """
    p = len(chosen)
    loss = np.bincount(held.holder, weights=held.second - held.cheapest, minlength=p + 1)[:p]
    pairs = np.flatnonzero(medians.value < held.second[medians.row])
    row, value = medians.row[pairs], medians.value[pairs]
    column = np.searchsorted(medians.first, pairs, side="right") - 1
    cheapest = held.cheapest[row]
    gain = np.bincount(
        column, weights=np.maximum(cheapest - value, 0.0), minlength=medians.size
    )  # fmt: skip
    mended = held.second[row] - np.maximum(value, cheapest)
    gain[chosen] = -np.inf
    most = gain + np.bincount(column, weights=mended, minlength=medians.size)
    some = np.sort(np.argsort(-most, kind="stable")[: max(MOST_CELLS // p, 1)])
    number = np.full(medians.size, -1)
    number[some] = np.arange(len(some))
    gain = gain[some]
    kept = number[column] >= 0
    column, row, mended = column[kept], row[kept], mended[kept]
    cell = number[column] * (p + 1) + held.holder[row]
    table = np.bincount(cell, weights=mended, minlength=len(some) * (p + 1))
    saved = gain[:, None] - loss + table.reshape(len(some), p + 1)[:, :p]
    best = int(saved.argmax())
    return float(saved.flat[best]), int(some[best // p]), best % p


def shaken(
    medians: Medians, chosen: Ints, *, random: np.random.Generator, share: float = 0.1
) -> Ints:
    """Put other columns, drawn at random, in place of some of a choice."""
    p = len(chosen)
    count = min(max(2, round(p * share)), p, medians.size - p)
    others = np.setdiff1d(np.arange(medians.size), chosen)
    moved = chosen.copy()
    if count > 0:
        moved[random.choice(p, count, replace=False)] = random.choice(others, count, replace=False)
    return moved
