"""Sets that lie within others: what a reduction may leave out, and what a programme may share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

#: Multiplications that comparing all sets with all may take; more are not compared.
_MOST_WORK: Final = 4e8
#: A multiplication in a full matrix takes this share of one in a sparse matrix.
_FULL: Final = 1 / 50
_CELLS_AT_ONCE: Final = 8_000_000


def nested(sets: sparse.csr_array) -> tuple[Ints, Ints]:
    """Give all pairs of sets, one a row, the first of which lies within the second.

    Of equal sets the later lies within the earlier. No pairs where it takes too long to find
    them.
    """
    n, members = sets.shape
    none = np.zeros(0, dtype=np.int64)
    size = np.diff(sets.indptr)
    sparsely = float((np.bincount(sets.indices, minlength=members).astype(float) ** 2).sum())
    fully = float(n) * n * members * _FULL
    if min(sparsely, fully) > _MOST_WORK or not n:
        return none, none
    matrix: Any = sets.astype(np.float32)
    if fully < sparsely:
        matrix = matrix.toarray()
    inner, outer = [none], [none]
    at_once = max(_CELLS_AT_ONCE // n, 1)
    other = matrix.T if fully < sparsely else sparse.csr_array(matrix.T)
    for begin in range(0, n, at_once):
        shared = sparse.coo_array(matrix[begin : begin + at_once] @ other)
        one, two = shared.coords[0].astype(np.int64) + begin, shared.coords[1].astype(np.int64)
        within = (shared.data == size[one]) & ((size[one] < size[two]) | (one > two))
        inner.append(one[within])
        outer.append(two[within])
    return np.concatenate(inner), np.concatenate(outer)


def largest_within(sets: sparse.csr_array) -> Ints:
    """Give the largest set that lies within each set, one a row; -1 where none does."""
    inner, outer = nested(sets)
    size = np.diff(sets.indptr)
    order = np.lexsort((-size[inner], outer))
    of, first = np.unique(outer[order], return_index=True)
    found = np.full(sets.shape[0], -1)
    found[of] = inner[order][first]
    return found
