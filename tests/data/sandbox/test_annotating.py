"""The annotated copy is taken whole from its writer, or there is none."""

from __future__ import annotations

import errno
import logging
import os
import shutil

import pytest

from geomap.data.checking import check_and_annotate
from geomap.data.reading import Options
from geomap.data.sandbox import annotating
from geomap.model.facility import FACILITIES


@pytest.fixture
def homes(tmp_path):
    path = tmp_path / "homes.csv"
    path.write_text("名称,床位\n甲敬老院,-3\n", encoding="utf-8")
    return path


def annotated(homes):
    out = homes.with_name("copy.xlsx")
    reading = check_and_annotate(homes, FACILITIES, Options(), out)
    assert reading.report.accepted == 1
    return out


def test_the_copy_is_a_workbook(homes):
    assert annotated(homes).read_bytes().startswith(b"PK")


def no_room(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_copy_that_finds_no_room_is_not_left_in_part(homes, monkeypatch, caplog):
    def half(source, target):
        target.write(source.read(100))
        no_room()

    monkeypatch.setattr(shutil, "copyfileobj", half)
    with caplog.at_level(logging.WARNING, "geomap.sandbox"):
        out = annotated(homes)
    assert not out.exists()
    assert "No space left" in caplog.text


def test_without_room_for_the_report_there_is_no_copy(homes, monkeypatch):
    monkeypatch.setattr(annotating, "write_report", no_room)
    assert not annotated(homes).exists()


@pytest.mark.parametrize(
    "make",
    [lambda path, _: path.symlink_to("/etc/passwd"), lambda path, _: os.mkfifo(path),
     lambda path, _: path.mkdir(), lambda *_: None],
    ids=["link", "pipe", "folder", "nothing"],
)  # fmt: skip
def test_only_a_file_is_taken_over(homes, monkeypatch, make):
    def hostile(request, limits):
        make(homes.__class__(request.folder, annotating.COPY), limits)
        return "done"

    monkeypatch.setattr(annotating, "run", hostile)
    assert not annotated(homes).exists()
