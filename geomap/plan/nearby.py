"""What may lie near some ground, told by boxes in degrees: quick, and never too little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.model.crs import to_geographic

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Box = tuple[float, float, float, float]

#: No degree of latitude is so short, nor one of longitude by the cosine of its latitude.
_DEGREE_M: Final = 110_000.0
_TOP_DEG: Final = 89.0
#: By which longitudes differ that are the same.
TURNS: Final = (-360.0, 0.0, 360.0)


def degrees_of(metres: float, lat: Floats) -> tuple[Floats, float]:
    """Give degrees of longitude, at and near latitudes, and of latitude that are no less long."""
    high = metres / _DEGREE_M
    wide: Floats = high / np.cos(np.radians(np.minimum(np.abs(lat) + high, _TOP_DEG)))
    return wide, high


def box_of(frames: Iterable[gpd.GeoDataFrame]) -> Box | None:
    """Give west, south, east, north of all that is drawn, in degrees; None where nothing is."""
    bounds = np.array([to_geographic(each).total_bounds for each in frames])
    drawn = bounds[~np.isnan(bounds).any(axis=1)]
    if not len(drawn):
        return None
    west, south = drawn[:, :2].min(axis=0)
    east, north = drawn[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def near(frame: gpd.GeoDataFrame, box: Box, margin_m: float) -> Mask:
    """Mark the rows that may lie within a margin of a box, and those without a place."""
    west, south, east, north = box
    every, high = degrees_of(margin_m, np.array([south, north]))
    wide = every.max()
    left, low, right, top = shapely.bounds(to_geographic(frame).geometry.to_numpy()).T
    found: Mask = (low <= north + high) & (top >= south - high)
    around = [(left + turn <= east + wide) & (right + turn >= west - wide) for turn in TURNS]
    found &= np.any(around, axis=0)
    found |= np.isnan(left)
    return found
