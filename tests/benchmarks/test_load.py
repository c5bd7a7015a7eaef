"""The 10 nearest with three filters over HTTP, and all that programs ask over 50 connections.

The nearest are asked alone, at random moments, and from 8 at once.

Requests at random moments (Poisson, 300 a second) are sent whether or not earlier ones have been
answered, and timed from when they should have been sent: so a pause of the server counts for all
that wait. Server and sender share the machine. How to set it up stands in ``conftest.py``.

Tiles, API and OGC are asked from the moment at which the server answers, by 50 connections as fast
as they are answered, for 60 seconds (GEOMAP_BENCH_LOAD_S): in this time the first of two workers
is replaced. No request may fail.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

import numpy as np
import pytest
from pyproj import Geod

RATE, SECONDS, OPEN, MANY, K = 300, 10, 64, 4_000, 10
FILTERS = "type=nursing_home&beds=free&price=4000"
ELLIPSOID = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def questions(spots):
    return [f"/api/v1/nearest?lon={x:.5f}&lat={y:.5f}&k={K}&{FILTERS}" for x, y in spots]


@pytest.fixture(scope="module")
def fitting(facilities):
    """Where the facilities stand that fit the filters, by pandas alone."""
    fee = facilities["price_min"].fillna(facilities["price_max"])
    free = (facilities["beds_available"] > 0).fillna(value=False)
    fits = facilities[(facilities["type"] == "nursing_home") & free & (fee <= 4_000)]
    return fits["id"].to_numpy(), fits.geometry.x.to_numpy(), fits.geometry.y.to_numpy()


def shares(spent_ms):
    return "p50 {:.2f}, p99 {:.2f}, most {:.2f} ms".format(*np.percentile(spent_ms, [50, 99, 100]))


def test_in_process_and_exact(folder, questions, spots, fitting, tools):
    from geomap.web.app import create_app

    app = create_app(folder)
    app.extensions["geomap"].snapshot().warm_up()
    asked = [questions[0], *questions[:300]]
    answers = [tools.ask(app, each, host="127.0.0.1") for each in asked][1:]
    found = [[each["id"] for each in json.loads(one.data)["features"]] for one in answers]
    ids, lon, lat = fitting
    for (x, y), own in list(zip(spots, found, strict=False))[:50]:
        x, y = round(x, 5), round(y, 5)  # noqa: PLW2901 (as it was asked)
        far = ELLIPSOID.inv(np.full(lon.size, x), np.full(lon.size, y), lon, lat)[2]
        assert own == ids[np.lexsort((ids.astype(str), far))[:K]].tolist()
    print(f"\n10 nearest of {len(ids):,} that fit of 400,000, whole answer:")
    print(f"  {shares([each.cpu_ms for each in answers])} of CPU")


async def ask(reader, writer, question, host):
    writer.write(f"GET {question} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    await reader.readexactly(int(lines[b"content-length"]))


async def at_random(address, questions):
    """Send at random moments over connections that are kept; give how long each took."""
    at = urlsplit(address)
    idle: asyncio.Queue = asyncio.Queue()
    for _ in range(OPEN):
        idle.put_nowait(await asyncio.open_connection(at.hostname, at.port))
    spent_ms, clock = [], asyncio.get_running_loop().time

    async def one(due, question):
        connection = await idle.get()
        await ask(*connection, question, at.netloc)
        spent_ms.append((clock() - due) * 1e3)
        idle.put_nowait(connection)

    chance, due, tasks = random.Random(3), clock(), []  # noqa: S311 (no secret)
    for nth in range(RATE * SECONDS):
        due += chance.expovariate(RATE)
        await asyncio.sleep(max(0, due - clock()))
        tasks.append(asyncio.create_task(one(due, questions[nth % len(questions)])))
    await asyncio.gather(*tasks)
    while not idle.empty():
        idle.get_nowait()[1].close()
    return np.array(spent_ms)


async def from_8(address, questions):
    """Ask over 8 connections, each as fast as it is answered; give the answers a second."""
    at, waiting = urlsplit(address), iter(questions * (MANY // len(questions)))

    async def one():
        connection = await asyncio.open_connection(at.hostname, at.port)
        for question in waiting:
            await ask(*connection, question, at.netloc)
        connection[1].close()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(8)))
    return MANY / (time.perf_counter() - start)


@pytest.mark.parametrize("workers", [1, 2])
def test_over_http(serve_geomap, questions, tools, workers):
    with serve_geomap(workers) as server:
        for ask_much in (at_random, from_8):  # every worker makes the masks of the filters
            asyncio.run(ask_much(server.address, questions))
        start = tools.cpu_s(server.process)
        spent_ms = asyncio.run(at_random(server.address, questions))
        cpu_ms = (tools.cpu_s(server.process) - start) * 1e3 / len(spent_ms)
        a_second = asyncio.run(from_8(server.address, questions))
    print(f"\n{workers} worker(s), load {os.getloadavg()[0]:.1f}: {RATE} a second at random:")
    print(f"  {shares(spent_ms)}, {cpu_ms:.2f} ms of CPU each; from 8 at once {a_second:.0f}/s")


CONNECTIONS, LOAD_S = 50, float(os.environ.get("GEOMAP_BENCH_LOAD_S", "60"))


def mixed(seed):
    """Ask for tiles, the nearest, lists and items all over the country, without end."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    while True:
        lon, lat, kind = chance.uniform(105, 121), chance.uniform(23, 38), chance.random()
        box = f"bbox={lon - 0.2:.4f},{lat - 0.2:.4f},{lon + 0.2:.4f},{lat + 0.2:.4f}&limit=100"
        if kind < 0.3:
            yield f"/api/v1/nearest?lon={lon:.4f}&lat={lat:.4f}&k=10"
        elif kind < 0.5:
            yield f"/api/v1/facilities?{box}"
        elif kind < 0.7:
            yield f"/ogc/collections/facilities/items?{box}"
        else:
            n = 2 ** (z := chance.choice([5, 8, 11, 13]))
            x = int((lon + 180) / 360 * n)
            y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
            yield f"/tiles/facilities/{z}/{x}/{y}.mvt"


async def answered(connection, question, host):
    """Ask over an open connection; give the status and whether the connection stays."""
    reader, writer = connection
    writer.write(f"GET {question} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")[:-2]
    lines = dict(line.lower().split(b": ", 1) for line in rest)
    await reader.readexactly(int(lines.get(b"content-length", 0)))
    return int(first.split()[1]), lines.get(b"connection") != b"close"


async def once(at, question, connection, came):
    """Ask on a connection that is open, or on a new one; give the connection if it stays."""
    connection = connection or await asyncio.open_connection(at.hostname, at.port)
    try:
        status, stays = await answered(connection, question, at.netloc)
    except BaseException:
        connection[1].close()
        raise
    came[status] += 1
    if stays:
        return connection
    connection[1].close()
    return None


async def without_pause(address, goes_on):
    """Ask over 50 connections, each as fast as it is answered; give what came, and how fast.

    A kept connection that the server closes before it answers is opened again, once, as every
    client does: the server ends those of a worker that it replaces.
    """
    at = urlsplit(address)
    came, spent_ms = Counter(), []

    async def ask_on(seed):
        connection = None
        for question in mixed(seed):
            if not goes_on():
                break
            begun, kept = time.perf_counter(), connection
            try:
                connection = await once(at, question, connection, came)
            except (OSError, asyncio.IncompleteReadError):
                if kept is None:
                    raise
                came["opened again"] += 1
                connection = await once(at, question, None, came)
            spent_ms.append((time.perf_counter() - begun) * 1e3)
        if connection is not None:
            connection[1].close()

    ended = await asyncio.gather(*map(ask_on, range(CONNECTIONS)), return_exceptions=True)
    came.update(type(each).__name__ for each in ended if each is not None)
    return came, np.array(spent_ms)


def test_50_connections_from_the_first_second(folder, tools, tmp_path):
    port = tools.free_port()
    command = [sys.executable, "-m", "geomap", "serve", str(folder), "--port", str(port),
               "--workers", "2"]  # fmt: skip
    address, log = f"http://127.0.0.1:{port}", tmp_path / "log"

    looked = [0.0, False]

    def is_starting():
        if time.perf_counter() > looked[0] + 0.5:
            looked[:] = time.perf_counter(), log.read_text().count("Booting worker") < 3
        return looked[1]

    with tools.serving(command, ready=f"{address}/readyz", log=log):
        begun = time.perf_counter()
        early = asyncio.run(without_pause(address, is_starting))
        until = time.perf_counter() + LOAD_S
        late = asyncio.run(without_pause(address, lambda: time.perf_counter() < until))
    print(f"\n{CONNECTIONS} connections, 2 workers, load {os.getloadavg()[0]:.1f}:")
    seconds = (until - LOAD_S - begun, LOAD_S)
    for when, (came, spent_ms), long_s in zip(("starting", "warm"), (early, late), seconds,
                                              strict=True):  # fmt: skip
        print(f"  {when}, {long_s:.0f} s: {dict(came)}; {len(spent_ms) / long_s:.0f}/s,"
              f" {shares(spent_ms)}")  # fmt: skip
        assert set(came) <= {200, "opened again"}
