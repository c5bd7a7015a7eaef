"""Street maps are made where files that others made are read; what is no map is refused."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import osmium
import pytest

from geomap.data.basemap.extract import _date
from geomap.data.basemap.making import PLACE, PLACES
from geomap.data.files.findings.report import Finding, RefusedError, Report
from geomap.data.sandbox import mapping
from geomap.data.sandbox.limits import Limits
from geomap.data.sandbox.made import _require_something
from geomap.data.sandbox.mapping import _places, _require_sound, map_of
from geomap.errors import DataError
from geomap.model.protobuf import field


def refusal(path):
    with pytest.raises(RefusedError) as refused, map_of(path):
        pass
    assert "geomap-copy" not in refused.value.finding.message("zh")
    return refused.value.finding.code


def test_a_map_is_made_and_counted_and_its_progress_told(town_extract):
    told = []
    with map_of(town_extract, tell=told.append) as made:
        tiles = list(made.tiles())
        assert made.report.file == "town.osm"
        assert made.report.details["roads"] == 3
        assert made.report.details["buildings"] == 1
        assert made.report.details["bounds"] == pytest.approx(
            [121.44, 31.22, 121.48, 31.24], abs=1e-6
        )
        assert [[*each[:3], len(each[3])] for each in tiles] == made.places.tolist()
        folder = made.folder
    assert {each[0] for each in tiles} == set(range(7, 15))
    assert not folder.exists()
    assert all(0 <= each <= 100 for each in told)


def test_the_day_of_the_data_comes_from_the_header(data_folder):
    with map_of(data_folder / "osm" / "liechtenstein.osm.pbf") as made:
        assert made.report.details["date"] == "2013-08-03"
        assert made.report.details["buildings"] > 3000


def test_what_is_no_extract_is_refused(tmp_path, data_folder):
    files = {
        "empty.osm.pbf": b"",
        "text.osm.pbf": b"id,name\n1,a\n",
        "list.csv": b"id,name\n1,a\n",
        "cut.osm.pbf": (data_folder / "osm" / "liechtenstein.osm.pbf").read_bytes()[:300_000],
        "cut.osm": (data_folder / "osm" / "beijing_tsinghua.osm").read_bytes()[:300_000],
        "none.osm": b'<osm version="0.6"></osm>',
    }
    codes = {}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        codes[name] = refusal(tmp_path / name)
    assert codes == {
        "empty.osm.pbf": "file_empty",
        "text.osm.pbf": "format_mismatch",
        "list.csv": "format_unknown",
        "cut.osm.pbf": "invalid_file",
        "cut.osm": "invalid_file",
        "none.osm": "osm_nothing",
    }
    assert refusal(tmp_path / "missing.osm.pbf") == "file_missing"


def test_an_extract_without_places_of_its_points_or_without_roads_is_refused(tmp_path):
    lost, houses = tmp_path / "lost.osm.pbf", tmp_path / "houses.osm.pbf"
    with osmium.SimpleWriter(lost) as writer:
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"highway": "primary"}))
    with osmium.SimpleWriter(houses) as writer:
        for number, place in enumerate([(1, 1), (1.1, 1), (1.1, 1.1)], 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 1], tags={"building": "yes"}))
    assert refusal(lost) == "osm_nothing"
    assert refusal(houses) == "osm_nothing"


def test_an_extract_as_wide_as_the_world_is_refused(tmp_path):
    path = tmp_path / "wide.osm.pbf"
    with osmium.SimpleWriter(path) as writer:
        for number, place in enumerate([(-170, -80), (170, 80)], 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"highway": "primary"}))
    assert refusal(path) == "map_too_wide"


def blob(kind: bytes, content: bytes, *, claimed: int | None = None) -> bytes:
    """A block of a PBF file; `claimed` is how long it says it is."""
    packed = field(2, claimed or len(content)) + field(3, zlib.compress(content, 9))
    header = field(1, kind) + field(3, len(packed))
    return struct.pack(">I", len(header)) + header + packed


def test_a_bomb_is_refused(tmp_path):
    head = blob(b"OSMHeader", field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes"))
    huge, liar = tmp_path / "huge.osm.pbf", tmp_path / "liar.osm.pbf"
    huge.write_bytes(head + blob(b"OSMData", bytes(200 * 2**20)))
    liar.write_bytes(head + blob(b"OSMData", bytes(200 * 2**20), claimed=1000))
    assert refusal(huge) == "invalid_file"
    assert refusal(liar) == "invalid_file"


def test_what_takes_too_long_or_too_much_is_stopped(town_extract, monkeypatch):
    def hard(limits):
        monkeypatch.setattr(mapping, "extract_limits", lambda *_, **__: limits)
        return refusal(town_extract)

    assert hard(Limits(0.05, 2**30, 0.05)) == "took_too_long"
    assert hard(Limits(30, 2**20)) == "too_much_memory"


def index(*rows):
    return np.array(rows, dtype=PLACE).tobytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234567",
        index((6, 0, 0, 9)),
        index((15, 0, 0, 9)),
        index((7, 128, 0, 9)),
        index((7, 0, 128, 9)),
        index((7, 0, 0, 0)),
        index((7, 0, 0, 2**31)),
        index((7, 0, 0, 9), (7, 0, 0, 9)),
    ],
)
def test_an_index_that_a_reader_made_up_is_not_taken(tmp_path, content):
    (tmp_path / PLACES).write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        _places(tmp_path)


GOOD = {"bounds": [1.0, 2.0, 3.0, 4.0], "date": "2025-07-01"}
GOOD |= dict.fromkeys(("roads", "buildings", "water", "green", "names"), 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bounds": None},
        {"bounds": [1, 2, 3, 4]},
        {"bounds": [3.0, 2.0, 1.0, 4.0]},
        {"bounds": [1.0, 2.0, 3.0, float("nan")]},
        {"bounds": [1.0, 2.0, 3.0, 91.0]},
        {"date": "<img src=x>"},
        {"date": 7},
        {"roads": "many"},
    ],
)
def test_a_report_that_a_reader_made_up_is_not_taken(wrong):
    _require_sound(Report("a.osm", "basemap", 1, 1, details=GOOD))
    with pytest.raises(DataError):
        _require_sound(Report("a.osm", "basemap", 1, 1, details=GOOD | wrong))


def test_what_a_reader_says_it_refused_is_said_whatever_it_calls_its_values():
    values = {"code": "x", "self": "y", "came": 0, "expected": "roads"}
    finding = Finding("osm_nothing", values=values)
    with pytest.raises(RefusedError, match="roads"):
        _require_something(Report("a.osm", "basemap", findings=(finding,)))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({"osmosis_replication_timestamp": "2013-08-03T20:55:30Z"}, "2013-08-03"),
        ({"timestamp": "2014-01-02T00:00:00Z"}, "2014-01-02"),
        ({"osmosis_replication_timestamp": "yesterday", "timestamp": "2014-01-02"}, "2014-01-02"),
        ({"timestamp": "<img src=x>"}, ""),
        ({}, ""),
    ],
)
def test_the_day_is_where_the_header_states_one(said, day):
    header = osmium.io.Header()
    for name, text in said.items():
        header.set(name, text)
    assert _date(header) == day
