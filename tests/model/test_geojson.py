"""Rings are wound as RFC 7946 asks, whichever way they came, and nothing else changes."""

from __future__ import annotations

import json

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.model.geojson import geojson_shapes

BOXES = st.tuples(st.floats(-179, 170), st.floats(-89, 80), st.booleans(), st.booleans())


def turn(ring):
    """Twice the area by the shoelace formula: above 0 where the ring is counter-clockwise."""
    x, y = np.array(ring).T
    return np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])


def box_with_hole(west, south, outer_back, hole_back):
    outer, hole = (
        [(west + a, south + a), (west + b, south + a), (west + b, south + b), (west + a, south + b)]
        for a, b in ((0, 8), (2, 6))
    )
    outer, hole = outer[:: -1 if outer_back else 1], hole[:: -1 if hole_back else 1]
    return shapely.Polygon(outer, [hole])


@given(st.lists(BOXES, min_size=1, max_size=3))
def test_outer_rings_turn_left_and_holes_right(boxes):
    shapes = np.array([*(box_with_hole(*each) for each in boxes), None], dtype=object)
    *written, none = shapely.to_geojson(geojson_shapes(shapes))
    assert none is None
    for text, shape in zip(written, shapes, strict=False):
        outer, hole = json.loads(text)["coordinates"]
        assert turn(outer) > 0 > turn(hole)
        assert shapely.hausdorff_distance(shapely.from_geojson(text), shape) < 1e-6


def test_points_lines_and_parts_are_kept():
    shapes = shapely.from_wkt([
        "POINT (1.123456789 2)", "LINESTRING (0 0, 1 1)", "POLYGON EMPTY",
        "MULTIPOLYGON (((0 0, 0 1, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
    ])  # fmt: skip
    point, line, empty, parts = geojson_shapes(shapes)
    assert (point.x, line.wkt, empty.is_empty) == (1.1234568, "LINESTRING (0 0, 1 1)", True)
    assert all(turn(each.exterior.coords) > 0 for each in parts.geoms)
