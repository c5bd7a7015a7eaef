"""The open-data dump: what was imported from real files, read back by others' tools."""

from __future__ import annotations

import csv
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import suppress
from datetime import date
from pathlib import Path

import geopandas as gpd
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.dump import current_place, read_dump, remove_old, write_dump
from geomap.data.published import read_published
from geomap.errors import ConflictError, NotFoundError

DAY = date(2026, 3, 1)
KINDS = {"csv", "geojson", "geojson.gz", "gpkg", "parquet"}
NAMES = {f"facilities.{each}" for each in KINDS} | {
    "SHA256SUMS", "LICENCE.txt", "dump.json", "current",
}  # fmt: skip


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
    own, *beside = sorted(each.name for each in tmp_path.iterdir() if each.name not in NAMES)
    assert own.startswith(DAY.isoformat())
    assert beside == []
    assert {each.name for each in (tmp_path / own).iterdir()} == NAMES - {"current"}


def test_a_writer_killed_at_any_step_leaves_the_old_dump_or_the_new(paired, tmp_path, monkeypatch):
    """Ends the writer at each of its steps in turn, as kill -9 would: nothing is put right."""
    write_dump(read_published(paired), tmp_path / "first", day=DAY)
    steps = seen = 0
    while steps == seen:
        out = shutil.copytree(tmp_path / "first", tmp_path / f"out{steps}", symlinks=True)
        steps += 1
        seen = killed_at(steps, paired, out, monkeypatch)
        dump = read_dump(current_place(out))
        assert dump is not None
        for line in (out / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split()
            assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
        if steps % 8 == 0:  # and nothing that was left is in the way of the next
            written, now = write_dump(read_published(paired), out, day=DAY, stewards=True)
            assert "steward_name" in written.columns
            assert now == ("steward_name" not in dump.columns)
        shutil.rmtree(out)
    assert steps > 10


class Killed(BaseException):
    """The end of a process."""


def killed_at(last, paired, out, monkeypatch):
    """Write a second dump, and stop before a step on the disk; tell how many there were."""
    done = 0

    def counted(act):
        def acting(*given, **options):
            nonlocal done
            if done >= last:
                raise Killed
            done += 1
            return act(*given, **options)

        return acting

    with monkeypatch.context() as patched, suppress(Killed):
        for name in ("rename", "replace", "symlink_to", "unlink", "mkdir"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        patched.setattr(shutil, "rmtree", counted(shutil.rmtree))
        write_dump(read_published(paired), out, day=DAY, stewards=True)
    return done


def test_the_dump_before_stays_for_those_who_read_it(paired, tmp_path):
    write_dump(read_published(paired), tmp_path, day=DAY)
    before = current_place(tmp_path)
    write_dump(read_published(paired), tmp_path, day=DAY, stewards=True)
    assert read_dump(before) is not None
    remove_old(tmp_path, after_s=60)
    assert read_dump(before) is not None
    remove_old(tmp_path, after_s=0)
    assert not before.exists()
    assert read_dump(tmp_path) is not None


def test_files_of_an_older_geomap_give_way(paired, tmp_path):
    for name in ("facilities.csv", "facilities.pmtiles", "dump.json", "mine.txt"):
        (tmp_path / name).write_text("{}")
    write_dump(read_published(paired), tmp_path, day=DAY)
    assert read_dump(tmp_path) is not None
    assert not (tmp_path / "facilities.pmtiles").exists()
    assert (tmp_path / "mine.txt").read_text() == "{}"


def test_without_facilities_there_is_nothing_to_dump(tmp_path, data_folder):
    source = data_folder / "taipei" / "villages_population.geojson"
    geomap("import", source, "--into", tmp_path / "own", "--as", "demand", "--yes")
    with pytest.raises(NotFoundError, match="no facilities are published"):
        write_dump(read_published(tmp_path / "own"), tmp_path / "out", day=DAY)
    assert not (tmp_path / "out").exists()
