"""The PMTiles file, read back by its own library and by GDAL: each tile is the server's."""

from __future__ import annotations

import csv
import gzip
import io

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from geomap.maps.archive import last_zoom, write_archive
from geomap.maps.clusters import ClusterIndex
from geomap.maps.tilemath import Tile
from geomap.maps.vector_tiles import FacilityTiles
from geomap.model.facility import FACILITIES


def tiles_of(lon, lat):
    frame = FACILITIES.empty().reindex(range(len(lon)))
    frame["id"] = [f"home-{n}" for n in range(len(lon))]
    frame["name"] = [f"家 {n}" for n in range(len(lon))]
    frame["type"] = "nursing_home"
    return FacilityTiles(frame, ClusterIndex(lon, lat, frame["type"].tolist()))


def written(tiles):
    file = io.BytesIO()
    write_archive(tiles, file, name="geomap", attribution="A & B")
    return file.getvalue()


@pytest.fixture(scope="module")
def stations(data_folder):
    with (data_folder / "taipei" / "community_stations.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return [float(each["lon"]) for each in rows], [float(each["lat"]) for each in rows]


def test_every_tile_is_the_one_that_the_server_gives(stations):
    tiles = tiles_of(*stations)
    content = written(tiles)
    found = dict(all_tiles(MemorySource(content)))
    assert {z for z, _, _ in found} == set(range(13))
    for at, packed in found.items():
        assert gzip.decompress(packed) == tiles.tile(Tile(*at))
    for zoom in range(13):  # of no zoom is a station missing
        names = [
            each["properties"]["id"]
            for at, packed in found.items()
            if at[0] == zoom == 12
            for each in mapbox_vector_tile.decode(gzip.decompress(packed))["facilities"]["features"]
        ]
        assert len(set(names)) == len(names) == (len(stations[0]) if zoom == 12 else 0)


def test_the_header_says_where_the_facilities_are(stations):
    reader = Reader(MemorySource(written(tiles_of(*stations))))
    header = reader.header()
    assert header["tile_type"] is TileType.MVT
    assert header["tile_compression"] is Compression.GZIP
    assert header["clustered"]
    assert header["min_lon_e7"] == pytest.approx(min(stations[0]) * 1e7, abs=1)
    assert header["max_lat_e7"] == pytest.approx(max(stations[1]) * 1e7, abs=1)
    told = reader.metadata()
    assert told["attribution"] == "A &amp; B"
    assert told["vector_layers"][0]["id"] == "facilities"


def test_gdal_finds_every_station_where_it_stands(stations, tmp_path):
    path = tmp_path / "facilities.pmtiles"
    path.write_bytes(written(tiles_of(*stations)))
    frame = pyogrio.read_dataframe(path, layer="facilities").to_crs(4326)
    assert sorted(frame["id"]) == sorted(f"home-{n}" for n in range(len(stations[0])))
    rows = frame["id"].str.removeprefix("home-").astype(int).to_numpy()
    off = np.abs(np.c_[frame.geometry.x, frame.geometry.y] - np.array(stations)[:, rows].T)
    assert off.max() < 360 / 2**12 / 4096  # one unit of a tile of zoom 12


def test_gdal_reads_facilities_at_the_poles_too(tmp_path):
    path = tmp_path / "poles.pmtiles"
    path.write_bytes(written(tiles_of([0.0, 10.0, 121.5], [90.0, -90.0, 25.0])))
    frame = pyogrio.read_dataframe(path, layer="facilities")
    assert sorted(frame["id"]) == ["home-0", "home-1", "home-2"]


def test_where_many_stand_close_the_archive_goes_deeper(stations):
    keys = tiles_of(*stations).clusters.keys
    assert last_zoom(keys) == 12
    assert last_zoom(np.sort(np.r_[keys, np.full(251, keys[0])])) == 14


def test_an_archive_of_nothing_can_be_read():
    (only,) = all_tiles(MemorySource(written(tiles_of([], []))))
    assert only[0] == (0, 0, 0)
    assert gzip.decompress(only[1]) == b""
