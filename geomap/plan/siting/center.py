"""p-center: the least distance within which p sites serve everybody, by bisection over covers.

The answer is one of the distances themselves; for each, p sites either cover every row within it
or they do not (Minieka 1970, doi:10.1137/1012016).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.plan.siting.covering import Sets, fewest
from geomap.plan.siting.median import Found
from geomap.plan.siting.problem import least_of, only, within

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geomap.plan.siting.median import Effort
    from geomap.plan.siting.problem import Problem

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    #: Sites that serve everybody within a radius; None: none found; and whether that is proven.
    Decide = Callable[[float, Effort], tuple[Ints | None, bool]]


#: Of the time that is left, what one radius may take.
_PART: Final = 0.4


@dataclass(frozen=True, eq=False)
class _Covers:
    """Covers within a radius."""

    problem: Problem
    today: Floats
    reachable: npt.NDArray[np.bool_]

    def __call__(self, radius: float, effort: Effort) -> tuple[Ints | None, bool]:
        """Look for sites that serve all rows within a radius."""
        problem = self.problem
        need = self.reachable & (self.today > radius)
        cover = within(problem.reach, radius)
        offered = np.zeros(len(need), dtype=bool)
        offered[cover.indices[np.repeat(problem.allowed, np.diff(cover.indptr))]] = True
        if (need & ~offered).any():
            return None, True
        sets = Sets(
            cover, need, problem.required, problem.allowed, problem.p, problem.site_cost,
            problem.budget,
        )  # fmt: skip
        found = fewest(sets, effort, any_=True)
        if found.sites is None:
            return None, found.proven
        return problem.filled(found.sites), True

    def reached(self, sites: Ints) -> float:
        """Give the greatest cost that anybody has with these sites."""
        pairs = np.repeat(
            np.isin(np.arange(self.problem.reach.shape[1]), sites),
            np.diff(self.problem.reach.indptr),
        )
        nearest = np.minimum(least_of(only(self.problem.reach, pairs)), self.today)
        return float(nearest[self.reachable].max(initial=0.0))


def solve_center(problem: Problem, effort: Effort) -> Found | None:
    """Find the sites; None where p sites, or the budget, cannot reach everybody."""
    today, reachable = problem.today, problem.reachable
    allowed = np.repeat(problem.allowed, np.diff(problem.reach.indptr))
    offered = np.minimum(least_of(only(problem.reach, allowed)), today)
    least = float(offered[reachable].max(initial=0.0))
    distances = np.concatenate([problem.reach.data[allowed], today[np.isfinite(today)]])
    radii = np.unique(np.append(distances[distances >= least], least))
    covers = _Covers(problem, today, reachable)
    return bisect(radii, covers, effort, reached=covers.reached)


def bisect(
    radii: Floats,
    decide: Decide,
    effort: Effort,
    *,
    reached: Callable[[Ints], float] | None = None,
) -> Found | None:
    """Find the least of the radii at which there are sites, and the least that is not ruled out.

    Parameters
    ----------
    radii : (k,) lowest first; at less than the first there are no sites.
    decide : asked about one radius, and told how long to look.
    effort : when to stop.
    reached : the radius that sites do with, which may be less than was asked for.
    """
    sites, _ = decide(float(radii[-1]), replace(effort, tell=None))
    if sites is None:
        return None
    span = _Span(radii, decide, effort, reached, sites, _at(radii, len(radii) - 1, sites, reached))
    span.tell()
    # Above what nobody knows sites may be found yet, and below it something may be ruled out.
    while span.high - span.unknown > 1 and effort.left_s > 0:
        middle = (span.unknown + span.high) // 2
        if not span.ask(middle, _PART):
            span.unknown = middle
    while span.unknown - span.ruled_out > 1 and effort.left_s > 0:
        if not span.ask((span.ruled_out + span.unknown) // 2, _PART):
            break
    while span.unknown > span.ruled_out and span.ask(span.unknown, 1.0):
        pass
    proven = span.high - span.ruled_out == 1
    bound = float(radii[span.ruled_out + 1])
    return Found(span.sites, float(radii[span.high]), bound, proven=proven)


@dataclass(eq=False)
class _Span:
    """The radii that are left.

    Attributes
    ----------
    sites, high : the best so far, and the position of their radius.
    ruled_out, unknown : the highest positions that are ruled out, and that nobody knows of.
    """

    radii: Floats
    decide: Decide
    effort: Effort
    reached: Callable[[Ints], float] | None
    sites: Ints
    high: int
    ruled_out: int = -1
    unknown: int = -1

    def ask(self, at: int, part: float) -> bool:
        """Decide about a radius in a part of the time left; tell whether anything is known now."""
        effort = replace(self.effort, tell=None, until=self.effort.share(part))
        found, certain = self.decide(float(self.radii[at]), effort)
        if found is not None:
            self.high, self.sites = _at(self.radii, at, found, self.reached), found
        elif certain:
            self.ruled_out = max(self.ruled_out, at)
        self.unknown = max(self.ruled_out, min(self.unknown, self.high - 1))
        self.tell()
        return found is not None or certain

    def tell(self) -> None:
        """Tell the best so far, and the least that is not ruled out."""
        if self.effort.tell is not None:
            self.effort.tell(float(self.radii[self.high]), float(self.radii[self.ruled_out + 1]))


def _at(radii: Floats, high: int, sites: Ints, reached: Callable[[Ints], float] | None) -> int:
    """Find the position of the radius that sites do with."""
    return high if reached is None else min(high, int(np.searchsorted(radii, reached(sites))))
