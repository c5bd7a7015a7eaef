"""How many people a row of demand stands for; unknown is told apart, never taken for 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import DataError, ParameterError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Columns that hold numbers, whatever somebody wrote there.
_COUNTED: Final = {
    each.name
    for table in (AREAS, DEMAND, FACILITIES)
    for each in table.fields
    if each.kind in ("integer", "number")
}


def people_of(frame: pd.DataFrame, weight: str) -> Floats:
    """Give the people of each row.

    Parameters
    ----------
    frame : (n,) rows of demand or areas.
    weight : the column that counts them: population, aged_60, aged_65 ...

    Returns
    -------
    (n,) floats, NaN where unknown; as :func:`read_numbers` reads them.

    Raises
    ------
    ParameterError : if there is no such column, or it holds days or answers, or nothing but text
        where the tables of geomap have no column of numbers of that name.
    DataError : if a number is negative or infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> people_of(pd.DataFrame({"aged_65": [3, None]}), "aged_65").tolist()
    [3.0, nan]
    """
    if not hasattr(frame, "columns"):
        raise ParameterError(
            f"rows with {weight!r} must come in a GeoDataFrame, got {type(frame).__name__}"
        )
    if weight not in frame:
        raise ParameterError(f"weight must name a column, got {weight!r} and {list(frame)}")
    if frame[weight].dtype.kind in "bcmM":
        raise ParameterError(f"column {weight!r} must hold numbers, got {frame[weight].dtype}")
    numbers = read_numbers(frame[weight])
    if weight not in _COUNTED and numbers.isna().all() and frame[weight].notna().any():
        raise ParameterError(f"column {weight!r} must hold numbers, got text in every row")
    people: Floats = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero((people < 0) | np.isinf(people))
    if bad.size:
        raise DataError(
            f"{weight} must be 0 or more, got {people[bad[0]]} in {bad.size} row(s), first at "
            f"position {bad[0]}: leave it empty where it is unknown"
        )
    return people


def read_numbers(column: pd.Series) -> pd.Series:
    """Read a column as numbers: they may be text, with commas; what is no number is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> read_numbers(pd.Series(["1,200", "x", None, 3])).tolist()
    [1200.0, nan, nan, 3.0]
    """
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column
    bare = column.astype(object).where(column.notna(), None)
    texts = bare.map(lambda each: each.replace(",", "") if isinstance(each, str) else each)
    return pd.to_numeric(texts, errors="coerce").astype("float64")
