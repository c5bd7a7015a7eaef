"""The map of 400,000 facilities in Chromium, beside folium's own; run by hand::

    GEOMAP_BENCH_DIR=DIR pytest -s tests/benchmarks/test_map.py

How DIR is made stands in ``conftest.py``. Times of the browser are the wall clock's, so the
machine should do nothing else; CPU times are of Chromium's main thread. The peer is folium's
FastMarkerCluster of the same places as its documentation shows it, with its Leaflet libraries of
npm served from this machine; its other libraries, which draw nothing here, are left out in its
favour.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import geopandas as gpd
import numpy as np
import pytest

from geomap.maps.tilemath import Tile, tile_at

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
N, MOVES, TILES = 400_000, 100, 150
SERVE = """
import sys
from pathlib import Path
from geomap.web.server import serve
serve(Path(sys.argv[1]), port=0)
"""
SYMBOLS = ".leaflet-clusters-pane button"
MAP = "Object.values(window).find((each) => each instanceof L.Map)"
DRAWN = """new MutationObserver((_, watch) => {
    if (document.querySelector(".leaflet-clusters-pane button")) {
        watch.disconnect();
        requestAnimationFrame(() => (window.drawnAt = performance.now()));
    }
}).observe(document, { subtree: true, childList: true });"""
MOVE = f"""async ([lat, lon, zoom]) => {{
    const start = performance.now();
    {MAP}.setView([lat, lon], zoom, {{ animate: false }});
    const placed = performance.now() - start;
    await new Promise((done) => requestAnimationFrame(() => {{
        const after = new MessageChannel();
        after.port1.onmessage = done;
        after.port2.postMessage(0);
    }}));
    return [placed, performance.now() - start];
}}"""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    """The address of a warm server."""
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-u", "-c", SERVE, str(folder)], stdout=out, stderr=out
        ) as process,
    ):
        try:
            while "geomap: http" not in log.read_text():
                assert process.poll() is None, log.read_text()
                time.sleep(0.2)
            line = next(one for one in log.read_text().splitlines() if one.startswith("geomap: "))
            address = line.removeprefix("geomap: ").rstrip("/")
            for warm in ("/map/script.js?lang=zh", "/tiles/context/8/214/104.json", "/map"):
                urlopen(address + warm, timeout=300).read()
            time.sleep(float(os.environ.get("GEOMAP_BENCH_WARM_S", "20")))
            yield address
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page in a new browser context, with what it loaded."""

    def __init__(self, chromium, address, *, slow=False):
        self.context = chromium.new_context(viewport={"width": 1440, "height": 900})
        self.page = self.context.new_page()
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("Network.enable")
        self.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        if slow:
            line = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8}
            self.devtools.send("Network.emulateNetworkConditions", line | {"uploadThroughput": -1})
        self.asked: list[str] = []
        self.bytes: dict[str, int] = {}
        names: dict[str, str] = {}
        self.devtools.on(
            "Network.requestWillBeSent",
            lambda e: (names.update({e["requestId"]: e["request"]["url"]}),
                       self.asked.append(e["request"]["url"])),
        )  # fmt: skip
        self.devtools.on(
            "Network.loadingFinished",
            lambda e: self.bytes.update({names.get(e["requestId"], ""): e["encodedDataLength"]}),
        )
        self.page.add_init_script(DRAWN)
        self.page.goto(address, wait_until="commit")

    def settle(self, seconds=60):
        """Wait until all points and names are here."""
        for _ in range(int(seconds * 10)):
            if self.page.evaluate(f"""() => {{
                const points = window.L && {MAP}?.geomap?.clusters.points;
                return Boolean(points?.set) && !points.running && !points.waiting.length;
            }}"""):
                return
            self.page.wait_for_timeout(100)
        pytest.fail("the points did not come")

    def cpu_ms(self):
        metrics = self.devtools.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration") * 1e3


def places_of(folder):
    """The located facilities of a workspace."""
    file = next(folder.glob("published/facilities-*.parquet"))
    places = gpd.read_parquet(file, columns=["geometry"]).geometry
    return places[places.notna() & ~places.is_empty]


def is_background(address):
    return any(part in address for part in ("/tiles/points/", "/tiles/names/"))


def shares(values):
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2]:.1f}, p99 {ordered[int(len(ordered) * 0.99)]:.1f} ms"


def own_opening(chromium, server, *, slow):
    visit = Visit(chromium, f"{server}/map", slow=slow)
    visit.page.locator(SYMBOLS).first.wait_for()
    visit.settle()
    drawn_ms = visit.page.evaluate("window.drawnAt")
    first = sum(size for url, size in visit.bytes.items() if not is_background(url))
    later = sum(size for url, size in visit.bytes.items() if is_background(url))
    visit.context.close()
    return drawn_ms, first, later


@pytest.mark.parametrize("slow", [False, True], ids=["here", "10 Mbit/s and 40 ms"])
def test_opening_with_an_empty_cache(chromium, server, slow):
    runs = [own_opening(chromium, server, slow=slow) for _ in range(3)]
    drawn_ms, first, later = sorted(runs)[1]
    print(
        f"\nopened, {'10 Mbit/s, 40 ms' if slow else 'local'}: facilities drawn {drawn_ms:.0f} ms,"
    )
    print(f"  {first / 1e3:.0f} KB first, then {later / 1e6:.1f} MB of points and names")
    assert first <= 250_000


def test_pan_and_zoom_without_a_request(chromium, server):
    visit = Visit(chromium, f"{server}/map")
    visit.page.locator(SYMBOLS).first.wait_for()
    _, first_ms = visit.page.evaluate(MOVE, [34.0, 112.0, 6])
    visit.settle()
    before = len(visit.asked)
    walk, placed, painted, cpu = random.Random(1), [], [], []  # noqa: S311 (no secret)
    lat, lon, zoom = 34.5, 113.0, 5
    for _ in range(MOVES):
        if walk.random() < 0.5:
            lat += walk.uniform(-150, 150) / 2**zoom
            lon += walk.uniform(-200, 200) / 2**zoom
        else:
            zoom = min(16, max(4, zoom + walk.choice([-1, 1, 1]))) if zoom < 16 else 6
        lat, lon = min(max(lat, 24), 42), min(max(lon, 102), 121)
        visit.page.wait_for_timeout(250)
        start = visit.cpu_ms()
        placed_ms, painted_ms = visit.page.evaluate(MOVE, [lat, lon, zoom])
        placed.append(placed_ms)
        painted.append(painted_ms)
        cpu.append(visit.cpu_ms() - start)
    asked = visit.asked[before:]
    ground = [url for url in asked if "/context/" in url or "/background/" in url]
    print(f"\nfirst move, from tiles: {first_ms:.0f} ms; then {MOVES} moves:")
    print(f"  symbols placed {shares(placed)}, painted {shares(painted)}, {shares(cpu)} of CPU;")
    print(f"  requests: {len(asked) - len(ground)} for facilities, {len(ground)} for the ground")
    visit.context.close()
    assert len(asked) == len(ground)


def test_tiles_on_the_server(folder):
    from geomap.web.app import create_app

    client = create_app(folder).test_client()
    spots = places_of(folder).sample(TILES, random_state=1)
    client.application.extensions["geomap"].snapshot().clusters.warm_up()
    client.get("/tiles/clusters/0/0/0.json")
    print()
    for z in range(0, 15, 2):
        cold, hot = [], []
        for spot in spots:
            tile = tile_at(spot.x, spot.y, z)
            address = f"/tiles/clusters/{z}/{tile.x}/{tile.y}.json"
            start = time.process_time()
            answer = client.get(address)
            cold.append((time.process_time() - start) * 1e3)
            start = time.process_time()
            again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
            hot.append((time.process_time() - start) * 1e3)
            assert again.status_code == 304
        print(f"tile at z{z}: cold {shares(cold)}; held {shares(hot)} of CPU")
        assert np.median(cold) <= 10


def test_the_counts_of_all_tiles_add_up_at_every_zoom(folder):
    from geomap.maps.clusters import ClusterIndex

    places = places_of(folder)
    lon, lat = places.x.to_numpy(), places.y.to_numpy()
    index = ClusterIndex(lon, lat, ["other"] * len(lon))
    for z in range(9):
        x = np.floor((lon / 360 + 0.5) * 2**z).astype(int)
        y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)
        tiles = np.unique(np.column_stack([x, np.floor(y * 2**z).astype(int)]), axis=0)
        found = (index.tile(Tile(z, int(a), int(b))) for a, b in tiles)
        assert sum(each.count for own in found for each in own) == len(places)


@pytest.fixture(scope="module")
def peer_scripts(tmp_path_factory):
    """Leaflet and Leaflet.markercluster as npm has them."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch folium's libraries with")
    at = tmp_path_factory.mktemp("npm")
    packages = ["leaflet@1.9.3", "leaflet.markercluster@1.1.0", "leaflet.awesome-markers@2.0.5"]
    done = subprocess.run(
        [npm, "install", "--prefix", at, *packages], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("npm does not give folium's libraries")
    modules = at / "node_modules"
    return {
        "leaflet.js": modules / "leaflet/dist/leaflet.js",
        "leaflet.css": modules / "leaflet/dist/leaflet.css",
        **{
            f"{name}.js": modules / name / "dist" / f"{name}.js"
            for name in ("leaflet.markercluster", "leaflet.awesome-markers")
        },
    }


def test_folium_fast_marker_cluster(folder, chromium, server, peer_scripts, tmp_path):
    import folium
    from folium.plugins import FastMarkerCluster

    places = places_of(folder)
    spots = np.column_stack([places.y, places.x]).tolist()
    start = time.process_time()
    chart = folium.Map(location=[35, 105], zoom_start=4)
    chart.add_child(FastMarkerCluster(spots))
    page_file = tmp_path / "peer.html"
    chart.save(page_file)
    render_s = time.process_time() - start
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: print(f"folium's page: {error}"))
    page.set_default_timeout(300_000)

    def serve(route):
        own = peer_scripts.get(route.request.url.split("/")[-1])
        route.fulfill(path=own) if own else route.fulfill(status=200, body="")

    page.route(re.compile("^http"), serve)
    start = time.monotonic()
    page.goto(page_file.as_uri(), wait_until="commit", timeout=300_000)
    page.locator(".marker-cluster, .leaflet-marker-icon").first.wait_for()
    usable_s = time.monotonic() - start
    context.close()
    own_ms = sorted(own_opening(chromium, server, slow=False) for _ in range(3))[1][0]
    print(f"\nfolium FastMarkerCluster: {page_file.stat().st_size / 1e6:.0f} MB of HTML,")
    print(f"  {render_s:.1f} s of CPU to render, {usable_s:.1f} s until markers are drawn;")
    print(f"  geomap {own_ms / 1e3:.2f} s: {usable_s * 1e3 / own_ms:.0f} times less to draw,")
    print(f"  {(usable_s + render_s) * 1e3 / own_ms:.0f} times with the rendering")
