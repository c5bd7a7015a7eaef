"""The answer to a siting question: what is chosen, how good it is, and how good it could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from geomap.model.table import Label

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

Model = Literal["lscp", "mclp", "p_median", "p_center"]
Status = Literal["optimal", "time_limit"]
MODELS: Final = get_args(Model)
#: Models that cover within a standard; the others weigh what the way costs.
COVERING: Final = ("lscp", "mclp")
#: In `Siting.served_by`: an existing facility; nobody that is chosen; nobody at all could.
BY_EXISTING, BY_NOBODY, OUT_OF_REACH = -1, -2, -3


@dataclass(frozen=True, eq=False)
class Siting:
    """Where to build, with its proof.

    Attributes
    ----------
    model : lscp, mclp, p_median or p_center.
    chosen : the new sites in the order of the candidates: 0-based positions of columns, or, from
        :func:`geomap.site`, labels of the candidates' index. Existing facilities are not among
        them.
    objective : of the sites chosen; its meaning by model stands in :func:`geomap.site_from_matrix`.
    bound : the best that is proven possible: no choice has a lower objective (mclp: a higher).
    gap : ``|objective - bound| / |objective|``, 0.0 only when the objective is proven the best;
        infinite where the objective is 0 and it is not.
    status : "optimal", proven; "time_limit", the best found when time ran out.
    served_by : (n,) position of the chosen candidate that serves each demand row at least cost
        (in beds, of the one that serves most of it); -1 an existing facility does, or does as
        well; -2 none that stands or is chosen; -3 no candidate could. Covering models serve
        within the standard only.
    new_weight : weight of the demand that each chosen site serves, in the order of `chosen`:
        newly covered (mclp, lscp), or nearer by it than by what exists (p_median, p_center).
    covered : weight served by existing and chosen facilities together.
    covered_before : weight served by the existing facilities alone.
    unreachable : demand rows out of reach of every candidate and existing facility: positions,
        or labels of the demand's index.
    unreachable_weight : their weight.
    spent : cost of the chosen sites; None where costs were not stated.
    notes : what the reader should know, in both languages: rows left out, candidates at one place.
    seconds : wall time.
    types : with several types, the type of each chosen site, in the order of `chosen`; else None.
        `served_by` is (t, n) then, a row for each type.
    """

    model: Model
    chosen: list[Any]
    objective: float
    bound: float
    gap: float
    status: Status
    served_by: Ints
    new_weight: Floats
    covered: float
    covered_before: float
    unreachable: list[Any]
    unreachable_weight: float
    spent: float | None
    notes: tuple[Label, ...]
    seconds: float
    types: list[str] | None = None


def gap_of(objective: float, bound: float, *, proven: bool) -> float:
    """Give the gap as a share of the objective, 0.0 only when proven.

    Examples
    --------
    >>> gap_of(100, 98, proven=False), gap_of(0, 0, proven=True)
    (0.02, 0.0)
    """
    if proven:
        return 0.0
    if objective == 0:
        return float("inf")
    # The least float where the two agree and nothing is proven: not 0.
    return max(abs(objective - bound) / abs(objective), 5e-324)
