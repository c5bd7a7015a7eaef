"""The question: what it costs each demand row to reach each site, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.siting.answer import MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from scipy import sparse

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

_MATRIX_DIMENSIONS: Final = 2


@dataclass(frozen=True, eq=False)
class Rules:
    """Which candidates may be chosen together: ``low <= use @ x <= high``, x 1 for the chosen.

    Parameters
    ----------
    use : (k, m) coefficients.
    low, high : (k,) floats, infinite where there is no limit.
    """

    use: sparse.csc_array
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Problem:
    """A siting question, checked.

    Parameters
    ----------
    model : lscp, mclp, p_median or p_center.
    reach : (n, m) what it costs demand row i to reach candidate j; what is not stored is out of
        reach, a stored 0 is next door.
    existing : (n, e) the same for the facilities that stand.
    weights : (n,) people of each row, 0 or more.
    p : how many sites to choose; with a budget, at most; None: no such limit.
    required, allowed : (m,) which candidates must, and may, be chosen.
    site_cost : (m,) what each candidate costs, or None.
    budget : what may be spent, or None.
    capacity, existing_capacity : (m,) and (e,) weight that each can serve, or None: any.
    rules : what else a choice must hold to, or None; the forms with capacities do.
    """

    model: str
    reach: sparse.csc_array
    existing: sparse.csc_array
    weights: Floats
    p: int | None
    required: Mask
    allowed: Mask
    site_cost: Floats | None = None
    budget: float | None = None
    capacity: Floats | None = None
    existing_capacity: Floats | None = None
    rules: Rules | None = None

    @cached_property
    def today(self) -> Floats:
        """(n,) cost to the nearest existing facility, infinite where none is within reach."""
        return least_of(self.existing)

    @cached_property
    def reachable(self) -> Mask:
        """(n,) rows that a candidate that may be chosen, or an existing facility, can serve."""
        pairs = np.repeat(self.allowed, np.diff(self.reach.indptr))
        near = np.zeros(len(self.weights), dtype=bool)
        near[self.reach.indices[pairs]] = True
        return near | np.isfinite(self.today)

    def filled(self, sites: Ints) -> Ints:
        """Choose p in all: where fewer do as well, the first candidates make the number up."""
        if self.p is None or self.budget is not None or len(sites) >= self.p:
            return sites
        free = np.setdiff1d(np.flatnonzero(self.allowed), sites)
        return np.concatenate([sites, free[: self.p - len(sites)]])


def least_of(cost: sparse.csc_array) -> Floats:
    """Give the (n,) least stored cost of each row, infinite where nothing is stored."""
    least = np.full(cost.shape[0], np.inf)
    np.minimum.at(least, cost.indices, cost.data)
    return least


def only(cost: sparse.csc_array, kept: Mask) -> sparse.csc_array:
    """Keep some of the stored pairs."""
    from scipy import sparse

    before = np.concatenate([[0], np.cumsum(kept)])
    parts = (cost.data[kept], cost.indices[kept], before[cost.indptr])
    return sparse.csc_array(parts, shape=cost.shape)


def within(cost: sparse.csc_array, standard: float | None) -> sparse.csc_array:
    """Keep the pairs that cost no more than a standard; None: all."""
    return cost if standard is None else only(cost, cost.data <= standard)


def columns_of(cost: Any, *, name: str = "cost") -> sparse.csc_array:  # noqa: ANN401 (an array, a frame or a sparse matrix)
    """Read costs: an array, where infinite is out of reach, or sparse, where absent is.

    Raises
    ------
    ParameterError : if it is no matrix, or holds NaN or negative costs.
    """
    from scipy import sparse

    given: Any = cost
    if sparse.issparse(cost):
        matrix: sparse.csc_array = sparse.csc_array(given).astype(np.float64)
        matrix.sum_duplicates()
        _require_costs(matrix.data, name)
        finite = np.isfinite(matrix.data)
        return matrix if finite.all() else only(matrix, finite)
    dense = _floats(cost, name)
    if dense.ndim != _MATRIX_DIMENSIONS:
        raise ParameterError(
            f"{name} must be a matrix of demand rows by sites, got shape {dense.shape}"
        )
    _require_costs(dense, name)
    column, row = np.nonzero(np.isfinite(dense.T))
    first = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=dense.shape[1]))])
    return sparse.csc_array((dense[row, column], row, first), shape=dense.shape)


def _floats(values: Any, name: str) -> Floats:  # noqa: ANN401 (what a caller gives)
    """Read an array of numbers."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} must hold numbers: {error}") from error


def _require_costs(costs: Floats, name: str) -> None:
    """Refuse NaN and negative costs."""
    bad = np.flatnonzero(~(costs.ravel(order="K") >= 0))
    if not bad.size:
        return
    if np.isnan(costs).any():
        raise ParameterError(
            f"{name} must hold costs of 0 or more, got NaN in {int(np.isnan(costs).sum())}"
            " place(s): leave a pair out (sparse) or make it infinite where it is out of reach",
            zh=f"{name} 须为 0 以上的数，有 {int(np.isnan(costs).sum())} 处为 NaN：够不到的请留空"
            "（稀疏矩阵）或填无穷大",
        )
    raise ParameterError(
        f"{name} must hold costs of 0 or more, got {costs.min():g} and {bad.size} negative in all",
        zh=f"{name} 须为 0 以上的数，有 {bad.size} 处为负数，最小 {costs.min():g}",
    )


def amounts(values: Any, size: int, name: str, *, each: str) -> Floats:  # noqa: ANN401 (what a caller gives)
    """Read (size,) finite numbers of 0 or more; one number stands for all.

    Raises
    ------
    ParameterError : if they are not.
    """
    numbers = _floats(values, name)
    if numbers.ndim == 0:
        numbers = np.full(size, float(numbers))
    if numbers.shape != (size,):
        raise ParameterError(
            f"{name} must give one number for each of {size} {each}, got shape {numbers.shape}"
        )
    bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
    if bad.size:
        raise ParameterError(
            f"{name} must be finite and 0 or more, got {numbers[bad[0]]:g} at position {bad[0]}"
            f" and {bad.size - 1} more like it",
            zh=f"{name} 须为 0 以上的数，第 {bad[0] + 1} 个是 {numbers[bad[0]]:g}"
            f"，另有 {bad.size - 1} 个",
        )
    return numbers


def marked(positions: Sequence[int] | None, size: int, name: str) -> Mask:
    """Mark candidates named by position, or by a (size,) mask.

    Raises
    ------
    ParameterError : if a position is no whole number, or no candidate.
    """
    mask = np.zeros(size, dtype=bool)
    if positions is None:
        return mask
    named = np.atleast_1d(np.asarray(positions))
    if named.size == 0:
        return mask
    if named.dtype == bool and named.shape == mask.shape:
        return named.copy()
    if named.dtype.kind not in "iu" or named.min() < 0 or named.max() >= size:
        raise ParameterError(
            f"{name} must be positions of candidates, 0 to {size - 1}, got {list(positions)[:5]}"
        )
    mask[named] = True
    return mask


def require_model(model: str) -> str:
    """Take the name of a model; a hyphen is as good as an underscore.

    Examples
    --------
    >>> require_model("p-median")
    'p_median'
    """
    name = model.replace("-", "_").lower() if isinstance(model, str) else model
    if name not in MODELS:
        raise ParameterError(
            f"model must be one of {', '.join(MODELS)}, got {model!r}",
            zh=f"model 须为 {'、'.join(MODELS)} 之一，这里是 {model!r}",
        )
    return name


def require_number(value: float | None, name: str, *, least: float = 0.0) -> float | None:
    """Take a finite number of `least` or more, or None.

    Raises
    ------
    ParameterError : if it is neither.
    """
    if value is None:
        return None
    number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    if not number or not (least <= value < np.inf):
        raise ParameterError(f"{name} must be a number of {least:g} or more, got {value!r}")
    return float(value)


def check(problem: Problem) -> Problem:
    """Give a question back that can be asked.

    Raises
    ------
    ParameterError : if there are no candidates, p does not fit them or the model, what is
        required is excluded, or the budget does not pay for the cheapest choice (by how much).
    """
    free = int(problem.allowed.sum())
    if problem.reach.shape[1] == 0 or not free:
        raise ParameterError(
            "there must be candidates to choose from, got none that may be chosen",
            zh="没有可选的候选地点",
        )
    if (problem.required & ~problem.allowed).any():
        first = int(np.flatnonzero(problem.required & ~problem.allowed)[0])
        raise ParameterError(
            f"candidate {first} is required and excluded or existing as well: state one of the two"
        )
    _check_p(problem, free)
    if problem.budget is not None and problem.site_cost is None:
        raise ParameterError("a budget needs site_cost, what each candidate costs")
    _check_money(problem)
    return problem


def _check_p(problem: Problem, free: int) -> None:
    """Check how many sites are asked for."""
    p, needed = problem.p, int(problem.required.sum())
    if problem.model == "lscp":
        if p is not None:
            raise ParameterError("lscp finds how many sites it takes: leave p out")
        return
    if p is None:
        if problem.budget is None:
            raise ParameterError(
                f"{problem.model} needs p, how many sites to choose, or a budget",
                zh=f"{problem.model} 需要 p（选几处）或预算",
            )
        return
    if isinstance(p, (bool, np.bool_)) or not isinstance(p, Integral) or p < 1:
        raise ParameterError(
            f"p must be a whole number of 1 or more, got {p!r}", zh=f"p 须为正整数，这里是 {p!r}"
        )
    if p > free:
        raise ParameterError(
            f"p must be at most the {free} candidates that may be chosen, got {p}",
            zh=f"p 不能超过可选的 {free} 个候选地点，这里是 {p}",
        )
    if p < needed:
        raise ParameterError(
            f"p must leave room for the {needed} required sites, got {p}",
            zh=f"p 不能少于必选的 {needed} 处，这里是 {p}",
        )


def _check_money(problem: Problem) -> None:
    """Check that the budget pays for what is required."""
    if problem.budget is None or problem.site_cost is None:
        return
    needed = float(problem.site_cost[problem.required].sum())
    if needed > problem.budget:
        short = needed - problem.budget
        raise ParameterError(
            f"the required sites cost {needed:,.12g}, {short:,.12g} more than the budget of"
            f" {problem.budget:,.12g}",
            zh=f"必选地点要花 {needed:,.12g}，比预算 {problem.budget:,.12g} 多 {short:,.12g}",
        )
    cheapest = float(problem.site_cost[problem.allowed].min())
    if cheapest > problem.budget:
        short = cheapest - problem.budget
        raise ParameterError(
            f"the cheapest candidate costs {cheapest:,.12g}, {short:,.12g} more than the budget of"
            f" {problem.budget:,.12g}",
            zh=f"最便宜的候选地点要 {cheapest:,.12g}，"
            f"比预算 {problem.budget:,.12g} 多 {short:,.12g}",
        )
