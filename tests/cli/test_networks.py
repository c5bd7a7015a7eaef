"""``geomap import … --as network`` as people and scripts use it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.network_files import load_network
from geomap.data.store.workspace import DATABASE

TOWN = """<?xml version="1.0"?><osm version="0.6">
<node id="1" version="1" lon="122.00" lat="41.1"/><node id="2" version="1" lon="122.01" lat="41.1"/>
<node id="3" version="1" lon="122.02" lat="41.1"/><node id="4" version="1" lon="122.02" lat="41.2"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="2" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="steps"/></way>
<way id="3" version="1"><nd ref="3"/><nd ref="4"/><tag k="highway" v="path"/>
<tag k="foot" v="no"/></way>
</osm>"""


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(TOWN)
    return path


@pytest.fixture
def geomap(monkeypatch):
    def run(*arguments, language="en"):
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        command = ["import", *map(str, arguments), "--as", "network", "--lang", language]
        return CliRunner().invoke(app, command, env={"COLUMNS": "120"})

    return run


def test_an_extract_becomes_the_walking_network_of_the_workspace(geomap, town, tmp_path):
    into = tmp_path / "ws"
    done = geomap(town, "--into", into)
    assert done.exit_code == 0
    assert "1.7 km of street" in done.output
    assert "closed to people on foot 1" in done.output
    assert "© OpenStreetMap contributors, ODbL 1.0" in done.output
    assert (into / DATABASE).is_file()
    assert load_network(into).length_m.sum() == pytest.approx(840, rel=0.01)
    assert load_network(into, steps="walk").length_m.sum() == pytest.approx(1680, rel=0.01)
    assert "街道 1.7 公里" in geomap(town, "--into", into, language="zh").output


def test_json_says_how_much_street_there_is_and_where_it_is_kept(geomap, town, tmp_path):
    said = json.loads(geomap(town, "--into", tmp_path / "ws", "--json").stdout)
    (file,) = said["files"]
    assert (said["outcome"], file["outcome"], file["network"]) == ("written", "accepted", "town")
    assert (file["ways"], file["steps"], file["components"]) == (2, 1, 1)


def test_one_file_that_is_no_extract_keeps_all_out(geomap, town, tmp_path):
    other = tmp_path / "other.osm"
    other.write_text('<osm version="0.6"></osm>')
    done = geomap(town, other, "--into", tmp_path / "ws", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["outcome"] == "refused"
    assert not (tmp_path / "ws").exists()


def test_a_dry_run_writes_nothing(geomap, town, tmp_path):
    done = geomap(town, "--into", tmp_path / "ws", "--dry-run")
    assert (done.exit_code, "Nothing was written." in done.output) == (0, True)
    assert not (tmp_path / "ws").exists()


def test_options_for_rows_are_refused(geomap, town, tmp_path):
    done = geomap(town, "--into", tmp_path / "ws", "--crs", "EPSG:4490")
    assert done.exit_code != 0
    assert "--as network" in str(done.exception)
    done = geomap(town, "--into", tmp_path / "ws", "--same-certain")
    assert "--same-certain" in str(done.exception)


def test_extracts_of_one_name_are_refused_since_one_would_be_lost(geomap, town, tmp_path):
    other = tmp_path / "other" / "Town.osm.pbf"
    done = geomap(town, other, "--into", tmp_path / "ws")
    assert "different names" in str(done.exception)
    assert not (tmp_path / "ws").exists()
