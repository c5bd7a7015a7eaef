"""Vector tiles hold every facility once, and say as much of it as there is room for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.maps.clusters import ClusterIndex
from geomap.maps.tilemath import Tile
from geomap.maps.vector_tiles import FULL, LARGEST_BYTES, FacilityTiles, tile_json

TYPES = ("nursing_home", "street_center", "other")
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(TYPES))
in_town = st.tuples(st.floats(121.4, 121.6), st.floats(31.2, 31.3), st.sampled_from(TYPES))
homes_of = st.lists(st.one_of(anywhere, in_town), min_size=1, max_size=60)


def grid(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Column and line of the tile grid by the textbook; beyond it is on its edge."""
    phi = math.radians(min(max(lat, -89.9), 89.9))
    y = 0.5 - math.log(math.tan(math.pi / 4 + phi / 2)) / (2 * math.pi)
    side = 2**z
    below = math.nextafter(side, 0)
    return min((lon + 180) / 360 * side, below), min(max(y * side, 0), below)


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    x, y = grid(lon, lat, z)
    return math.floor(x), math.floor(y)


def frame_of(homes, **columns) -> pd.DataFrame:
    rows = range(len(homes))
    frame = pd.DataFrame({name: pd.Series([None] * len(homes), dtype="str") for name in FULL})
    told = {"id": [f"f{row}" for row in rows], "name": [f"颐养院{row}" for row in rows]}
    return frame.assign(**told, type=[each[2] for each in homes], **columns)


def tiles_of(homes, **columns) -> FacilityTiles:
    lon, lat, types = zip(*homes, strict=True)
    return FacilityTiles(frame_of(homes, **columns), ClusterIndex(lon, lat, types))


def features(tile: bytes):
    if not tile:
        return []
    decoded = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    assert list(decoded) == ["facilities"]
    return decoded["facilities"]["features"]


def counted(found) -> int:
    return sum(each["properties"].get("point_count", 1) for each in found)


def crowd(count: int, side_deg: float = 0.9):
    """Homes at random places of a square in the middle of China."""
    places = np.random.default_rng(5).uniform(
        [112, 33], [112 + side_deg, 33 + side_deg], (count, 2)
    )
    return [(lon, lat, TYPES[nth % 3]) for nth, (lon, lat) in enumerate(places.tolist())]


@given(homes=homes_of, z=st.integers(0, 18))
@settings(deadline=None, max_examples=60)
def test_the_tiles_of_a_zoom_hold_every_facility_once_each_in_its_own(homes, z):
    tiles = tiles_of(homes)
    own = defaultdict(list)
    for row, (lon, lat, _) in enumerate(homes):
        own[tile_of(lon, lat, z)].append(f"f{row}")
    for at, ids in own.items():
        found = features(tiles.tile(Tile(z, *at)))
        assert sorted(each["properties"]["id"] for each in found) == sorted(ids)


@given(homes=homes_of, z=st.integers(0, 14))
@settings(deadline=None, max_examples=40)
def test_points_stand_where_the_textbook_puts_them(homes, z):
    tiles = tiles_of(homes)
    for row, (lon, lat, _) in enumerate(homes):
        own = grid(lon, lat, z)
        at = tuple(map(math.floor, own))
        found = {each["properties"]["id"]: each for each in features(tiles.tile(Tile(z, *at)))}
        units = found[f"f{row}"]["geometry"]["coordinates"]
        for unit, axis, corner in zip(units, own, at, strict=True):
            assert 0 <= unit < 4096
            assert unit == pytest.approx((axis - corner) * 4096, abs=1.01)


@pytest.mark.parametrize(
    ("lon", "lat", "at"),
    [(180, 0, (16383, 8192)), (-180, 0, (0, 8192)), (0, 90, (8192, 0)), (0, -86, (8192, 16383))],
)
def test_places_on_the_edge_of_the_grid_and_beyond_are_in_its_outermost_tiles(lon, lat, at):
    assert len(features(tiles_of([(lon, lat, "other")]).tile(Tile(14, *at)))) == 1


def test_a_facility_without_a_place_is_in_no_tile():
    homes = [(math.nan, math.nan, "other"), (121.5, 31.2, "other")]
    assert counted(features(tiles_of(homes).tile(Tile(0, 0, 0)))) == 1


@pytest.fixture(scope="module")
def city():
    homes = crowd(30_000)
    return homes, tiles_of(homes)


@pytest.mark.parametrize("z", range(15))
def test_the_counts_of_crowded_tiles_add_up_at_every_zoom(city, z):
    homes, tiles = city
    own = Counter(tile_of(lon, lat, z) for lon, lat, _ in homes)
    for at, count in list(own.items())[:25]:
        tile = tiles.tile(Tile(z, *at))
        assert counted(features(tile)) == count
        assert len(tile) <= LARGEST_BYTES


def test_cells_hold_what_a_count_by_hand_puts_in_them(city):
    homes, tiles = city
    z, (x, y) = 7, tile_of(112.45, 33.45, 7)
    own = defaultdict(Counter)
    for lon, lat, kind in homes:
        place = grid(lon, lat, z)
        if (math.floor(place[0]), math.floor(place[1])) == (x, y):
            own[math.floor(place[0] * 256) - 256 * x, math.floor(place[1] * 256) - 256 * y][
                kind
            ] += 1
    found = features(tiles.tile(Tile(z, x, y)))
    assert len(found) == len(own) > 1_000
    for each in found:
        kinds = own[tuple(axis // 16 for axis in each["geometry"]["coordinates"])]
        assert each["properties"]["point_count"] == kinds.total()
        assert each["properties"].get("type") == (min(kinds) if len(kinds) == 1 else None)


def test_from_zoom_14_on_every_facility_is_a_point_however_many_there_are():
    homes = crowd(4_000, side_deg=0.001)
    tile = tiles_of(homes).tile(Tile(14, *tile_of(112, 33, 14)))
    found = features(tile)
    assert len(found) == len(homes)
    assert Counter(each["properties"]["type"] for each in found) == Counter(h[2] for h in homes)


def test_no_tile_is_too_large_however_long_its_texts():
    homes = crowd(250, side_deg=0.1)
    long = [f"{row}" * 180 for row in range(1_000, 1_250)]
    tiles = tiles_of(homes, name_en=long, rating_scheme=long, adcode=long)
    tile = tiles.tile(Tile(5, *tile_of(112, 33, 5)))
    assert len(tile) <= LARGEST_BYTES
    assert counted(features(tile)) == 250
    assert {*features(tile)[0]["properties"]} == {"id", "type"}


def test_a_few_facilities_say_what_is_known_of_them_and_nothing_else():
    known = {
        "beds_total": pd.array([120, None], dtype="Int64"),
        "beds_updated": pd.array(["2025-07-01", None], dtype="datetime64[s]"),
        "price_min": [3200.5, math.nan],
    }
    tiles = tiles_of([(121.45, 31.23, "nursing_home"), (121.46, 31.23, "other")], **known)
    first, second = (each["properties"] for each in features(tiles.tile(Tile(0, 0, 0))))
    assert first == {
        "id": "f0",
        "name": "颐养院0",
        "type": "nursing_home",
        "beds_total": 120,
        "beds_updated": "2025-07-01",
        "price_min": 3200.5,
    }
    assert second == {"id": "f1", "name": "颐养院1", "type": "other"}


@given(homes=homes_of, z=st.integers(0, 16), data=st.data())
@settings(deadline=None, max_examples=50)
def test_only_the_chosen_facilities_are_shown(homes, z, data):
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(homes), max_size=len(homes))))
    tiles = tiles_of(homes)
    at = {tile_of(lon, lat, z) for lon, lat, _ in homes}
    found = [
        each["properties"]["id"]
        for one in at
        for each in features(tiles.tile(Tile(z, *one), chosen=chosen))
    ]
    assert sorted(found) == sorted(f"f{row}" for row in np.flatnonzero(chosen))


def test_the_description_names_every_attribute_and_the_bounds():
    tiles = tiles_of([(121.4, 31.2, "other"), (122, 30, "other")])
    told = tile_json(tiles, "https://x/{z}/{x}/{y}.mvt", name="homes", attribution="A & <b>B</b>")
    assert told["tilejson"] == "3.0.0"
    assert told["bounds"] == [121.4, 30, 122, 31.2]
    assert told["attribution"] == "A &amp; &lt;b&gt;B&lt;/b&gt;"
    (layer,) = told["vector_layers"]
    assert {*layer["fields"]} == {*FULL, "point_count"}
    assert layer["fields"]["beds_total"] == "Number"


def test_without_any_facility_the_bounds_are_those_of_the_grid():
    empty = FacilityTiles(frame_of([]), ClusterIndex([], [], []))
    told = tile_json(empty, "{z}/{x}/{y}", name="homes", attribution=None)
    assert told["bounds"][0] == -180
    assert "attribution" not in told
