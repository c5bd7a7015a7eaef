"""``gm.site_from_matrix``: choose sites from a matrix of costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.siting.answer import COVERING
from geomap.plan.siting.median import Effort
from geomap.plan.siting.problem import (
    Problem,
    amounts,
    check,
    columns_of,
    least_of,
    marked,
    require_model,
    require_number,
    within,
)
from geomap.plan.siting.solving import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from geomap.plan.siting.answer import Siting

    Floats = npt.NDArray[np.float64]

_MATRIX_DIMENSIONS = 2


def site_from_matrix(  # noqa: PLR0913 (the public name's own options)
    cost: npt.ArrayLike | sparse.sparray | sparse.spmatrix,
    weights: npt.ArrayLike | None = None,
    *,
    model: str,
    p: int | None = None,
    standard: float | None = None,
    existing: Any = None,  # noqa: ANN401 (positions, an array or a sparse matrix)
    time_limit_s: float = 60,
    required: Sequence[int] | None = None,
    excluded: Sequence[int] | None = None,
    site_cost: npt.ArrayLike | None = None,
    budget: float | None = None,
    capacity: npt.ArrayLike | None = None,
    existing_capacity: npt.ArrayLike | None = None,
    equity: float = 0.0,
    seed: int = 0,
    tell: Callable[[float, float], None] | None = None,
) -> Siting:
    """Choose the sites that serve demand best, and prove how good the choice is.

    =========  ===================================================================================
    lscp       objective: how many sites are chosen: the fewest that cover every row that a
               candidate or an existing facility can cover. Weights do not matter.
    mclp       objective: weight covered in all, by existing and chosen facilities together (what
               the existing ones cover alone is ``covered_before``); the most with p sites.
    p_median   objective: sum of weight times cost to the nearest existing or chosen facility; the
               least with p sites.
    p_center   objective: greatest cost to the nearest existing or chosen facility; the least with
               p sites. Weights do not matter.
    =========  ===================================================================================

    A row is covered at a cost of the standard or less. Rows that no candidate and no existing
    facility can reach are left out and told (``unreachable``); p-median and p-center serve all
    others.

    Parameters
    ----------
    cost : (n, m) what it costs demand row i to reach candidate j, 0 or more: an array, in which
        infinite is out of reach, or a sparse matrix, in which absent is and a stored 0 is not.
    weights : (n,) people of each row, 0 or more; None: 1 each.
    model : lscp, mclp, p_median or p_center.
    p : how many new sites to choose, the required among them; with a budget, at most. lscp
        takes none.
    standard : the coverage standard S, in the unit of the costs. Covering models need it, but
        where the costs are sparse: then all that is stored is covered. In the others, what costs
        more is out of reach.
    existing : facilities that stand: they serve for free and are never counted in p nor among the
        chosen. Positions of columns of `cost`, or (n, e) costs of their own.
    time_limit_s : seconds after which the best answer is given with its proven bound.
    required, excluded : positions of candidates that must, and must not, be chosen.
    site_cost, budget : (m,) what each candidate costs, and what the chosen may cost in all.
    capacity : (m,) weight that each candidate can serve. The demand of a row may then be served
        by several sites in parts, and served_by names the one that serves most of it.
    existing_capacity : (e,) the same for existing facilities given by costs of their own.
    equity : 0 or more: serve the worst-served first. A row's weight is raised by this times its
        cost today over the greatest cost today; 1 where nobody serves it. The objective is in
        raised weights then.
    seed : the same seed gives the same answer where it is proven before time runs out.
    tell : called with the objective and the bound as they get better, for mclp with what is not
        covered and the least that cannot be; it may raise to stop.

    Returns
    -------
    Siting, with 0-based positions in `chosen`.

    Raises
    ------
    ParameterError : if a cost is NaN or negative, a weight negative, there are no candidates, p
        does not fit, the budget or the capacities do not suffice (by how much), or p sites cannot
        reach all that p-median or p-center has to serve.

    References
    ----------
    Church and ReVelle 1974, doi:10.1007/BF01942293 (MCLP); ReVelle and Swain 1970,
    doi:10.1111/j.1538-4632.1970.tb00142.x (p-median).

    Examples
    --------
    >>> import numpy as np
    >>> cost = np.array([[0.0, 5, 9], [5, 0, 4], [9, 4, 0]])
    >>> found = site_from_matrix(cost, [10, 1, 10], model="mclp", p=1, standard=5)
    >>> found.chosen, found.objective, found.gap
    ([1], 21.0, 0.0)
    """
    began = time.monotonic()
    limit = require_number(time_limit_s, "time_limit_s") or 0.0
    name = require_model(model)
    matrix, edge = columns_of(cost), require_number(standard, "standard")
    if standard is None and name in COVERING and not sparse.issparse(cost):
        raise ParameterError(f"{name} needs standard, the greatest cost at which a row is covered")
    n, m = matrix.shape
    people = np.ones(n) if weights is None else amounts(weights, n, "weights", each="demand rows")
    allowed = ~marked(excluded, m, "excluded")
    held, held_capacity, stands = _existing(existing, matrix, capacity, existing_capacity)
    raised = raised_weights(people, held, require_number(equity, "equity") or 0.0)
    problem = Problem(
        model=name, reach=within(matrix, edge), existing=within(held, edge), weights=raised, p=p,
        required=marked(required, m, "required"), allowed=allowed & ~stands,
        site_cost=None if site_cost is None else amounts(site_cost, m, "site_cost", each="sites"),
        budget=require_number(budget, "budget"),
        capacity=None if capacity is None else amounts(capacity, m, "capacity", each="sites"),
        existing_capacity=held_capacity,
    )  # fmt: skip
    effort = Effort(began + limit, seed, tell)
    return answer(check(problem), effort, people=people, began=began)


def _existing(
    existing: Any,  # noqa: ANN401 (positions, an array or a sparse matrix)
    matrix: sparse.csc_array,
    capacity: npt.ArrayLike | None,
    existing_capacity: npt.ArrayLike | None,
) -> tuple[sparse.csc_array, Floats | None, npt.NDArray[np.bool_]]:
    """Read what stands: costs, capacities, and which candidates they are."""
    n, m = matrix.shape
    none = np.zeros(m, dtype=bool)
    if existing is None:
        empty = np.zeros(0) if capacity is not None else None
        return sparse.csc_array((n, 0)), empty, none
    if sparse.issparse(existing) or np.ndim(existing) == _MATRIX_DIMENSIONS:
        held = columns_of(existing, name="existing")
        if held.shape[0] != n:
            raise ParameterError(f"existing must have {n} rows as cost has, got {held.shape[0]}")
        if capacity is None:
            return held, None, none
        if existing_capacity is None:
            raise ParameterError("with capacity, existing facilities need existing_capacity")
        own = amounts(existing_capacity, held.shape[1], "existing_capacity", each="facilities")
        return held, own, none
    stands = marked(existing, m, "existing")
    held = matrix[:, np.flatnonzero(stands)]
    if capacity is None:
        return held, None, stands
    return held, amounts(capacity, m, "capacity", each="sites")[stands], stands


def raised_weights(people: Floats, held: sparse.csc_array, equity: float) -> Floats:
    """Raise the weights of the worst served."""
    if not equity:
        return people
    if not held.shape[1]:
        raise ParameterError("equity needs existing facilities: who is worst served today?")
    today = least_of(held)
    most = today[np.isfinite(today)].max(initial=0.0)
    worst = np.where(np.isfinite(today), today / most if most > 0 else 0.0, 1.0)
    return people * (1 + equity * worst)
