"""Solve the median form: a first answer, a bound, and the proof of what is left by HiGHS."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.siting.highs import PAIRS_A_SECOND, minimise, row_prices, shifted
from geomap.plan.siting.lagrange import ROUNDING, Relaxed, ascend
from geomap.plan.siting.radii import radius_program, start_of
from geomap.plan.siting.start import greedy, interchange, shaken
from geomap.plan.siting.swaps import MOST_CELLS, Swaps, anneal

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geomap.plan.siting.highs import Outcome
    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Tell = Callable[[float, float], None]

_ROUNDS, _FEW_ROUNDS, _FEW_PAIRS = 3_000, 400, 50_000
#: Where the linear programme gives the bound, steps only suggest answers.
_LINEAR_ROUNDS: Final = 80
#: Prices of MCLP to begin with, as shares of the bases: the best of them.
_SHARES: Final = (0.5, 0.2, 0.1, 0.05, 0.02)
_PASSES: Final = 6
#: Counted, not timed, for a slower machine is to take the same way: what HiGHS decides quickly is
#: not worth it.
_PAIRS_A_SHAKE, _MOST_SHAKES = 500, 100
#: Going round again is worth it if no more than this share of the columns is left.
_WORTH: Final = 0.9
#: The columns that are looked among first, as a multiple of p; how often, each time in how many
#: steps; and the share of time for that, and for HiGHS to join what was found.
_CORE, _ANNEALS, _STEPS = 6, 6, 2_500
_CORE_SHARE, _JOIN_SHARE = 0.3, 0.1
#: Steps of the first look, before there is a bound.
_FIRST_STEPS: Final = 800
#: Pairs for a second that is left, beyond which the linear programme would take too much of it.
_LINEAR_A_SECOND: Final = 8_000
#: HiGHS takes no larger one.
_LARGEST_SEED: Final = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Found:
    """Candidates chosen, what they cost, the bound, and whether that is proven the least."""

    sites: Ints
    cost: float
    bound: float
    proven: bool


@dataclass(frozen=True)
class Effort:
    """How long to look, from which seed, and whom to tell.

    Parameters
    ----------
    until : time.monotonic() at which to stop.
    seed : of what is drawn at random: a whole number of 0 or more that HiGHS takes.
    tell : called with cost and bound as they get better.

    Raises
    ------
    ParameterError : if the seed is none.
    """

    until: float
    seed: int = 0
    tell: Tell | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.seed, Integral) and not isinstance(self.seed, bool)
        if not whole or not 0 <= self.seed <= _LARGEST_SEED:
            raise ParameterError(
                f"seed must be a whole number from 0 to {_LARGEST_SEED}, got {self.seed!r}"
            )

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return self.until - time.monotonic()

    def share(self, part: float) -> float:
        """Give the time.monotonic() at which a part of what is left is over."""
        return time.monotonic() + max(self.left_s, 0.0) * part


class _Search:
    """The best answer so far, in candidates, whichever columns are left."""

    def __init__(self, medians: Medians, effort: Effort) -> None:
        self.whole, self.effort = medians, effort
        self.sites = np.zeros(0, dtype=np.int64)
        self.cost, self.bound = np.inf, -np.inf
        self.random = np.random.default_rng(effort.seed)

    def offer(self, medians: Medians, columns: Ints, opened: Ints) -> bool:
        """Take a choice if it is better; `opened` are candidates ruled in before."""
        cost = medians.cost_of(columns)
        if cost >= self.cost - ROUNDING * abs(cost):
            return False
        self.cost, self.sites = cost, np.concatenate([opened, medians.site[columns]])
        self.tell()
        return True

    def raise_bound(self, bound: float) -> None:
        """Take a bound if it is better; whole costs round it up."""
        if self.whole.whole:
            bound = float(np.ceil(bound - 1e-6 - ROUNDING * abs(bound)))
        bound = min(bound, self.cost)
        if bound > self.bound:
            self.bound = bound
            self.tell()

    def tell(self) -> None:
        """Tell how far it is."""
        if self.effort.tell is not None:
            self.effort.tell(self.cost, self.bound)


def solve(medians: Medians, effort: Effort, *, start: Ints | None = None) -> Found:
    """Choose the columns that cost least in all.

    Parameters
    ----------
    medians : the question.
    effort : how long to look.
    start : candidates of a first answer that serves every row that has to be served.
    """
    search, none = _Search(medians, effort), np.zeros(0, dtype=np.int64)
    if medians.size <= max(medians.p, 0):
        every = np.arange(medians.size)
        return Found(medians.site, medians.cost_of(every), medians.cost_of(every), proven=True)
    if medians.p <= 0:
        return Found(none, medians.cost_of(none), medians.cost_of(none), proven=True)
    search.bound = _floor(medians)
    columns = greedy(medians, until=effort.until)
    search.offer(medians, columns, none)
    if start is not None:
        search.offer(medians, np.flatnonzero(np.isin(medians.site, start)), none)
    columns = interchange(medians, _columns(medians, search.sites), until=effort.share(0.3))
    search.offer(medians, columns, none)
    if _is_wide(medians) and search.bound < search.cost:
        found = _annealed(search, Swaps(medians, columns), _FIRST_STEPS, until=effort.share(0.3))
        search.offer(medians, found, none)
    if search.bound < search.cost and _prove(search, medians, none):
        search.raise_bound(search.cost)
    proven = search.bound >= search.cost
    return Found(search.sites, search.cost, search.bound, proven)


def _floor(medians: Medians) -> float:
    """Give a bound at once: every row gets its cheapest offer."""
    if not medians.value.any():
        return medians.offset
    return medians.cost_of(np.arange(medians.size))


def _is_wide(medians: Medians) -> bool:
    """Whether this is an MCLP so large that a better answer is worth more than a quick proof."""
    cells = medians.size * (medians.p + 1)
    return not medians.value.any() and len(medians.row) > _FEW_PAIRS and cells <= MOST_CELLS


def _annealed(search: _Search, swaps: Swaps, steps: int, *, until: float) -> Ints:
    """Look for a better choice by swaps at random."""
    anneal(swaps, steps=steps, random=search.random, until=until)
    return swaps.chosen.copy()


def _columns(medians: Medians, sites: Ints) -> Ints:
    """Find the columns of candidates that are still there, and fill up to p."""
    columns = np.flatnonzero(np.isin(medians.site, sites))
    return greedy(replace(medians, p=min(medians.p, medians.size)), chosen=columns[: medians.p])


def _prove(search: _Search, medians: Medians, opened: Ints) -> bool:
    """Raise the bound and rule columns out in turn, then let HiGHS decide what is left."""
    for turn in range(_PASSES):
        relaxed = _relax(search, medians, opened, turn)
        search.raise_bound(relaxed.bound)
        if relaxed.done or search.bound >= search.cost:
            return True
        left = relaxed.left()
        if left.p < 0:  # more columns must be chosen than may: no answer is better
            return True
        last = left.size > _WORTH * medians.size or search.effort.left_s <= 0
        opened = np.concatenate([opened, medians.site[relaxed.opened]])
        medians = relaxed.left(trimmed=True) if last else left
        if medians.size <= medians.p or medians.p <= 0:
            search.offer(medians, np.arange(medians.size)[: medians.p], opened)
            return True
        if last:
            break
    return _decide(search, medians, opened)


def _relax(search: _Search, medians: Medians, opened: Ints, turn: int) -> Relaxed:
    """Raise the bound of what is left, trying better answers on the way."""
    columns = _columns(medians, search.sites)
    relaxed = Relaxed(medians, search.cost, medians.best_of(columns))
    if not medians.value.any():
        few = len(medians.row) < PAIRS_A_SECOND * search.effort.left_s
        shares = [medians.base * share for share in (_SHARES if few else _SHARES[:1])]
        relaxed.price = max(shares, key=lambda price: relaxed.measure(price)[0])

    def better(columns: Ints) -> float:
        """Improve a choice that the bound suggests."""
        columns = interchange(medians, columns, until=search.effort.share(0.1))
        search.offer(medians, columns, opened)
        return search.cost

    pairs, linear = len(medians.row), False
    if not medians.value.any() and pairs < _LINEAR_A_SECOND * search.effort.left_s:
        ascend(relaxed, until=search.effort.share(0.1), rounds=_LINEAR_ROUNDS, better=better)
        linear = relaxed.done or _price(relaxed, time_limit_s=search.effort.left_s * 0.4)
    if not linear:
        until = search.effort.share(0.4 if turn == 0 else 0.3)
        rounds = _FEW_ROUNDS if pairs < _FEW_PAIRS else _ROUNDS
        ascend(relaxed, until=until, rounds=rounds, better=better)
    if turn == 0 and not relaxed.done and _is_wide(medians):
        _search_core(search, relaxed, opened)
    return relaxed


def _search_core(search: _Search, relaxed: Relaxed, opened: Ints) -> None:
    """Look for better answers among the columns that are worth most; HiGHS joins the best.

    A better one rules out more, so it is worth its time before the proof begins.
    """
    medians = relaxed.medians
    worth = relaxed.worth(relaxed.price)
    core = np.argsort(worth, kind="stable")[: _CORE * medians.p]
    left = _among(medians, medians.site[core], search.sites)
    swaps, until = Swaps(left, _columns(left, search.sites)), search.effort.share(_CORE_SHARE)
    found = [search.sites]
    for _ in range(_ANNEALS):
        columns = _annealed(search, swaps, _STEPS, until=until)
        search.offer(left, columns, opened)
        found.append(left.site[columns])
    limit_s = search.effort.left_s * _JOIN_SHARE
    joined = _among(medians, *found)
    _ask_highs(search, joined, opened, time_limit_s=limit_s, tell=False)  # its bound is not ours
    relaxed.cost = search.cost
    relaxed.measure(relaxed.price)


def _among(medians: Medians, *sites: Ints) -> Medians:
    """Ask the same of some candidates only."""
    beside = ~np.isin(medians.site, np.concatenate(sites))
    return medians.without(beside, np.zeros(medians.size, dtype=bool))


def _price(relaxed: Relaxed, *, time_limit_s: float) -> bool:
    """Take the prices of MCLP's linear programme, the best there are; whether they came in time."""
    medians = relaxed.medians
    program, _ = radius_program(medians, chained=False)
    prices = row_prices(program, time_limit_s=time_limit_s)
    if prices is None:
        return False
    price = prices[: len(medians.base)].clip(0.0, medians.base)
    before = relaxed.bound
    relaxed.measure(price)
    if relaxed.bound > before:
        relaxed.price = price
    return True


def _decide(search: _Search, medians: Medians, opened: Ints) -> bool:
    """Let HiGHS find the best of what is left, or prove that there is none better."""
    if len(medians.row) > PAIRS_A_SECOND * search.effort.left_s:
        _shake(search, medians, opened, until=search.effort.until)
        return False
    rounds = min(len(medians.row) // _PAIRS_A_SHAKE, _MOST_SHAKES)
    _shake(search, medians, opened, until=search.effort.share(0.15), rounds=rounds)
    outcome, constant = _ask_highs(search, medians, opened, time_limit_s=search.effort.left_s)
    if outcome.proven or outcome.infeasible:
        return True
    search.raise_bound(min(outcome.bound + constant, search.cost))
    return False


def _ask_highs(
    search: _Search, medians: Medians, opened: Ints, *, time_limit_s: float, tell: bool = True
) -> tuple[Outcome, float]:
    """Ask HiGHS for the best of what is left; and give the cost to add to what it says."""
    program, constant = radius_program(medians)
    gap = 1 - 1e-4 if medians.whole else ROUNDING * abs(search.cost)
    columns = _columns(medians, search.sites)
    told = search.effort.tell if tell else None
    outcome = minimise(
        program, time_limit_s=time_limit_s, start=start_of(medians, columns), gap=gap,
        seed=search.effort.seed,
        tell=shifted(told, constant, best=search.cost, floor=search.bound),
    )  # fmt: skip
    if outcome.values is not None:
        chosen = np.flatnonzero(outcome.values[: medians.size] > 0.5)  # noqa: PLR2004 (0 or 1)
        search.offer(medians, chosen, opened)
    return outcome, constant


def _shake(
    search: _Search, medians: Medians, opened: Ints, *, until: float, rounds: int = 100_000
) -> None:
    """Look for better answers around the best: shake it, interchange, keep what is better."""
    for _ in range(rounds):
        if time.monotonic() > until:
            return
        columns = _columns(medians, search.sites)
        tried = shaken(medians, columns, random=search.random)
        search.offer(medians, interchange(medians, tried, until=until), opened)
