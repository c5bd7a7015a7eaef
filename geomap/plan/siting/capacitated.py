"""The models with capacities: beds are limited, so demand is carried to sites, in parts if need be.

f_ij is the weight of row i that site j serves; a site serves no more than its capacity, and
nothing unless it is chosen:

    sum_i f_ij <= capacity_j x_j      f_ij <= min(w_i, capacity_j) x_j      sum_j f_ij = w_i

with ``<= w_i`` for MCLP, which serves most. Existing facilities serve with what they have. Once
the sites are chosen the flows are those of a linear programme, solved again exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.answer import BY_EXISTING, BY_NOBODY
from geomap.plan.siting.center import bisect
from geomap.plan.siting.highs import PAIRS_A_SECOND, Outcome, Program, minimise, shifted
from geomap.plan.siting.median import Found, solve
from geomap.plan.siting.medians import medians_for
from geomap.plan.siting.problem import Problem, within

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.median import Effort
    from geomap.plan.siting.problem import Rules

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

#: A weight is unserved if more than this share of it is.
_ROUNDING: Final = 1e-7
_HALF: Final = 0.5
#: The share of time for the same question without capacities.
_EASIER: Final = 0.3


@dataclass(frozen=True, eq=False)
class Carried:
    """Whom sites with capacities serve, in parts if need be.

    Attributes
    ----------
    served_by : (n,) who serves most of each row.
    share : (n,) how much of each row is served.
    share_before : (n,) how much of each row the existing facilities alone could serve.
    by_site : (n, m) how much of each row each candidate serves.
    """

    served_by: Ints
    share: Floats
    share_before: Floats
    by_site: sparse.csc_array


@dataclass(frozen=True, eq=False)
class _Flows:
    """The pairs over which demand may be carried.

    Parameters
    ----------
    problem : the question.
    row, site, cost : (f,) of each pair; sites are numbered 0 to m - 1 for the candidates, then
        the existing facilities.
    rows : (r,) rows with people whom somebody can serve.
    """

    problem: Problem
    row: Ints
    site: Ints
    cost: Floats
    rows: Ints

    @classmethod
    def of(cls, problem: Problem) -> _Flows:
        """Take the pairs of rows with people and sites that may serve."""
        reach, existing = problem.reach.tocoo(), problem.existing.tocoo()
        m = problem.reach.shape[1]
        row = np.concatenate([reach.coords[0], existing.coords[0]]).astype(np.int64)
        site = np.concatenate([reach.coords[1], m + existing.coords[1]]).astype(np.int64)
        cost = np.concatenate([reach.data, existing.data])
        may = np.concatenate([problem.allowed, np.ones(existing.shape[1], dtype=bool)])
        kept = may[site] & (problem.weights[row] > 0)
        return cls(problem, row[kept], site[kept], cost[kept], np.unique(row[kept]))

    @property
    def capacity(self) -> Floats:
        """(m + e,) capacity of candidates and existing facilities."""
        own, held = self.problem.capacity, self.problem.existing_capacity
        none = np.zeros(0)
        return np.concatenate([none if own is None else own, none if held is None else held])

    @property
    def wanted(self) -> float:
        """The weight that somebody can serve, as far as capacities do not matter."""
        return float(self.problem.weights[self.rows].sum())

    def floor(self, model: str) -> float:
        """Give a bound at once: what it costs if every site is chosen and holds enough."""
        if model == "mclp":
            return -self.wanted
        if model == "lscp":
            return float(self.problem.required.sum())
        least = np.full(len(self.problem.weights), np.inf)
        np.minimum.at(least, self.row, self.cost)
        return float(least[self.rows] @ self.problem.weights[self.rows])

    def program(self, *, model: str, open_: Ints | None = None) -> Program:
        """Write the programme of a model: variables x of the candidates, then f of the pairs.

        With `open_` the candidates are chosen already.
        """
        problem, m = self.problem, self.problem.reach.shape[1]
        matrix, low, high = self._limits(model, problem.rules if open_ is None else None)
        f, whole = len(self.row), np.zeros(m + len(self.row), dtype=bool)
        whole[:m] = open_ is None
        least = np.concatenate([problem.required.astype(np.float64), np.zeros(f)])
        most = np.concatenate([problem.allowed.astype(np.float64), problem.weights[self.row]])
        if open_ is not None:
            least[:m] = most[:m] = np.isin(np.arange(m), open_)
        cost = {
            "lscp": np.concatenate([np.ones(m), np.zeros(f)]),
            "mclp": np.concatenate([np.zeros(m), -np.ones(f)]),
            "p_median": np.concatenate([np.zeros(m), self.cost]),
        }[model]
        return Program(cost, matrix, low, high, least, most, whole)

    def _limits(self, model: str, rules: Rules | None) -> tuple[sparse.csr_array, Floats, Floats]:
        """Write the rows of the programme: demand, capacities, pairs, number, money and rules."""
        problem, m = self.problem, self.problem.reach.shape[1]
        f, r, s = len(self.row), len(self.rows), len(self.capacity)
        new = np.flatnonzero(self.site < m)
        pair = np.arange(len(new))
        demand = np.searchsorted(self.rows, self.row)
        ends = r + s + len(new)
        money = np.zeros(m) if problem.site_cost is None else problem.site_cost
        parts = [  # coefficient, row, column
            (np.ones(f), demand, m + np.arange(f)),
            (np.ones(f), r + self.site, m + np.arange(f)),
            (-self.capacity[:m], r + np.arange(m), np.arange(m)),
            (np.ones(len(new)), r + s + pair, m + new),
            (-np.minimum(problem.weights[self.row[new]], self.capacity[self.site[new]]),
             r + s + pair, self.site[new]),
            (np.ones(m), np.full(m, ends), np.arange(m)),
            (money, np.full(m, ends + 1), np.arange(m)),
        ]  # fmt: skip
        data, row, column = (np.concatenate(each) for each in zip(*parts, strict=True))
        matrix = sparse.csr_array(sparse.coo_array((data, (row, column)), shape=(ends + 2, m + f)))
        people = problem.weights[self.rows]
        most = np.array([np.inf if each is None else each for each in (problem.p, problem.budget)])
        held = np.where(np.arange(s) < m, 0.0, self.capacity)
        high = np.concatenate([people, held, np.zeros(len(new)), most])
        low = np.full(len(high), -np.inf)
        if model != "mclp":
            low[:r] = people
        if rules is None:
            return matrix, low, high
        more = sparse.hstack([rules.use, sparse.csc_array((len(rules.high), f))])
        matrix = sparse.csr_array(sparse.vstack([matrix, more]))
        return matrix, np.append(low, rules.low), np.append(high, rules.high)

    def carried(self, model: str, sites: Ints) -> tuple[float, Floats] | None:
        """Give the objective and the flows once the sites are chosen; None: they do not suffice."""
        m = self.problem.reach.shape[1]
        kept = np.flatnonzero((self.site >= m) | np.isin(self.site, sites))
        near = replace(self, row=self.row[kept], site=self.site[kept], cost=self.cost[kept])
        outcome = minimise(near.program(model=model, open_=sites), time_limit_s=np.inf)
        if outcome.values is None:
            return None
        flows = np.zeros(len(self.row))
        flows[kept] = outcome.values[m:]
        return outcome.objective, flows

    def told(self, flows: Floats) -> Carried:
        """Tell what is carried, as shares of the rows."""
        n, m = self.problem.reach.shape
        none = self.carried("mclp", np.zeros(0, dtype=np.int64))
        before = np.zeros(len(self.row)) if none is None else none[1]
        share, share_before = (
            np.bincount(self.row, each / self.problem.weights[self.row], n)
            .clip(0.0, 1.0)
            .astype(float)
            for each in (flows, before)
        )
        new = np.flatnonzero((self.site < m) & (flows > 0))
        part = flows[new] / self.problem.weights[self.row[new]]
        pairs = (part, (self.row[new], self.site[new]))
        by_site = sparse.csc_array(sparse.coo_array(pairs, shape=(n, m)))
        return Carried(self.served_by(flows), share, share_before, by_site)

    def served_by(self, flows: Floats) -> Ints:
        """Give who serves most of each row; of equals, what exists, then the first site."""
        n, m = self.problem.reach.shape
        served = np.full(n, BY_NOBODY, dtype=np.int64)
        some = np.flatnonzero(flows > _ROUNDING * self.problem.weights[self.row])
        new = self.site[some] < m
        order = some[np.lexsort((self.site[some], new, -flows[some], self.row[some]))]
        first = order[np.unique(self.row[order], return_index=True)[1]]
        served[self.row[first]] = np.where(self.site[first] < m, self.site[first], BY_EXISTING)
        return served


def solve_capacitated(problem: Problem, effort: Effort) -> tuple[Found, Carried]:
    """Solve a model with capacities; and tell who serves each row, and how much of it.

    Raises
    ------
    ParameterError : if p, the budget or the capacities do not suffice, and by how much.
    """
    if problem.model == "p_center":
        return _center(problem, effort)
    flows = _Flows.of(problem)
    _require_capacity(flows)
    outcome = _best(flows, problem.model, effort, **_without_capacities(flows, effort))
    if outcome.infeasible or outcome.values is None:
        _refuse(flows, effort, proven=outcome.infeasible)
    sites = _open(outcome, problem)
    carried = flows.carried(problem.model, sites)
    if carried is None:  # whole within a millionth, but not exactly
        _refuse(flows, effort, proven=False)
    cost, flow = carried
    bound = min(cost, outcome.bound)
    if problem.model == "mclp":
        cost, bound = -cost, -bound
    elif problem.model == "lscp":
        bound = float(np.ceil(bound - 1e-6))
    near = abs(cost - bound) <= 1e-6 * max(1.0, abs(cost))
    proven = outcome.proven and near
    return Found(sites, cost, cost if proven else bound, proven), flows.told(flow)


def _without_capacities(flows: _Flows, effort: Effort) -> dict[str, Any]:
    """Forget the capacities: no answer costs less than the best then; and try its sites.

    Beside those, the largest sites; the better of the two is a first answer.
    """
    problem = flows.problem
    plain = problem.budget is None and problem.rules is None and problem.p is not None
    if problem.model == "lscp" or not plain or problem.p is None or problem.capacity is None:
        return {}
    medians, total = medians_for(problem)
    quiet = replace(effort, until=effort.share(_EASIER), tell=None)
    easier, required = solve(medians, quiet), np.flatnonzero(problem.required)
    held = np.where(problem.allowed & ~problem.required, problem.capacity, -1.0)
    largest = np.argsort(-held, kind="stable")[: problem.p - len(required)]
    start, least = None, np.inf
    for sites in (easier.sites, largest):
        chosen = problem.filled(np.concatenate([required, sites]))
        carried = flows.carried(problem.model, chosen)
        if carried is not None and carried[0] < least:
            least = carried[0]
            start = np.append(np.isin(np.arange(len(held)), chosen).astype(float), carried[1])
    floor = easier.bound - (total if problem.model == "mclp" else 0.0)
    return {"start": start, "floor": floor, "least": least}


def _best(  # noqa: PLR0913 (what is known before)
    flows: _Flows,
    model: str,
    effort: Effort,
    *,
    start: Floats | None = None,
    floor: float = -np.inf,
    least: float = np.inf,
) -> Outcome:
    """Ask HiGHS for the sites, with a first answer, what it costs and a bound, if known."""
    program = flows.program(model=model)
    gap = 1 - 1e-4 if model == "lscp" else 0.0
    by, floor = flows.wanted if model == "mclp" else 0.0, max(floor, flows.floor(model))
    if start is not None and len(flows.row) > PAIRS_A_SECOND * max(effort.left_s, 1.0):
        return Outcome(start, least, floor, proven=False, infeasible=False)
    outcome = minimise(
        program, time_limit_s=effort.left_s, gap=gap, seed=effort.seed, start=start,
        tell=shifted(effort.tell, by, best=least + by, floor=floor + by),
    )  # fmt: skip
    return replace(outcome, bound=max(outcome.bound, floor))


def _open(outcome: Outcome, problem: Problem) -> Ints:
    """Read the chosen candidates; (k,)."""
    assert outcome.values is not None  # noqa: S101 (asked before)
    return np.flatnonzero(outcome.values[: problem.reach.shape[1]] > _HALF)


def _require_capacity(flows: _Flows) -> None:
    """Refuse where the largest candidates together hold too little: no need to solve anything."""
    problem = flows.problem
    if problem.model == "mclp" or problem.capacity is None:
        return
    own = np.where(problem.allowed, problem.capacity, 0.0)
    must = own[problem.required]
    rest = np.sort(own[~problem.required])[::-1]
    count = len(rest) if problem.p is None else problem.p - len(must)
    held = float(must.sum() + min(rest[:count].sum(), _affordable(problem)))
    if problem.existing_capacity is not None:
        held += float(problem.existing_capacity.sum())
    _require_enough(held, flows.wanted)


def _affordable(problem: Problem) -> float:
    """Give the most capacity that the budget buys beside the required sites, parts included."""
    if problem.budget is None or problem.site_cost is None or problem.capacity is None:
        return np.inf
    free = problem.allowed & ~problem.required
    held, price = problem.capacity[free], problem.site_cost[free]
    left = problem.budget - float(problem.site_cost[problem.required].sum())
    order = np.argsort(price / np.maximum(held, 1e-12), kind="stable")
    before = np.cumsum(price[order]) - price[order]
    part = np.where(price[order] > 0, (left - before) / np.maximum(price[order], 1e-12), 1.0)
    return float((held[order] * part.clip(0.0, 1.0)).sum())


def _require_enough(held: float, wanted: float) -> None:
    """Refuse capacities that are too small, and say by how much."""
    short = wanted - held
    if short > _ROUNDING * wanted:
        raise ParameterError(
            f"the capacities can serve {held:g} of {wanted:g}, {short:g} too few: allow more"
            " sites or larger ones, or ask for mclp, which serves as many as it can",
            zh=f"容量最多能服务 {held:g}，需求 {wanted:g}，还差 {short:g}：请增加地点或容量，"
            "或改问“服务最多的人”（mclp）",
        )


def _refuse(flows: _Flows, effort: Effort, *, proven: bool) -> NoReturn:
    """Say how much of the demand the sites could serve at most."""
    if proven:
        effort = replace(effort, until=max(effort.until, effort.until + 5 - effort.left_s))
        most = _best(flows, "mclp", replace(effort, tell=None))
        _require_enough(-most.bound, flows.wanted)
    raise ParameterError(
        "no choice that serves all the demand was found in the time there was: allow more time,"
        " sites or capacity, or ask for mclp",
        zh="在限定时间内没有找到能服务全部需求的方案：请增加时间、地点或容量，或改问“服务最多的人”（mclp）",
    )


def _center(problem: Problem, effort: Effort) -> tuple[Found, Carried]:
    """Find the least radius within which the capacities serve everybody."""
    flows = _Flows.of(problem)
    _require_capacity(flows)
    least = np.full(len(problem.weights), np.inf)
    np.minimum.at(least, flows.row, flows.cost)
    low = float(least[flows.rows].max(initial=0.0))
    radii = np.unique(np.append(flows.cost[flows.cost >= low], low))

    def decide(radius: float, effort: Effort) -> tuple[Ints | None, bool]:
        """Look for sites that serve all within a radius."""
        near = _within(problem, radius)
        outcome = _best(_Flows.of(near), "lscp", effort)
        if outcome.values is None:
            return None, outcome.infeasible
        return _open(outcome, problem), True

    found = bisect(radii, decide, effort)
    if found is None:
        _refuse(flows, effort, proven=True)
    near = _Flows.of(_within(problem, found.cost))
    carried = near.carried("p_median", found.sites)
    if carried is None:
        _refuse(flows, effort, proven=False)
    return found, near.told(carried[1])


def _within(problem: Problem, radius: float) -> Problem:
    """Ask the same of what lies within a radius."""
    return replace(
        problem, reach=within(problem.reach, radius), existing=within(problem.existing, radius)
    )
