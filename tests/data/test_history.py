"""Dated states: the last one of each day, the newest first, and no more than are offered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from geomap.data import history
from geomap.data.published import FOLDER
from geomap.errors import DataError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Revisions 1 to 12, two a day, of which 12 is damaged."""
    (tmp_path / FOLDER).mkdir()
    for revision in range(1, 13):
        (tmp_path / FOLDER / f"facilities-{revision}.toml").touch()

    def info(_place, name):
        revision = int(name.partition("-")[2])
        if revision == 12:
            raise DataError("damaged")
        return SimpleNamespace(data_date=f"2025-01-{(revision + 1) // 2:02}", rows=revision)

    monkeypatch.setattr(history, "layer_info", info)
    return tmp_path


def test_the_last_state_of_each_day_is_listed_the_newest_first(folder):
    assert [each.revision for each in history.dated_states(folder)] == [11, 10, 8, 6, 4, 2]


def test_no_more_are_read_than_are_offered(folder, monkeypatch):
    monkeypatch.setattr(history, "MOST", 2)
    assert [each.day for each in history.dated_states(folder)] == ["2025-01-06", "2025-01-05"]


def test_a_folder_without_anything_published_has_no_states(tmp_path):
    assert history.dated_states(tmp_path) == []
    assert history.dated_states(None) == []
