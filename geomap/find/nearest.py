"""The nearest facilities of a frame, asked once; who asks often builds a NearestIndex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import ParameterError
from geomap.find.nearest_index import Points, Query
from geomap.model.facility import require_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import numpy.typing as npt

    Mask = npt.NDArray[np.bool_]


def nearest(  # noqa: PLR0913 (the public name's own options)
    facilities: gpd.GeoDataFrame,
    lon: float,
    lat: float,
    *,
    k: int = 10,
    types: Iterable[str] | None = None,
    max_distance_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Find the facilities nearest to a point, by geodesic distance, then by id.

    Parameters
    ----------
    facilities : (n,) rows with Point geometry in a known CRS; rows without geometry never appear.
    lon, lat : the point in degrees, WGS-84.
    k : the most rows to return; may exceed n.
    types : only facilities of these types; all where None or empty.
    max_distance_m : only facilities within this geodesic distance, the edge included.

    Returns
    -------
    (at most k,) rows of `facilities`, its index and columns kept, with ``distance_m``:
    geodesic metres on WGS-84. Equal distances are ordered by ``id``; without ids, as in the frame.

    Raises
    ------
    ParameterError : if a number is out of range or a type is unknown.
    CRSError : if the frame has no CRS.
    DataError : if a geometry is not a Point, or no place on earth.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([180.0, -179.9, 0.0], [0, 0, 0], crs="EPSG:4326")
    >>> homes = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=points)
    >>> nearest(homes, -179.99, 0, k=2)[["id", "distance_m"]].round(1).values.tolist()
    [['a', 1113.2], ['b', 10018.8]]
    """
    query = Query.of(lon, lat, k=k, max_distance_m=max_distance_m)
    points = Points.of(facilities)
    wanted = points.located & _has_type(facilities, types)
    rows, distance_m = points.ordered(query, points.scan(query, np.flatnonzero(wanted)))
    return facilities.iloc[rows].assign(distance_m=distance_m)


def _has_type(frame: gpd.GeoDataFrame, types: Iterable[str] | None) -> Mask | bool:
    """Mark the rows of some types; every row where no type is asked for."""
    asked = (types,) if isinstance(types, str) else tuple(types or ())
    if not asked:
        return True
    if "type" not in frame:
        raise ParameterError(f"types needs a column 'type', the frame has {list(frame.columns)}")
    require_types(asked, frame["type"])
    mask: Mask = frame["type"].isin(asked).to_numpy(dtype=bool)
    return mask
