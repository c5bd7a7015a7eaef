"""The files of open data come by themselves: when, by whom, and what where they cannot."""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from geomap.cli import app as command
from geomap.data.dump import current_place, read_dump
from geomap.data.published import read_published
from geomap.settings import Settings
from geomap.web.app import create_app
from geomap.web.open_data import daily, writing
from geomap.web.open_data.daily import Keeper, is_due, place_of
from geomap.web.open_data.open_data import keep_open_data

FIRST = "id,name,type,lon,lat\nx,甲院,other,121.5,31.2\n"
LATER = FIRST + "y,乙院,nursing_home,121.6,31.3\n"


def imported(folder, rows):
    (folder.parent / "homes.csv").write_text(rows, encoding="utf-8")
    words = ["import", folder.parent / "homes.csv", "--into", folder, "--as", "facilities", "--yes"]
    done = CliRunner().invoke(command, list(map(str, words)))
    assert done.exit_code == 0, done.output


@pytest.fixture
def folder(tmp_path):
    imported(tmp_path / "own", FIRST)
    return tmp_path / "own"


@pytest.fixture
def here(monkeypatch):
    """Let the child's work be done in this process: to start Python takes longer than to write."""
    calls = []

    def run(given, **_):
        calls.append(given)
        monkeypatch.setattr(writing.os, "nice", lambda _: 0)
        monkeypatch.setattr("geomap.data.sandbox.walls.die_with_parent", lambda: None)
        return SimpleNamespace(returncode=writing.main(given[4:]), stderr=b"disk full\n")

    monkeypatch.setattr(daily.subprocess, "run", run)
    return calls


def due(folder, *, after_s=0.0, stewards=False):
    out = place_of(folder)
    return is_due(read_published(folder), out, stewards=stewards, now=time.time() + after_s)


def page_of(app):
    return BeautifulSoup(app.test_client().get("/open-data").data, "html.parser")


def test_the_page_says_what_is_there_and_what_is_coming(folder, here, monkeypatch):
    app = create_app(folder, Settings())
    monkeypatch.setattr(Keeper, "_look_on", lambda _: None)
    assert "文件还没有准备好" in page_of(app).get_text()
    keep_open_data(app, Settings())
    page = page_of(app)
    assert "文件正在准备" in page.get_text()
    assert not page.select('a[href*="open-data/"]')
    keeper = app.extensions["geomap_open_data"]
    assert keeper.look()
    page = page_of(app)
    assert "和网页上现在的内容一样" in page.get_text()
    client = app.test_client()
    for link in page.select('a[href*="open-data/"]'):
        with client.get(link["href"]) as answer:
            assert answer.status_code == 200
    with client.get("/tiles/facilities.pmtiles", headers={"Range": "bytes=0-6"}) as answer:
        assert (answer.status_code, answer.data) == (206, b"PMTiles")
    assert keeper.look()
    assert len(here) == 1  # what is there is not written again


def test_files_follow_what_is_published_but_not_all_the_time(folder, here):
    keeper = Keeper(folder, place_of(folder))
    assert keeper.look()
    before = read_dump(place_of(folder))
    imported(folder, LATER)
    assert not due(folder, after_s=-1)
    assert due(folder, after_s=60 * before.took_s + 1)
    os.utime(current_place(place_of(folder)) / "dump.json", (0, 0))  # it was long ago
    assert keeper.look()
    assert read_dump(place_of(folder)).rows == 2
    assert len(here) == 2
    assert daily.rest_s(replace(before, took_s=1e6)) == 86_400


def test_files_that_say_too_much_do_not_wait(folder, here):
    Keeper(folder, place_of(folder), stewards=True).look()
    assert due(folder, after_s=-1)
    assert "--stewards" in here[0]


def test_one_process_at_a_time_has_them_written(folder, here):
    out = place_of(folder)
    out.mkdir()
    with (out / ".lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert Keeper(folder, out).look()
    assert here == []
    assert Keeper(folder, out).look()
    assert len(here) == 1


def test_where_nothing_can_be_written_it_is_said_once_and_served_without(folder, here, caplog):
    (folder / "open-data").write_text("in the way")
    keeper = Keeper(folder, place_of(folder), expected=True)
    with caplog.at_level(logging.WARNING):
        assert not keeper.look()
        assert not keeper.look()
    assert len(caplog.records) == 1
    assert "open data is not written" in caplog.text
    assert not keeper.expected
    (folder / "open-data").unlink()
    assert keeper.look()
    assert keeper.expected
    assert len(here) == 1


def test_it_can_be_switched_off(folder, monkeypatch):
    looking = []
    monkeypatch.setattr(Keeper, "_look_on", looking.append)
    app = create_app(folder, Settings(open_data=False))
    keep_open_data(app, Settings(open_data=False))
    assert not app.extensions["geomap_open_data"].expected
    assert looking == []


def test_the_layers_that_ship_have_their_files_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert place_of(None) == tmp_path / "geomap" / "open-data"


def test_the_child_writes_behind_everything_else_and_tells_faults_in_a_line(tmp_path, folder):
    told = (
        "import os, sys; from geomap.web.open_data import writing as w;"
        f"print(w.main([{str(tmp_path / 'out')!r}, {str(folder)!r}]), os.nice(0));"
        f"print(w.main([{str(tmp_path / 'out')!r}, {str(tmp_path / 'none')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "19", "2"]
    assert done.stderr.startswith("nothing is published in")
    assert read_dump(tmp_path / "out").rows == 1
