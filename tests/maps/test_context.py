"""What orients: each boundary once, cut exactly to its tile, names by rank and zoom."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.maps.boundaries import boundary_arcs, land_polygons, to_world_lines
from geomap.maps.context import (
    ContextIndex,
    PointLayer,
    hospital_points,
    place_points,
    points_of,
)
from geomap.maps.tilemath import Tile, tile_at
from geomap.model.mercator import to_world

#   lat 1 +-----+-----+-----+     a, b of one city; c of another city, same province;
#         |  a  |  b  |  c  |     d of another province, above a
CODES = {"a": "410101", "b": "410102", "c": "410201", "d": "420101"}
BOXES = [
    shapely.box(0, 0, 1, 1),
    shapely.box(1, 0, 2, 1),
    shapely.box(2, 0, 3, 1),
    shapely.box(0, 1, 1, 2),
]


@pytest.fixture
def counties() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"adcode": list(CODES.values())}, geometry=BOXES, crs="EPSG:4326")


def length_of_sides(arcs: np.ndarray) -> int:
    """The number of box sides: in degrees of longitude or, nearly, of latitude near the equator."""
    return round(float(shapely.length(arcs).sum()) * 360)


def test_each_boundary_is_drawn_once_by_the_rank_of_what_it_parts(counties):
    arcs = boundary_arcs(counties)
    assert {kind: length_of_sides(found) for kind, found in arcs.items()} == {
        "county": 1,  # a | b
        "city": 1,  # b | c
        "province": 11,  # a | d, and everything outside: 16 sides, three of them twice
    }


def test_the_order_of_counties_does_not_matter(counties):
    one, other = boundary_arcs(counties), boundary_arcs(counties.iloc[::-1])
    for kind, arcs in one.items():
        assert shapely.equals(shapely.union_all(arcs), shapely.union_all(other[kind]))


@given(z=st.integers(4, 16), x=st.floats(-0.5, 3.5), y=st.floats(-0.5, 2.5))
@settings(deadline=None)
def test_lines_of_a_tile_stay_within_its_margin(z, x, y):
    frame = gpd.GeoDataFrame({"adcode": list(CODES.values())}, geometry=BOXES, crs="EPSG:4326")
    tile = ContextIndex(boundary_arcs(frame), {}).tile(tile_at(x, y, z))
    numbers = [n for lines in tile["lines"].values() for line in lines for n in line]
    assert all(-16 <= n <= 1040 for n in numbers)
    assert all(len(line) >= 4 for lines in tile["lines"].values() for line in lines)


def test_a_line_that_crosses_a_tile_is_in_it_wherever_its_ends_are():
    line = to_world_lines([shapely.LineString([(-100, 10), (100, 10)])])
    tile = ContextIndex({"province": line}, {}).tile(tile_at(0.1, 10, 12))
    ((x0, _, x1, _),) = tile["lines"]["province"]
    assert (min(x0, x1), max(x0, x1)) == (-16, 1040)


def test_city_and_county_lines_come_with_their_zooms(counties):
    index = ContextIndex(boundary_arcs(counties), {})
    kinds = {
        z: {kind for x in (1, 2) for kind in index.tile(tile_at(x, 0.5, z))["lines"]}
        for z in (3, 7, 8)
    }
    assert kinds == {
        3: {"province"},
        7: {"province", "city"},
        8: {"province", "city", "county"},
    }


def test_warming_up_changes_no_tile(counties):
    cold, warm = (ContextIndex(boundary_arcs(counties), {}) for _ in range(2))
    warm.warm_up()
    tile = tile_at(1, 1, 8)
    assert cold.tile(tile) == warm.tile(tile)


def layer(**changes) -> PointLayer:
    columns = {
        "lon": np.array([1.0, 1.0, 50.0]),
        "lat": np.array([1.0, 1.1, 1.0]),
        "names": ["甲", "乙", "丙"],
        "zooms": np.array([5, 7, 5]),
        "until": np.array([9, 9, 9]),
        "ranks": np.array([2, 1, 1]),
    }
    return PointLayer(**{**columns, **changes})


def test_points_come_by_zoom_and_the_important_first():
    names = {z: [p[3] for p in layer().tile(tile_at(1, 1.05, z))] for z in (4, 5, 7, 10)}
    assert names == {4: [], 5: ["甲"], 7: ["乙", "甲"], 10: []}


@given(st.lists(st.tuples(st.floats(73, 135), st.floats(4, 53)), max_size=30), st.integers(3, 4))
@settings(deadline=None, max_examples=40)
def test_every_point_is_in_exactly_one_tile(spots, z):
    n = len(spots)
    whole = np.zeros(n, dtype=np.int64)
    lon, lat = np.array([s[0] for s in spots]), np.array([s[1] for s in spots])
    points = PointLayer(lon, lat, [str(i) for i in range(n)], whole, whole + 20, whole)
    index = ContextIndex({}, {"places": points})
    tiles = [index.tile(Tile(z, x, y)) for x in range(2**z) for y in range(2**z) if n]
    found = [point[3] for tile in tiles for point in tile["points"].get("places", [])]
    assert sorted(found) == sorted(str(i) for i in range(n))


def test_townships_known_only_to_their_county_are_not_named():
    places = pd.DataFrame(
        {
            "name": ["静安区", "甲镇", "乙镇"],
            "name_en": ["Jing'an", None, None],
            "kind": ["county", "township", "township"],
            "rank": [3, 6, 6],
            "precision": ["county", "township", "county"],
            "lon": [121.45] * 3,
            "lat": [31.23] * 3,
        }
    )
    tile = tile_at(121.45, 31.23, 12)
    assert [p[3] for p in place_points(places, language="zh").tile(tile)] == ["静安区", "甲镇"]
    assert [p[3] for p in place_points(places, language="en").tile(tile)] == ["Jing'an", "甲镇"]


def test_clinics_come_later_than_hospitals():
    frame = gpd.GeoDataFrame(
        {"name": ["医院", None], "kind": ["hospital", "clinic"]},
        geometry=gpd.points_from_xy([121.45] * 2, [31.23] * 2, crs="EPSG:4326"),
    )
    points = hospital_points(frame)
    counts = {z: len(points.tile(tile_at(121.45, 31.23, z))) for z in (10, 11, 13)}
    assert counts == {10: 0, 11: 1, 13: 2}
    assert points.tile(tile_at(121.45, 31.23, 13))[1][3] == ""


def test_a_picture_that_reaches_into_the_next_tile_is_in_both():
    frame = gpd.GeoDataFrame(
        {"name": ["医院"], "kind": ["hospital"]},
        geometry=[shapely.Point(0.00001, 10)],  # east of the edge between two tiles
        crs="EPSG:4326",
    )
    points = hospital_points(frame)
    own = tile_at(0.00001, 10, 12)
    ((x, y, *_),) = points.tile(own)
    ((other_x, other_y, *_),) = points.tile(own._replace(x=own.x - 1))
    assert (other_x - x, other_y - y) == (1024, 0)
    assert points.tile(own._replace(x=own.x - 2)) == []


def test_rows_without_geometry_are_left_out():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(1, 1), None, shapely.Point()], crs="EPSG:4326")
    names = pd.Series(["甲", "乙", "丙"])
    points = points_of(frame, names=names, zooms=0, ranks=0)
    assert points.names == ["甲"]


#: One square of land with a lake in it, and an island, in degrees near the equator.
SHORE = [
    shapely.Polygon(shapely.box(0, 0, 3, 3).exterior, [shapely.box(1, 1, 2, 2).exterior]),
    shapely.box(4, 0, 5, 1),
]


def even_odd(rings: list[list[int]], x: float, y: float) -> bool:
    """Whether an odd number of rings goes around a position."""
    closed = [shapely.Polygon(np.reshape(ring, (-1, 2))) for ring in rings]
    return sum(ring.contains(shapely.Point(x, y)) for ring in closed) % 2 == 1


@given(z=st.integers(7, 16), lon=st.floats(-0.5, 5.5), lat=st.floats(-0.5, 3.5))
@settings(deadline=None)
def test_a_place_is_filled_as_land_where_it_is_land(z, lon, lat):
    index = ContextIndex({}, {}, to_world_lines(SHORE))
    tile = tile_at(lon, lat, z)
    land = index.tile(tile)["land"]
    x, y = (float(axis) * 1024 * 2**z for axis in to_world(lon, lat))
    meant = shapely.union_all(SHORE)
    near_shore = meant.boundary.distance(shapely.Point(lon, lat)) < 360 / (128 * 2**z)
    if not near_shore:
        filled = land is True or even_odd(land, x - tile.x * 1024, y - tile.y * 1024)
        assert filled == meant.contains(shapely.Point(lon, lat))


def test_land_fills_tiles_from_zoom_7_on_and_says_so_in_a_word():
    index = ContextIndex({}, {}, to_world_lines(SHORE))
    assert [index.tile(tile_at(0.5, 0.5, z))["land"] for z in (6, 12)] == [[], True]
    assert index.tile(tile_at(1.5, 1.5, 12))["land"] == []
    (ring,) = index.tile(tile_at(0, 1, 12))["land"]
    assert ring[:2] == ring[-2:]
    assert all(-16 <= n <= 1040 for n in ring)


def test_counties_join_to_land_without_the_borders_between_them(counties):
    (land,) = land_polygons(counties)
    assert len(shapely.get_rings(land)) == 1
    assert shapely.equals(
        land.normalize(), shapely.union_all(to_world_lines(counties.geometry)).normalize()
    )


def test_no_counties_are_no_land(counties):
    assert len(land_polygons(counties.iloc[:0])) == 0
