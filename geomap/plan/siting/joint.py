"""The questions of several types as one: rows and candidates of each type, one below the other.

Column k of the joint question is candidate ``k % m`` as a site of type ``k // m``; its row is
likewise. What joins the types are the rules: so many of each, one type a candidate, one budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.problem import Problem, Rules, least_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Joint:
    """Several types at once.

    Parameters
    ----------
    problems : by type, each checked, of one model and the same candidates; site costs and budget
        are those of the first.
    shared : (m,) candidates that must be chosen, whichever type they take.
    """

    problems: Mapping[str, Problem]
    shared: Mask

    @cached_property
    def each(self) -> list[Problem]:
        """The questions in their order."""
        return list(self.problems.values())

    @property
    def model(self) -> str:
        """The model of all."""
        return self.each[0].model

    @property
    def m(self) -> int:
        """How many candidates there are."""
        return int(self.each[0].reach.shape[1])

    @cached_property
    def total(self) -> float:
        """The weight of all rows of all types."""
        return float(sum(one.weights.sum() for one in self.each))

    @cached_property
    def rules(self) -> Rules:
        """Say which columns may be chosen together."""
        m, t = self.m, len(self.each)
        column = np.arange(t * m)
        ones = np.ones(t * m)
        rows = [
            sparse.coo_array((ones, (column // m, column)), shape=(t, t * m)),
            sparse.coo_array((ones, (column % m, column)), shape=(m, t * m)),
        ]
        low = [np.full(t, -np.inf), np.where(self.shared, 1.0, -np.inf)]
        high = [np.array([float(m if one.p is None else one.p) for one in self.each]), np.ones(m)]
        cost, budget = self.each[0].site_cost, self.each[0].budget
        if budget is not None and cost is not None:
            rows.append(sparse.coo_array(np.tile(cost, t)[None, :]))
            low.append(np.array([-np.inf]))
            high.append(np.array([budget]))
        use = sparse.csc_array(sparse.vstack(rows))
        return Rules(use, np.concatenate(low), np.concatenate(high))

    @cached_property
    def block(self) -> Problem:
        """Put the questions one below the other."""
        each = self.each
        sizes = [one.p for one in each if one.p is not None]
        capacity = [one.capacity for one in each if one.capacity is not None]
        held = [one.existing_capacity for one in each if one.existing_capacity is not None]
        cost = each[0].site_cost
        return Problem(
            model=self.model, reach=_below([one.reach for one in each]),
            existing=_below([one.existing for one in each]),
            weights=np.concatenate([one.weights for one in each]),
            p=sum(sizes) if len(sizes) == len(each) else None,
            required=np.concatenate([one.required for one in each]),
            allowed=np.concatenate([one.allowed for one in each]),
            site_cost=None if cost is None else np.tile(cost, len(each)), budget=each[0].budget,
            capacity=np.concatenate(capacity) if capacity else None,
            existing_capacity=np.concatenate(held) if held else None, rules=self.rules,
        )  # fmt: skip

    @cached_property
    def need(self) -> Mask:
        """Rows that must be served: all that somebody can, but in mclp."""
        block = self.block
        if block.model == "mclp":
            return np.zeros(len(block.weights), dtype=bool)
        if block.model == "p_median":
            return block.reachable & (block.weights > 0)
        return block.reachable

    def check(self) -> None:
        """Refuse what cannot be chosen together.

        Raises
        ------
        ParameterError : if the types ask for more sites than there are, leave no room for what is
            required, or want one candidate each.
        """
        allowed = np.any([one.allowed for one in self.each], axis=0)
        asked = sum(one.p or 0 for one in self.each)
        if asked > allowed.sum():
            raise ParameterError(
                f"p must be at most the {int(allowed.sum())} candidates that may be chosen, got"
                f" {asked} for {len(self.each)} types together",
                zh=f"p 合计不能超过可选的 {int(allowed.sum())} 个候选地点，这里是 {asked}",
            )
        times = np.sum([one.required for one in self.each], axis=0)
        if (times > 1).any():
            first = int(np.flatnonzero(times > 1)[0])
            raise ParameterError(
                f"candidate {first} is required for {times[first]} types, but a site takes one",
                zh=f"候选地点 {first} 被 {times[first]} 个类型列为必选，但一处只能设一种",
            )
        self._check_required(allowed, times)

    def _check_required(self, allowed: Mask, times: Ints) -> None:
        """Check what is required, whichever type it takes."""
        if (self.shared & ~allowed).any():
            first = int(np.flatnonzero(self.shared & ~allowed)[0])
            raise ParameterError(
                f"candidate {first} is required and excluded or existing as well: state one of"
                " the two"
            )
        every = [one.p for one in self.each]
        needed = int((self.shared | (times > 0)).sum())
        sizes = [one for one in every if one is not None]
        if len(sizes) == len(every) and needed > sum(sizes):
            raise ParameterError(
                f"p must leave room for the {needed} required sites, got {sum(sizes)} for"
                f" {len(every)} types together",
                zh=f"p 合计不能少于必选的 {needed} 处，这里是 {sum(sizes)}",
            )
        cost, budget = self.each[0].site_cost, self.each[0].budget
        if cost is not None and budget is not None:
            spent = float(cost[self.shared | (times > 0)].sum())
            if spent > budget:
                short = spent - budget
                raise ParameterError(
                    f"the required sites cost {spent:,.12g}, {short:,.12g} more than the budget of"
                    f" {budget:,.12g}",
                    zh=f"必选地点要花 {spent:,.12g}，比预算 {budget:,.12g} 多 {short:,.12g}",
                )

    def fits(self, columns: Ints) -> bool:
        """Whether columns may be chosen together."""
        x = np.zeros(len(self.each) * self.m)
        x[columns] = 1.0
        used = self.rules.use @ x
        slack = 1e-9 * np.maximum(1.0, np.abs(np.where(np.isfinite(used), used, 1.0)))
        fits = (used <= self.rules.high + slack) & (used >= self.rules.low - slack)
        return bool(fits.all() and x[self.block.required].all())

    def cost_of(self, columns: Ints) -> float:
        """Give what columns cost, the less the better; infinite where they leave somebody out.

        Weight that is not covered (mclp), sites (lscp), weight times cost (p_median), or the
        greatest cost to a site of any type (p_center).
        """
        block = self.block
        near = np.minimum(block.today, least_of(_some(block.reach, columns)))
        if block.model == "mclp":
            return float(block.weights[~np.isfinite(near)].sum())
        need = self.need
        if not np.isfinite(near[need]).all():
            return float("inf")
        if block.model == "lscp":
            return float(len(columns))
        if block.model == "p_median":
            return float(block.weights[need] @ near[need])
        return float(near[need].max(initial=0.0))

    def of_all(self, parts: list[float]) -> float:
        """Put the figures of each type together."""
        return max(parts) if self.model == "p_center" else sum(parts)


def _below(parts: list[sparse.csc_array]) -> sparse.csc_array:
    """Put matrices one below and beside the other; what is stored stays stored, zeros too."""
    if not any(part.shape[1] for part in parts):
        return sparse.csc_array((sum(part.shape[0] for part in parts), 0))
    return sparse.csc_array(sparse.block_diag(parts))


def _some(reach: sparse.csc_array, columns: Ints) -> sparse.csc_array:
    """Take some columns."""
    return sparse.csc_array(reach[:, columns])
