"""A page of 100 facilities by bounding box, beside pygeoapi and tipg over PostGIS.

The same rows and columns, the same boxes, one question after another over one connection, and
over eight at once; how to set it up stands in ``conftest.py``. Each server has one worker, and then
two: geomap as ``geomap serve`` starts it, pygeoapi under gunicorn with threads, tipg under uvicorn
with its pool of connections. CPU is that of the server and, for the peers, of PostgreSQL too.

Every box is asked for once before the clock runs, so that no server reads from the disk: whole
answers must therefore never be kept by their address, in geomap as little as in the peers. The
client's own work, 0.2 ms a page, is in all times. Geomap is measured again right before each peer,
for the machine may have other work.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit

import numpy as np
import pytest

BOXES, LIMIT, HALF_DEG = 100, 100, 0.5
#: Connections at once, and how long at least is read.
MANY, LEAST_S = 8, 2.0
PYGEOAPI = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  language: en-US
  limits: {{default_items: 100, max_items: 10000}}
  map: {{url: "https://tile.invalid/{{z}}/{{x}}/{{y}}.png", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification:
    {{title: bench, description: bench, keywords: [care], url: "http://x.invalid",
      terms_of_service: none}}
  license: {{name: none, url: "http://x.invalid"}}
  provider: {{name: none, url: "http://x.invalid"}}
  contact: {{name: none, email: none@x.invalid, url: "http://x.invalid"}}
resources:
  facilities:
    type: collection
    title: facilities
    description: facilities
    keywords: [care]
    extents: {{spatial: {{bbox: [-180, -90, 180, 90]}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {{host: {socket}, port: 5432, dbname: bench, user: {user}, password: none,
               search_path: [public]}}
        id_field: id
        table: facilities
        geom_field: geometry
"""


@dataclass(frozen=True)
class Pages:
    """What asking for all boxes took, over one connection and over many."""

    wall_ms: np.ndarray
    cpu_ms: float
    rates: tuple[float, float]  # pages a second
    matched: list[int]

    def __str__(self):
        p50, p99 = np.percentile(self.wall_ms, [50, 99])
        one, many = self.rates
        return (
            f"p50 {p50:.2f} ms, p99 {p99:.1f} ms, {self.cpu_ms:.2f} ms of CPU a page;"
            f" {one:,.0f} pages a second, {many:,.0f} over {MANY} connections"
        )

    def beside(self, peer):
        """Tell how many times a peer takes."""
        one, many = (own / other for own, other in zip(self.rates, peer.rates, strict=True))
        wall = np.median(peer.wall_ms) / np.median(self.wall_ms)
        return (
            f"{one:.0f} times the pages a second, {many:.0f} times over {MANY} connections;"
            f" a page {wall:.0f} times as fast, for a {peer.cpu_ms / self.cpu_ms:.0f}th of the CPU"
        )


@pytest.fixture(scope="module")
def boxes(facilities, spots):
    """Boxes around places that people ask about, each with a full page of facilities."""
    lon, lat = facilities.geometry.x.to_numpy(), facilities.geometry.y.to_numpy()

    def held(x, y):
        return np.count_nonzero((abs(lon - x) < HALF_DEG) & (abs(lat - y) < HALF_DEG))

    full = [spot for spot in spots[: 2 * BOXES] if held(*spot) >= LIMIT][:BOXES]
    corners = [np.concatenate([spot - HALF_DEG, spot + HALF_DEG]) for spot in full]
    return [",".join(f"{each:.5f}" for each in corner) for corner in corners]


def read(base, path, boxes):
    """Ask for boxes, one after another over one connection: what came, and how long each took."""
    came, wall_ms = [], []
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=120)) as connection:
        for box in boxes:
            asked = time.perf_counter()
            connection.request("GET", f"{path}bbox={box}&limit={LIMIT}")
            answer = connection.getresponse()
            came.append(answer.read())
            wall_ms.append((time.perf_counter() - asked) * 1e3)
            assert answer.status == 200, came[-1][:500]
    return came, wall_ms


def read_pages(base, path, boxes, roots, cpu_s):
    """Ask for every box once, and then again and again for the time it takes."""
    first = [json.loads(each) for each in read(base, path, boxes)[0]]
    assert {each["numberReturned"] for each in first} == {LIMIT}
    own_cpu_s, begun, wall_ms = cpu_s(*roots), time.perf_counter(), []
    while not wall_ms or time.perf_counter() < begun + LEAST_S:
        wall_ms += read(base, path, boxes)[1]
    one = len(wall_ms) / (time.perf_counter() - begun)
    cpu_ms = (cpu_s(*roots) - own_cpu_s) * 1e3 / len(wall_ms)
    shares, begun, pages = [boxes[start::MANY] for start in range(MANY)], time.perf_counter(), 0
    with ThreadPoolExecutor(MANY) as pool:
        while not pages or time.perf_counter() < begun + LEAST_S:
            pages += sum(len(took) for _, took in pool.map(partial(read, base, path), shares))
    many = pages / (time.perf_counter() - begun)
    matched = [each["numberMatched"] for each in first]
    return Pages(np.array(wall_ms), cpu_ms, (one, many), matched)


@contextmanager
def pygeoapi(peers, postgis, tools, at, workers):
    port = tools.free_port()
    config, openapi = at / "pygeoapi.yml", at / "openapi.yml"
    config.write_text(PYGEOAPI.format(port=port, socket=postgis.socket, user=postgis.user))
    env = os.environ | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    made = tools.run([peers / "pygeoapi", "openapi", "generate", config, "-of", openapi], env=env)
    assert openapi.exists(), made
    command = [peers / "gunicorn", "-w", str(workers), "--threads", "8",
               "-b", f"127.0.0.1:{port}"]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    with tools.serving(
        [*command, "pygeoapi.flask_app:APP"], ready=f"{base}/conformance?f=json", env=env,
        log=at / "pygeoapi.log",
    ) as running:  # fmt: skip
        yield base, running.process


@contextmanager
def tipg(peers, postgis, tools, at, workers):
    port = tools.free_port()
    url = f"postgresql://{postgis.user}@{quote(postgis.socket, safe='')}/bench"
    env = os.environ | {"DATABASE_URL": url, "TIPG_MAX_FEATURES_PER_QUERY": "10000"}
    env |= {"DB_MIN_CONN_SIZE": "4"}
    command = [peers / "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "error",
               "--workers", str(workers)]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    with tools.serving(
        command, ready=f"{base}/collections?f=json", env=env, log=at / "tipg.log"
    ) as running:
        yield base, running.process


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_of_100_beside_pygeoapi_and_tipg(  # noqa: PLR0917 (pytest's fixtures)
    boxes, serve_geomap, peers, postgis, tools, tmp_path, workers
):
    told = f"page of {LIMIT}, {len(boxes)} boxes over 400,000, {workers} worker(s)"
    print(f"\n{told}, load {os.getloadavg()[0]:.1f}")
    with serve_geomap(workers) as server:

        def own(path="/api/v1/facilities?"):
            return read_pages(server.address, path, boxes, [server.process], tools.cpu_s)

        print(f"  geomap, as OGC API Features: {own('/ogc/collections/facilities/items?f=json&')}")
        for name, serve, path in (
            ("pygeoapi + PostGIS", pygeoapi, "/collections/facilities/items?f=json&"),
            ("tipg + PostGIS", tipg, "/collections/public.facilities/items?f=geojson&"),
        ):
            with serve(peers, postgis, tools, tmp_path, workers) as (base, process):
                geomap = own()
                peer = read_pages(base, path, boxes, [process, postgis.process], tools.cpu_s)
            print(f"  geomap: {geomap}\n  {name}: {peer}\n    {geomap.beside(peer)}")
            assert peer.matched == geomap.matched
