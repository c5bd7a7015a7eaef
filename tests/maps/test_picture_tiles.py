"""PNG tiles: neighbours join at their edges, and what they show is where the grid says."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from geomap.maps.clusters import ClusterIndex
from geomap.maps.picture_tiles import picture_tile
from geomap.maps.tilemath import Tile
from geomap.maps.view_picture import Facilities

HOMES = [(121.45, 31.23), (121.452, 31.23), (121.69, 31.23), (179.999, 0.0)]


def place(lon, lat, z):
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return (lon + 180) / 360 * 2**z, y * 2**z


@pytest.fixture(scope="module")
def homes():
    lon, lat = np.array(HOMES).T
    index = ClusterIndex(lon, lat, ["nursing_home"] * len(HOMES))
    return Facilities(index.tile, lambda _row: ("nursing_home", False))


def drawn(homes, tile, scale=1):
    content = picture_tile(homes, Tile(*tile), language="zh", scale=scale)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "RGBA"
        return np.asarray(picture)


def test_where_nothing_stands_the_tile_is_clear(homes):
    assert not drawn(homes, (10, 0, 0)).any()


@pytest.mark.parametrize("scale", [1, 2])
def test_a_home_stands_where_the_grid_says(homes, scale):
    z = 14
    x, y = place(121.69, 31.23, z)
    picture = drawn(homes, (z, int(x), int(y)), scale)
    assert picture.shape == (256 * scale, 256 * scale, 4)
    lines, columns = np.nonzero(picture[..., 3])
    middle = columns.mean() / scale / 256, lines.mean() / scale / 256
    assert middle == pytest.approx((x % 1, y % 1), abs=4 / 256)


def test_neighbours_join_where_a_symbol_reaches_over_the_edge():
    edge = 360 * 8400 / 2**14 - 180
    index = ClusterIndex([edge + 0.0001], [31.23], ["other"])
    homes = Facilities(index.tile, lambda _row: ("other", False))
    y = int(place(0, 31.23, 14)[1])
    west, east = drawn(homes, (14, 8399, y)), drawn(homes, (14, 8400, y))
    both = np.concatenate([west, east], axis=1)[..., 3] > 0
    columns = np.nonzero(both.any(axis=0))[0]
    assert columns.min() < 256 <= columns.max()
    assert (np.diff(columns) == 1).all()  # no gap in it
    assert len(columns) > 36


def test_the_world_goes_on_beyond_its_edge(homes):
    assert drawn(homes, (8, 0, 127))[..., 3].any()  # 180° E is 180° W
    assert drawn(homes, (8, 0, 128))[..., 3].any()


def test_near_homes_are_one_disc_with_ink_for_its_number(homes):
    x, y = place(121.451, 31.23, 10)
    picture = drawn(homes, (10, int(x), int(y)))
    inside = picture[picture[..., 3] == 255][:, :3]
    assert (inside == 255).all(axis=1).sum() > 500
    assert (np.abs(inside - [20, 33, 43]).sum(axis=1) < 30).any()


def test_the_whole_world_is_one_tile(homes):
    assert drawn(homes, (0, 0, 0))[..., 3].any()
