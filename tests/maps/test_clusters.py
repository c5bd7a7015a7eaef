"""Clusters: every facility is counted once at every zoom, discs never overlap."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.errors import NotFoundError, ParameterError
from geomap.maps.clusters import Cluster, ClusterIndex
from geomap.maps.tilemath import MAX_ZOOM, Tile, require_tile, tile_at, tile_bounds

TYPES = ("nursing_home", "street_center", "other")
places = st.tuples(
    st.floats(73, 136, allow_nan=False),
    st.floats(3, 54, allow_nan=False),
    st.sampled_from(TYPES),
)
town = st.lists(places, min_size=1, max_size=40)


def world(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator by the textbook, not by geomap."""
    phi = math.radians(lat)
    y = 0.5 - math.log(math.tan(math.pi / 4 + phi / 2)) / (2 * math.pi)
    return (lon + 180) / 360, y


def px(lon: float, lat: float, z: int) -> tuple[float, float]:
    x, y = world(lon, lat)
    return x * 256 * 2**z, y * 256 * 2**z


def all_clusters(index, homes, z, **options) -> list[Cluster]:
    tiles = {tile_at(lon, lat, z) for lon, lat, _ in homes}
    around = {
        Tile(z, x, y)
        for tile in tiles
        for x in range(max(tile.x - 1, 0), min(tile.x + 2, 2**z))
        for y in range(max(tile.y - 1, 0), min(tile.y + 2, 2**z))
    }
    return [cluster for tile in sorted(around) for cluster in index.tile(tile, **options)]


def index_of(homes) -> ClusterIndex:
    return ClusterIndex([h[0] for h in homes], [h[1] for h in homes], [h[2] for h in homes])


@given(homes=town, z=st.integers(0, MAX_ZOOM))
@settings(deadline=None, max_examples=150)
def test_counts_of_all_tiles_add_up_to_the_facilities_at_every_zoom(homes, z):
    found = all_clusters(index_of(homes), homes, z)
    assert sum(each.count for each in found) == len(homes)


@given(homes=town, z=st.integers(0, MAX_ZOOM), types=st.sets(st.sampled_from(TYPES)))
@settings(deadline=None)
def test_only_the_chosen_types_are_counted(homes, z, types):
    found = all_clusters(index_of(homes), homes, z, types=types)
    assert sum(each.count for each in found) == sum(h[2] in types for h in homes)


@given(homes=town, z=st.integers(0, MAX_ZOOM), data=st.data())
@settings(deadline=None)
def test_facilities_left_out_are_in_no_cluster(homes, z, data):
    without = data.draw(st.sets(st.integers(0, len(homes) - 1)))
    found = all_clusters(index_of(homes), homes, z, without=without)
    assert sum(each.count for each in found) == len(homes) - len(without)
    assert without.isdisjoint(row for each in found for row in each.rows)


@given(homes=town, z=st.integers(0, 12))
@settings(deadline=None)
def test_cells_hold_what_a_count_by_hand_puts_in_them(homes, z):
    found = all_clusters(index_of(homes), homes, z)
    by_hand = Counter(
        tuple(math.floor(axis / 64) for axis in px(lon, lat, z)) for lon, lat, _ in homes
    )
    assert sorted(each.count for each in found) == sorted(by_hand.values())


@given(homes=town, z=st.integers(0, MAX_ZOOM))
@settings(deadline=None)
def test_discs_never_overlap(homes, z):
    discs = [each for each in all_clusters(index_of(homes), homes, z) if each.count > 1]
    sizes = [44 if d.count < 10 else 50 if d.count < 100 else 56 for d in discs]
    spots = [px(d.lon, d.lat, z) for d in discs]
    for i, one in enumerate(spots):
        for j in range(i):
            assert math.dist(one, spots[j]) >= (sizes[i] + sizes[j]) / 2 - 1e-3


@given(homes=town, z=st.integers(0, MAX_ZOOM))
@settings(deadline=None)
def test_a_single_facility_stands_at_its_own_place(homes, z):
    for each in all_clusters(index_of(homes), homes, z):
        if each.count == 1:
            lon, lat, _ = homes[each.rows[0]]
            assert (each.lon, each.lat) == (
                pytest.approx(lon, abs=1e-9),
                pytest.approx(lat, abs=1e-9),
            )


@given(homes=town, z=st.integers(0, MAX_ZOOM - 1))
@settings(deadline=None)
def test_a_cluster_opens_at_the_zoom_it_names_and_not_before(homes, z):
    index = index_of(homes)
    for each in all_clusters(index, homes, z):
        if each.zoom is None:
            assert len(each.rows) == each.count
            continue
        assert each.zoom > z
        inside = [h for h in homes if world_cell(h, z) == world_cell((each.lon, each.lat), z)]
        assert len({world_cell(h, each.zoom) for h in inside}) > 1
        assert len({world_cell(h, each.zoom - 1) for h in inside}) == 1


def world_cell(home, z: int) -> tuple[int, int]:
    x, y = px(home[0], home[1], z)
    return math.floor(x / 64), math.floor(y / 64)


def test_facilities_in_one_place_are_listed_at_any_zoom():
    index = ClusterIndex([116.4] * 3, [39.9] * 3, ["other"] * 3)
    for z in range(MAX_ZOOM + 1):
        (cluster,) = index.tile(tile_at(116.4, 39.9, z))
        assert cluster.zoom is None
        assert cluster.rows == (0, 1, 2)


def test_a_facility_without_location_is_in_no_tile():
    index = ClusterIndex([float("nan"), 116.4], [39.9, 39.9], ["other", "other"])
    assert index.count == 1
    assert [each.rows for each in index.tile(Tile(0, 0, 0))] == [(1,)]


def test_no_facilities_at_all_give_empty_tiles():
    index = ClusterIndex([], [], [])
    assert index.count == 0
    assert index.tile(Tile(3, 6, 3)) == []


def test_the_order_of_rows_does_not_matter():
    homes = [(116.4 + i / 7, 39.9 - i / 11, TYPES[i % 3]) for i in range(30)]
    one = all_clusters(index_of(homes), homes, 6)
    other = all_clusters(index_of(homes[::-1]), homes, 6)
    assert [(round(c.lon, 9), round(c.lat, 9), c.count) for c in one] == [
        (round(c.lon, 9), round(c.lat, 9), c.count) for c in other
    ]


@pytest.mark.parametrize("tile", [(-1, 0, 0), (19, 0, 0), (2, 4, 0), (2, 0, 4), (2, -1, 0)])
def test_a_tile_outside_the_grid_is_refused(tile):
    with pytest.raises(NotFoundError, match="there is no tile"):
        require_tile(*tile)


def test_a_row_to_leave_out_that_does_not_exist_is_refused():
    with pytest.raises(ParameterError, match="0 to 0"):
        ClusterIndex([116.4], [39.9], ["other"]).tile(Tile(0, 0, 0), without=[5])


@given(z=st.integers(0, MAX_ZOOM), lon=st.floats(-179, 179), lat=st.floats(-85, 85))
def test_a_place_lies_within_the_bounds_of_its_tile(z, lon, lat):
    west, south, east, north = tile_bounds(tile_at(lon, lat, z))
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
