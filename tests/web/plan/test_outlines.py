"""Outlines that are drawn: as light as allowed, where they should be, without what nobody sees."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.web.plan.outlines import feature, light, light_coverage, simple_coverage, without_specks


def sponge(holes: int) -> shapely.Polygon:
    """A square degree with small round holes in a row, as homes leave them in a gap."""
    points = shapely.points(np.linspace(0.05, 0.95, holes), np.full(holes, 0.5))
    return shapely.box(0, 0, 1, 1) - shapely.union_all(shapely.buffer(points, 0.01))


@given(st.integers(1, 40), st.sampled_from([100, 400, 1_600]))
def test_a_light_outline_has_few_corners_and_is_off_by_no_more_than_it_says(holes, most):
    shapes = np.array([sponge(holes), shapely.Point(3, 3).buffer(1, quad_segs=500)])
    found = light(shapes, 0.001, most=most)
    assert shapely.get_num_coordinates(found.shapes).sum() <= most
    off = shapely.hausdorff_distance(
        shapely.get_exterior_ring(shapes), shapely.get_exterior_ring(found.shapes)
    )
    assert (off <= 2 * found.tolerance).all()  # each step may add its own


def test_what_fits_is_drawn_finer_than_the_first_view_shows():
    assert light(np.array([sponge(3)]), 0.001, most=10_000).tolerance < 0.001


def test_holes_and_islands_that_nobody_sees_are_left_out_and_large_ones_stay():
    lake, island = shapely.box(0.2, 0.6, 0.8, 0.9), shapely.box(2, 0, 2.001, 0.001)
    land = shapely.MultiPolygon([sponge(20) - lake, island])
    (found,) = without_specks(np.array([land]), 0.05)
    assert shapely.equals(found, shapely.box(0, 0, 1, 1) - lake)
    nothing = without_specks(np.array([island, None, shapely.Polygon()]), 0.05)
    assert shapely.is_empty(nothing).all()


def test_borders_of_areas_still_meet():
    wave = [(0.5 + 0.05 * np.sin(9 * y), y) for y in np.linspace(0, 1, 300)]
    parts = shapely.get_parts(shapely.ops.split(shapely.box(0, 0, 1, 1), shapely.LineString(wave)))
    found = light_coverage(parts, 0.001, most=60)
    assert shapely.get_num_coordinates(found.shapes).sum() <= 60
    assert shapely.coverage_is_valid(found.shapes)
    assert np.isclose(shapely.area(found.shapes).sum(), 1)


def test_areas_that_overlap_are_simplified_each_by_itself():
    shapes = np.array([shapely.Point(x, 0).buffer(1) for x in (0, 0.5)] + [None])
    found = simple_coverage(shapes, 0.1)
    assert shapely.get_num_coordinates(found).sum() < shapely.get_num_coordinates(shapes).sum()


def test_corners_are_rounded_as_said():
    told = feature(shapely.box(0.123456, 1, 2, 3), {"name": "x"}, 3)
    corners = np.array(told["geometry"]["coordinates"][0])
    assert np.isclose(corners * 1_000, np.rint(corners * 1_000)).all()
    assert 0.123 in corners[:, 0]
