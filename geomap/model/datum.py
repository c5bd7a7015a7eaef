"""GCJ-02 and BD-09: the shifted coordinates of Chinese web maps, to and from WGS-84.

Maps published in China are drawn in GCJ-02 (AMap, Tencent, DataV), up to 735 m off WGS-84, or in
BD-09 (Baidu), 400-1530 m off. Nothing in a file says so: the caller names the datum.

The shift applies inside :data:`BOUNDS` and nowhere else. The published formula pushes points
across the edge of that box, where no inverse could tell them from points that never moved. So
along the edge the shift is eased: a point keeps between a thousandth and a thousand times its
distance from the edge. With that the box maps onto itself one to one: what is inside comes back
within 0.01 mm, what is outside stays as it is, bit by bit. Only points that the formula would
push out of the box (or to its very edge), and those within 2 m of it, differ from the plain
formula: 0.01 % of the box for GCJ-02, 0.03 % for BD-09, none within 100 km of China.

References
----------
The formulas as collected and checked in PRCoords (M. Ye, CC0) and eviltransform (MIT); their
origin is a leaked implementation, neither has an official publication.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geomap.errors import ParameterError

FloatArray = NDArray[np.float64]
#: Shifts in degrees of points inside the bounds, as the plain formula gives them.
Shift = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
#: To a shifted datum or back from it, given its formula.
Way = Callable[[FloatArray, FloatArray, Shift], tuple[FloatArray, FloatArray]]

#: West, south, east and north end of the shift, degrees; the edge itself is inside.
BOUNDS: Final = (72.004, 0.8293, 137.8347, 55.8271)
#: How near to the edge a shift may take a point: this share of its distance from it.
EASE: Final = 1e-3
#: The last step of the inverse, degrees (0.1 mm); what is left is at most 5 % of it.
TOLERANCE: Final = 1e-9
#: Points worked on at a time, so that the intermediate arrays stay in the processor's cache.
BLOCK: Final = 1 << 14

# Krasovsky 1940, on which GCJ-02 measures its shift.
SEMI_MAJOR_M: Final = 6378245.0
ECCENTRICITY_SQUARED: Final = 0.00669342162296594323


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """Take coordinates in a shifted datum back to WGS-84.

    Solves ``from_wgs84(x) = (lon, lat)`` by fixed-point iteration, to 0.01 mm. Outside
    :data:`BOUNDS` coordinates stay as they are; NaN stays NaN.

    Parameters
    ----------
    lon, lat : arrays of one shape, or two numbers; degrees in `datum`.
    datum : "wgs84", "gcj02" or "bd09".

    Returns
    -------
    lon, lat : new float arrays of the same shape (numpy floats for numbers), degrees in WGS-84.

    Raises
    ------
    ParameterError : if the datum is unknown, the shapes differ or a value is not a number.

    References
    ----------
    J. Cai's iteration in geoChina; it converges since the shifts of two points differ by less
    than 5 % of the distance between them.

    Examples
    --------
    >>> lon, lat = to_wgs84([121.4787, 139.7671], [31.2304, 35.6812], "gcj02")
    >>> lon.round(5).tolist(), lat.round(5).tolist()  # Shanghai moves, Tokyo is outside
    ([121.47418, 139.7671], [31.23234, 35.6812])
    """
    return _convert(lon, lat, datum, _inverse)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[FloatArray, FloatArray]:
    """Shift WGS-84 coordinates to the datum of a Chinese web map.

    Outside :data:`BOUNDS` coordinates stay as they are; NaN stays NaN.

    Parameters
    ----------
    lon, lat : arrays of one shape, or two numbers; degrees in WGS-84.
    datum : "wgs84", "gcj02" or "bd09".

    Returns
    -------
    lon, lat : new float arrays of the same shape (numpy floats for numbers), degrees in `datum`.

    Raises
    ------
    ParameterError : if the datum is unknown, the shapes differ or a value is not a number.

    Examples
    --------
    >>> lon, lat = from_wgs84(121.47418, 31.23234, "gcj02")
    >>> round(float(lon), 4), round(float(lat), 4)
    (121.4787, 31.2304)
    >>> lon, lat = from_wgs84(72.0039999, 30.0, "bd09")  # just outside
    >>> float(lon), float(lat)
    (72.0039999, 30.0)
    """
    return _convert(lon, lat, datum, _forward)


def _convert(lon: ArrayLike, lat: ArrayLike, datum: str, way: Way) -> tuple[FloatArray, FloatArray]:
    """Check the arguments, then shift what lies inside the bounds, block by block."""
    if datum not in DATUMS:
        known = ", ".join(DATUMS)
        raise ParameterError(
            f"datum must be one of {known}, got {datum!r}: name the datum of the coordinates",
            zh=f"坐标来源（datum）须为 {known} 之一，这里是 {datum!r}：请写明坐标是哪一种",
        )
    x, y = _degrees("lon", lon), _degrees("lat", lat)
    if x.shape != y.shape:
        raise ParameterError(
            f"lon and lat must have one shape, got {x.shape} and {y.shape}: give them in pairs"
        )
    if datum in _SHIFTS:
        _move_inside(x.reshape(-1), y.reshape(-1), _SHIFTS[datum], way)
    return x[()], y[()]


def _move_inside(lon: FloatArray, lat: FloatArray, shift: Shift, way: Way) -> None:
    """Move the points inside the bounds, in place; NaN is never inside."""
    west, south, east, north = BOUNDS
    inside = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    for start in range(0, inside.size, BLOCK):
        rows = inside[start : start + BLOCK]
        lon[rows], lat[rows] = way(lon[rows], lat[rows], shift)


def _degrees(name: str, values: ArrayLike) -> FloatArray:
    """Copy coordinates into a float array of their shape."""
    try:
        return np.array(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"{name} must be numbers in degrees, got {type(values).__name__}: {error}"
        ) from error


def _forward(lon: FloatArray, lat: FloatArray, shift: Shift) -> tuple[FloatArray, FloatArray]:
    """Shift points inside the bounds."""
    return _moved(lon, lat, *shift(lon, lat))


def _inverse(lon: FloatArray, lat: FloatArray, shift: Shift) -> tuple[FloatArray, FloatArray]:
    """Find the points that `_forward` takes to these; only unsettled points are iterated."""
    found_lon, found_lat = lon.copy(), lat.copy()
    unsettled = np.arange(lon.size)
    while unsettled.size:
        guess_lon, guess_lat = found_lon[unsettled], found_lat[unsettled]
        shift_lon, shift_lat = shift(guess_lon, guess_lat)
        next_lon, next_lat = _moved(lon[unsettled], lat[unsettled], -shift_lon, -shift_lat)
        found_lon[unsettled], found_lat[unsettled] = next_lon, next_lat
        step = np.maximum(np.abs(next_lon - guess_lon), np.abs(next_lat - guess_lat))
        unsettled = unsettled[step > TOLERANCE]
    return found_lon, found_lat


def _moved(
    lon: FloatArray, lat: FloatArray, shift_lon: FloatArray, shift_lat: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Move points by their shift, eased along the edge of the bounds."""
    west, south, east, north = BOUNDS
    return _eased(lon, shift_lon, west, east), _eased(lat, shift_lat, south, north)


def _eased(value: FloatArray, shift: FloatArray, low: float, high: float) -> FloatArray:
    """Add a shift, keeping the distance from either end between EASE and 1 / EASE of what it was.

    For one shift this is a growing function of the value whose inverse is the same function of
    the opposite shift, which makes the iteration of `_inverse` right along the edge as well.
    """
    above, below = value - low, high - value
    least = np.maximum(low + EASE * above, high - below / EASE)
    most = np.minimum(high - EASE * below, low + above / EASE)
    return np.clip(value + shift, least, most)


def _gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the shift from WGS-84 to GCJ-02 in degrees: waves in metres by the degree's length."""
    x, y = lon - 105.0, lat - 35.0
    ripple = 2 * np.sin(6 * np.pi * x) + 2 * np.sin(2 * np.pi * x)
    root = np.sqrt(np.abs(x))
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (ripple + 2 * np.sin(np.pi * x) + 4 * np.sin(np.pi / 3 * x)) * 20 / 3
    east_m += (15 * np.sin(np.pi / 12 * x) + 30 * np.sin(np.pi / 30 * x)) * 20 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (ripple + 2 * np.sin(np.pi * y) + 4 * np.sin(np.pi / 3 * y)) * 20 / 3
    north_m += (16 * np.sin(np.pi / 12 * y) + 32 * np.sin(np.pi / 30 * y)) * 20 / 3
    angle = np.radians(lat)
    flatter = 1 - ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    across_m = SEMI_MAJOR_M / np.sqrt(flatter)
    along_m = across_m * (1 - ECCENTRICITY_SQUARED) / flatter
    return np.degrees(east_m / (across_m * np.cos(angle))), np.degrees(north_m / along_m)


def _bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the shift from WGS-84 to BD-09: GCJ-02 stretched and turned about (0, 0), then moved."""
    east, north = _gcj02(lon, lat)
    x, y = lon + east, lat + north
    stretch = 2e-5 * np.sin(np.radians(3000 * y)) / np.hypot(x, y)
    turn = 3e-6 * np.cos(np.radians(3000 * x))
    cosine = np.cos(turn)
    sine = np.sin(turn)
    return (
        (1 + stretch) * (x * cosine - y * sine) + 0.0065 - lon,
        (1 + stretch) * (y * cosine + x * sine) + 0.006 - lat,
    )


_SHIFTS: Final[dict[str, Shift]] = {"gcj02": _gcj02, "bd09": _bd09}
#: The datums by the names that every interface takes.
DATUMS: Final = ("wgs84", *_SHIFTS)
