"""The open-data dump: what was imported from real files, read back by others' tools."""

from __future__ import annotations

import csv
import fcntl
import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
from datetime import date

import geopandas as gpd
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.dump import read_dump, write_dump
from geomap.data.published import read_published
from geomap.errors import ConflictError, NotFoundError

DAY = date(2026, 3, 1)
KINDS = {"csv", "geojson", "geojson.gz", "gpkg", "parquet"}


def geomap(*words):
    done = CliRunner().invoke(app, [*map(str, words), "--lang", "en"], env={"COLUMNS": "120"})
    assert done.exit_code in (0, 1), done.output  # 1 is done, with findings
    return done.output


def imported(folder, source, *more):
    geomap("import", source, "--into", folder, "--as", "facilities", "--yes", *more)
    return folder


@pytest.fixture(scope="module")
def paired(tmp_path_factory):
    """A workspace of two homes, one with an official paired with it."""
    place = tmp_path_factory.mktemp("paired")
    rows = (
        "id,name,type,lon,lat,steward_name,steward_phone",
        "x,甲院,other,121.5,31.2,张管家,13900001111",
        "y,乙院,other,,,,",
    )
    (place / "homes.csv").write_text("\n".join(rows), encoding="utf-8")
    return imported(place / "own", place / "homes.csv", "--licence", "CC-BY-4.0")


def near(lon, lat):
    return round(float(lon), 6), round(float(lat), 6)


def of_shape(shape):
    return None if shape is None else near(shape.x, shape.y)


def of_feature(feature):
    return feature["geometry"] and near(*feature["geometry"]["coordinates"])


def read_rows(folder):
    """The ids and places of every file, each read by a reader of its own."""
    with (folder / "facilities.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    plain = json.loads((folder / "facilities.geojson").read_bytes())["features"]
    packed = json.loads(gzip.decompress((folder / "facilities.geojson.gz").read_bytes()))
    parquet = gpd.read_parquet(folder / "facilities.parquet")
    gpkg = gpd.read_file(folder / "facilities.gpkg")
    return [
        {r["id"]: near(r["lon"], r["lat"]) if r["lon"] else None for r in table},
        {each["id"]: of_feature(each) for each in plain},
        {each["id"]: of_feature(each) for each in packed["features"]},
        dict(zip(parquet["id"], map(of_shape, parquet.geometry), strict=True)),
        dict(zip(gpkg["id"], map(of_shape, gpkg.geometry), strict=True)),
    ]  # fmt: skip


def test_every_file_of_a_real_register_holds_every_station(data_folder, tmp_path):
    source = data_folder / "taipei" / "community_stations.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        stations = sum(1 for _ in csv.reader(file)) - 1
    own = imported(tmp_path / "own", source, "--licence", "ODbL-1.0")
    out = tmp_path / "out"
    told = geomap("dump", own, "--out", out)
    assert f"{stations:,} written" in told
    first, *others = read_rows(out)
    assert len(first) == stations
    assert all(each == first for each in others)
    listed = json.loads((out / "dump.json").read_bytes())
    assert listed["rows"] == stations
    assert listed["licence_url"] == "https://spdx.org/licenses/ODbL-1.0.html"
    assert "Licence: ODbL-1.0 https://spdx.org" in (out / "LICENCE.txt").read_text("utf-8")
    assert "holds the present state already" in geomap("dump", own, "--out", out)


def test_checksums_are_those_of_the_files(paired, tmp_path):
    dump, now = write_dump(read_published(paired), tmp_path / "out", day=DAY)
    assert now
    for each in dump.files:
        content = (tmp_path / "out" / each.name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (each.sha256, each.size)
    assert {each.name.partition(".")[2] for each in dump.files} == KINDS
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, check=False
    )
    assert checked.returncode == 0
    assert checked.stdout.count(b": OK") == len(KINDS)


def test_officials_stay_out_unless_they_are_published(paired, tmp_path):
    out = tmp_path / "out"
    write_dump(read_published(paired), out, day=DAY)
    for name in ("facilities.csv", "facilities.geojson", "facilities.gpkg"):
        assert "张管家".encode() not in (out / name).read_bytes()
        assert b"steward" not in (out / name).read_bytes()
    assert not [
        n for n in pyarrow.parquet.read_schema(out / "facilities.parquet").names if "steward" in n
    ]
    with sqlite3.connect(out / "facilities.gpkg") as database:
        assert database.execute("select count(*) from facilities").fetchone() == (2,)
    database.close()
    _, now = write_dump(read_published(paired), out, day=DAY, stewards=True)
    assert now
    assert "张管家".encode() in (out / "facilities.csv").read_bytes()


def test_nothing_is_written_until_something_else_is_published(paired, tmp_path):
    out = tmp_path / "out"
    first, _ = write_dump(read_published(paired), out, day=DAY)
    before = (out / "facilities.csv").stat().st_mtime_ns
    again, now = write_dump(read_published(paired), out, day=date(2026, 3, 2))
    assert (again, now) == (first, False)
    assert (out / "facilities.csv").stat().st_mtime_ns == before
    os.truncate(out / "facilities.csv", 3)
    assert read_dump(out) is None
    assert write_dump(read_published(paired), out, day=DAY)[1]


def test_a_list_that_does_not_fit_is_no_dump(paired, tmp_path):
    out = tmp_path / "out"
    write_dump(read_published(paired), out, day=DAY)
    told = json.loads((out / "dump.json").read_bytes())
    for wrong in ([], {}, {"files": 3}, told | {"more": 1}, {**told, "files": [{"name": "../a"}]}):
        (out / "dump.json").write_text(json.dumps(wrong))
        assert read_dump(out) is None
    assert read_dump(tmp_path / "nowhere") is None


def test_two_writers_do_not_mix(paired, tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(ConflictError, match="another process"):
        write_dump(read_published(paired), tmp_path, day=DAY)
    os.close(handle)
    assert write_dump(read_published(paired), tmp_path, day=DAY)[1]


def test_what_a_killed_writer_left_is_removed(paired, tmp_path):
    (tmp_path / ".unfinished-1-a").mkdir()
    (tmp_path / ".unfinished-1-a" / "facilities.csv").write_text("half")
    write_dump(read_published(paired), tmp_path, day=DAY)
    left = {each.name for each in tmp_path.iterdir()}
    assert left == {f"facilities.{each}" for each in KINDS} | {
        "SHA256SUMS",
        "LICENCE.txt",
        "dump.json",
    }


def test_without_facilities_there_is_nothing_to_dump(tmp_path, data_folder):
    source = data_folder / "taipei" / "villages_population.geojson"
    geomap("import", source, "--into", tmp_path / "own", "--as", "demand", "--yes")
    with pytest.raises(NotFoundError, match="no facilities are published"):
        write_dump(read_published(tmp_path / "own"), tmp_path / "out", day=DAY)
    assert not (tmp_path / "out").exists()
