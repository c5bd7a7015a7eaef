"""Vector tiles read back: those of a library that geomap does not use, and damaged ones."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.errors import DataError
from geomap.maps.mvt_reader import read_layers

whole = st.integers(-64, 4160)
lines = st.lists(
    st.lists(st.tuples(whole, whole), min_size=2, max_size=7, unique=True), min_size=1, max_size=4
)


def written(geometry: str, properties: dict | None = None, name: str = "roads") -> bytes:
    features = [{"geometry": geometry, "properties": properties or {}}]
    return mapbox_vector_tile.encode(
        [{"name": name, "features": features}], default_options={"y_coord_down": True}
    )


@given(lines)
def test_lines_come_back_point_by_point(paths):
    shape = shapely.MultiLineString(paths)
    (feature,) = read_layers(written(shape.wkt), ["roads"])["roads"]
    assert [shapely.get_coordinates(each).tolist() for each in feature.parts] == [
        [[float(x), float(y)] for x, y in each] for each in paths
    ]


def test_a_polygon_keeps_its_hole_and_stands_beside_others():
    ring = shapely.box(100, 100, 900, 900) - shapely.box(300, 300, 500, 500)
    other = shapely.box(2000, 100, 2100, 300)
    tile = written(shapely.MultiPolygon([ring, other]).wkt, {"kind": "park"}, "green")
    (feature,) = read_layers(tile, ["green"])["green"]
    assert feature.properties == {"kind": "park"}
    assert sorted(shapely.area(feature.parts).tolist()) == [20_000, 600_000]


@pytest.mark.parametrize("value", ["成府路", 7, -3, 2.5, True])
def test_values_come_back_as_they_were(value):
    (feature,) = read_layers(written("LINESTRING(0 0, 9 9)", {"x": value}), ["roads"])["roads"]
    assert feature.properties == {"x": value}


def test_layers_that_are_not_asked_for_are_passed_over():
    assert read_layers(written("LINESTRING(0 0, 9 9)"), ["green"]) == {}
    assert read_layers(b"", ["roads"]) == {}


@given(st.binary(max_size=40) | st.integers(0, 200))
def test_a_damaged_tile_is_said_to_be_so(damage):
    tile = written("LINESTRING(0 0, 9 9, 40 3)", {"name": "x"})
    hurt = tile[: min(damage, len(tile))] if isinstance(damage, int) else damage
    try:
        found = read_layers(hurt, ["roads"])
    except DataError:
        return
    assert all(isinstance(each.parts, np.ndarray) for each in found.get("roads", ()))


BELOW_ZERO = b"\xf1" + b"\xff" * 8 + b"\x01"


@pytest.mark.parametrize(
    "layer",
    [
        b"\x12\x0f\x22\x0d\x09\x00\x00" + BELOW_ZERO,  # a geometry that would lead back
        b"\x12\x0c\x12\x0a" + BELOW_ZERO,
        b"\x22\x05\x12\x03abc",  # three bytes of a float
    ],
)
def test_a_tile_that_tells_impossible_numbers_is_said_to_be_damaged(layer):
    content = b"\x0a\x05roads" + layer
    with pytest.raises(DataError):
        read_layers(b"\x1a" + bytes([len(content)]) + content, ["roads"])
