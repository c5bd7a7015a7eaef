"""Street maps in a workspace: kept whole, side by side, joined where they meet."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from types import SimpleNamespace

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.basemap.encoding import LINE, POINT, encode_layer
from geomap.data.basemap.merging import merge_tiles
from geomap.data.basemap.store import FOLDER, StreetMaps, maps_stamp, write_map
from geomap.data.files.findings.report import Report
from geomap.errors import DataError

BOUNDS = [121.4, 31.2, 121.5, 31.3]


def tile_of(*names, kind=POINT):
    geometry = shapely.points([(place, place) for place in range(len(names))])
    if kind == LINE:
        geometry = np.array([shapely.LineString([(n, 0), (n, 9)]) for n in range(len(names))])
    properties = [{"kind": "poi", "name": name} for name in names]
    layer = "roads" if kind == LINE else "names"
    return encode_layer(layer, kind, geometry, np.arange(len(names)), properties)


def made(file, tiles, date="2025-07-01"):
    details = {"bounds": BOUNDS, "date": date}
    return SimpleNamespace(
        report=Report(file, "basemap", 1, 1, details=details),
        tiles=lambda: iter((*place, content) for place, content in tiles.items()),
    )


def names_in(content):
    tile = mapbox_vector_tile.decode(content)
    return sorted(
        each["properties"]["name"] for layer in tile.values() for each in layer["features"]
    )


def test_a_tile_comes_back_as_it_was_and_the_file_is_what_other_programs_read(tmp_path):
    content = tile_of("静安寺")
    name, size = write_map(tmp_path, made("上海.osm.pbf", {(14, 13_720, 6_690): content}))
    maps = StreetMaps(tmp_path)
    assert gzip.decompress(maps.tile(14, 13_720, 6_690)) == content
    assert maps.tile(14, 13_720, 6_691) is None
    (only,) = maps.maps
    assert (only.name, only.bounds, only.date) == ("上海", tuple(BOUNDS), "2025-07-01")
    path = tmp_path / FOLDER / f"{name}.mbtiles"
    assert path.stat().st_size == size
    with closing(sqlite3.connect(path)) as file:
        told = dict(file.execute("SELECT * FROM metadata"))
        row = file.execute("SELECT zoom_level, tile_column, tile_row FROM tiles").fetchone()
    assert row == (14, 13_720, 2**14 - 1 - 6_690)  # rows are counted from the south
    assert told["format"] == "pbf"
    assert "OpenStreetMap" in told["attribution"]
    assert told["data_date"] == "2025-07-01"


def test_a_second_city_lies_beside_the_first_and_the_same_name_takes_its_place(tmp_path):
    one, two = (14, 1, 1), (14, 9, 9)
    write_map(tmp_path, made("a.osm.pbf", {one: tile_of("甲"), (7, 0, 0): tile_of("甲")}))
    before = maps_stamp(tmp_path)
    write_map(tmp_path, made("b.osm.pbf", {two: tile_of("乙"), (7, 0, 0): tile_of("乙")}))
    assert maps_stamp(tmp_path) != before
    maps = StreetMaps(tmp_path)
    assert [each.name for each in maps.maps] == ["a", "b"]
    assert names_in(gzip.decompress(maps.tile(*one))) == ["甲"]
    assert names_in(gzip.decompress(maps.tile(*two))) == ["乙"]
    assert names_in(gzip.decompress(maps.tile(7, 0, 0))) == ["乙", "甲"]
    write_map(tmp_path, made("A.osm.pbf", {one: tile_of("丙")}))
    maps = StreetMaps(tmp_path)
    assert [each.name for each in maps.maps] == ["a", "b"]
    assert names_in(gzip.decompress(maps.tile(*one))) == ["丙"]
    assert names_in(gzip.decompress(maps.tile(7, 0, 0))) == ["乙"]


@given(
    st.lists(
        st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=4), min_size=1, max_size=3
    )
)
def test_joined_tiles_hold_the_features_of_all_each_layer_once(cities):
    tiles = [tile_of(*names) + tile_of(*names, kind=LINE) for names in cities]
    joined = mapbox_vector_tile.decode(merge_tiles(tiles))
    expected = [mapbox_vector_tile.decode(each) for each in tiles]
    assert set(joined) == {"names", "roads"}
    for layer, found in joined.items():
        assert found["features"] == [f for each in expected for f in each[layer]["features"]]


def test_a_damaged_file_is_told(tmp_path):
    write_map(tmp_path, made("a.osm", {(14, 1, 1): tile_of("甲")}))
    path = tmp_path / FOLDER / "a.mbtiles"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match="import it again"):
        StreetMaps(tmp_path).tile(14, 1, 1)
    path.write_bytes(b"no tiles")
    with pytest.raises(DataError, match="import it again"):
        StreetMaps(tmp_path)
    for content in (b"\x1a\x05", b"\x1a\x02\x12\x00", b"\x1b"):
        with pytest.raises(DataError):
            merge_tiles([content])


def test_tiles_that_cannot_be_joined_are_told(tmp_path):
    for name in ("a.osm", "b.osm"):
        write_map(tmp_path, made(name, {(14, 1, 1): tile_of("甲")}))
    with closing(sqlite3.connect(tmp_path / FOLDER / "b.mbtiles")) as tiles, tiles:
        whole = tiles.execute("SELECT tile_data FROM tiles").fetchone()[0]
        tiles.execute("UPDATE tiles SET tile_data = ?", (whole[:10] + b"\xff" * 9 + whole[19:],))
    with pytest.raises(DataError, match="import it again"):
        StreetMaps(tmp_path).tile(14, 1, 1)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_store import made, tile_of, write_map
folder, turn = Path({folder!r}), 0
while True:
    turn += 1
    tiles = {{(14, x, y): tile_of(f"t{{turn}}") for x in range(25) for y in range(25)}}
    write_map(folder, made("a.osm", tiles, date=f"2025-01-{{turn % 28 + 1:02}}"))
    print(turn, flush=True)
"""


def test_a_killed_import_leaves_the_earlier_map_or_the_new_one_whole(tmp_path):
    program = KILLED.format(here=os.path.dirname(__file__), folder=str(tmp_path))  # noqa: PTH120 (for a program)
    rng = np.random.default_rng(7)
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.4))
            process.send_signal(signal.SIGKILL)
        maps = StreetMaps(tmp_path)
        turns = {names_in(gzip.decompress(maps.tile(14, x, y)))[0] for x, y in ((0, 0), (24, 24))}
        assert len(turns) == 1
        maps.close()


def test_what_killed_imports_left_is_removed_once_it_is_old(tmp_path):
    write_map(tmp_path, made("a.osm", {(14, 1, 1): tile_of("甲")}))
    old, new = (tmp_path / FOLDER / f".unfinished-{name}" for name in ("1-old", "2-new"))
    for each in (old, new):
        each.write_bytes(b"half")
    os.utime(old, (0, 0))
    write_map(tmp_path, made("b.osm", {(14, 1, 1): tile_of("甲")}))
    assert (old.exists(), new.exists()) == (False, True)
