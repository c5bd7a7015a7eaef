"""Streets drawn by hand, in metres on a plane at 39.9 N, 116.4 E."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from pyproj import Geod

from geomap.data.walking.extract import Parts
from geomap.data.walking.strokes import network_of

GEOD = Geod(ellps="WGS84")
LON, LAT = 116.4, 39.9


def degrees(x, y):
    """Degrees of metres east and north: along the parallel, then the meridian."""
    x, y = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    lon, _, _ = GEOD.fwd(np.full(x.shape, LON), np.full(x.shape, LAT), np.full(x.shape, 90.0), x)
    _, lat, _ = GEOD.fwd(np.full(y.shape, LON), np.full(y.shape, LAT), np.zeros(y.shape), y)
    return np.asarray(lon), np.asarray(lat)


def make_network(lines, stairs=()):
    """A network of lines of (x, y) metres that meet where they share a vertex."""
    vertices = [tuple(each) for line in lines for each in line]
    names = {each: number for number, each in enumerate(dict.fromkeys(vertices))}
    lon, lat = degrees(*np.array(vertices).T)
    part = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    steps = np.array([number in stairs for number in range(len(lines))])
    key = np.array([names[each] for each in vertices])
    return network_of(Parts(lon, lat, key, part, steps), {})


def make_places(places, **columns):
    """A frame of points at (x, y) metres, None for a missing one."""
    known = [each is not None for each in places]
    lon, lat = degrees(*np.array([each or (0, 0) for each in places], dtype=float).reshape(-1, 2).T)
    points = np.where(known, shapely.points(lon, lat), None)
    index = [f"f{number}" for number in range(len(places))]
    return GeoDataFrame(columns, geometry=points, crs="EPSG:4326", index=index)


@pytest.fixture
def street():
    """One street of 2,000 m from west to east, facilities nowhere yet."""
    return make_network([[(0, 0), (700, 0), (2000, 0)]])
