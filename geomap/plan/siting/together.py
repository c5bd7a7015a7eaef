"""Several types chosen together, where each by itself would take what another wants.

The median form (mclp, p_median) by the programme of :mod:`geomap.plan.siting.radii`, covers (lscp,
and for each radius p_center) by their own, both under the rules of all types.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.center import bisect
from geomap.plan.siting.highs import Program, minimise, shifted
from geomap.plan.siting.lagrange import ROUNDING
from geomap.plan.siting.median import Found
from geomap.plan.siting.medians import medians_for
from geomap.plan.siting.problem import only, within
from geomap.plan.siting.radii import radius_program, start_of
from geomap.plan.siting.solving import refuse_for_time

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.plan.siting.highs import Outcome
    from geomap.plan.siting.joint import Joint
    from geomap.plan.siting.median import Effort
    from geomap.plan.siting.medians import Medians

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

_HALF: Final = 0.5
_WHOLE_GAP: Final = 1 - 1e-4
#: Any answer will do: each costs less than this.
_ANY: Final = 1e9
#: Pairs for a second that is left, beyond which HiGHS would not come to an end of presolving a
#: p-median, in which it does not look at the time.
_PAIRS_A_SECOND: Final = 15_000
#: Pairs beyond which HiGHS would not come to an end of building.
MOST_PAIRS: Final = 3_000_000


def solve_together(joint: Joint, first: Ints | None, floor: float, effort: Effort) -> Found:
    """Choose columns of all types.

    Parameters
    ----------
    joint : the question.
    first : columns of a first answer that the rules allow, or None.
    floor : proven: nothing costs less.
    effort : how long to look.

    Raises
    ------
    ParameterError : if no choice serves everybody.
    """
    if joint.model == "p_center":
        return _center(joint, first, floor, effort)
    if joint.model == "lscp":
        return _cover(joint, first, floor, effort)
    if first is None:
        first = _any(joint, effort)
    return _median(joint, first, floor, effort)


def _median(joint: Joint, first: Ints, floor: float, effort: Effort) -> Found:
    """Solve mclp and p_median."""
    medians, _ = medians_for(joint.block)
    cost = joint.cost_of(first)
    most = MOST_PAIRS
    if joint.model == "p_median":
        most = min(most, int(_PAIRS_A_SECOND * max(effort.left_s, 0.0)))
    if len(medians.row) > most:
        return Found(first, cost, min(floor, cost), proven=cost <= floor)
    required = np.flatnonzero(joint.block.required)
    plain, constant = radius_program(medians)
    program, idle = _ruled(plain, medians, joint, required)
    own = np.flatnonzero(np.isin(medians.site, first))
    outcome = minimise(
        program, time_limit_s=effort.left_s, seed=effort.seed,
        start=np.concatenate([start_of(medians, own), np.isin(idle, first)]),
        gap=_WHOLE_GAP if medians.whole else ROUNDING * abs(cost),
        tell=shifted(effort.tell, constant),
    )  # fmt: skip
    if outcome.values is not None:
        took = outcome.values > _HALF
        sites = (required, medians.site[took[: medians.size]], idle[took[len(plain.cost) :]])
        chosen = np.concatenate(sites).astype(np.int64)
        if joint.fits(chosen) and joint.cost_of(chosen) < cost:
            first, cost = chosen, joint.cost_of(chosen)
    return _found(outcome, first, cost, max(floor, outcome.bound + constant))


def _found(outcome: Outcome, sites: Ints, cost: float, bound: float) -> Found:
    """Say what is proven: the programme's end, or a bound that the answer meets."""
    bound = min(cost, bound)
    proven = outcome.proven or cost - bound <= ROUNDING * abs(cost)
    return Found(sites, cost, cost if proven else bound, proven)


def _ruled(plain: Program, medians: Medians, joint: Joint, required: Ints) -> tuple[Program, Ints]:
    """Put the rules to a programme whose first variables are the columns of the medians.

    A candidate that serves nobody may still have to be chosen: such columns are added as the last
    variables, and given beside the programme.
    """
    block, rules = joint.block, joint.rules
    asked = np.tile(joint.shared, len(joint.each)) & block.allowed & ~block.required
    idle = np.setdiff1d(np.flatnonzero(asked), medians.site)
    blank = sparse.csc_array((len(rules.high), len(plain.cost) - medians.size))
    spent = np.asarray(rules.use[:, required].sum(axis=1)).ravel()
    rows = sparse.hstack([rules.use[:, medians.site], blank, rules.use[:, idle]])
    wide = sparse.csc_array((plain.matrix.shape[0], len(idle)))
    ones = np.ones(len(idle))
    program = replace(
        plain,
        cost=np.append(plain.cost, 0 * ones),
        matrix=sparse.csr_array(sparse.vstack([sparse.hstack([plain.matrix, wide]), rows])),
        low=np.append(plain.low, rules.low - spent),
        high=np.append(plain.high, rules.high - spent),
        least=np.append(plain.least, 0 * ones),
        most=np.append(plain.most, ones),
        whole=np.append(plain.whole, ones > 0),
    )
    # The number of sites in all is of the rules; that of the medians leaves no room for idle ones.
    program.high[plain.matrix.shape[0] - 1] = np.inf
    return program, idle


def _cover(joint: Joint, first: Ints | None, floor: float, effort: Effort) -> Found:
    """Find the fewest sites that cover all that can be covered."""
    program = _cover_program(joint, np.inf)
    start = None
    if first is not None:
        start = np.isin(np.arange(len(program.cost)), first).astype(np.float64)
    outcome = minimise(
        program, time_limit_s=effort.left_s, start=start, gap=_WHOLE_GAP, seed=effort.seed,
        tell=effort.tell,
    )  # fmt: skip
    if outcome.values is not None:
        chosen = np.flatnonzero(outcome.values > _HALF)
        first = chosen if first is None or len(chosen) < len(first) else first
    if first is None:
        _refuse(joint, proven=outcome.infeasible)
    bound = max(floor, float(np.ceil(outcome.bound - 1e-6)))
    return _found(outcome, first, float(len(first)), bound)


def _center(joint: Joint, first: Ints | None, floor: float, effort: Effort) -> Found:
    """Find the least radius within which all are served, every type's."""
    block = joint.block
    allowed = np.repeat(block.allowed, np.diff(block.reach.indptr))
    costs = np.concatenate([block.reach.data[allowed], block.today[np.isfinite(block.today)]])
    radii = np.unique(np.append(costs[costs >= floor], floor))

    def decide(radius: float, effort: Effort) -> tuple[Ints | None, bool]:
        """Look for columns that serve all within a radius."""
        if first is not None and joint.cost_of(first) <= radius:
            return first, True
        program = _cover_program(joint, radius)
        outcome = minimise(program, time_limit_s=effort.left_s, gap=_ANY, seed=effort.seed)
        if outcome.values is None:
            return None, outcome.infeasible
        return np.flatnonzero(outcome.values > _HALF), True

    found = bisect(radii, decide, effort, reached=joint.cost_of)
    if found is None:
        _refuse(joint, proven=decide(float(radii[-1]), effort)[1])
    return found


def _any(joint: Joint, effort: Effort) -> Ints:
    """Find any choice that the rules allow and that serves whom it must."""
    program = _cover_program(joint, np.inf)
    outcome = minimise(program, time_limit_s=effort.left_s, gap=_ANY, seed=effort.seed)
    if outcome.values is None:
        _refuse(joint, proven=outcome.infeasible)
    return np.flatnonzero(outcome.values > _HALF)


def _cover_program(joint: Joint, radius: float) -> Program:
    """Write the programme of the fewest sites that serve all who must be within a radius."""
    block = joint.block
    near = within(block.reach, radius)
    cover = only(near, np.repeat(block.allowed, np.diff(near.indptr)))
    need = joint.need & ~(np.isfinite(block.today) & (block.today <= radius))
    matrix = sparse.csr_array(sparse.csr_array(cover)[np.flatnonzero(need)])
    matrix.data = np.ones_like(matrix.data)
    rules, n = joint.rules, matrix.shape[0]
    return Program(
        cost=np.ones(cover.shape[1]), matrix=sparse.csr_array(sparse.vstack([matrix, rules.use])),
        low=np.append(np.ones(n), rules.low), high=np.append(np.full(n, np.inf), rules.high),
        least=block.required.astype(np.float64), most=block.allowed.astype(np.float64),
        whole=np.ones(cover.shape[1], dtype=bool),
    )  # fmt: skip


def _refuse(joint: Joint, *, proven: bool) -> NoReturn:
    """Say that the types together leave somebody out, or that nothing was found in time."""
    if not proven:
        refuse_for_time()
    raise ParameterError(
        f"no choice serves all the demand for {len(joint.each)} types together, though each alone"
        " may: a site takes one type; allow more candidates, sites or money, or ask for mclp",
        zh=f"{len(joint.each)} 个类型合在一起，没有方案能服务全部需求（一处只能设一种）：请增加候选"
        "地点、数量或预算，或改问“服务最多的人”（mclp）",
    )
