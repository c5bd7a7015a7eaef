"""What new sites cost: yuan a person newly covered, and the subsidy that their beds bring a year.

A cost that nobody stated stays unknown: it is counted, and never taken for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import ParameterError
from geomap.plan.indicators.study import Subsidy

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spending:
    """What chosen sites cost in all.

    Attributes
    ----------
    yuan : of the sites whose cost is known; None where none is.
    unknown : sites whose cost is not known.
    people : newly covered by all of them.
    yuan_per_person : of all sites together; None where a cost is unknown, or nobody is newly
        covered.
    """

    yuan: float | None
    unknown: int
    people: float
    yuan_per_person: float | None


def yuan_per_person(cost: npt.ArrayLike, newly: npt.ArrayLike) -> Floats:
    """Divide what each site costs by the people whom it newly covers.

    Parameters
    ----------
    cost : (k,) yuan, 0 or more; NaN where unknown.
    newly : (k,) people newly covered, 0 or more; NaN where unknown.

    Returns
    -------
    (k,) yuan a person; NaN where the cost is unknown, or nobody is newly covered.

    Raises
    ------
    ParameterError : if a number is negative or infinite, or there are not as many of either.

    Examples
    --------
    >>> yuan_per_person([1200, float("nan"), 500, 0], [60, 10, 0, 5]).tolist()
    [20.0, nan, nan, 0.0]
    """
    yuan, people = _numbers(cost, "cost"), _numbers(newly, "newly")
    if yuan.shape != people.shape:
        raise ParameterError(
            f"cost and newly must give a number for each site, got {yuan.size} and {people.size}"
        )
    each: Floats = np.full(yuan.shape, np.nan)
    return np.divide(yuan, people, out=each, where=people > 0)


def spending(cost: npt.ArrayLike, newly: npt.ArrayLike) -> Spending:
    """Add up what sites cost, and divide it by all whom they newly cover.

    Parameters
    ----------
    cost, newly : as :func:`yuan_per_person`.

    Raises
    ------
    ParameterError : as :func:`yuan_per_person`.

    Examples
    --------
    >>> spending([1200, 300], [60, 15])
    Spending(yuan=1500.0, unknown=0, people=75.0, yuan_per_person=20.0)
    >>> spending([1200, float("nan")], [60, 15])
    Spending(yuan=1200.0, unknown=1, people=75.0, yuan_per_person=None)
    """
    yuan_per_person(cost, newly)  # which refuses what is no number
    yuan, people = _numbers(cost, "cost"), float(_numbers(newly, "newly").sum())
    known = np.isfinite(yuan)
    total, unknown = float(yuan[known].sum()), int((~known).sum())
    each = total / people if not unknown and people > 0 else None
    return Spending(total if known.any() else None, unknown, people, each)


def subsidy_per_year(
    beds: npt.ArrayLike, *, rates: Subsidy | None = None, occupancy: float = 1.0
) -> tuple[Floats, Floats]:
    """Estimate the operating subsidy of a year, by the rates that Zaozhuang published.

    beds × occupancy × disabled share × (3,000 + 4,800 × factor) yuan, the factor 0.8 to 1.2 by
    rating: a new home has none yet, so the answer is a range. As its beds are taken to be full of
    disabled residents unless stated otherwise, it is an upper estimate.

    Parameters
    ----------
    beds : (k,) of each site, 0 or more; NaN where unknown.
    rates : yuan a disabled resident-year, and which share of the residents is disabled.
    occupancy : the share of the beds that is taken over the year, 0 to 1.

    Returns
    -------
    (k,) the least and (k,) the most yuan a year; NaN where the beds are unknown.

    Raises
    ------
    ParameterError : if beds are negative or infinite, or the occupancy is no share.

    Examples
    --------
    >>> least, most = subsidy_per_year([50, float("nan")])
    >>> least.tolist(), most.tolist()
    ([342000.0, nan], [438000.0, nan])
    """
    told = Subsidy() if rates is None else rates
    if isinstance(occupancy, bool) or not 0 <= occupancy <= 1:
        raise ParameterError(
            f"occupancy must be a share from 0 to 1, got {occupancy!r}",
            zh=f"入住率须在 0 到 1 之间，这里是 {occupancy!r}",
        )
    years = _numbers(beds, "beds") * occupancy * told.disabled_share
    factors = list(told.factors.values()) or [told.unrated]
    least, most = (told.base_yuan + told.care_yuan * each for each in (min(factors), max(factors)))
    return years * least, years * most


def _numbers(values: npt.ArrayLike, name: str) -> Floats:
    """Read numbers of 0 or more; NaN is unknown."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} must hold numbers: {error}") from error
    bad = np.flatnonzero((numbers < 0) | np.isinf(numbers))
    if bad.size:
        first = numbers.ravel()[bad[0]]
        raise ParameterError(
            f"{name} must be 0 or more, or NaN where unknown, got {first:g} in {bad.size} place(s)",
            zh=f"{name} 须为 0 以上的数，未知的留空；有 {bad.size} 处不是，例如 {first:g}",
        )
    return numbers
