"""Layers of vector tiles, read back by a library that geomap does not use."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.basemap.encoding import LINE, POINT, POLYGON, encode_layer


def decoded(content: bytes, name: str = "layer") -> list[dict]:
    """Features of a layer, y downward as they were written."""
    tile = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    return tile.get(name, {"features": []})["features"]


def encoded(kind, geometry, feature=None, properties=None) -> bytes:
    geometry = np.array(geometry, dtype=object)
    feature = np.zeros(len(geometry), dtype=int) if feature is None else np.array(feature)
    return encode_layer("layer", kind, geometry, feature, properties or [{}])


numbers = st.integers(-64, 4160)
lines = st.lists(
    st.lists(st.tuples(numbers, numbers), min_size=2, max_size=9, unique=True),
    min_size=1,
    max_size=5,
)


@given(lines)
def test_lines_come_back_point_by_point(paths):
    (feature,) = decoded(encoded(LINE, [shapely.LineString(each) for each in paths]))
    found = shapely.get_parts(shapely.geometry.shape(feature["geometry"]))
    assert [[*map(tuple, each.coords)] for each in found] == [
        [*map(tuple, np.array(each, dtype=float))] for each in paths
    ]


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=9))
def test_points_come_back_in_one_feature(places):
    (feature,) = decoded(encoded(POINT, shapely.points(places)))
    found = shapely.geometry.shape(feature["geometry"])
    assert [*map(tuple, shapely.get_coordinates(found))] == [
        (float(x), float(y)) for x, y in places
    ]


@given(
    st.lists(
        st.tuples(numbers, numbers, st.integers(3, 60), st.integers(1, 60), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_polygons_keep_their_area_whichever_way_their_rings_ran(boxes):
    polygons = []
    for x, y, width, height, clockwise in boxes:
        box = shapely.box(x, y, x + width, y + height, ccw=clockwise)
        hole = shapely.box(x + 1, y, x + 2, y + height, ccw=clockwise)
        polygons.append(shapely.Polygon(box.exterior, [hole.exterior]))
    features = decoded(encoded(POLYGON, polygons, range(len(polygons)), [{"n": 1}] * len(polygons)))
    areas = [shapely.geometry.shape(each["geometry"]).area for each in features]
    assert areas == [(width - 1) * height for _, _, width, height, _ in boxes]


def test_rings_turn_as_the_specification_asks():
    polygon = shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(2, 2), (4, 2), (4, 4), (2, 4)]])
    content = encoded(POLYGON, [polygon])
    geometry = content[content.index(b"\x18\x03\x22") + 4 :]
    # move to 9, 0 · three lines: down, left, up (clockwise on the screen) · close · to the hole
    assert list(geometry[:12]) == [9, 18, 0, 26, 0, 18, 17, 0, 0, 17, 15, 9]
    (feature,) = decoded(content)
    assert len(feature["geometry"]["coordinates"]) == 2  # one polygon, a hole in it


def test_what_vanishes_in_whole_units_is_left_out_and_a_hole_with_what_is_around_it():
    tiny = shapely.Polygon([(1, 1), (1.2, 1), (1.2, 1.2)])
    thin = shapely.Polygon([(0, 5), (9, 5.2), (0, 5.4)], [[(1, 5.1), (2, 5.2), (1, 5.2)]])
    whole = shapely.box(20, 20, 30, 30)
    (feature,) = decoded(encoded(POLYGON, [tiny, thin, whole]))
    assert shapely.geometry.shape(feature["geometry"]).equals(whole)
    assert encoded(LINE, [shapely.LineString([(1, 1), (1.3, 1.3)])]) == b""
    assert encoded(LINE, []) == b""


def test_attributes_are_texts_and_whole_numbers_of_their_feature():
    properties = [{"name": "江宁路", "zoom": 14}, {}, {"name": "江宁路", "en": "Jiangning Road"}]
    points = shapely.points([(1, 1), (2, 2), (3, 3)])
    features = decoded(encoded(POINT, points, [0, 1, 2], properties))
    assert [each["properties"] for each in features] == properties
