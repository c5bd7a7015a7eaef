"""Several types at once: each type covers by its own standard, and a site takes one type.

The objective is the weight covered, added up over the types: somebody who needs two types counts
once for each that is within its standard. Each type chooses its own number of sites, no candidate
is chosen twice, and a budget is shared.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.answer import BY_EXISTING, BY_NOBODY, OUT_OF_REACH, Siting, gap_of
from geomap.plan.siting.limited import Limits, solve_limited
from geomap.plan.siting.medians import medians_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from geomap.plan.siting.median import Effort, Found
    from geomap.plan.siting.problem import Problem

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


def site_several(problems: Mapping[str, Problem], effort: Effort) -> Siting:
    """Choose sites for several types by MCLP.

    Parameters
    ----------
    problems : by type, each checked, of one model and the same candidates; the costs of sites and
        the budget are those of the first.
    effort : how long to look.

    Raises
    ------
    ParameterError : if the types ask for more sites than there are candidates together.
    """
    began, each = time.monotonic(), list(problems.values())
    m = each[0].reach.shape[1]
    allowed = np.any([one.allowed for one in each], axis=0)
    asked = sum(one.p or 0 for one in each)
    if asked > allowed.sum():
        raise ParameterError(
            f"p must be at most the {int(allowed.sum())} candidates that may be chosen, got"
            f" {asked} for {len(each)} types together",
            zh=f"p 合计不能超过可选的 {int(allowed.sum())} 个候选地点，这里是 {asked}",
        )
    offers = sparse.csc_array(sparse.block_diag([_covered(one) for one in each]))
    today = np.concatenate([np.where(np.isfinite(one.today), 0.0, 1.0) for one in each])
    weights = np.concatenate([one.weights for one in each])
    medians = medians_of(
        offers, today, weights=weights, p=asked, allowed=np.concatenate([p.allowed for p in each])
    )
    found = solve_limited(medians, _limits(each), effort)
    return _Told(problems, m, _filled(each, found.sites)).siting(
        found, float(weights.sum()), time.monotonic() - began
    )


def _covered(problem: Problem) -> sparse.csc_array:
    """Give the pairs within the standard, at no cost; block_diag keeps what is stored."""
    reach = problem.reach
    return sparse.csc_array((np.zeros(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)


def _limits(each: list[Problem]) -> Limits:
    """Limit each type to its number, each candidate to one type, and all to the budget."""
    m, t = each[0].reach.shape[1], len(each)
    column = np.arange(t * m)
    number = sparse.coo_array((np.ones(t * m), (column // m, column)), shape=(t, t * m))
    once = sparse.coo_array((np.ones(t * m), (column % m, column)), shape=(m, t * m))
    rows, high = [number, once], [np.array([float(one.p or m) for one in each]), np.ones(m)]
    if each[0].budget is not None and each[0].site_cost is not None:
        rows.append(sparse.coo_array(np.tile(each[0].site_cost, t)[None, :]))
        high.append(np.array([each[0].budget]))
    return Limits(sparse.csc_array(sparse.vstack(rows)), np.concatenate(high))


def _filled(each: list[Problem], sites: Ints) -> Ints:
    """Choose the number of each type: where fewer do as well, the first that are free."""
    m = each[0].reach.shape[1]
    chosen = [np.sort(sites[sites // m == n] % m) for n in range(len(each))]
    if each[0].budget is None:
        for n, one in enumerate(each):
            free = np.setdiff1d(np.flatnonzero(one.allowed), np.concatenate(chosen))
            more = free[: max((one.p or 0) - len(chosen[n]), 0)]
            chosen[n] = np.sort(np.concatenate([chosen[n], more]))
    return np.concatenate([n * m + some for n, some in enumerate(chosen)]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Told:
    """What there is to tell of sites that are chosen for several types."""

    problems: Mapping[str, Problem]
    m: int
    sites: Ints

    def siting(self, found: Found, total: float, seconds: float) -> Siting:
        """Write the answer."""
        each = list(self.problems.values())
        served = np.array([self._served(n, one) for n, one in enumerate(each)])
        weights = np.array([one.weights for one in each])
        block = np.arange(len(each))[:, None] * self.m
        new = np.where(served >= 0, served + block, -1)
        sums = np.bincount(new[new >= 0], weights[new >= 0], len(each) * self.m)
        beyond = np.flatnonzero((served == OUT_OF_REACH).all(axis=0))
        cost, objective, bound = each[0].site_cost, total - found.cost, total - found.bound
        proven = found.proven or found.cost == found.bound
        names = list(self.problems)
        return Siting(
            model="mclp",
            chosen=[int(site) for site in self.sites % self.m],
            objective=objective,
            bound=objective if proven else bound,
            gap=gap_of(objective, bound, proven=proven),
            status="optimal" if proven else "time_limit",
            served_by=served,
            new_weight=sums.astype(np.float64)[self.sites],
            covered=float(weights[(served >= 0) | (served == BY_EXISTING)].sum()),
            covered_before=float(weights[served == BY_EXISTING].sum()),
            unreachable=[int(row) for row in beyond],
            unreachable_weight=float(weights.max(axis=0)[beyond].sum()),
            spent=None if cost is None else float(cost[self.sites % self.m].sum()),
            notes=(),
            seconds=seconds,
            types=[names[site // self.m] for site in self.sites.tolist()],
        )

    def _served(self, n: int, problem: Problem) -> Ints:
        """Give who covers each row for one type."""
        chosen = self.sites[self.sites // self.m == n] % self.m
        near = sparse.coo_array(problem.reach[:, chosen])
        row, position = near.coords
        served = np.where(problem.reachable, BY_NOBODY, OUT_OF_REACH)
        best = np.lexsort((position, near.data, row))
        first = best[np.unique(row[best], return_index=True)[1]]
        served[row[first]] = chosen[position[first]]
        served[np.isfinite(problem.today)] = BY_EXISTING
        return served
