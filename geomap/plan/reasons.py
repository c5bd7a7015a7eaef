"""Why the chosen sites and no others: the next best of each, and what more or fewer would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.answer import COVERING
from geomap.plan.siting.matrix import site_from_matrix
from geomap.plan.siting.problem import least_of, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from geomap.plan.siting.answer import Model, Siting

    Floats = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

#: Numbers of a block of costs that is looked at in one go.
_BLOCK: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class Board:
    """A siting question with its costs.

    Parameters
    ----------
    model : lscp, mclp, p_median or p_center.
    cost : (n, m) metres; absent is out of reach.
    today : (n,) metres to the nearest facility that stands; infinite without one.
    people : (n,) weights; rows of 0 do not count.
    standard : metres within which a row is covered; None in models that need none.
    allowed : (m,) which candidates may be chosen.
    site_cost, budget : (m,) costs, and what the chosen may cost in all; None without a budget.
    """

    model: Model
    cost: sparse.csc_array
    today: Floats
    people: Floats
    standard: float | None
    allowed: Mask
    site_cost: Floats | None = None
    budget: float | None = None


@dataclass(frozen=True)
class Alternative:
    """The next best candidate in place of one that is chosen, all else as it is.

    Attributes
    ----------
    site : its position; None where nothing else may be chosen.
    loss : what choosing it would lose: people covered (lscp, mclp), people-metres (p_median) or
        metres of the farthest (p_center); nan where it leaves somebody without any.
    """

    site: int | None
    loss: float


@dataclass(frozen=True)
class Point:
    """One point of a trade-off curve: the best value with so many sites, and whether it is proven.

    `value` is the objective of :func:`geomap.site_from_matrix`; for lscp, of mclp.
    """

    p: int
    value: float
    proven: bool


def alternatives(board: Board, chosen: Sequence[int]) -> list[Alternative]:
    """Find the next best candidate for each chosen one, the others kept.

    Examples
    --------
    >>> cost = sparse.csc_array(np.array([[1.0, 9, 2], [9, 1, 9], [1, 9, 9]]))
    >>> far, people = np.full(3, np.inf), np.array([5.0, 3, 2])
    >>> board = Board("mclp", cost, far, people, 5.0, np.ones(3, bool))
    >>> alternatives(board, [0, 1])
    [Alternative(site=2, loss=2.0), Alternative(site=2, loss=3.0)]
    """
    if board.model in COVERING:
        return _covering(board, chosen)
    return _distant(board, chosen)


def _others(board: Board, chosen: Sequence[int], site: int) -> Mask:
    """Mark what may take the place of a site."""
    free = board.allowed.copy()
    free[list(chosen)] = False
    if board.budget is not None and board.site_cost is not None:
        left = board.budget - float(board.site_cost[list(chosen)].sum())
        free &= board.site_cost <= left + board.site_cost[site]
    return free


def _covering(board: Board, chosen: Sequence[int]) -> list[Alternative]:
    """Swap by people covered: what nobody else covers is free for the next best."""
    reach = within(board.cost, board.standard)
    reach.data = np.ones_like(reach.data)
    served = board.today <= (np.inf if board.standard is None else board.standard)
    served &= np.isfinite(board.today)
    times = reach[:, list(chosen)].sum(axis=1)
    found = []
    for site in chosen:
        own = np.zeros(len(served), dtype=bool)
        own[reach.indices[reach.indptr[site] : reach.indptr[site + 1]]] = True
        open_ = ~served & (times - own == 0)
        gain = reach.T @ np.where(open_, board.people, 0.0)
        free = _others(board, chosen, site)
        best = int(np.argmax(np.where(free, gain, -1.0))) if free.any() else None
        rest = 0.0 if best is None else float(gain[best])
        found.append(Alternative(best, float(gain[site]) - rest))
    return found


def _distant(board: Board, chosen: Sequence[int]) -> list[Alternative]:
    """Swap by distance: to the nearest of the others, or to the one that takes the place."""
    own = least_of(board.cost[:, list(chosen)])
    rows = (board.people > 0) & np.isfinite(np.minimum(board.today, own))
    people, cost = board.people[rows], sparse.csr_array(board.cost)[rows].tocsc()
    now = _value(board, people, np.minimum(board.today, own)[rows][:, None])[0]
    found = []
    for site in chosen:
        kept = [each for each in chosen if each != site]
        near = np.minimum(board.today[rows], least_of(cost[:, kept]) if kept else np.inf)
        values = np.concatenate([
            _value(board, people, np.minimum(near[:, None], block)) for block in _blocks(cost)
        ])  # fmt: skip
        free = _others(board, chosen, site)
        best = int(np.argmin(np.where(free, values, np.inf))) if free.any() else None
        worse = np.inf if best is None else float(values[best])
        found.append(Alternative(best, worse - float(now) if np.isfinite(worse) else np.nan))
    return found


def _value(board: Board, people: Floats, metres: Floats) -> Floats:
    """Give (k,) objectives of (rows, k) metres."""
    value: Floats = metres.max(axis=0) if board.model == "p_center" else people @ metres
    return value


def _blocks(cost: sparse.csc_array) -> Iterable[Floats]:
    """Give the columns in dense blocks; what is absent is infinite."""
    n, m = cost.shape
    step = max(1, _BLOCK // max(1, n))
    for first in range(0, m, step):
        part = sparse.coo_array(cost[:, first : first + step])
        block = np.full(part.shape, np.inf)
        block[part.coords[0], part.coords[1]] = part.data
        yield block


def curve(
    board: Board, main: Siting, counts: Sequence[int], *, required: Sequence[int], seconds: float
) -> list[Point]:
    """Solve the same question for other numbers of sites, within a time in all.

    Parameters
    ----------
    main : the answer itself, which is one of the points.
    counts : how many sites to try; those that cannot be are left out.
    required : positions of candidates that must be chosen.
    seconds : for all of them together.
    """
    covering = board.model in COVERING
    own = main.covered if covering else main.objective
    points = [Point(len(main.chosen), own, main.status == "optimal")]
    if covering and main.chosen:
        points.append(Point(0, main.covered_before, proven=True))
    asked = [each for each in counts if each not in (0, len(main.chosen))]
    near = np.isfinite(board.today)
    today = sparse.csc_array(sparse.coo_array(
        (board.today[near], (np.flatnonzero(near), np.zeros(int(near.sum()), dtype=int))),
        shape=(len(board.today), 1),
    ))  # fmt: skip
    for p in asked:
        try:
            found = site_from_matrix(
                board.cost, board.people, model="mclp" if covering else board.model, p=p,
                standard=board.standard, existing=today, time_limit_s=seconds / len(asked),
                required=list(required), excluded=np.flatnonzero(~board.allowed).tolist(),
                site_cost=board.site_cost, budget=board.budget,
            )  # fmt: skip
        except ParameterError:  # fewer than are required, or too few to serve everybody
            continue
        points.append(Point(p, found.objective, found.status == "optimal"))
    return sorted(points, key=lambda each: each.p)
