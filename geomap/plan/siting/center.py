"""p-center: the least distance within which p sites serve everybody, by bisection over covers.

The answer is one of the distances themselves; for each, p sites either cover every row within it
or they do not (Minieka 1970, doi:10.1137/1012016).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
    Decide = Callable[[float], tuple[Ints | None, bool]]


@dataclass(frozen=True, eq=False)
class _Covers:
    """Covers within a radius."""

    problem: Problem
    effort: Effort
    today: Floats
    reachable: npt.NDArray[np.bool_]

    def __call__(self, radius: float) -> tuple[Ints | None, bool]:
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
        found = fewest(sets, replace(self.effort, tell=None), any_=True)
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
    covers = _Covers(problem, effort, today, reachable)
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
    decide : asked about one radius.
    effort : when to stop.
    reached : the radius that sites do with, which may be less than was asked for.
    """
    ruled_out, high = -1, len(radii) - 1
    sites, _ = decide(float(radii[high]))
    if sites is None:
        return None
    high = _at(radii, high, sites, reached)
    if effort.tell is not None:
        effort.tell(float(radii[high]), float(radii[0]))
    while high - ruled_out > 1 and effort.left_s > 0:
        middle = (ruled_out + high) // 2
        found, certain = decide(float(radii[middle]))
        if found is not None:
            high, sites = _at(radii, middle, found, reached), found
        elif certain:
            ruled_out = middle
        else:
            break
        if effort.tell is not None:
            effort.tell(float(radii[high]), float(radii[ruled_out + 1]))
    bound = float(radii[ruled_out + 1])
    return Found(sites, float(radii[high]), bound, proven=high - ruled_out == 1)


def _at(radii: Floats, high: int, sites: Ints, reached: Callable[[Ints], float] | None) -> int:
    """Find the position of the radius that sites do with."""
    return high if reached is None else min(high, int(np.searchsorted(radii, reached(sites))))
