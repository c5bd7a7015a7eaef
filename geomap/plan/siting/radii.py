"""The median form as a mixed-integer programme, by the radii within which a row is served.

z_ik says that row i pays more than its k-th lowest offer D_ik; it pays D_i1 and the steps from
there that it cannot avoid:

    minimise  sum_i D_i1 + sum_k (D_i,k+1 - D_ik) z_ik
    z_ik >= z_i,k-1 - (chosen columns that offer row i exactly D_ik),   z_i0 = 1

(Elloumi 2010, doi:10.1007/s10878-008-9164-y.) For MCLP each row has one radius, and this is its
classic form: z_i, the row is uncovered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geomap.plan.siting.highs import Program
from geomap.plan.siting.nested import largest_within

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Levels:
    """The distinct offers of each row, lowest first.

    Parameters
    ----------
    of_pair : (z,) level of each pair, in the order of the pairs.
    row, offer : (t,) of each level.
    starts : (t,) whether a level is the lowest of its row.
    """

    of_pair: Ints
    row: Ints
    offer: Floats
    starts: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, medians: Medians) -> _Levels:
        """Sort the offers."""
        order = np.lexsort((medians.value, medians.row))
        row, value = medians.row[order], medians.value[order]
        other = np.ones(len(row), dtype=bool)
        other[1:] = np.diff(row) != 0
        new = other.copy()
        new[1:] |= np.diff(value) != 0
        of_pair = np.empty(len(row), dtype=np.int64)
        of_pair[order] = np.cumsum(new) - 1
        return cls(of_pair, row[new], value[new], other[new])


def radius_program(medians: Medians, *, chained: bool = True) -> tuple[Program, float]:
    """Write the programme; its first columns are those of the medians.

    Parameters
    ----------
    medians : the question; rows with the penalty for a base must be served.
    chained : for MCLP, let rows build on one another, which HiGHS is quicker with.

    Returns
    -------
    program, and the cost to add to its objective.
    """
    levels = _Levels.of(medians)
    m, t = medians.size, len(levels.row)
    last = np.append(levels.starts[1:], True)[:t]
    next_ = np.append(levels.offer[1:], 0.0)[:t]
    ceiling = np.where(last, medians.base[levels.row], next_)
    hard = last & (medians.base[levels.row] >= medians.penalty)
    step = np.where(hard, 0.0, ceiling - levels.offer)
    column = np.repeat(np.arange(m), np.diff(medians.first))
    z = np.arange(t)
    after = z[~levels.starts]
    rows = [levels.of_pair, z, after, np.full(m, t)]
    columns = [column, m + z, m + after - 1, np.arange(m)]
    data = [np.ones(len(column)), np.ones(t), -np.ones(len(after)), np.ones(m)]
    low = np.append(np.where(levels.starts, 1.0, 0.0), -np.inf)
    high = np.append(np.full(t, np.inf), float(medians.p))
    pairs = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
    matrix = sparse.csr_array(sparse.coo_array(pairs, shape=(len(low), m + t)))
    if chained and not medians.value.any():
        matrix, low = _chained(matrix, low, medians)
    program = Program(
        cost=np.concatenate([np.zeros(m), step]), matrix=matrix, low=low, high=high,
        least=np.zeros(m + t), most=np.concatenate([np.ones(m), np.where(hard, 0.0, 1.0)]),
        whole=np.arange(m + t) < m,
    )  # fmt: skip
    return program, medians.offset + float(levels.offer[levels.starts].sum())


def _chained(
    matrix: sparse.csr_array, low: Floats, medians: Medians
) -> tuple[sparse.csr_array, Floats]:
    """Write each row of MCLP from the largest row k within it: z_i >= z_k - the columns more.

    It says the same, for z_k is 1 less the columns of k, or 0; with a third of the coefficients.
    """
    inner = largest_within(medians.sets())
    outer = np.flatnonzero(inner >= 0)
    size = matrix.shape[0]
    pairs = (np.ones(len(outer)), (outer, inner[outer]))
    within = sparse.csr_array(sparse.coo_array(pairs, shape=(size, size)))
    shorter = sparse.csr_array(matrix - within @ matrix)
    shorter.eliminate_zeros()
    low = low.copy()
    low[outer] -= 1.0
    return shorter, low


def start_of(medians: Medians, chosen: Ints) -> Floats:
    """Write a choice of columns as a first answer to the programme."""
    levels = _Levels.of(medians)
    best = medians.best_of(chosen)
    above = best[levels.row] > levels.offer
    answer = np.concatenate([np.zeros(medians.size), above.astype(np.float64)])
    answer[chosen] = 1.0
    return answer
