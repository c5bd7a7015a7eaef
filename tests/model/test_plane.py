"""The equal-area plane against pyproj's geodesic areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geomap.model.plane import EqualAreaPlane, polygonal

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize(
    ("lon", "lat"), [(116.4, 39.9), (73.6, 18.2), (134.9, 53.5), (-46.6, -23.5), (179.98, 10.0)]
)
def test_areas_are_right_and_the_way_back_leads_home(lon, lat):
    square = np.array([shapely.box(lon, lat, lon + 0.05, lat + 0.04), None])
    plane = EqualAreaPlane.around(shapely.bounds(square)[:, [0, 2]])
    flat = plane.flatten(square)
    geodesic_m2 = abs(GEOD.geometry_area_perimeter(square[0].segmentize(0.001))[0])
    assert flat[0].area == pytest.approx(geodesic_m2, rel=5e-5)
    assert flat[1] is None
    back = plane.unflatten(flat[:1])[0]
    off_m = GEOD.inv(*back.exterior.xy, *flat_corners(square[0]))[2]
    assert np.max(off_m) < 1e-6


def flat_corners(square):
    return shapely.get_coordinates(square.segmentize(0.02)).T


def test_lengths_stretch_no_more_than_told():
    plane = EqualAreaPlane()
    random = np.random.default_rng(1)
    lon, lat = random.uniform(74, 135, 500), random.uniform(18, 54, 500)
    azimuth = random.uniform(0, 360, 500)
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, azimuth, np.full(500, 1000.0))
    x, y = plane.project(np.concatenate([lon, end_lon]), np.concatenate([lat, end_lat]))
    length_m = np.hypot(x[500:] - x[:500], y[500:] - y[:500])
    most = plane.stretch(17.9, 54.1)
    assert ((length_m <= 1000 * most) & (length_m >= 1000 / most)).all()


def test_what_is_no_ground_is_left_out():
    point = shapely.Point(0, 0)
    mixed = shapely.GeometryCollection([point, shapely.box(0, 0, 1, 1)])
    assert shapely.area(polygonal(np.array([mixed, point, None], dtype=object))).tolist()[:2] == [
        1,
        0,
    ]
