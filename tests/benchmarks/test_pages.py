"""A page of 100 facilities by bounding box, beside pygeoapi and tipg over PostGIS.

The same rows and columns, the same boxes, one question after another over one connection; how
to set it up stands in ``conftest.py``. Each server has one worker: geomap as ``geomap serve``
starts it, pygeoapi under gunicorn with threads, tipg under uvicorn with its pool of connections.
CPU is that of the server and, for the peers, of PostgreSQL too.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import numpy as np
import pytest

BOXES, LIMIT, HALF_DEG = 150, 100, 0.5
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
    """What asking for all boxes took."""

    wall_ms: np.ndarray
    cpu_ms: float
    matched: list[int]

    def __str__(self):
        p50, p99 = np.percentile(self.wall_ms, [50, 99])
        return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {self.cpu_ms:.2f} ms of CPU a page"


@pytest.fixture(scope="module")
def boxes(facilities, spots):
    """Boxes around places that people ask about, each with a full page of facilities."""
    lon, lat = facilities.geometry.x.to_numpy(), facilities.geometry.y.to_numpy()

    def held(x, y):
        return np.count_nonzero((abs(lon - x) < HALF_DEG) & (abs(lat - y) < HALF_DEG))

    full = [spot for spot in spots[: 2 * BOXES] if held(*spot) >= LIMIT][:BOXES]
    corners = [np.concatenate([spot - HALF_DEG, spot + HALF_DEG]) for spot in full]
    return [",".join(f"{each:.5f}" for each in corner) for corner in corners]


def read_pages(base, path, boxes, roots, cpu_s):
    """Ask for every box twice over one connection, and keep the second times."""
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=120)) as connection:

        def ask(box):
            connection.request("GET", f"{path}bbox={box}&limit={LIMIT}")
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 200, content[:500]
            return content

        first = [json.loads(ask(box)) for box in boxes]
        assert {each["numberReturned"] for each in first} == {LIMIT}
        start, wall_ms = cpu_s(*roots), []
        for box in boxes:
            asked = time.perf_counter()
            ask(box)
            wall_ms.append((time.perf_counter() - asked) * 1e3)
        cpu_ms = (cpu_s(*roots) - start) * 1e3 / len(boxes)
    return Pages(np.array(wall_ms), cpu_ms, [each["numberMatched"] for each in first])


@contextmanager
def pygeoapi(peers, postgis, tools, at):
    port = tools.free_port()
    config, openapi = at / "pygeoapi.yml", at / "openapi.yml"
    config.write_text(PYGEOAPI.format(port=port, socket=postgis.socket, user=postgis.user))
    env = os.environ | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    made = tools.run([peers / "pygeoapi", "openapi", "generate", config, "-of", openapi], env=env)
    assert openapi.exists(), made
    command = [peers / "gunicorn", "-w", "1", "--threads", "8", "-b", f"127.0.0.1:{port}"]
    base = f"http://127.0.0.1:{port}"
    with tools.serving(
        [*command, "pygeoapi.flask_app:APP"], ready=f"{base}/conformance?f=json", env=env,
        log=at / "pygeoapi.log",
    ) as running:  # fmt: skip
        yield base, running.process


@contextmanager
def tipg(peers, postgis, tools, at):
    port = tools.free_port()
    url = f"postgresql://{postgis.user}@{quote(postgis.socket, safe='')}/bench"
    env = os.environ | {"DATABASE_URL": url, "TIPG_MAX_FEATURES_PER_QUERY": "10000"}
    env |= {"DB_MIN_CONN_SIZE": "4"}
    command = [peers / "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "error"]
    base = f"http://127.0.0.1:{port}"
    with tools.serving(
        command, ready=f"{base}/collections?f=json", env=env, log=at / "tipg.log"
    ) as running:
        yield base, running.process


def test_a_page_of_100_beside_pygeoapi_and_tipg(  # noqa: PLR0917 (pytest's fixtures)
    boxes, geomap_server, peers, postgis, tools, tmp_path
):
    own = read_pages(
        geomap_server.address, "/api/v1/facilities?", boxes, [geomap_server.process], tools.cpu_s
    )
    print(f"\npage of {LIMIT}, {len(boxes)} boxes over 400,000, load {os.getloadavg()[0]:.1f}")
    print(f"  geomap: {own}")
    for name, serve, path in (
        ("pygeoapi + PostGIS", pygeoapi, "/collections/facilities/items?f=json&"),
        ("tipg + PostGIS", tipg, "/collections/public.facilities/items?f=geojson&"),
    ):
        with serve(peers, postgis, tools, tmp_path) as (base, process):
            found = read_pages(base, path, boxes, [process, postgis.process], tools.cpu_s)
        wall = np.median(found.wall_ms) / np.median(own.wall_ms)
        print(f"  {name}: {found}: {wall:.0f} times by the clock,"
              f" {found.cpu_ms / own.cpu_ms:.0f} times the CPU")  # fmt: skip
        assert found.matched == own.matched
