"""Networks through the whole path: the process of its own, the workspace, damaged files."""

from __future__ import annotations

import io
import os
import pickle

import numpy as np
import pytest

import geomap as gm
from geomap.data.network_files import FOLDER, load_network, write_network
from geomap.data.sandbox import walking
from geomap.errors import DataError, NotFoundError, ParameterError
from geomap.model.network import Network


@pytest.fixture(scope="module")
def tsinghua(data_folder):
    return gm.read_network(data_folder / "osm" / "beijing_tsinghua.osm", steps="walk")


def test_a_network_is_the_same_after_it_was_kept(tsinghua, tmp_path):
    file, size = write_network(tmp_path, tsinghua, "清华 2020.osm.pbf")
    assert (file.parent.name, size) == (FOLDER, file.stat().st_size)
    again = load_network(tmp_path, steps="walk")
    for name in ("lon", "lat", "node", "first", "steps", "slowness"):
        assert np.array_equal(getattr(again, name), getattr(tsinghua, name)), name
    assert again.counts == tsinghua.counts
    assert load_network(tmp_path).length_m.sum() < again.length_m.sum()  # without the stairs


def test_several_extracts_lie_side_by_side(tsinghua, tmp_path):
    write_network(tmp_path, tsinghua, "one.osm")
    write_network(tmp_path, tsinghua, "two.osm")
    write_network(tmp_path, tsinghua, "two.osm")
    both = load_network(tmp_path, steps="walk")
    assert both.length_m.sum() == pytest.approx(2 * tsinghua.length_m.sum())
    assert len(both.component_m) == 2 * len(tsinghua.component_m)
    assert both.counts["ways"] == 2 * tsinghua.counts["ways"]


def test_a_workspace_without_a_network_says_how_to_get_one(tmp_path):
    with pytest.raises(NotFoundError, match="--as network"):
        load_network(tmp_path)


def _npz(**columns):
    content = io.BytesIO()
    np.savez(content, **columns)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        pickle.dumps({"lon": 1}),
        _npz(lon=np.zeros(2)),
        _npz(lon=np.array([{}], dtype=object), lat=1, node=1, first=1, steps=1, counts=1),
        _npz(
            lon=np.zeros(2), lat=np.zeros(2), node=np.zeros(2, "i4"), first=np.zeros(1, "i8"),
            steps=np.zeros(0, bool), counts=np.frombuffer(b"{}", "u1"),
        ),
    ],
)  # fmt: skip
def test_a_damaged_network_is_told_and_never_unpickled(tmp_path, content):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "town.npz").write_bytes(content)
    with pytest.raises(DataError):
        load_network(tmp_path)


def _street():
    lon, lat = np.linspace(116, 117, 500), np.full(500, 40.0)
    node = np.arange(500, dtype=np.int32)
    steps, slowness = np.zeros(1, dtype=bool), np.ones(1)
    return Network(lon, lat, node, np.array([0, 500]), steps, slowness, {})


def test_a_network_with_a_wrong_byte_anywhere_is_told(tmp_path):
    file, size = write_network(tmp_path, _street(), "town.osm")
    content, told = file.read_bytes(), 0
    for at in range(0, size, max(1, size // 200)):
        file.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
        try:
            load_network(tmp_path)  # a byte that nobody reads may differ
        except DataError:
            told += 1
    assert told > 100


def test_what_killed_imports_left_is_removed_once_it_is_old(tmp_path):
    write_network(tmp_path, _street(), "a.osm")
    old, new = (tmp_path / FOLDER / f".unfinished-{name}" for name in ("1-old", "2-new"))
    for each in (old, new):
        each.write_bytes(b"half")
    os.utime(old, (0, 0))
    write_network(tmp_path, _street(), "b.osm")
    assert (old.exists(), new.exists()) == (False, True)


def test_files_that_are_no_extract_are_refused_with_the_reason(tmp_path, data_folder):
    cut = (data_folder / "osm" / "liechtenstein.osm.pbf").read_bytes()[:100_000]
    for name, content in (("cut.osm.pbf", cut), ("homes.csv", b"a,b\n1,2\n")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError):
            gm.read_network(tmp_path / name)
    with pytest.raises(DataError, match=r"missing\.osm"):
        gm.read_network(tmp_path / "missing.osm")


def test_stairs_are_taken_in_one_of_three_ways(tmp_path, tsinghua):
    write_network(tmp_path, tsinghua, "one.osm")
    with pytest.raises(ParameterError, match="avoid, slow or walk"):
        load_network(tmp_path, steps="jump")


@pytest.mark.parametrize("change", ["short", "far", "size", "count"])
def test_what_a_reader_gives_back_is_not_believed(tmp_path, change):
    from geomap.data.files.findings.report import Report
    from geomap.data.walking import making

    lon, node = np.array([116.0, 116.1]), np.array([0, 1], "<i4")
    size = np.array([-2 if change == "size" else 2], "<i4")
    lat = np.array([40.0, 400.0 if change == "far" else 40.0])
    content = b"".join(each.tobytes() for each in (lon, lat, node, size, np.zeros(1, "u1")))
    (tmp_path / making.ARRAYS).write_bytes(content[:-1] if change == "short" else content)
    counts = dict.fromkeys(making.COUNTED, "many" if change == "count" else 0)
    report = Report("a.osm", "network", details={"vertices": 2, "lines": 1, **counts})
    with pytest.raises(DataError):
        walking._taken(tmp_path, report)
