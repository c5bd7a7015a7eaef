"""Several types at once: each type serves by its own standard, and a site takes one type.

=========  ===================================================================================
lscp       objective: how many sites are chosen: the fewest that cover every row for every type.
mclp       objective: weight covered, added up over the types: somebody who needs two types
           counts once for each that is within its standard.
p_median   objective: weight times cost to the nearest site of the type, added up over the types.
p_center   objective: the greatest cost to the nearest site of any type; types that do better are
           not pressed to the least they could do.
=========  ===================================================================================

Each type chooses its own number of sites, no candidate is chosen twice, and a budget is shared.

Each type is solved by itself first. Where no two want the same candidate, nor more money together
than there is, that is the answer; else what they would reach if they did not stand in each other's
way is a bound. Then all are solved together, from the answer of one after the other.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.siting.answer import OUT_OF_REACH, Siting, gap_of
from geomap.plan.siting.capacitated import solve_capacitated
from geomap.plan.siting.joint import Joint
from geomap.plan.siting.lagrange import ROUNDING
from geomap.plan.siting.median import Found
from geomap.plan.siting.solving import answer, people_served, who_serves
from geomap.plan.siting.together import MOST_PAIRS, solve_together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from geomap.plan.siting.capacitated import Carried
    from geomap.plan.siting.median import Effort
    from geomap.plan.siting.problem import Problem

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

#: The share of the time that types have by themselves, and of the rest one after the other; the
#: latter have all of it where the types are too much to be solved together.
_APART, _IN_TURN = 0.35, 0.3
#: Orders of the types that are tried one after the other.
_ORDERS: Final = 4


def site_several(
    problems: Mapping[str, Problem],
    effort: Effort,
    *,
    people: Floats | None = None,
    shared: Mask | None = None,
) -> Siting:
    """Choose sites for several types.

    Parameters
    ----------
    problems : by type, each checked, of one model and the same candidates; the costs of sites and
        the budget are those of the first.
    effort : how long to look.
    people : (n,) weights as they came, where those of the problems are raised for equity.
    shared : (m,) candidates that must be chosen, whichever type they take.

    Raises
    ------
    ParameterError : if the types ask for more sites than there are candidates together, or no
        choice serves all that lscp, p_median and p_center have to serve.
    """
    began, first = time.monotonic(), next(iter(problems.values()))
    none = np.zeros(first.reach.shape[1], dtype=bool)
    joint = Joint(problems, none if shared is None else shared)
    joint.check()
    carried = None
    if joint.block.capacity is not None:
        found, carried = solve_capacitated(joint.block, effort)
        if joint.model == "mclp":
            found = replace(found, cost=joint.total - found.cost, bound=joint.total - found.bound)
    else:
        found = _found(joint, effort)
    told = _Told(joint, _filled(joint, found.sites), first.weights if people is None else people)
    return told.siting(found, carried, time.monotonic() - began)


def _found(joint: Joint, effort: Effort) -> Found:
    """Solve each type by itself, then one after the other, then all together, as far as need be."""
    quiet = replace(effort, tell=None)
    apart = _apart(joint, replace(quiet, until=effort.share(_APART)))
    floor = joint.of_all([bound for _, bound in apart])
    columns = np.concatenate([sites for sites, _ in apart]).astype(np.int64)
    if joint.fits(columns):
        cost = joint.cost_of(columns)
        if _meets(cost, floor):
            return Found(columns, cost, cost, proven=True)
    part = 1.0 if joint.block.reach.nnz > MOST_PAIRS else _IN_TURN
    first = _in_turn(joint, apart, replace(quiet, until=effort.share(part)), floor)
    if joint.fits(columns) and (first is None or joint.cost_of(columns) <= joint.cost_of(first)):
        first = columns
    if first is not None and _meets(joint.cost_of(first), floor):
        return Found(first, joint.cost_of(first), joint.cost_of(first), proven=True)
    return solve_together(joint, first, floor, effort)


def _meets(cost: float, floor: float) -> bool:
    """Whether a cost is as low as is possible, but for rounding."""
    return cost - floor <= ROUNDING * abs(cost)


def _apart(joint: Joint, effort: Effort) -> list[tuple[Ints, float]]:
    """Solve each type by itself: its columns that serve anybody, and its bound as a cost."""
    found = []
    for n, (name, one) in enumerate(joint.problems.items()):
        share = replace(effort, until=effort.share(1 / (len(joint.each) - n)))
        try:
            alone = answer(one, share, people=one.weights, began=time.monotonic())
        except ParameterError as error:
            zh = None if error.zh is None else f"{name}：{error.zh}"
            raise ParameterError(f"{name}: {error}", zh=zh) from error
        bound = alone.bound
        if joint.model == "mclp":
            bound = float(one.weights.sum()) - bound
        found.append((n * joint.m + _useful(one, alone), bound))
    return found


def _useful(problem: Problem, alone: Siting) -> Ints:
    """Give the chosen sites that serve anybody, or are required: the others make up the number."""
    chosen = np.array(alone.chosen, dtype=np.int64)
    return chosen[np.isin(chosen, alone.served_by) | problem.required[chosen]]


def _in_turn(
    joint: Joint, apart: list[tuple[Ints, float]], effort: Effort, floor: float
) -> Ints | None:
    """Solve one type after the other, each without what those before it took; the best order."""
    best, least = None, np.inf
    for order in list(permutations(range(len(joint.each))))[:_ORDERS]:
        if effort.left_s <= 0 or (best is not None and _meets(least, floor)):
            break
        columns = _one_order(joint, apart, order, effort)
        if columns is not None and joint.fits(columns) and joint.cost_of(columns) < least:
            best, least = columns, joint.cost_of(columns)
    return best


def _one_order(
    joint: Joint, apart: list[tuple[Ints, float]], order: Sequence[int], effort: Effort
) -> Ints | None:
    """Solve the types in an order; None where one finds nothing."""
    required = _assigned(joint, apart, order)
    if required is None:
        return None
    taken, columns = np.any(required, axis=0), []
    money = np.zeros(joint.m) if joint.each[0].site_cost is None else joint.each[0].site_cost
    spent = float(money[taken].sum())
    for nth, n in enumerate(order):
        one, own = joint.each[n], required[n]
        spent -= float(money[own].sum())  # it is this type's to spend
        left = None if one.budget is None else one.budget - spent
        sites = apart[n][0] - n * joint.m
        free = not (taken & ~own)[sites].any() and (own == one.required).all()
        if not (nth == 0 and free and left == one.budget):  # else it is solved already
            allowed = one.allowed & (own | ~taken)
            asked = replace(one, required=own, allowed=allowed, budget=left)
            share = replace(effort, until=effort.share(1 / (len(order) - nth)))
            found = _alone(asked, share)
            if found is None:
                return None
            sites = _useful(asked, found)
        taken = taken | np.isin(np.arange(joint.m), sites)
        spent += float(money[sites].sum())
        columns.append(n * joint.m + sites)
    return np.concatenate(columns).astype(np.int64)


def _alone(problem: Problem, effort: Effort) -> Siting | None:
    """Solve one type by itself; None where nothing is found."""
    try:
        return answer(problem, effort, people=problem.weights, began=time.monotonic())
    except ParameterError:
        return None


def _assigned(
    joint: Joint, apart: list[tuple[Ints, float]], order: Sequence[int]
) -> list[Mask] | None:
    """Give each candidate that must be chosen a type with room: one that wants it, else the first.

    Give what is required of each type; None where there is no room.
    """
    required = [one.required.copy() for one in joint.each]
    open_ = np.flatnonzero(joint.shared & ~np.any(required, axis=0))
    for site in open_.tolist():
        room = [
            n for n in order
            if joint.each[n].allowed[site] and required[n].sum() < (joint.each[n].p or joint.m)
        ]  # fmt: skip
        if not room:
            return None
        wanted = [n for n in room if n * joint.m + site in apart[n][0]]
        required[(wanted or room)[0]][site] = True
    return required


def _filled(joint: Joint, sites: Ints) -> Ints:
    """Choose the number of each type: where fewer do as well, the first that are free."""
    m = joint.m
    chosen = [np.sort(sites[sites // m == n] % m) for n in range(len(joint.each))]
    if joint.each[0].budget is None:
        for n, one in enumerate(joint.each):
            free = np.setdiff1d(np.flatnonzero(one.allowed), np.concatenate(chosen))
            more = free[: max((one.p or 0) - len(chosen[n]), 0)]
            chosen[n] = np.sort(np.concatenate([chosen[n], more]))
    return np.concatenate([n * m + some for n, some in enumerate(chosen)]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Told:
    """What there is to tell of columns that are chosen for several types."""

    joint: Joint
    sites: Ints
    people: Floats

    def siting(self, found: Found, carried: Carried | None, seconds: float) -> Siting:
        """Write the answer."""
        joint, m, t = self.joint, self.joint.m, len(self.joint.each)
        served = who_serves(joint.block, self.sites, carried)
        people = np.tile(self.people, t)
        new, covered, before = people_served(joint.block, people, served, carried)
        beyond = np.flatnonzero((served.reshape(t, -1) == OUT_OF_REACH).all(axis=0))
        cost, names = joint.each[0].site_cost, list(joint.problems)
        shift, sign = (joint.total, -1.0) if joint.model == "mclp" else (0.0, 1.0)
        objective, bound = shift + sign * found.cost, shift + sign * found.bound
        proven = found.proven or found.cost == found.bound
        return Siting(
            model=joint.model,  # type: ignore[arg-type]  # (checked to be one)
            chosen=[int(site) for site in self.sites % m],
            objective=objective,
            bound=objective if proven else bound,
            gap=gap_of(objective, bound, proven=proven),
            status="optimal" if proven else "time_limit",
            served_by=np.where(served >= 0, served % m, served).reshape(t, -1),
            new_weight=new[self.sites],
            covered=covered,
            covered_before=before,
            unreachable=[int(row) for row in beyond],
            unreachable_weight=float(self.people[beyond].sum()),
            spent=None if cost is None else float(cost[self.sites % m].sum()),
            notes=(),
            seconds=seconds,
            types=[names[site // m] for site in self.sites.tolist()],
        )
