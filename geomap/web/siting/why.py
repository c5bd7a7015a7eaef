"""Why these sites: the next best of each, and what other numbers, or other sums, would give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np

if TYPE_CHECKING:
    from geomap.plan.reasons import Alternative, Board, Point, Spent
    from geomap.plan.siting.answer import Model, Siting
    from geomap.web.siting.ask import SiteAsk
    from geomap.web.siting.choosing import Part
    from geomap.web.siting.ground import SiteGround

#: More chosen sites than this get no reasons: by cover, and by distance, which takes longer.
_MOST_REASONS, _MOST_FAR_REASONS = 200, 30
#: A curve has so many points at most, and goes so far at least.
_MOST_POINTS, _LEAST_POINTS = 12, 10
_CURVE_S: Final = 15.0
#: With more pairs than this there are no reasons: each looks at all of them.
_MOST_PAIRS: Final = 30_000_000


def why(
    ask: SiteAsk, ground: SiteGround, found: Siting, parts: list[Part]
) -> tuple[list[Alternative], list[Point], list[Spent]]:
    """Find the next best of each site, and what more or fewer, or more or less money, would give.

    Nothing where there are too many pairs, or where sites serve so many only: then one that takes
    another's place changes whom all the others serve.
    """
    if ask.capacity or sum(each.measured.cost.nnz for each in parts) > _MOST_PAIRS:
        return [], [], []
    reasons = _next_best(ask, ground, found, parts)
    if ask.by_type or ask.equity:
        return reasons, [], []
    return reasons, *_curves(ask, ground, found, parts[0])


def _next_best(
    ask: SiteAsk, ground: SiteGround, found: Siting, parts: list[Part]
) -> list[Alternative]:
    """Find the next best of each site among those of its type."""
    from geomap.plan.reasons import alternatives

    if len(found.chosen) > (_MOST_REASONS if ask.covers else _MOST_FAR_REASONS):
        return []
    reasons: dict[int, Alternative] = {}
    every = ground.places.index.get_indexer_for(found.chosen)
    for part in parts:
        board = _board(ask, ground, part)
        board.allowed[np.setdiff1d(every, part.chosen)] = False
        if board.budget is not None and board.site_cost is not None:  # others spend of it too
            theirs = float(board.site_cost[np.setdiff1d(every, part.chosen)].sum())
            board = replace(board, budget=board.budget - theirs)
        rows = zip(part.place.tolist(), alternatives(board, part.chosen.tolist()), strict=True)
        reasons |= dict(rows)
    return [reasons[at] for at in range(len(found.chosen))]


def _curves(
    ask: SiteAsk, ground: SiteGround, found: Siting, part: Part
) -> tuple[list[Point], list[Spent]]:
    """Solve the same question for other numbers of sites, and for other sums of money."""
    from geomap.plan.reasons import budgets_of, curve, money_curve

    board, chosen = _board(ask, ground, part), part.chosen.tolist()
    needed = ground.places.index.get_indexer_for(list(ask.required)).tolist()
    most = len(chosen) if ask.model == "lscp" else int(board.allowed.sum())
    seconds = min(_CURVE_S, ask.time_limit_s)
    priced = board if ask.budget is not None else replace(board, site_cost=None)
    points = curve(priced, found, counts(len(chosen), most), required=needed, seconds=seconds)
    if board.site_cost is None or not np.isfinite(board.site_cost[chosen]).any():
        return points, []
    at = replace(found, chosen=chosen)
    *some, most_yuan = budgets_of(board, chosen, required=needed)
    budgets = sorted({*(float(f"{each:.2g}") for each in some), most_yuan})  # round sums read well
    money = money_curve(board, at, budgets, p=ask.p, required=needed, seconds=seconds)
    return points, money


def counts(p: int, most: int) -> list[int]:
    """Choose for how many sites a curve is worked out: to twice as many, a dozen points at most.

    Examples
    --------
    >>> counts(5, 505)
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    >>> counts(60, 100)
    [1, 10, 19, 28, 37, 46, 55, 64, 73, 82, 91, 100]
    """
    last = min(most, max(2 * p, _LEAST_POINTS))
    if last < 1:
        return []
    spread = np.linspace(1, last, min(last, _MOST_POINTS)).round()
    return [int(each) for each in np.unique(spread)]


def _board(ask: SiteAsk, ground: SiteGround, part: Part) -> Board:
    """Lay a question out with what was measured for it."""
    from geomap.plan.people import people_of
    from geomap.plan.reasons import Board

    measured = part.measured
    allowed = np.isfinite(measured.asked.spots[0])
    allowed &= ~ground.places.index.isin(list(ask.excluded))
    cost = people_of(ground.places, "cost") if "cost" in ground.places else None
    return Board(
        cast("Model", measured.model), measured.cost, part.today_m, measured.asked.people,
        measured.reach_m, allowed, cost, ask.budget,
    )  # fmt: skip
