"""A private copy is of one whole regular file, and nobody else can open it."""

from __future__ import annotations

import errno
import os
import tempfile

import pytest

from geomap.data.files.findings.report import RefusedError
from geomap.data.sandbox import copies
from geomap.data.sandbox.copies import NoRoomError, private_copy


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("a.csv", "geomap-copy.csv"),
        ("Übung 1;$(id)`\n.CSV", "geomap-copy.csv"),
        ("--help.xlsx", "geomap-copy.xlsx"),
        ("china.osm.pbf", "geomap-copy.osm.pbf"),
        ("2025.05.geojson", "geomap-copy.geojson"),
        ("no suffix", "geomap-copy"),
        ("a." + "x" * 100, "geomap-copy"),
        ("a.x\x07y", "geomap-copy"),
    ],
)
def test_the_name_of_the_copy_says_nothing_but_the_format(tmp_path, name, copy):
    path = tmp_path / name
    path.write_bytes(b"1234")
    with private_copy(path) as made:
        assert (made.name, made.size_bytes) == (copy, 4)
        assert (made.folder / made.name).read_bytes() == b"1234"
        assert made.folder.stat().st_mode & 0o077 == 0
    assert not made.folder.exists()


def test_the_copy_is_not_the_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1234")
    with private_copy(path) as made:
        (made.folder / made.name).write_bytes(b"other")
    assert path.read_bytes() == b"1234"


def refused(path):
    with pytest.raises(RefusedError) as error, private_copy(path):
        pass
    return error.value.finding.code


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for path in (tmp_path, tmp_path / "pipe.csv", tmp_path / "zero.csv", tmp_path / "loop.csv"):
        assert refused(path) == "file_unreadable"
    for name in ("none.csv", "a\0b.csv", "pipe.csv/a.csv"):
        assert refused(tmp_path / name) == "file_missing"


def test_a_large_file_is_refused_before_it_is_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "LARGEST_BYTES", 3)
    (tmp_path / "a.csv").write_bytes(b"1234")
    assert refused(tmp_path / "a.csv") == "too_large"


def test_the_parts_of_a_shapefile_come_too_and_nothing_else(tmp_path):
    for name in ("A.SHP", "a.dbf", "A.Prj", "A.dbf", "a.csv", "B.shx", "A.shp.xml"):
        (tmp_path / name).write_text(name)
    with private_copy(tmp_path / "A.SHP") as made:
        found = {each.suffix: each.read_text() for each in made.folder.iterdir()}
    assert found == {".shp": "A.SHP", ".dbf": "A.dbf", ".prj": "A.Prj"}
    assert made.size_bytes == sum(map(len, found.values()))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_sentence_that_names_the_folder(tmp_path, monkeypatch, code):
    def full(*_):
        raise OSError(code, os.strerror(code))

    (tmp_path / "a.csv").write_bytes(b"1234")
    monkeypatch.setattr(copies, "_open", full)
    with pytest.raises(NoRoomError) as error, private_copy(tmp_path / "a.csv"):
        pass
    for language in ("zh", "en"):
        assert tempfile.gettempdir() in error.value.said(language)
        assert "TMPDIR" in error.value.said(language)
