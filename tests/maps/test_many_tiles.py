"""Whole zooms at once: each tile has the very bytes of the one that is written by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geomap.maps.clusters import ClusterIndex
from geomap.maps.many_tiles import ManyTiles
from geomap.maps.tilemath import tile_at
from geomap.maps.vector_tiles import MOST_FULL, FacilityTiles
from geomap.model.facility import FACILITIES, TYPES


def town(count):
    """Homes with gaps in every column, values that columns share, and one place full of them."""
    rng = np.random.default_rng(7)
    known = rng.random((6, count)) < 0.6
    frame = FACILITIES.empty().reindex(range(count))
    frame["id"] = [f"h{n}" for n in range(count)]
    frame["name"] = [f"h{n % 7}" for n in range(count)]
    frame["type"] = [list(TYPES)[n % len(TYPES)] for n in range(count)]
    frame["status"] = np.where(known[0], "open", None)
    frame["beds_total"] = pd.array(np.where(known[1], rng.integers(0, 400, count), 4), "Int64")
    frame.loc[~known[2], "beds_total"] = pd.NA
    frame["price_min"] = np.where(known[3], 4.0, np.nan)
    frame.loc[known[4], "beds_updated"] = pd.Timestamp("2025-07-01")
    lon, lat = 121.4 + rng.random(count) / 5, 31.1 + rng.random(count) / 5
    lon[: MOST_FULL + 5] = 121.45  # more than a tile says all of
    lat[: MOST_FULL + 5] = 31.15
    lon[-3:] = np.nan  # nobody knows where they are
    frame["status"] = frame["status"].astype("str")
    return FacilityTiles(frame, ClusterIndex(lon, lat, frame["type"].tolist())), lon, lat


def test_each_tile_of_a_zoom_is_the_one_written_by_itself():
    tiles, lon, lat = town(900)
    many = ManyTiles(tiles)
    for zoom in (0, 9, 12, 13, 14):
        written = dict(many.zoom(zoom))
        assert {*written} == {tile_at(x, y, zoom) for x, y in zip(lon[:-3], lat[:-3], strict=True)}
        assert all(content == tiles.tile(each) for each, content in written.items())


def test_where_nothing_stands_there_is_no_tile():
    tiles = FacilityTiles(FACILITIES.empty(), ClusterIndex([], [], []))
    assert list(ManyTiles(tiles).zoom(3)) == []
