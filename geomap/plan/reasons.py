"""Why the chosen sites and no others: the next best of each, and what more or fewer would give."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Spent:
    """One point of the trade-off against money: the best that a budget buys, and if it is proven.

    `value` is people covered (mclp, lscp), mean metres (p_median) or metres of the farthest
    (p_center); `spent` is what the chosen sites cost, at most `budget`; `sites` how many they are.
    """

    budget: float
    value: float
    spent: float
    sites: int
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
    today = _standing(board)
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


def money_curve(  # noqa: PLR0913 (what a question is limited by)
    board: Board,
    found: Siting,
    budgets: Sequence[float],
    *,
    p: int | None = None,
    required: Sequence[int] = (),
    seconds: float,
) -> list[Spent]:
    """Solve the same question for several budgets, within a time in all.

    Candidates whose cost is not known are not bought: they are left out, not taken for free.

    Parameters
    ----------
    board : with `site_cost`; its own budget does not matter here.
    found : the answer itself, with positions in `chosen`: one of the points where its sites'
        costs are all known.
    budgets : yuan, such as :func:`budgets_of` gives; those that buy nothing, or not all that is
        required, are left out.
    p : how many sites at most; None: as many as the money buys.
    required : positions of candidates that must be chosen.
    seconds : for all of them together.

    Returns
    -------
    Points in the order of their budgets. A larger budget never buys less than a smaller one: a
    point that a run cut short left worse takes the choice before it.

    Raises
    ------
    ParameterError : if the board states no costs, or one is negative or infinite.
    """
    cost, covering = _costs(board), board.model in COVERING
    known = np.isfinite(cost)
    points: list[Spent] = []
    if len(found.chosen) and known[found.chosen].all():
        points.append(_spent(board, cost, found, float(cost[found.chosen].sum())))
    asked = sorted({float(each) for each in budgets} - {each.budget for each in points})
    for budget in asked:
        try:
            other = site_from_matrix(
                board.cost, board.people, model="mclp" if covering else board.model, p=p,
                standard=board.standard, existing=_standing(board),
                time_limit_s=seconds / len(asked), required=list(required),
                excluded=np.flatnonzero(~(board.allowed & known)).tolist(),
                site_cost=np.where(known, cost, 0.0), budget=budget,
            )  # fmt: skip
        except ParameterError:  # too little for what is required, or to serve everybody
            continue
        points.append(_spent(board, cost, other, budget))
    points.sort(key=lambda each: each.budget)
    for at in range(1, len(points)):
        points[at] = _no_worse(points[at], points[at - 1], more=covering)
    return points


def budgets_of(
    board: Board, chosen: Sequence[int], *, required: Sequence[int] = (), count: int = 10
) -> list[float]:
    """Spread budgets from what the cheapest choice costs to what the chosen sites cost.

    Parameters
    ----------
    board : with `site_cost`.
    chosen : positions of the answer's sites; those whose cost is not known are left out.
    required : positions that must be chosen: the cheapest choice pays for them.
    count : how many budgets, the ends included; one where they meet.

    Raises
    ------
    ParameterError : if the board states no costs, or one is negative or infinite.

    Examples
    --------
    >>> board = Board("mclp", sparse.csc_array((1, 3)), np.array([np.inf]), np.ones(1), 5.0,
    ...               np.ones(3, bool), np.array([300.0, 100, np.nan]))
    >>> budgets_of(board, [0, 1], count=4)
    [100.0, 200.0, 300.0, 400.0]
    """
    cost = _costs(board)
    free = cost[board.allowed & np.isfinite(cost)]
    if not free.size:
        return []
    least = float(np.nansum(cost[list(required)])) if len(required) else float(free.min())
    most = max(least, float(np.nansum(cost[list(chosen)])))
    return [float(each) for each in np.unique(np.linspace(least, most, max(count, 1)))]


def _costs(board: Board) -> Floats:
    """Give what each candidate costs; NaN where unknown."""
    if board.site_cost is None:
        raise ParameterError(
            "a curve against money needs site_cost, what each candidate costs",
            zh="没有费用，不能算花多少钱、覆盖多少人",
        )
    cost = np.asarray(board.site_cost, dtype=np.float64)
    bad = np.flatnonzero((cost < 0) | np.isinf(cost))
    if bad.size:
        raise ParameterError(
            f"site_cost must be 0 or more, got {cost[bad[0]]:g} at position {bad[0]}",
            zh=f"费用须为 0 以上的数，第 {bad[0] + 1} 个是 {cost[bad[0]]:g}",
        )
    return cost


def _standing(board: Board) -> sparse.csc_array:
    """Give what stands today as one column of costs."""
    near = np.isfinite(board.today)
    place = (np.flatnonzero(near), np.zeros(int(near.sum()), dtype=int))
    return sparse.csc_array(
        sparse.coo_array((board.today[near], place), shape=(len(board.today), 1))
    )


def _spent(board: Board, cost: Floats, found: Siting, budget: float) -> Spent:
    """Tell what a choice is worth, and what it costs."""
    metres = np.minimum(board.today, least_of(board.cost[:, found.chosen]))
    served = np.isfinite(metres)
    if board.model in COVERING:
        served &= metres <= (np.inf if board.standard is None else board.standard)
        value = float(board.people[served].sum())
    elif board.model == "p_center":
        value = float(metres[served].max(initial=0.0))
    else:
        served &= board.people > 0
        value = float(np.average(metres[served], weights=board.people[served]))
    spent = float(cost[found.chosen].sum())
    return Spent(budget, value, spent, len(found.chosen), found.status == "optimal")


def _no_worse(point: Spent, before: Spent, *, more: bool) -> Spent:
    """Take the choice of a smaller budget where a larger one, cut short, found a worse."""
    worse = point.value < before.value if more else point.value > before.value
    if not worse:
        return point
    return replace(before, budget=point.budget, proven=False)
