"""The server itself: it says where it is, keeps searches out of its log, and ends in peace."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from geomap.web import server

SERVE = "from geomap.web.server import serve; serve(port=0, workers={})"
CANARY = "静安区江宁路九十七号金丝雀"


@contextmanager
def started(log, workers):
    command = [sys.executable, "-u", "-c", SERVE.format(workers)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            deadline = time.monotonic() + 60
            while "geomap: " not in log.read_text() and time.monotonic() < deadline:
                time.sleep(0.1)
            said = log.read_text().splitlines()
            line = next(each for each in said if each.startswith("geomap: "))
            yield process, line.removeprefix("geomap: ").rstrip("/")
        finally:
            process.kill()


def read(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def refusal_of_length(url, length):
    """Ask for a value of some length: the status, and whether the parameter is named."""
    try:
        read(f"{url}/api/v1/search?q={'x' * length}")
    except HTTPError as error:
        told = json.load(error)
        return told["status"], [each["parameter"] for each in told.get("errors", ())] == ["q"]


def workers_of(process):
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return set(children.read_text().split())


def test_no_search_reaches_the_log_and_sigterm_ends_in_peace(tmp_path):
    log = tmp_path / "log"
    with started(log, 1) as (process, url):
        ask_for_much(process, url, log)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts processes in /proc")
def test_several_workers_take_the_place_of_the_first_and_answer(tmp_path):
    with started(tmp_path / "log", 2) as (process, url):
        assert b"ready" in read(f"{url}/readyz")
        assert refusal_of_length(url, 20_000) == (400, True)
        assert refusal_of_length(url, 70_000) == (414, False)
        first = workers_of(process)
        assert len(first) == 1
        deadline = time.monotonic() + 120
        while len(workers_of(process) - first) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        for _ in range(8):
            assert b"results" in read(f"{url}/api/v1/search?q={quote('北京')}")
        assert len(workers_of(process) - first) == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0


def ask_for_much(process, url, log):
    paths = [
        "/?q={}",
        "/places?q={}",
        "/api/v1/search?q={}",
        "/?lon={}&lat=1",
        "/nothing?q={}",
        "/map?q={}",
        "/two%0Alines?q={}",
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
    assert "GET /two%0Alines " in said
    for trace in (CANARY, quote(CANARY), quote(CANARY)[:12], "?q", "lon="):
        assert trace not in said


def test_nothing_is_built_before_the_first_worker_is_forked(monkeypatch):
    app = SimpleNamespace(wsgi=object, options={})
    arbiter = SimpleNamespace(WORKERS={}, num_workers=1, app=app)
    built, ended = [], []
    monkeypatch.setattr(server, "_build", lambda _: built.append(len(arbiter.WORKERS)))
    monkeypatch.setattr(server.os, "kill", lambda process, _: ended.append(process))
    growing = threading.Thread(target=server._grow, args=(arbiter, 3))
    growing.start()
    growing.join(timeout=0.2)
    assert (built, growing.is_alive()) == ([], True)
    arbiter.WORKERS[4711] = object()
    growing.join(timeout=30)
    assert (built, ended, arbiter.num_workers) == ([1], [4711], 3)
    assert app.options == {"workers": 3}  # what SIGHUP starts
