"""The order of a list by something other than distance; what is unknown comes last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from geomap.errors import ParameterError

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.find.selection import Columns

    Rows = npt.NDArray[np.intp]


def in_order(columns: Columns, rows: Rows, *, by: Literal["price", "beds", "rating"]) -> Rows:
    """Sort rows; those that are equal, and the unknown at the end, keep their order.

    Parameters
    ----------
    columns : of the (n,) facilities.
    rows : (m,) positions.
    by : ``price``, the lowest fee first; ``beds``, the most free beds first; ``rating``, scheme
        by scheme (levels of different schemes do not compare), the best level first.

    Returns
    -------
    (m,) the same positions, sorted.

    Raises
    ------
    ParameterError : if `by` is none of the three.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geomap.find.selection import Columns
    >>> homes = gpd.GeoDataFrame({"beds_available": [None, 2, 7]}, geometry=[None] * 3)
    >>> in_order(Columns(homes), np.arange(3), by="beds").tolist()
    [2, 1, 0]
    """
    if by == "price":
        keys = [columns.fees[rows]]
    elif by == "beds":
        keys = [-columns.numbers("beds_available")[rows]]
    elif by == "rating":
        keys = [-columns.numbers("rating")[rows], columns.scheme_ranks[rows]]
    else:
        raise ParameterError(f"by must be price, beds or rating, got {by!r}")
    order: Rows = np.lexsort(keys)  # stable; NaN, the unknown, is sorted last
    return rows[order]
