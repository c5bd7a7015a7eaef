"""From a checked question to the answer: which way to solve it, and what to tell of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.answer import BY_EXISTING, BY_NOBODY, COVERING, OUT_OF_REACH, Siting, gap_of
from geomap.plan.siting.capacitated import solve_capacitated
from geomap.plan.siting.center import solve_center
from geomap.plan.siting.covering import Sets, fewest
from geomap.plan.siting.limited import cheapest_cover, solve_limited
from geomap.plan.siting.median import Found, solve
from geomap.plan.siting.medians import medians_for
from geomap.plan.siting.problem import least_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.capacitated import Carried
    from geomap.plan.siting.median import Effort
    from geomap.plan.siting.problem import Problem

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


def answer(problem: Problem, effort: Effort, *, people: Floats, began: float) -> Siting:
    """Solve a question.

    Parameters
    ----------
    problem : checked; its weights may be raised for equity.
    effort : how long to look.
    people : (n,) the weights as they came, to tell what is covered.
    began : time.monotonic() at the call.

    Raises
    ------
    ParameterError : if no choice within p, the budget and the capacities serves everybody.
    """
    carried = None
    if problem.capacity is not None:
        found, carried = solve_capacitated(problem, effort)
    elif problem.model == "lscp":
        found = _cover(problem, effort)
    elif problem.model == "p_center":
        found = solve_center(problem, effort) or _too_few(problem, effort)
    else:
        found = _median(problem, effort)
    found = replace(found, sites=problem.filled(found.sites))
    told = _Told(problem, np.sort(found.sites), people, carried)
    return told.siting(found, time.monotonic() - began)


def _cover(problem: Problem, effort: Effort) -> Found:
    """Find the fewest sites that cover what can be covered."""
    need = problem.reachable & ~np.isfinite(problem.today)
    sets = Sets(
        problem.reach, need, problem.required, problem.allowed, None, problem.site_cost,
        problem.budget,
    )  # fmt: skip
    cover = fewest(sets, effort)
    if cover.sites is None:
        _refuse_budget(problem, sets, effort)
    return Found(cover.sites, float(len(cover.sites)), cover.bound, cover.proven)


def _refuse_budget(problem: Problem, sets: Sets, effort: Effort) -> NoReturn:
    """Say that the budget does not cover all, and by how much it falls short at least."""
    cost = cheapest_cover(sets, effort)
    budget = problem.budget or 0.0
    if cost <= budget:
        refuse_for_time()
    raise ParameterError(
        f"covering all costs {cost:,.12g} at least, {cost - budget:,.12g} more than the budget of"
        f" {budget:,.12g}: raise it, or ask for mclp",
        zh=f"全部覆盖至少要 {cost:,.12g}，比预算 {budget:,.12g} 多 {cost - budget:,.12g}："
        "请提高预算，或改问“服务最多的人”（mclp）",
    )


def _median(problem: Problem, effort: Effort) -> Found:
    """Solve MCLP and p-median by their one form."""
    medians, total = medians_for(problem)
    start = None
    if np.isfinite(medians.penalty):
        start = _serving(problem, effort)
    if problem.budget is not None and problem.site_cost is not None:
        left = problem.budget - float(problem.site_cost[problem.required].sum())
        found = solve_limited(medians, problem.site_cost, left, effort, start=start)
    else:
        found = solve(medians, effort, start=start)
    sites = np.concatenate([np.flatnonzero(problem.required), found.sites])
    if problem.model == "mclp":
        # Added up, not taken away from all: what is covered by nobody is 0 then, not next to it.
        served = np.isfinite(least_of(problem.reach[:, sites])) | np.isfinite(problem.today)
        covered = float(problem.weights[served].sum())
        bound = covered if found.proven else max(total - found.bound, covered)
        return Found(sites, covered, bound, found.proven)
    return Found(sites, found.cost, found.bound, found.proven)


def _sets(problem: Problem) -> Sets:
    """Ask who has to be served: all that somebody can."""
    need = problem.reachable & ~np.isfinite(problem.today)
    if problem.model == "p_median":
        need &= problem.weights > 0
    return Sets(
        problem.reach, need, problem.required, problem.allowed, problem.p, problem.site_cost,
        problem.budget,
    )  # fmt: skip


def _serving(problem: Problem, effort: Effort) -> Ints:
    """Find p sites that serve everybody who can be served."""
    found = fewest(_sets(problem), replace(effort, tell=None), any_=True)
    if found.sites is None:
        _too_few(problem, effort)
    return np.setdiff1d(found.sites, np.flatnonzero(problem.required))


def refuse_for_time() -> NoReturn:
    """Say that nothing is proven, but nothing was found either."""
    raise ParameterError(
        "no choice that serves all the demand was found in the time there was: allow more time,"
        " more sites or a larger budget",
        zh="在限定时间内没有找到能服务全部需求的方案：请增加时间、地点或预算",
    )


def _too_few(problem: Problem, effort: Effort) -> NoReturn:
    """Say how many sites it takes to serve everybody."""
    sets = _sets(problem)
    if (
        problem.budget is not None
        and fewest(replace(sets, budget=None), effort, any_=True).sites is not None
    ):
        _refuse_budget(problem, sets, effort)
    least = fewest(replace(sets, most=None, budget=None), effort)
    if problem.p is None or least.bound <= problem.p:
        refuse_for_time()
    raise ParameterError(
        f"{problem.p} site{'s' * (problem.p != 1)} cannot reach all the demand that candidates"
        f" reach: it takes {least.bound:,.12g} at least; choose more, or reach further",
        zh=f"{problem.p} 处不能让候选地点够得到的需求点都够得到：至少要 {least.bound:,.12g} 处",
    )


def who_serves(problem: Problem, sites: Ints, carried: Carried | None) -> Ints:
    """Give who serves each row at least cost; what exists before what is new, then in order.

    Parameters
    ----------
    problem : the question.
    sites : (k,) the chosen candidates, in ascending order.
    carried : with capacities: what they came to, which settles it.
    """
    if carried is not None:
        return np.where(problem.reachable, carried.served_by, OUT_OF_REACH)
    today = problem.today
    chosen = sparse.coo_array(problem.reach[:, sites])
    row, position = chosen.coords
    best = np.lexsort((position, chosen.data, row))
    first = best[np.unique(row[best], return_index=True)[1]]
    served = np.where(np.isfinite(today), BY_EXISTING, BY_NOBODY)
    nearer = chosen.data[first] < today[row[first]]
    if problem.model in COVERING:
        nearer = ~np.isfinite(today[row[first]])
    first = first[nearer]
    served[row[first]] = sites[position[first]]
    return np.where(problem.reachable, served, OUT_OF_REACH)


def people_served(
    problem: Problem, people: Floats, served: Ints, carried: Carried | None
) -> tuple[Floats, float, float]:
    """Give the (m,) people whom each candidate serves, all that are served, and who were.

    Parameters
    ----------
    problem, carried : as :func:`who_serves`.
    people : (n,) of each row.
    served : (n,) who serves it.
    """
    if carried is not None:  # of a row that beds do not suffice for, only a part is served
        carried_by: Floats = carried.by_site.T @ people
        return carried_by, float(people @ carried.share), float(people @ carried.share_before)
    new = np.bincount(served[served >= 0], people[served >= 0], problem.reach.shape[1])
    covered = float(people[(served >= 0) | (served == BY_EXISTING)].sum())
    before = float(people[np.isfinite(problem.today)].sum())
    return new.astype(np.float64), covered, before


@dataclass(frozen=True, eq=False)
class _Told:
    """What there is to tell of chosen sites."""

    problem: Problem
    sites: Ints
    people: Floats
    carried: Carried | None

    def siting(self, found: Found, seconds: float) -> Siting:
        """Write the answer."""
        problem, people = self.problem, self.people
        served = who_serves(problem, self.sites, self.carried)
        new, covered, before = people_served(problem, people, served, self.carried)
        proven = found.proven or found.cost == found.bound
        beyond = np.flatnonzero(served == OUT_OF_REACH)
        cost = problem.site_cost
        return Siting(
            model=problem.model,  # type: ignore[arg-type]  # (checked to be one)
            chosen=[int(each) for each in self.sites],
            objective=found.cost,
            bound=found.cost if proven else found.bound,
            gap=gap_of(found.cost, found.bound, proven=proven),
            status="optimal" if proven else "time_limit",
            served_by=served,
            new_weight=new[self.sites],
            covered=covered,
            covered_before=before,
            unreachable=[int(each) for each in beyond],
            unreachable_weight=float(people[beyond].sum()),
            spent=None if cost is None else float(cost[self.sites].sum()),
            notes=(),
            seconds=seconds,
        )
