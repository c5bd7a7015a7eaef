"""HiGHS, asked to minimise: with a first answer, a time limit, and what it could prove."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import highspy
    import numpy.typing as npt
    from scipy import sparse

    Floats = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]
    Tell = Callable[[float, float], None]

#: Coefficients for a second that is left, beyond which HiGHS would not come to an end of
#: presolving, in which it does not look at the time.
PAIRS_A_SECOND: Final = 15_000
_MINIMISE: Final = 1
_ROWWISE: Final = 2


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise ``cost @ x`` where ``low <= matrix @ x <= high`` and ``least <= x <= most``.

    Parameters
    ----------
    cost, least, most : (k,) floats.
    matrix : (r, k) coefficients.
    low, high : (r,) floats, infinite where there is no limit.
    whole : (k,) which variables must be whole numbers.
    """

    cost: Floats
    matrix: sparse.csr_array
    low: Floats
    high: Floats
    least: Floats
    most: Floats
    whole: Mask


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a programme.

    Attributes
    ----------
    values : (k,) the best answer found, or None.
    objective : its cost, infinite without one.
    bound : no answer costs less.
    proven : whether the objective is proven to be the least, within the gap asked for.
    infeasible : whether it is proven that there is no answer.
    """

    values: Floats | None
    objective: float
    bound: float
    proven: bool
    infeasible: bool


#: What is known without asking.
NOTHING: Final = Outcome(None, np.inf, -np.inf, proven=False, infeasible=False)


def minimise(  # noqa: PLR0913 (how to go about it)
    program: Program,
    *,
    time_limit_s: float,
    start: Floats | None = None,
    gap: float = 0.0,
    target: float | None = None,
    seed: int = 0,
    tell: Tell | None = None,
) -> Outcome:
    """Solve a mixed-integer programme.

    Parameters
    ----------
    program : what to minimise.
    time_limit_s : seconds after which the best answer is given.
    start : (k,) a first answer; it need not be complete nor right.
    gap : answers that differ by no more count as equal: just under 1 where costs are whole.
    target : stop at an answer that costs no more.
    seed : the same seed takes the same way.
    tell : called now and then with the best answer's cost and the bound.
    """
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # (its own stubs)
    for name, value in {
        "log_to_console": False,
        "output_flag": tell is not None,  # without it nothing is told either
        "time_limit": max(time_limit_s, 0.01),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": max(gap, 1e-9),
        "random_seed": seed,
        "threads": 1,
        "objective_target": -np.inf if target is None else target,
    }.items():
        solver.setOptionValue(name, value)
    _pass(solver, program)
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    if tell is not None:
        solver.cbMipLogging += lambda event: tell(
            event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        )
    solver.run()
    return _outcome(solver, whole=bool(program.whole.any()))


def row_prices(program: Program, *, time_limit_s: float) -> Floats | None:
    """Give the (r,) dual prices of the programme without whole numbers; None: not in time.

    An interior point is enough, and far quicker than a corner: any prices give a bound.
    """
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # (its own stubs)
    solver.setOptionValue("output_flag", False)  # noqa: FBT003 (their option)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", max(time_limit_s, 0.01))
    _pass(solver, replace(program, whole=np.zeros(len(program.cost), dtype=bool)))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(solver.getSolution().row_dual)


def shifted(
    tell: Tell | None, by: float, *, best: float = np.inf, floor: float = -np.inf
) -> Tell | None:
    """Tell of a programme what it is a part of.

    Parameters
    ----------
    tell : whom.
    by : what is to be added to cost and bound.
    best, floor : a cost and a bound that are known, the addition included; they are told at once,
        for it may take HiGHS long to come to its own.
    """
    if tell is None:
        return None
    tell(best, floor)
    return lambda cost, bound: tell(min(cost + by, best), max(bound + by, floor))


def _pass(solver: highspy.Highs, program: Program) -> None:
    """Hand a programme over."""
    matrix = program.matrix
    matrix.sort_indices()
    solver.passModel(
        len(program.cost), len(program.low), matrix.nnz, _ROWWISE, _MINIMISE, 0.0,
        program.cost, program.least, program.most, program.low, program.high,
        matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
        program.whole.astype(np.int32),
    )  # fmt: skip


def _outcome(solver: highspy.Highs, *, whole: bool) -> Outcome:
    """Read what was found and what was proven."""
    import highspy

    status = solver.getModelStatus()
    ended, info = highspy.HighsModelStatus, solver.getInfo()
    if status in (ended.kInfeasible, ended.kUnboundedOrInfeasible):
        return Outcome(None, np.inf, np.inf, proven=False, infeasible=True)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.asarray(solver.getSolution().col_value) if found else None
    objective = float(info.objective_function_value) if found else np.inf
    proven = status in (ended.kOptimal, ended.kModelEmpty)
    if proven:
        bound = min(objective, info.mip_dual_bound) if whole else objective
    else:
        bound = float(info.mip_dual_bound) if whole else -np.inf
    return Outcome(values, objective, float(bound), proven=proven, infeasible=False)
