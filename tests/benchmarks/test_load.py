"""The 10 nearest with three filters over HTTP: alone, at random moments, and from 8 at once.

Requests at random moments (Poisson, 300 a second) are sent whether or not earlier ones have been
answered, and timed from when they should have been sent: so a pause of the server counts for all
that wait. Server and sender share the machine. How to set it up stands in ``conftest.py``.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
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
