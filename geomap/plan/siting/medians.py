"""One form for p-median and MCLP: least total cost, where each row takes the cheapest it can get.

    minimise  sum_i min(base_i, min over chosen j of value_ij)   with p columns chosen

The weights are in the values. The base is what a row costs when no chosen column is cheaper: the
way to the existing facility (p-median), or its whole weight, uncovered (MCLP; then every value is
0, and least uncovered is most covered). A row that has to be served and that nothing serves today
has a penalty for its base, more than any choice that serves everybody costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy import sparse

    from geomap.plan.siting.problem import Problem

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

_SEED: Final = 20_240_607
#: Beyond this many pairs, positions are kept in 4 bytes instead of 8, which are quicker.
_MANY: Final = 20_000_000


@dataclass(frozen=True, eq=False)
class Medians:
    """Columns of what each candidate offers.

    Parameters
    ----------
    first : (m + 1,) where each column's pairs begin; the last, z.
    row, value : (z,) the row of each pair and its cost, which is less than the row's base.
    base : (n,) finite.
    p : how many columns to choose, at most.
    site : (m,) the candidate of each column.
    offset : cost that no choice changes.
    penalty : base of the rows that have to be served; infinite: there are none.
    whole : whether all values and bases are whole numbers, so that costs are too.
    """

    first: Ints
    row: Ints
    value: Floats
    base: Floats
    p: int
    site: Ints
    offset: float = 0.0
    penalty: float = np.inf
    whole: bool = False

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.site)

    def column(self, j: int) -> slice:
        """Where the pairs of a column stand."""
        return slice(int(self.first[j]), int(self.first[j + 1]))

    def pairs_of(self, columns: Ints) -> Ints:
        """Give the positions of the pairs of some columns, one after the other."""
        start, size = self.first[columns], np.diff(self.first)[columns]
        ends = np.cumsum(size)
        pairs: Ints = np.arange(size.sum()) + np.repeat(start - ends + size, size)
        return pairs

    def sets(self) -> sparse.csr_array:
        """Give which columns offer something to each row, as ones; (n, m)."""
        from scipy import sparse

        pairs = (np.ones(len(self.row)), self.row, self.first)
        return sparse.csr_array(sparse.csc_array(pairs, shape=(len(self.base), self.size)))

    def sums(self, of_pairs: Floats) -> Floats:
        """Add (z,) numbers up by column; (m,)."""
        return np.add.reduceat(of_pairs, self.first[:-1]) if len(of_pairs) else np.zeros(self.size)

    def best_of(self, columns: Ints) -> Floats:
        """Give what each row costs when these columns are chosen; (n,)."""
        best = self.base.copy()
        pairs = self.pairs_of(columns)
        np.minimum.at(best, self.row[pairs], self.value[pairs])
        return best

    def cost_of(self, columns: Ints) -> float:
        """Give what a choice costs in all, the offset included."""
        return float(self.best_of(columns).sum()) + self.offset

    def without(self, shut: Mask, opened: Mask, *, most: Floats | None = None) -> Medians:
        """Leave columns out that are ruled out, and fold those in that are ruled in.

        Those ruled in lower the bases; pairs that offer no less than that go, then columns
        without pairs. With `most`, (n,), a row has to be served at no more than that.
        """
        base, penalty = self.best_of(np.flatnonzero(opened)), self.penalty
        useful = np.repeat(~(shut | opened), np.diff(self.first))
        useful &= self.value < base[self.row]
        if most is not None:
            useful &= self.value <= most[self.row]
            penalty = min(penalty, float(base.sum()) + 1.0)
            base = np.where(base > most, np.maximum(base, penalty), base)
        column = np.repeat(np.arange(self.size), np.diff(self.first))[useful]
        left = replace(self, base=base, p=self.p - int(opened.sum()), penalty=penalty)
        return left.from_pairs(column, self.row[useful], self.value[useful])

    def from_pairs(self, column: Ints, row: Ints, value: Floats) -> Medians:
        """Put pairs, sorted by column, in place of those that are; equal rows become one."""
        count = np.bincount(column, minlength=self.size)
        some = count > 0
        first = np.concatenate([[0], np.cumsum(count[some])]).astype(np.int64)
        return replace(self, first=first, row=row, value=value, site=self.site[some]).merged()

    def merged(self) -> Medians:
        """Make one row of all that are offered the same by the same; drop rows without offers.

        Where every value is 0 (MCLP) the bases may differ: they add up. Otherwise rows are equal
        whose values and bases are.
        """
        n = len(self.base)
        offered = np.zeros(n, dtype=bool)
        offered[self.row] = True
        offset = self.offset + float(self.base[~offered].sum())
        if not offered.any():
            return replace(self, base=np.zeros(0), offset=offset)
        rows = np.flatnonzero(offered)
        number, leader = self._groups(rows)
        to = np.full(n, -1)
        to[rows] = number
        groups = len(leader)
        base = np.bincount(number, self.base[rows], groups).astype(np.float64)
        times = np.bincount(number, minlength=groups)
        is_leader = np.zeros(n, dtype=bool)
        is_leader[leader] = True
        pairs = is_leader[self.row]
        row = to[self.row[pairs]]
        kind = np.int32 if len(row) > _MANY else np.intp
        count = np.add.reduceat(pairs, self.first[:-1], dtype=np.int64)
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        value = self.value[pairs] * times[row]
        return replace(
            self, first=first, row=row.astype(kind), value=value, base=base, offset=offset
        )

    def _groups(self, rows: Ints) -> tuple[Ints, Ints]:
        """Give the number of the group of equal rows that each is in, and one row of each group.

        Rows are equal where two independent 64-bit sums over (column, value) are, and the bases.
        """
        n = len(self.base)
        random = np.random.default_rng(_SEED)
        column = np.repeat(np.arange(self.size), np.diff(self.first))
        keys, valued = [], bool(self.value.any())
        for _ in range(2):
            mark = random.integers(1, 2**63, self.size, dtype=np.uint64)[column]
            if valued:
                _mix(mark, self.value)
            key = np.zeros(n, dtype=np.uint64)
            np.add.at(key, self.row, mark)
            keys.append(key[rows])
        if valued:  # else the bases may differ: they add up
            keys.append(self.base[rows].view(np.uint64))
        order = np.lexsort(keys)
        new = np.ones(len(rows), dtype=bool)
        new[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
        number = np.empty(len(rows), dtype=np.int64)
        number[order] = np.cumsum(new) - 1
        return number, rows[order[new]]


def _mix(mark: npt.NDArray[np.uint64], value: Floats) -> None:
    """Mix values into marks in place, so that sums of them tell sets of pairs apart.

    Numbers such as 2.0 have few bits: every bit of theirs must turn half of the mark's (Steele et
    al. 2014, doi:10.1145/2660193.2660195).
    """
    mark ^= value.view(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mark ^= mark >> np.uint64(shift)
        mark *= np.uint64(factor)
    mark ^= mark >> np.uint64(31)


def medians_of(
    offers: sparse.csc_array,
    base: Floats,
    *,
    weights: Floats,
    p: int,
    allowed: Mask,
) -> Medians:
    """Put a question into the form.

    Parameters
    ----------
    offers : (n, m) cost of a unit of weight of row i at candidate j; absent: out of reach.
    base : (n,) cost of a unit today, infinite where nobody serves it. A row without a base that
        no allowed candidate offers anything stays out.
    weights : (n,) 0 or more.
    p : how many to choose.
    allowed : (m,) candidates that may be chosen.
    """
    kept = np.repeat(allowed, np.diff(offers.indptr)) & (weights[offers.indices] > 0)
    row, value = offers.indices[kept].astype(np.int64), offers.data[kept]
    column = np.repeat(np.arange(offers.shape[1]), np.diff(offers.indptr))[kept]
    value = value * weights[row]
    some = np.zeros(len(base), dtype=bool)
    some[row] = True
    weighed = np.where(weights > 0, np.where(np.isfinite(base), base, 0.0) * weights, 0.0)
    open_ended = some & ~np.isfinite(base)
    most = weighed.copy()
    np.maximum.at(most, row, value)
    penalty = float(most.sum()) + 1.0 if open_ended.any() else np.inf
    bases = np.where(open_ended, penalty, weighed)
    useful = value < bases[row]
    whole = bool((value == np.rint(value)).all() and (weighed == np.rint(weighed)).all())
    blank = Medians(
        np.zeros(1, dtype=np.int64), row[:0], value[:0], bases, p,
        np.arange(len(allowed)), penalty=penalty, whole=whole,
    )  # fmt: skip
    return blank.from_pairs(column[useful], row[useful], value[useful])


def medians_for(problem: Problem) -> tuple[Medians, float]:
    """Put MCLP or p-median into the median form; and the weight of all rows."""
    offers, today = problem.reach, problem.today
    if problem.model == "mclp":
        offers = offers.copy()
        offers.data = np.zeros(offers.nnz)
        today = np.where(np.isfinite(today), 0.0, 1.0)
    required = np.repeat(problem.required, np.diff(offers.indptr))
    base = today.copy()
    np.minimum.at(base, offers.indices[required], offers.data[required])
    p = int(problem.allowed.sum()) if problem.p is None else problem.p
    medians = medians_of(
        offers, base, weights=problem.weights, p=p - int(problem.required.sum()),
        allowed=problem.allowed & ~problem.required,
    )  # fmt: skip
    return medians, float(problem.weights.sum())
