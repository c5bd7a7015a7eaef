"""``geomap key``: a key is shown once, listed without itself, and removed by its name."""

from __future__ import annotations

import json
import sqlite3

import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.api_keys import hash_of, read_keys
from geomap.errors import NotFoundError


@pytest.fixture
def folder(tmp_path):
    sqlite3.connect(tmp_path / "workspace.db").close()
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["key", *map(str, arguments)])


def test_a_key_is_shown_once_listed_without_itself_and_removed(folder):
    made = json.loads(run("add", folder, "portal", "--per-minute", 90, "--json").stdout)
    (kept,) = read_keys(folder)
    assert (kept.hash, made["per_minute"]) == (hash_of(made["key"]), 90)
    listed = run("list", folder)
    assert "portal" in listed.stdout
    assert made["key"] not in listed.stdout
    assert json.loads(run("list", folder, "--json").stdout)[0]["per_minute"] == 90
    assert run("remove", folder, "portal").exit_code == 0
    assert read_keys(folder) == ()


def test_a_folder_that_is_no_workspace_gets_no_key(tmp_path):
    found = run("add", tmp_path, "portal")
    assert isinstance(found.exception, NotFoundError)
