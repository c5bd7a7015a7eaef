"""The server itself: it says where it is, keeps searches out of its log, and ends in peace."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request
from urllib.parse import quote

import pytest

SERVE = "from geomap.web.server import serve; serve(port=0)"
CANARY = "静安区江宁路九十七号金丝雀"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        log.open("w") as out,
        subprocess.Popen([sys.executable, "-u", "-c", SERVE], stdout=out, stderr=out) as process,
    ):
        deadline = time.monotonic() + 60
        while "geomap: " not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        line = next(each for each in log.read_text().splitlines() if each.startswith("geomap: "))
        yield process, line.removeprefix("geomap: ").rstrip("/"), log
        process.kill()


def test_no_search_reaches_the_log_and_sigterm_ends_in_peace(running):
    process, url, log = running
    paths = [
        "/?q={}",
        "/places?q={}",
        "/api/v1/search?q={}",
        "/?lon={}&lat=1",
        "/nothing?q={}",
        "/map?q={}",
    ]
    for path in paths:
        address = url + path.format(quote(CANARY))
        request = urllib.request.Request(address, headers={"Referer": address})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            error.close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    said = log.read_text()
    assert said.count("GET /") == len(paths) + 1  # the address leads on to its place
    for trace in (CANARY, quote(CANARY), quote(CANARY)[:12], "?q", "lon="):
        assert trace not in said
