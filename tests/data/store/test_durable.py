from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geomap.data.store import durable
from geomap.data.store.durable import leftovers, make_folder, remove_leftovers, write_atomically
from geomap.errors import DataError

WRITE = """
import sys
from pathlib import Path
from geomap.data.store.durable import write_atomically
write_atomically(Path(sys.argv[1]), b"new")
"""


def test_a_file_is_written_whole_and_nothing_else_stays(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    write_atomically(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_the_old_content(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")

    def fail(file):
        file.write(b"half")
        raise DataError("not today")

    with pytest.raises(DataError, match="not today"):
        write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "disk is full; free some space"),
        (errno.EDQUOT, "quota is used up"),
        (errno.EROFS, "read-only; choose another folder"),
        (errno.EIO, "disk reports an error"),
    ],
)
def test_a_disk_that_refuses_is_told_with_what_to_do(tmp_path, monkeypatch, code, advice):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")

    def refuse(handle):
        assert handle > 0
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(durable.os, "fsync", refuse)
    with pytest.raises(DataError, match=advice):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(DataError, match="its folder does not exist; make it first"):
        write_atomically(tmp_path / "nowhere" / "a.json", b"new")


def test_folders_are_made_with_the_ones_above(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="cannot be written"):
        make_folder(tmp_path / "file" / "b")


def test_a_folder_that_is_there_is_flushed_again(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(durable, "sync_folder", flushed.append)
    make_folder(tmp_path / "a" / "b")
    assert flushed == [tmp_path, tmp_path / "a"]
    make_folder(tmp_path / "a" / "b")
    assert flushed[2:] == [tmp_path / "a"]


def test_what_came_first_is_told_where_nothing_can_be_removed_either(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "full")

    def fail(*_, **__):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(durable.os, "fsync", refuse)
    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(DataError, match="disk is full"):
        write_atomically(tmp_path / "a.json", b"new")


def test_a_folder_that_cannot_be_listed_is_told(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(DataError, match="the disk reports an error"):
        leftovers(tmp_path)


def test_what_a_killed_writer_leaves_is_found_and_removed(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    child = os.fork()
    if child == 0:
        write_atomically(path, lambda _: os._exit(9))
    os.waitpid(child, 0)
    assert path.read_bytes() == b"old"
    assert len(leftovers(tmp_path)) == 1
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_flushed_before_the_rename_and_the_folder_after_it(tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    path, log = tmp_path / "a.json", tmp_path / "calls.txt"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2"
    command = ["strace", "-f", "-y", "-e", calls, "-o", log, sys.executable, "-c", WRITE, path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode and "ptrace" in run.stderr.lower():
        pytest.skip(f"strace may not trace here: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr
    text = log.read_text()
    file = re.search(r"fsync\(\d+<[^>]*/\.unfinished-[^>]*>\) += 0", text)
    renamed = re.search(r"rename\w*\(.*\.unfinished-.*a\.json.* = 0", text)
    folder = re.search(rf"fsync\(\d+<{re.escape(str(tmp_path))}>\) += 0", text)
    assert file.start() < renamed.start() < folder.start()
