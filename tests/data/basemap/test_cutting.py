"""Tiles against the extract itself: read once more here, by osmium and shapely alone."""

from __future__ import annotations

import gzip
import math
from collections import Counter, defaultdict

import mapbox_vector_tile
import numpy as np
import osmium
import pytest
import shapely

from geomap.data.basemap import cutting
from geomap.data.basemap.cutting import MOST_BYTES, count_columns, cut_tiles
from geomap.data.basemap.extract import read_extract
from geomap.data.files.findings.report import RefusedError

SIDE = 4096
ROADS = """motorway trunk primary secondary tertiary residential unclassified living_street road
    pedestrian service track footway path cycleway bridleway steps motorway_link trunk_link
    primary_link secondary_link tertiary_link""".split()
RAILS = "rail narrow_gauge light_rail tram".split()


def world(lon, lat, zoom=14):
    """Units of the tiles of a zoom, by the textbook formula."""
    x = (lon + 180) / 360
    y = (1 - math.log(math.tan(math.radians(lat)) + 1 / math.cos(math.radians(lat))) / math.pi) / 2
    return x * SIDE * 2**zoom, y * SIDE * 2**zoom


def decoded(tile):
    layers = mapbox_vector_tile.decode(tile.content, default_options={"y_coord_down": True})
    for name, layer in layers.items():
        for feature in layer["features"]:
            yield name, feature["properties"], shapely.geometry.shape(feature["geometry"])


@pytest.fixture(scope="module")
def liechtenstein(data_folder):
    path = data_folder / "osm" / "liechtenstein.osm.pbf"
    return path, list(cut_tiles(read_extract(path)))


@pytest.fixture(scope="module")
def plain(data_folder):
    """Roads, houses, water and names of the file, in units of the tiles of zoom 14."""
    path = data_folder / "osm" / "liechtenstein.osm.pbf"
    found = defaultdict(list)
    factory = osmium.geom.WKBFactory()
    for each in osmium.FileProcessor(path).with_areas():
        tags = each.tags
        if each.is_way():
            beside = tags.get("footway") in ("sidewalk", "crossing", "traffic_island")
            road = tags.get("highway") in ROADS and not beside and tags.get("area") != "yes"
            if len(each.nodes) > 1 and (road or tags.get("railway") in RAILS):
                found["roads"].append(shapely.from_wkb(factory.create_linestring(each)))
        elif each.is_area():
            area = shapely.from_wkb(factory.create_multipolygon(each))
            if tags.get("building", "no") != "no":
                found["buildings"].append(area)
            elif (
                tags.get("natural") == "water"
                or tags.get("waterway") in ("riverbank", "dock")
                or tags.get("landuse") in ("reservoir", "basin")
            ):
                found["water"].append(area)
        elif each.is_node() and tags.get("place") in ("town", "village", "hamlet"):
            found["places"].append(tags.get("name"))
    project = np.vectorize(world)
    return {
        name: geometries
        if name == "places"
        else shapely.transform(np.array(geometries), lambda xy: np.column_stack(project(*xy.T)))
        for name, geometries in found.items()
    }


def test_the_roads_of_every_tile_are_as_long_as_in_the_file(liechtenstein, plain):
    checked, drawn, there = 0, 0.0, 0.0
    for tile in (each for each in liechtenstein[1] if each.z == 14):
        own = shapely.box(0, 0, SIDE, SIDE)
        roads = [g for name, _, g in decoded(tile) if name == "roads"]
        found = sum(shapely.length(shapely.intersection(each, own)) for each in roads)
        frame = shapely.box(tile.x * SIDE, tile.y * SIDE, (tile.x + 1) * SIDE, (tile.y + 1) * SIDE)
        expected = shapely.length(shapely.intersection(plain["roads"], frame)).sum()
        assert found == pytest.approx(expected, rel=0.01, abs=12)  # whole units, half one simpler
        checked, drawn, there = checked + 1, drawn + found, there + expected
    assert checked > 100
    assert drawn == pytest.approx(there, rel=0.002)


def test_every_house_is_in_the_tile_of_its_middle(liechtenstein, plain):
    tiles = {(t.x, t.y): t for t in liechtenstein[1] if t.z == 14}
    houses = {
        place: shapely.STRtree(
            np.array(
                [p for n, _, g in decoded(tile) if n == "buildings" for p in shapely.get_parts(g)]
            )
        )
        for place, tile in tiles.items()
    }
    middle = shapely.get_coordinates(shapely.point_on_surface(plain["buildings"]))
    missing = 0
    for x, y in middle:
        place = int(x // SIDE), int(y // SIDE)
        point = shapely.Point(x - place[0] * SIDE, y - place[1] * SIDE)
        missing += not (place in houses and len(houses[place].query(point, "dwithin", distance=1)))
    inside = [place in tiles for place in {(int(x // SIDE), int(y // SIDE)) for x, y in middle}]
    assert all(inside)
    assert len(middle) > 3000
    assert missing == 0


def test_the_water_is_as_large_as_in_the_file(liechtenstein, plain):
    own, drawn, there = shapely.box(0, 0, SIDE, SIDE), 0.0, 0.0
    for tile in (each for each in liechtenstein[1] if each.z == 14):
        water = [g for name, _, g in decoded(tile) if name == "water"]
        drawn += (
            shapely.union_all(
                shapely.intersection([shapely.make_valid(g) for g in water], own)
            ).area
            if water
            else 0
        )
        frame = shapely.box(tile.x * SIDE, tile.y * SIDE, (tile.x + 1) * SIDE, (tile.y + 1) * SIDE)
        there += shapely.union_all(shapely.intersection(plain["water"], frame)).area
    assert there > 0
    assert drawn == pytest.approx(there, rel=0.005)


def test_every_town_and_village_is_named_once_at_the_last_zoom(liechtenstein, plain):
    names = Counter(
        properties["name"]
        for tile in liechtenstein[1]
        if tile.z == 14
        for name, properties, _ in decoded(tile)
        if name == "names"
    )
    assert {"Vaduz", "Schaan", "Balzers"} <= set(plain["places"])
    assert all(names[each] >= 1 for each in plain["places"])
    assert names["Vaduz"] == 1


def test_no_tile_is_over_the_limit_and_far_zooms_hold_the_large_only(liechtenstein):
    tiles = liechtenstein[1]
    assert {each.z for each in tiles} == set(range(7, 15))
    assert max(len(gzip.compress(each.content)) for each in tiles) <= MOST_BYTES
    for tile in (each for each in tiles if each.z == 9):
        kinds = {p.get("kind") for name, p, _ in decoded(tile) if name == "roads"}
        assert kinds <= {"motorway", "trunk", "primary"}
    assert not any(
        name == "buildings" for tile in tiles if tile.z < 14 for name, _, _ in decoded(tile)
    )


def test_a_tile_that_would_be_too_long_loses_its_smallest_houses(liechtenstein, monkeypatch):
    def houses(tile):
        found = [g for name, _, g in decoded(tile) if name == "buildings"]
        return np.sort(shapely.area(shapely.get_parts(found)))

    path, tiles = liechtenstein
    dense = max(tiles, key=lambda each: len(each.content))
    monkeypatch.setattr(cutting, "MOST_BYTES", 14_000)
    monkeypatch.setattr(cutting, "FIRST_ZOOM", dense.z)
    shorter = next(each for each in cut_tiles(read_extract(path)) if each[:3] == dense[:3])
    before, after = houses(dense), houses(shorter)
    assert len(gzip.compress(shorter.content)) <= 14_100
    assert 0 < len(after) < len(before)
    assert after.min() >= 0.97 * before[-len(after)]  # after rounding
    assert {name for name, _, _ in decoded(shorter)} == {name for name, _, _ in decoded(dense)}


def test_a_town_made_by_hand_comes_back_whole(town_extract):
    extract = read_extract(town_extract)
    tiles = list(cut_tiles(extract))
    said = [
        (name, properties.get("kind"), properties.get("name"), properties.get("en"))
        for tile in tiles
        if tile.z == 14
        for name, properties, _ in decoded(tile)
    ]
    assert ("roads", "primary", "江宁路", "Jiangning Road") in said
    assert ("names", "green", "静安公园", "Jing'an Park") in said
    assert ("names", "water", "小湖", None) in said
    assert ("names", "station", "静安寺", "Jing'an Temple") in said
    assert ("roads", "secondary", "东方路", None) in said  # up to the point that is missing
    assert {"ground", "green", "water", "buildings", "roads", "names"} == {each[0] for each in said}
    assert extract.date == ""


def test_a_province_fits_and_a_country_does_not():
    def box(side_deg):
        (x0, y1), (x1, y0) = (world(110, 34, 0), world(110 + side_deg, 34 + side_deg, 0))
        return tuple(each / SIDE for each in (x0, y0, x1, y1))

    assert count_columns(box(1.0)) > 80
    with pytest.raises(RefusedError) as refused:
        count_columns(box(12.0))
    assert refused.value.finding.code == "map_too_wide"
    with pytest.raises(RefusedError):
        count_columns((0.6, 0.4, 0.5, 0.3))  # nothing lies in the box that the file states
