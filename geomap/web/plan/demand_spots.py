"""Demand as spots of a map: where, how many people, and the share of them that is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.model.geojson import METRE_DECIMALS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: More rows than this are joined, by the squares of so many columns.
MOST_SPOTS: Final = 5_000
_SQUARES: Final = 70
#: A spot is drawn as within reach where this share of its people is.
HALF: Final = 0.5


def demand_spots(demand: gpd.GeoDataFrame | None) -> list[list[float]]:
    """Write the demand as longitude, latitude, people and covered share, the most people first.

    Where there are too many rows to be drawn, those of one square of a fine grid are one.

    Parameters
    ----------
    demand : (n,) rows with ``people``, ``fraction`` and geometry; None where there is none.
    """
    if demand is None:
        return []
    known = demand[demand["people"].gt(0) & demand["fraction"].notna()]
    shapes = known.geometry.to_numpy()
    if len(known) > MOST_SPOTS:
        shapes = shapely.centroid(shapes)
    spots = shapely.get_coordinates(shapely.point_on_surface(shapes))
    people_of, share = known["people"].to_numpy(np.float64), known["fraction"].to_numpy(np.float64)
    if len(known) > MOST_SPOTS:
        spots, people_of, share = joined(spots, people_of, share)
    columns = np.column_stack([spots.round(METRE_DECIMALS), people_of, share.round(3)])
    rows: list[list[float]] = columns[np.argsort(-columns[:, 2], kind="stable")].tolist()
    return rows


def joined(spots: Floats, people_of: Floats, share: Floats) -> tuple[Floats, Floats, Floats]:
    """Join the demand of each square of a fine grid: its people, their middle, their share."""
    low, high = spots.min(axis=0), spots.max(axis=0)
    side = float((high - low).max()) / _SQUARES or 1.0
    column, row = ((spots - low) // side).astype(np.int64).T
    _squares, square = np.unique(row * (_SQUARES + 1) + column, return_inverse=True)
    total = np.bincount(square, people_of).astype(np.float64)
    middle = [np.bincount(square, people_of * spots[:, axis]) / total for axis in (0, 1)]
    return np.column_stack(middle), total, np.bincount(square, people_of * share) / total
