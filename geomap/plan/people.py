"""How many people a row of demand stands for; unknown is told apart, never taken for 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import DataError, ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def people_of(frame: pd.DataFrame, weight: str) -> Floats:
    """Give the people of each row.

    Parameters
    ----------
    frame : (n,) rows of demand or areas.
    weight : the column that counts them: population, aged_60, aged_65 ...

    Returns
    -------
    (n,) floats, NaN where unknown.

    Raises
    ------
    ParameterError : if there is no such column of numbers.
    DataError : if a number is negative or infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> people_of(pd.DataFrame({"aged_65": [3, None]}), "aged_65").tolist()
    [3.0, nan]
    """
    if weight not in frame:
        raise ParameterError(f"weight must name a column, got {weight!r} and {list(frame)}")
    if frame[weight].dtype.kind not in "iuf":
        raise ParameterError(f"column {weight!r} must hold numbers, got {frame[weight].dtype}")
    people: Floats = frame[weight].to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero((people < 0) | np.isinf(people))
    if bad.size:
        raise DataError(
            f"{weight} must be 0 or more, got {people[bad[0]]} in {bad.size} row(s), first at "
            f"position {bad[0]}: leave it empty where it is unknown"
        )
    return people
