"""How soon a server of 400,000 facilities is ready, and what its processes hold.

Memory is the proportional share (PSS) of each process after requests of every kind; the sum of
all processes is what the machine has less. Linux only. Set-up: ``conftest.py``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

ASKED = (
    "/",
    "/?lon=113.6&lat=34.7&type=nursing_home&beds=free",
    "/?q=" + quote("郑州"),
    "/facilities/{id}",
    "/map",
    "/map/script.js?lang=zh",
    "/tiles/context/8/214/104.json",
    "/tiles/clusters/6/53/26.json",
    "/tiles/facilities/6/53/26.mvt",
    "/api/v1/facilities?bbox=113,34,114,35",
    "/api/v1/nearest?lon=113.6&lat=34.7&type=nursing_home&beds=free&price=4000",
    "/api/v1/search?q=" + quote("养老院"),
    "/api/v1/search?q=" + quote("河南省郑州市金水区文化路97号"),
)

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="no shares of memory in /proc"
)


def children(process):
    return [*map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]


def pss_mb(process):
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = dict(line.split(":") for line in lines)["Pss"]
    return int(kilobytes.split()[0]) / 1024


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_ready_and_memory(serve_geomap, facilities, tools, workers):
    some = facilities["id"].iloc[17]
    start = time.perf_counter()
    with serve_geomap(workers) as server:
        ready_s = server.ready - start
        while len(children(server.process)) < workers:
            time.sleep(0.5)
        for _ in range(4 * workers):
            for path in ASKED:
                urlopen(server.address + path.format(id=some), timeout=120).close()
        held = [pss_mb(each) for each in (server.process, *children(server.process))]
        cpu_s = tools.cpu_s(server.process)
    print(f"\n{workers} worker(s), load {os.getloadavg()[0]:.1f}: ready in {ready_s:.1f} s;")
    each = ", ".join(f"{one:.0f}" for one in held[1:])
    print(f"  PSS {held[0]:.0f} MB of the master, {each} of workers,")
    print(f"  {sum(held):.0f} MB together; {cpu_s:.0f} s of CPU in all")
