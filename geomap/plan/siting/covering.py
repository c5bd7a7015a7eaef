"""LSCP: the fewest sites that cover every demand row that can be covered.

    minimise  sum_j x_j    where each row i has sum of x_j over N_i >= 1

N_i are the candidates within the standard of row i (Toregas et al. 1971,
doi:10.1287/opre.19.6.1363).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geomap.plan.siting.highs import NOTHING, PAIRS_A_SECOND, Program, minimise, shifted
from geomap.plan.siting.medians import Medians
from geomap.plan.siting.nested import nested
from geomap.plan.siting.start import greedy, interchange
from geomap.plan.siting.swaps import MOST_CELLS, Swaps, anneal

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.highs import Outcome
    from geomap.plan.siting.median import Effort

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

_WHOLE_GAP: Final = 1 - 1e-4
#: How often a cover is looked for by swaps at random, each time in how many steps.
_DRAWS, _STEPS = 6, 1_000


@dataclass(frozen=True, eq=False)
class Cover:
    """Sites that cover, fewer than which are not enough.

    Attributes
    ----------
    sites : candidates, or None: none was found.
    bound : no cover has fewer.
    proven : whether the sites are proven to be the fewest, or that there is no cover.
    """

    sites: Ints | None
    bound: float
    proven: bool


@dataclass(frozen=True, eq=False)
class Sets:
    """Which candidates cover which rows, and what limits a choice of them.

    Parameters
    ----------
    cover : (n, m) a stored pair is covered.
    need : (n,) rows to cover; each has a candidate that is allowed.
    required, allowed : (m,) candidates that must and may be chosen.
    most : how many sites may be chosen, or None.
    site_cost, budget : what each candidate costs and what may be spent, or None.
    """

    cover: sparse.csc_array
    need: Mask
    required: Mask
    allowed: Mask
    most: int | None = None
    site_cost: Floats | None = None
    budget: float | None = None

    def medians(self) -> Medians:
        """Give the rows that the required sites leave, each distinct set of candidates once."""
        open_ = np.repeat(self.required, np.diff(self.cover.indptr))
        need = self.need.copy()
        need[self.cover.indices[open_]] = False
        kept = np.repeat(self.allowed, np.diff(self.cover.indptr)) & need[self.cover.indices]
        column = np.repeat(np.arange(self.cover.shape[1]), np.diff(self.cover.indptr))[kept]
        row = self.cover.indices[kept].astype(np.intp)
        free = int(self.allowed.sum()) if self.most is None else self.most
        blank = Medians(
            np.zeros(1, dtype=np.int64), row[:0], np.zeros(0), need.astype(np.float64),
            free - int(self.required.sum()), np.arange(self.cover.shape[1]),
        )  # fmt: skip
        return blank.from_pairs(column, row, np.zeros(len(row)))


def fewest(sets: Sets, effort: Effort, *, any_: bool = False) -> Cover:
    """Find the fewest sites that cover, beside those that are required.

    Parameters
    ----------
    sets : the question.
    effort : how long to look.
    any_ : any cover within the limits will do.
    """
    required = np.flatnonzero(sets.required)
    medians = sets.medians()
    if not medians.size or medians.p < 0:
        covered = not len(medians.base) and medians.p >= 0
        return Cover(required if covered else None, float(len(required)), proven=True)
    money = sets.budget is not None
    first = None if money else _first(medians, until=effort.share(0.2))
    if first is not None and any_:
        return Cover(np.concatenate([required, medians.site[first]]), 0.0, proven=False)
    small = medians if money else _reduced(medians)
    start = None if first is None else np.isin(small.site, medians.site[first]).astype(np.float64)
    given = len(required)
    best = np.inf if first is None else given + len(first)
    program = _program(small, sets)
    parts = minimise(
        replace(program, whole=np.zeros(small.size, dtype=bool)), time_limit_s=effort.left_s / 3
    )
    if parts.infeasible:
        return Cover(None, np.inf, proven=True)
    floor = max(packing(medians), np.ceil(parts.bound - 1e-6))
    drawn = _drawn(medians, effort) if any_ and not money else None
    if drawn is not None:
        return Cover(np.concatenate([required, medians.site[drawn]]), 0.0, proven=False)
    outcome = NOTHING
    if len(small.row) <= PAIRS_A_SECOND * max(effort.left_s, 1.0):
        outcome = minimise(
            program, time_limit_s=effort.left_s, start=start, gap=_WHOLE_GAP,
            target=float(medians.p) if any_ else None, seed=effort.seed,
            tell=shifted(effort.tell, given, best=best, floor=given + floor),
        )  # fmt: skip
    return _best(replace(outcome, bound=max(outcome.bound, floor)), first, medians, small, required)


def _best(
    outcome: Outcome, first: Ints | None, medians: Medians, small: Medians, required: Ints
) -> Cover:
    """Take the better of the first answer and that of HiGHS."""
    sites = None if first is None else medians.site[first]
    if outcome.values is not None:
        found = small.site[np.flatnonzero(outcome.values > 0.5)]  # noqa: PLR2004 (0 or 1)
        if sites is None or len(found) < len(sites):
            sites = found
    if outcome.infeasible:
        return Cover(None, np.inf, proven=True)
    bound = max(np.ceil(outcome.bound - 1e-6), packing(medians)) + len(required)
    if sites is None:
        return Cover(None, float(bound), proven=False)
    chosen = np.sort(np.concatenate([required, sites]))
    proven = outcome.proven or bound >= len(chosen)
    return Cover(chosen, float(len(chosen) if proven else bound), proven=proven)


def packing(medians: Medians) -> float:
    """Give a number of sites that any cover takes: each covers few, so many are needed.

    A row shared out evenly over the rows of its largest candidate is a feasible price of the
    linear programme's dual.
    """
    size = np.diff(medians.first)
    largest = np.zeros(len(medians.base))
    np.maximum.at(largest, medians.row, np.repeat(size, size).astype(np.float64))
    return float(np.ceil((1.0 / largest).sum() - 1e-6))


def _first(medians: Medians, *, until: float) -> Ints | None:
    """Look for a cover: greedy, without what is needless, then with one site less, and less."""
    every = replace(medians, p=medians.size)
    chosen = _lean(medians, greedy(every, until=until))
    while len(chosen) > 1 and time.monotonic() < until:
        fewer = interchange(medians, _drop(medians, chosen), until=until)
        if medians.best_of(fewer).any():
            break
        chosen = fewer
    return chosen if len(chosen) <= medians.p else None


def _drawn(medians: Medians, effort: Effort) -> Ints | None:
    """Look for a cover of p columns by swaps at random."""
    p, until = min(medians.p, medians.size), effort.share(0.3)
    if not p or medians.size * (p + 1) > MOST_CELLS:
        return None
    swaps = Swaps(medians, greedy(replace(medians, p=p), until=until))
    random = np.random.default_rng(effort.seed)
    for _ in range(_DRAWS):
        anneal(swaps, steps=_STEPS, random=random, until=until)
        if not swaps.cost:
            return swaps.chosen
    return None


def _times(medians: Medians, chosen: Ints) -> Ints:
    """Count how many chosen columns cover each row."""
    return np.bincount(medians.row[medians.pairs_of(chosen)], minlength=len(medians.base))


def _lean(medians: Medians, chosen: Ints) -> Ints:
    """Leave the columns out that the others make needless, those chosen last first."""
    times, kept = _times(medians, chosen), []
    for j in chosen[::-1].tolist():
        rows = medians.row[medians.column(j)]
        if (times[rows] > 1).all():
            times[rows] -= 1
        else:
            kept.append(j)
    return np.array(kept[::-1], dtype=np.int64)


def _drop(medians: Medians, chosen: Ints) -> Ints:
    """Leave the column out that alone covers least."""
    alone = _times(medians, chosen) == 1
    lost = [(medians.base * alone)[medians.row[medians.column(j)]].sum() for j in chosen.tolist()]
    return np.delete(chosen, int(np.argmin(lost)))


def _reduced(medians: Medians) -> Medians:
    """Leave out columns within another, and rows that another row brings along; repeat."""
    for _ in range(4):
        sets = medians.sets()
        rows, columns = np.ones(sets.shape[0], dtype=bool), np.ones(sets.shape[1], dtype=bool)
        rows[nested(sets)[1]] = False
        sets = sparse.csr_array(sets[rows])
        columns[nested(sparse.csr_array(sets.T))[0]] = False
        if rows.all() and columns.all():
            break
        kept = sparse.csc_array(sets[:, columns])
        column, row = np.repeat(np.arange(kept.shape[1]), np.diff(kept.indptr)), kept.indices
        left = replace(medians, base=medians.base[rows], site=medians.site[columns])
        medians = left.from_pairs(column, row.astype(np.intp), np.zeros(len(row)))
    return medians


def _program(medians: Medians, sets: Sets) -> Program:
    """Write the covering programme; the required sites are paid for already."""
    n, m = len(medians.base), medians.size
    parts = [medians.sets()]
    low, high = [np.ones(n)], [np.full(n, np.inf)]
    parts.append(sparse.csr_array(np.ones((1, m))))
    low.append(np.array([-np.inf]))
    high.append(np.array([float(medians.p)]))
    if sets.site_cost is not None and sets.budget is not None:
        spent = float(sets.site_cost[sets.required].sum())
        parts.append(sparse.csr_array(sets.site_cost[medians.site][None, :]))
        low.append(np.array([-np.inf]))
        high.append(np.array([sets.budget - spent]))
    matrix = sparse.csr_array(sparse.vstack(parts))
    return Program(
        cost=np.ones(m), matrix=matrix, low=np.concatenate(low), high=np.concatenate(high),
        least=np.zeros(m), most=np.ones(m), whole=np.ones(m, dtype=bool),
    )  # fmt: skip
