"""``geomap import … --as basemap`` as people and scripts use it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.basemap.store import StreetMaps
from geomap.data.store.workspace import DATABASE


@pytest.fixture
def geomap(monkeypatch):
    def run(*arguments, language="en"):
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        command = [*map(str, arguments), "--lang", language]
        return CliRunner().invoke(app, command, env={"COLUMNS": "120"})

    return run


def test_an_extract_becomes_a_street_map_of_the_workspace(geomap, town_extract, tmp_path):
    into = tmp_path / "ws"
    done = geomap("import", town_extract, "--into", into, "--as", "basemap")
    assert done.exit_code == 0
    assert "roads 3, buildings 1" in done.output
    assert "© OpenStreetMap contributors, ODbL 1.0" in done.output
    assert [each.name for each in StreetMaps(into).maps] == ["town"]
    assert (into / DATABASE).is_file()  # records may follow
    chinese = geomap("import", town_extract, "--into", into, "--as", "basemap", language="zh")
    assert "道路 3，建筑 1" in chinese.output


def test_json_says_what_was_drawn_and_where_it_is_kept(geomap, town_extract, tmp_path):
    into = tmp_path / "ws"
    done = geomap("import", town_extract, "--into", into, "--as", "basemap", "--json")
    said = json.loads(done.stdout)
    (file,) = said["files"]
    assert (said["outcome"], file["outcome"], file["map"]) == ("written", "accepted", "town")
    assert (file["roads"], file["buildings"], file["green"], file["water"]) == (3, 1, 1, 1)


def test_a_dry_run_writes_nothing(geomap, town_extract, tmp_path):
    done = geomap("import", town_extract, "--into", tmp_path / "ws", "--as", "basemap", "--dry-run")
    assert done.exit_code == 0
    assert "Nothing was written." in done.output
    assert not (tmp_path / "ws").exists()


def test_one_file_that_is_no_extract_keeps_all_out(geomap, town_extract, tmp_path):
    other, into = tmp_path / "other.osm", tmp_path / "ws"
    other.write_text('<osm version="0.6"></osm>')
    done = geomap("import", town_extract, other, "--into", into, "--as", "basemap", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 2
    assert said["outcome"] == "refused"
    assert [each["outcome"] for each in said["files"]] == ["accepted", "refused"]
    assert said["files"][1]["findings"][0]["code"] == "osm_nothing"
    assert not into.exists()


@pytest.mark.parametrize(
    "option", [("--crs", "EPSG:4326"), ("--datum", "gcj02"), ("--map", "a=name")]
)
def test_what_says_how_rows_are_read_is_refused(geomap, town_extract, tmp_path, option):
    done = geomap("import", town_extract, "--into", tmp_path / "ws", "--as", "basemap", *option)
    assert done.exit_code != 0
    assert option[0] in str(done.exception)
    assert not (tmp_path / "ws").exists()


def test_two_extracts_of_one_name_are_refused(geomap, town_extract, tmp_path):
    twin = tmp_path / "Town.osm"
    twin.write_bytes(town_extract.read_bytes())
    done = geomap("import", town_extract, twin, "--into", tmp_path / "ws", "--as", "basemap")
    assert "different names" in str(done.exception)
