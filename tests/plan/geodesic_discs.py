"""Discs of a geodesic radius, drawn by pyproj alone: what the overlay oracles stand on.

The convention is geomap's: 64 corners, as far out as gives the polygon the area of the disc. Where
they lie is followed along the ellipsoid's geodesics here, corner by corner.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
CORNERS = 64


def geodesic_discs(places, radius_m):
    """A series of discs in EPSG:4326 around the points of a frame, on its index."""
    turn = 2 * np.pi / CORNERS
    azimuth = np.degrees(-turn * np.arange(CORNERS))
    reach_m = np.full(CORNERS, radius_m * np.sqrt(turn / np.sin(turn)))
    drawn = []
    for spot in places.geometry:
        lon, lat, _ = GEOD.fwd(np.full(CORNERS, spot.x), np.full(CORNERS, spot.y), azimuth, reach_m)
        drawn.append(shapely.Polygon(np.column_stack([lon, lat])))
    return gpd.GeoSeries(drawn, index=places.index, crs="EPSG:4326")
