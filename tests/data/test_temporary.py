"""What is needed for a moment is private, and nothing of it is left for good."""

from __future__ import annotations

import os
import tempfile
import time

import pytest

from geomap.data.temporary import private_folder

DAY_SECONDS = 24 * 60 * 60


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_behind(days):
    """Make a folder as a process that was killed leaves it."""
    with private_folder() as folder:
        name = folder
    name.mkdir(mode=0o700)
    (name / "list.csv").write_text("名称\n")
    then = time.time() - days * DAY_SECONDS
    os.utime(name, (then, then))
    return name


def test_nobody_else_can_open_the_folder_and_it_goes_with_all_in_it(place):
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "a").mkdir()
        (folder / "a" / "b").write_text("x")
    assert list(place.iterdir()) == []


def test_it_goes_when_its_use_fails(place):
    with pytest.raises(KeyError), private_folder():
        raise KeyError
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("place")
def test_what_killed_processes_left_goes_after_a_day():
    old, new = left_behind(1.1), left_behind(0.9)
    with private_folder():
        assert not old.exists()
        assert new.exists()


def test_nothing_else_goes_however_old(place):
    left_behind(9).rename(place / "geomap-demo")  # somebody's workspace
    open_to_all = left_behind(9)
    open_to_all.chmod(0o755)
    (place / "elsewhere").mkdir()
    open_to_all.with_name(f"{open_to_all.name}x").symlink_to(place / "elsewhere")
    before = sorted(place.iterdir())
    with private_folder():
        pass
    assert sorted(place.iterdir()) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
@pytest.mark.usefixtures("place")
def test_the_folders_of_others_are_theirs():
    old = left_behind(9)
    os.chown(old, 12345, -1)
    with private_folder():
        assert old.exists()
