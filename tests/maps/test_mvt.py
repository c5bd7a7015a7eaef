"""What is written as a vector tile is what two other programs read out of it."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pyogrio
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.maps.mvt import EXTENT, attribute, point_layer

texts = st.text(max_size=20) | st.just("养老" * 100)
units = st.integers(-EXTENT, 2 * EXTENT)


@st.composite
def layers(draw):
    """Places, and columns each of one kind of value."""
    places = draw(st.lists(st.tuples(units, units), min_size=1, max_size=20))
    kinds = [texts, st.integers(-(2**62), 2**62), st.booleans(), st.floats(allow_nan=False)]
    names = draw(st.lists(st.text(min_size=1, max_size=9), unique=True, max_size=4))
    columns = {}
    for name in names:
        kind = st.none() | draw(st.sampled_from(kinds))
        columns[name] = draw(st.lists(kind, min_size=len(places), max_size=len(places)))
    return places, columns


def written(places, columns, name="homes"):
    x, y = np.array(places, dtype=np.int64).reshape(-1, 2).T
    attributes = {key: attribute(pa.array(each)) for key, each in columns.items()}
    return point_layer(name, x, y, attributes)


def read(tile):
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})


@given(layer=layers())
@settings(deadline=None, max_examples=100)
def test_another_decoder_reads_the_same_places_and_attributes(layer):
    places, columns = layer
    found = read(written(places, columns))["homes"]
    assert (found["version"], found["extent"]) == (2, EXTENT)
    assert [tuple(each["geometry"]["coordinates"]) for each in found["features"]] == places
    told = [
        {key: each[row] for key, each in columns.items() if each[row] is not None}
        for row in range(len(places))
    ]
    assert [each["properties"] for each in found["features"]] == told


@given(layer=layers())
@settings(deadline=None, max_examples=25)
def test_each_key_and_each_value_is_written_once(layer):
    raw = mapbox_vector_tile.Mapbox.vector_tile_pb2.tile()
    raw.ParseFromString(written(*layer))
    (found,) = raw.layers
    assert len(set(found.keys)) == len(found.keys)
    assert len({each.SerializeToString() for each in found.values}) == len(found.values)


def test_gdal_reads_it_too(tmp_path):
    file = tmp_path / "0.mvt"
    file.write_bytes(written([(0, 0), (2048, 1024)], {"name": ["颐养院", None], "beds": [300, 7]}))
    _, _, shapes, fields = pyogrio.raw.read(file, layer="homes", columns=["name", "beds"])
    assert [each.tolist() for each in fields] == [["颐养院", None], [300, 7]]
    assert len(shapes) == 2


def test_a_layer_without_points_is_left_out():
    assert written([], {}) == b""


def test_a_column_of_which_nothing_is_known_is_left_out():
    (one,) = read(written([(1, 2)], {"beds": [None]}))["homes"]["features"]
    assert one["properties"] == {}
