"""How evenly something is shared among people: Lorenz curve, Gini, Palma, the worst served.

Values are per person (such as beds within reach), people are the weights. A group that lies
across a border (the tenth, the 40 %) is divided there, so no figure depends on how people are
cut into rows. Rows whose value or number of people is unknown are left out and counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geomap.errors import DataError, ParameterError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

#: Palma compares what the best served tenth has with what the worst served 40 % have.
TOP_TENTH: Final = 0.9
BOTTOM: Final = 0.4
WORST: Final = 0.1


@dataclass(frozen=True, eq=False)
class Equity:
    """How evenly something is shared.

    Attributes
    ----------
    people, unknown : people in the rows that count, and rows that were left out.
    mean : per person.
    gini : 0 when all have the same, towards 1 when one has all; NaN when there is nothing.
    palma : share of the best served tenth ÷ share of the worst served 40 %; inf where these
        have nothing, NaN when there is nothing at all.
    worst_mean, worst_share : what the worst served tenth has per person, and its share of all.
    worst_rows : (n,) bool on the index of the values: rows that lie in that tenth, wholly or
        in part; with ties, all that have the same.
    """

    people: float
    unknown: int
    mean: float
    gini: float
    palma: float
    worst_mean: float
    worst_share: float
    worst_rows: pd.Series


def lorenz(values: pd.Series, people: pd.Series) -> pd.DataFrame:
    """Draw the Lorenz curve: from the worst served on, the share of all that people have.

    Parameters
    ----------
    values : (n,) what each person of a row has, 0 or more, NaN where unknown.
    people : (n,) people of each row, on the same index.

    Returns
    -------
    (k + 1,) frame with ``people`` and ``share``, both from 0 to 1; k rows with people count.
    Where nobody has anything ``share`` is NaN.

    Raises
    ------
    DataError : if values or people are negative.
    ParameterError : if the two differ in length.

    Examples
    --------
    >>> lorenz(pd.Series([3.0, 1.0]), pd.Series([50, 50])).values.tolist()
    [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]
    """
    some = _Sorted.of(values, people)
    return pd.DataFrame({"people": some.people_share, "share": some.value_share})


def gini(values: pd.Series, people: pd.Series) -> float:
    """Measure inequality among people by the Gini coefficient.

    Twice the area between the Lorenz curve and the diagonal, 1 - sum (x_k - x_k-1)(y_k + y_k-1);
    the same as sum_ij p_i p_j |v_i - v_j| / (2 mean P²).

    References
    ----------
    Lerman and Yitzhaki 1989, doi:10.1016/0304-4076(89)90074-8 (weighted data).

    Examples
    --------
    >>> gini(pd.Series([2, 2]), pd.Series([1, 9])), gini(pd.Series([0, 1]), pd.Series([3, 1]))
    (0.0, 0.75)
    """
    return _Sorted.of(values, people).gini


def palma(values: pd.Series, people: pd.Series) -> float:
    """Divide the share of the best served tenth by that of the worst served 40 %.

    References
    ----------
    Cobham and Sumner 2013, Center for Global Development working paper 343.

    Examples
    --------
    >>> round(palma(pd.Series([1.0] * 10), pd.Series([1] * 10)), 6)
    0.25
    """
    return _Sorted.of(values, people).palma


def equity(values: pd.Series, people: pd.Series) -> Equity:
    """Tell how evenly something is shared, and who is worst served.

    Parameters, errors
    ------------------
    As for :func:`lorenz`.

    Examples
    --------
    >>> found = equity(pd.Series([0.0, 0.02, 0.04]), pd.Series([10, 50, 40]))
    >>> round(found.mean, 3), found.worst_mean, found.worst_rows.tolist()
    (0.026, 0.0, [True, False, False])
    """
    some = _Sorted.of(values, people)
    worst = some.share_up_to(WORST)
    mean = some.total / some.people if some.people else math.nan
    return Equity(
        people=some.people,
        unknown=some.unknown,
        mean=mean,
        gini=some.gini,
        palma=some.palma,
        worst_mean=worst / WORST * mean if some.total else mean,
        worst_share=worst,
        worst_rows=pd.Series(
            (values <= some.value_at(WORST)) & (people > 0), index=values.index, name="worst_served"
        ),
    )


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Rows with people, the worst served first, as two curves that begin at 0."""

    values: Floats
    people_share: Floats
    value_share: Floats
    people: float
    total: float
    unknown: int

    @classmethod
    def of(cls, values: pd.Series, people: pd.Series) -> _Sorted:
        value, weight = _floats(values, "values"), _floats(people, "people")
        if value.shape != weight.shape:
            raise ParameterError(
                f"values and people must have a row each, got {value.size} and {weight.size}"
            )
        known = np.isfinite(value) & np.isfinite(weight)
        rows = np.flatnonzero(known & (weight > 0))
        order = rows[np.argsort(value[rows], kind="stable")]
        value, weight = value[order], weight[order]
        cumulated, having = _from_zero(weight), _from_zero(value * weight)
        with np.errstate(invalid="ignore"):  # nobody, or nothing: NaN says so
            shares = cumulated / cumulated[-1], having / having[-1]
        people_share, value_share = shares
        total = float(having[-1])
        return cls(
            value, people_share, value_share, float(cumulated[-1]), total, int((~known).sum())
        )

    @property
    def gini(self) -> float:
        """As :func:`gini`."""
        if not self.total:
            return math.nan
        x, y = self.people_share, self.value_share
        return max(0.0, float(1 - np.sum(np.diff(x) * (y[1:] + y[:-1]))))

    @property
    def palma(self) -> float:
        """As :func:`palma`."""
        top, bottom = 1 - self.share_up_to(TOP_TENTH), self.share_up_to(BOTTOM)
        if math.isnan(top):
            return math.nan
        return top / bottom if bottom > 0 else math.inf

    def share_up_to(self, share: float) -> float:
        """Tell the share of all that this share of the people has, from the worst served on."""
        if not self.total:
            return math.nan
        return float(np.interp(share, self.people_share, self.value_share))

    def value_at(self, share: float) -> float:
        """Tell what the last of this share of the people has."""
        if not self.values.size:
            return -math.inf
        return float(self.values[np.searchsorted(self.people_share[1:], share - 1e-12)])


def _from_zero(parts: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(parts)])


def _floats(column: pd.Series, what: str) -> Floats:
    floats: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero((floats < 0) | np.isinf(floats))
    if bad.size:
        raise DataError(
            f"{what} must be 0 or more, got {floats[bad[0]]} at position {bad[0]}:"
            " leave it empty where it is unknown"
        )
    return floats
