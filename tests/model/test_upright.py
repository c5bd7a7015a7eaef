"""Polygons whose edges crowd: cut, repaired and measured turned, the same as unturned."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate

from geomap.model import upright

#: Where in an equal-area plane Beijing lies: far from its origin.
AT = np.array([940_000.0, 4_400_000.0])


def comb(teeth, lean_deg, *, hole=False):
    """A comb 500 m high of teeth 1 m wide, 1 m apart, on a back 100 m high."""
    x = np.arange(2 * teeth).repeat(2)[1:-1].astype(float)
    y = np.tile([500.0, 500, 0, 0], teeth)[: len(x)]
    right = x[-1]
    ring = [*zip(x, y, strict=True), (right, -100), (x[0], -100)]
    holes = [shapely.get_coordinates(shapely.box(10, -80, 300, -20))] if hole else []
    standing = shapely.Polygon(np.array(ring) + AT, [each + AT for each in holes])
    return rotate(standing, lean_deg, origin=tuple(AT))


def one(shape):
    return np.array([shape], dtype=object)


def discs(places):
    near = np.array(places, dtype=float).reshape(-1, 2) + AT
    return shapely.union_all(shapely.buffer(shapely.points(near), 150, quad_segs=16))


@pytest.fixture(scope="module")
def leaning():
    return comb(600, 17, hole=True)


def test_only_edges_that_are_many_and_cross_others_boxes_crowd(leaning):
    shapes = [leaning, comb(600, 0), comb(50, 17), shapely.Point(0, 0).buffer(9, 999), None]
    assert upright.crowded(np.array(shapes, dtype=object)).tolist() == [True] + [False] * 4


@settings(max_examples=4)
@given(
    places=st.lists(st.tuples(st.integers(0, 1400), st.integers(-200, 600)), min_size=1, max_size=4)
)
def test_what_is_cut_turned_is_what_is_cut_unturned(leaning, places):
    knife = discs(places)
    (left,) = upright.difference(one(leaning), one(knife))
    plain = leaning.difference(knife)
    assert left.is_valid
    assert left.area == pytest.approx(plain.area, rel=1e-9)
    assert shapely.get_num_geometries(left) == shapely.get_num_geometries(plain)
    assert left.symmetric_difference(plain).area < 1e-9 * leaning.area
    pairs = np.array([0]), np.array([0])
    for some, others in ((one(leaning), one(knife)), (one(knife), one(leaning))):
        (shared,) = upright.shared_area(some, others, pairs)
        assert shared == pytest.approx(leaning.intersection(knife).area, rel=1e-9)
        assert shared + left.area == pytest.approx(leaning.area, rel=1e-9)


def test_a_hole_is_kept_and_no_sliver_left_where_nothing_is_cut(leaning):
    (left,) = upright.difference(one(leaning), one(discs([(-900, -900)])))
    assert len(left.interiors) == 1
    assert shapely.get_num_coordinates(left) == shapely.get_num_coordinates(leaning)
    corners = [shapely.get_coordinates(each.normalize()) for each in (left, leaning)]
    assert np.allclose(*corners, rtol=0, atol=1e-7)


def test_tiles_make_the_polygon_up(leaning):
    west, south = np.mgrid[-1:4, -1:3].reshape(2, -1) * 400.0 + AT[:, None]
    squares = shapely.box(west, south, west + 400, south + 400)
    rows = np.arange(len(squares))
    shared = upright.shared_area(squares, one(leaning), (rows, np.zeros_like(rows)))
    assert np.allclose(shared, shapely.area(shapely.intersection(squares, leaning)), rtol=1e-9)


def test_a_broken_comb_is_repaired(leaning):
    ring = shapely.get_coordinates(leaning.exterior)
    ring[[1000, 1001]] = ring[[1001, 1000]]
    shapes = np.array([leaning, shapely.Polygon(ring), None], dtype=object)
    assert upright.is_valid(shapes).tolist() == [True, False, False]
    (mended,) = upright.make_valid(shapes[1:2])
    assert mended.is_valid
    plain = shapely.make_valid(shapes[1], method="structure", keep_collapsed=False)
    assert mended.area == pytest.approx(plain.area, rel=1e-9)
