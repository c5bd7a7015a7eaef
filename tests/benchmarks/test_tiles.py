"""Vector tiles of 400,000 facilities, beside PostGIS and mapbox-vector-tile.

How to set it up stands in ``conftest.py``. Sizes and times are of all tiles up to zoom 4 and of
a random sample deeper down, with the 20 fullest; CPU time of this process, the best of three,
with Flask and compression. Nothing is kept on the server, so a second time is as cold.
PostGIS writes the same cells of a pixel by ``ST_AsMVT``: for every tile it groups the points by
pixel, from the index of a geometry that is already in Web Mercator, over one connection that
``pgbench`` keeps, with prepared statements.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest

from geomap.maps.mvt import Attribute, point_layer, value_message

ALL_TO, SAMPLE, PEER_Z = 4, 300, 6
MOST_BYTES, MOST_COLD_MS, MOST_HOT_MS = 150_000, 10, 1
#: A tile as geomap writes it: a point for each pixel, its number, its type where it is one.
CELLS = r"""
\set x random({x0}, {x1})
\set y random({y0}, {y1})
WITH tile AS (SELECT ST_TileEnvelope({z}, :x, :y) AS box),
cells AS (
    SELECT ST_SetSRID(ST_MakePoint(avg(ST_X(place)), avg(ST_Y(place))), 3857) AS place,
        count(*)::int AS point_count, CASE WHEN min(type) = max(type) THEN min(type) END AS type
    FROM facilities, tile WHERE place && box
    GROUP BY floor((ST_X(place) - ST_XMin(box)) / (ST_XMax(box) - ST_XMin(box)) * 256),
        floor((ST_Y(place) - ST_YMin(box)) / (ST_YMax(box) - ST_YMin(box)) * 256))
SELECT length(ST_AsMVT(row, 'facilities')) FROM (
    SELECT ST_AsMVTGeom(place, box, 4096, 0, true), point_count, type FROM cells, tile) AS row;
"""


@pytest.fixture(scope="module")
def grid(facilities):
    """The tiles that hold facilities: for each zoom, columns and lines with their numbers."""
    lon, lat = facilities.geometry.x.to_numpy(), facilities.geometry.y.to_numpy()
    x, y = lon / 360 + 0.5, 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)

    def at(z):
        places = np.floor(np.column_stack([x, y]) * 2**z).astype(int)
        return np.unique(places, axis=0, return_counts=True)

    return at


@pytest.fixture(scope="module")
def app(folder, tools):
    from geomap.web.app import create_app

    app = create_app(folder)
    app.extensions["geomap"].snapshot().vector_tiles.warm_up()
    tools.ask(app, "/tiles/facilities/0/0/0.mvt")
    return app


def sample(tiles, z):
    if z <= ALL_TO or len(tiles) <= SAMPLE:
        return tiles
    return tiles[np.random.default_rng(z).choice(len(tiles), SAMPLE, replace=False)]


def counted(content):
    layers = mapbox_vector_tile.decode(content)
    found = layers.get("facilities", {}).get("features", [])
    return sum(each["properties"].get("point_count", 1) for each in found)


def shares(spent_ms):
    return "p50 {:.2f}, p99 {:.2f}, most {:.2f}".format(*np.percentile(spent_ms, [50, 99, 100]))


@pytest.mark.parametrize("z", range(15))
def test_cold_hot_and_size(app, grid, tools, z):
    tiles, numbers = grid(z)
    number = {tuple(tile): int(many) for tile, many in zip(tiles.tolist(), numbers, strict=True)}
    busiest = tiles[np.argsort(-numbers)[:20]]
    cold, hot, sizes, sent = [], [], [], []
    for x, y in np.unique(np.concatenate([sample(tiles, z), busiest]), axis=0).tolist():
        address = f"/tiles/facilities/{z}/{x}/{y}.mvt"
        asked = [tools.ask(app, address, accept_encoding="gzip") for _ in range(3)]
        first = min(asked, key=lambda each: each.cpu_ms)  # nothing is kept: each is as cold
        held = {"accept_encoding": "gzip", "if_none_match": first.headers["ETag"]}
        again = min(
            (tools.ask(app, address, **held) for _ in range(3)), key=lambda each: each.cpu_ms
        )
        assert again.status.startswith("304")
        plain = tools.ask(app, address).data
        cold.append(first.cpu_ms)
        hot.append(again.cpu_ms)
        sizes.append(len(plain))
        sent.append(len(first.data))
        if len(cold) <= 20:
            assert counted(plain) == number[x, y]
    print(f"\nz{z}: cold {shares(cold)}; hot {shares(hot)} ms of CPU;", end=" ")
    print(f"{max(sizes) / 1e3:.0f} KB at most, {max(sent) / 1e3:.0f} KB gzipped")
    assert max(sizes) <= MOST_BYTES
    assert np.median(cold) <= MOST_COLD_MS
    assert np.median(hot) <= MOST_HOT_MS


def test_postgis_at_zoom_6(app, grid, postgis, tools):
    tiles, numbers = grid(PEER_Z)
    (x0, y0), (x1, y1) = tiles[np.argsort(-numbers)[0]] - 1, tiles[np.argsort(-numbers)[0]] + 1
    for sql in (
        "ALTER TABLE facilities ADD COLUMN IF NOT EXISTS place geometry(Point, 3857)",
        "UPDATE facilities SET place = ST_Transform(geometry, 3857)",
        "CREATE INDEX IF NOT EXISTS facilities_place ON facilities USING gist (place)",
        "CLUSTER facilities USING facilities_place",
        "VACUUM ANALYZE facilities",
    ):
        postgis.psql(sql)
    script = Path(postgis.socket) / "tile.sql"  # where the account of the cluster may read
    script.write_text(CELLS.format(z=PEER_Z, x0=x0, x1=x1, y0=y0, y1=y1))
    script.chmod(0o644)
    start = tools.cpu_s(postgis.process)
    said = postgis.run(
        "pgbench", "-h", postgis.socket, "-U", postgis.user, "-n", "-M", "prepared", "-c", "1",
        "-t", "40", "-f", str(script), "bench",
    )  # fmt: skip
    peer_cpu_ms = (tools.cpu_s(postgis.process) - start) * 1e3 / 40
    peer_ms = float(re.search(r"latency average = ([\d.]+) ms", said)[1])
    own, own_wall = [], []
    for nth in range(90):
        x, y = x0 + nth % 3, y0 + nth // 3 % 3
        clock = time.perf_counter()
        own.append(tools.ask(app, f"/tiles/facilities/{PEER_Z}/{x}/{y}.mvt").cpu_ms)
        own_wall.append((time.perf_counter() - clock) * 1e3)
    print(f"\nz{PEER_Z}, the 9 busiest tiles, load {os.getloadavg()[0]:.1f}:")
    print(f"  geomap {np.mean(own_wall):.1f} ms, {np.mean(own):.1f} ms of CPU, with Flask;")
    print(f"  ST_AsMVT {peer_ms:.1f} ms, {peer_cpu_ms:.1f} ms of CPU, without a web server:")
    print(f"  {peer_ms / np.mean(own_wall):.0f} times, CPU {peer_cpu_ms / np.mean(own):.0f} times")


def test_mapbox_vector_tile_writes_the_same():
    random = np.random.default_rng(2)
    x, y = random.integers(0, 4096, (2, 8_000))
    numbers = random.integers(0, 30, 8_000)
    counts = Attribute(numbers, [value_message(int(each) + 1) for each in range(30)])
    own = []
    for _ in range(20):
        start = time.process_time()
        written = point_layer("facilities", x, y, {"point_count": counts})
        own.append((time.process_time() - start) * 1e3)
    features = [
        {"geometry": f"POINT({a} {b})", "properties": {"point_count": int(n) + 1}}
        for a, b, n in zip(x, y, numbers, strict=True)
    ]
    start = time.process_time()
    peer = mapbox_vector_tile.encode(
        [{"name": "facilities", "features": features}], default_options={"y_coord_down": True}
    )
    peer_ms = (time.process_time() - start) * 1e3
    told = [
        Counter(json.dumps([each["geometry"], each["properties"]]) for each in layer["features"])
        for layer in (mapbox_vector_tile.decode(one)["facilities"] for one in (written, peer))
    ]
    assert told[0] == told[1]
    print(f"\n8,000 points: geomap {np.median(own):.1f} ms, mapbox-vector-tile {peer_ms:.0f} ms:")
    print(f"  {peer_ms / np.median(own):.0f} times")
