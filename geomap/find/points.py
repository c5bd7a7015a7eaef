"""The coordinates of a frame's points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def lon_lat(frame: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Give the longitude and latitude of each row.

    Parameters
    ----------
    frame : (n,) geometries in degrees.

    Returns
    -------
    Two (n,) arrays, NaN where a row has no geometry, an empty one, or no Point.

    Examples
    --------
    >>> import geopandas as gpd
    >>> frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkt(["POINT (121 31)", None]))
    >>> [each.tolist() for each in lon_lat(frame)]
    [[121.0, nan], [31.0, nan]]
    """
    import shapely

    from geomap.model.point_array import PointArray

    column = frame.geometry.array
    if isinstance(column, PointArray):
        return column.lon, column.lat
    points = frame.geometry.to_numpy()
    lon, lat = np.full((2, len(points)), np.nan)
    there = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & ~shapely.is_empty(points)
    lon[there], lat[there] = shapely.get_coordinates(points[there]).T
    return lon, lat
