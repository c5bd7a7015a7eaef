"""The square world of web maps; used to arrange pictures only, never to measure.

World coordinates run from 0 to 1, x eastward from 180° W, y southward from 85.05° N.
Source: spherical Mercator, Snyder 1987, USGS PP 1395, eq. 7-1 to 7-5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def to_world(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project degrees to world coordinates; beyond the square they are put on its edge.

    Examples
    --------
    >>> x, y = to_world([0, 180, -180], [0, 89, -89])
    >>> x.tolist(), y.tolist()
    ([0.5, 0.9999999999999999, 0.0], [0.5, 0.0, 0.9999999999999999])
    """
    below_one = np.nextafter(1.0, 0.0)
    sine = np.sin(np.radians(np.clip(np.asarray(lat, dtype=float), -89.9, 89.9)))
    x = np.asarray(lon, dtype=float) / 360 + 0.5
    y = 0.5 - np.arctanh(sine) / (2 * np.pi)
    return np.clip(x, 0.0, below_one), np.clip(y, 0.0, below_one)


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Invert :func:`to_world`.

    Examples
    --------
    >>> lon, lat = to_degrees(*to_world(116.4, 39.9))
    >>> round(float(lon), 9), round(float(lat), 9)
    (116.4, 39.9)
    """
    lon = (np.asarray(x, dtype=float) - 0.5) * 360
    lat = np.degrees(np.arctan(np.sinh((0.5 - np.asarray(y, dtype=float)) * 2 * np.pi)))
    return lon, lat
