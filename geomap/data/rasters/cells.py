"""Cells for demand rows that a table gives as points or as H3 indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.model.geodesy import metres_per_degree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]

_H3_DIGITS: Final = 15
_CORNERS = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
_MOST_CELL_M: Final = 100_000.0


def with_squares(demand: gpd.GeoDataFrame, cell_m: float) -> gpd.GeoDataFrame:
    """Give each point the square around it, north up, in place of the point.

    Parameters
    ----------
    demand : (n,) demand rows; outlines and missing places stay as they are.
    cell_m : side of the cells, metres.

    Raises
    ------
    ParameterError : if the side is not positive, or over 100 km.
    """
    import shapely

    if not 0 < cell_m <= _MOST_CELL_M:
        raise ParameterError(
            f"cell_m must be over 0 and at most 100,000 metres, got {cell_m}",
            zh=f"网格边长（cell_m）须大于 0 且不超过 100000 米，这里是 {cell_m}",
        )
    shapes = demand.geometry.to_numpy().copy()
    point = shapely.get_type_id(shapes) == 0
    lon, lat = shapely.get_x(shapes[point]), shapely.get_y(shapes[point])
    east_m, north_m = metres_per_degree(lat)
    x = lon[:, None] + _CORNERS[:, 0] * (cell_m / east_m)[:, None]
    y = lat[:, None] + _CORNERS[:, 1] * (cell_m / north_m)[:, None]
    shapes[point] = shapely.polygons(np.stack([x, y], axis=-1))
    return demand.set_geometry(shapes, crs=demand.crs)


def are_h3(ids: Sequence[str]) -> bool:
    """Whether all of some ids are cells of H3.

    Examples
    --------
    >>> are_h3(["89a8100c603ffff"]), are_h3(["89a8100c603ffff", "12"]), are_h3([])
    (True, False, False)
    """
    import h3

    if not len(ids) or not all(len(each) == _H3_DIGITS for each in ids):
        return False
    return all(map(h3.is_valid_cell, ids))


def with_hexagons(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give rows whose ids are cells of H3 the outline of their cell.

    Parameters
    ----------
    demand : (n,) demand rows; those that have an outline already keep it.
    """
    import h3
    import shapely

    shapes = demand.geometry.to_numpy().copy()
    bare = np.flatnonzero(shapely.get_type_id(shapes) <= 0)  # a point, or missing
    for at, cell in zip(bare.tolist(), demand["id"].iloc[bare].tolist(), strict=True):
        corners = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
        shapes[at] = shapely.Polygon(corners)
    return demand.set_geometry(shapes, crs=demand.crs)
