"""Keys are kept by their hash, in a file that only the operator may read."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from geomap.data.api_keys import add_key, keys_file, read_keys, remove_key
from geomap.errors import ConflictError, DataError, NotFoundError, ParameterError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_only_the_hash_of_a_key_is_kept_where_only_the_operator_looks(tmp_path):
    key = add_key(tmp_path, "portal", per_minute=60, at=NOW)
    (kept,) = read_keys(tmp_path)
    assert kept.hash == hashlib.sha256(key.encode()).hexdigest()
    assert (kept.name, kept.per_minute) == ("portal", 60)
    assert key not in keys_file(tmp_path).read_text()
    assert stat.S_IMODE(keys_file(tmp_path).stat().st_mode) == 0o600
    assert len(key) >= 40


def test_keys_stay_in_order_and_go_one_by_one(tmp_path):
    assert read_keys(tmp_path) == ()
    for name in "abc":
        add_key(tmp_path, name, per_minute=1, at=NOW)
    remove_key(tmp_path, "b")
    assert [each.name for each in read_keys(tmp_path)] == ["a", "c"]
    assert len({each.hash for each in read_keys(tmp_path)}) == 2


def test_a_name_is_given_once(tmp_path):
    add_key(tmp_path, "portal", per_minute=1, at=NOW)
    with pytest.raises(ConflictError, match="portal"):
        add_key(tmp_path, "portal", per_minute=1, at=NOW)


@pytest.mark.parametrize(("name", "per_minute"), [("", 1), ("a b", 1), ("x" * 61, 1), ("a", 0),
                                                  ("a", 1_000_001)])  # fmt: skip
def test_what_is_no_name_or_number_is_refused(tmp_path, name, per_minute):
    with pytest.raises(ParameterError):
        add_key(tmp_path, name, per_minute=per_minute, at=NOW)


def test_a_key_that_is_not_there_and_a_damaged_file_are_named(tmp_path):
    with pytest.raises(NotFoundError, match="nobody"):
        remove_key(tmp_path, "nobody")
    add_key(tmp_path, "a", per_minute=1, at=NOW)
    keys_file(tmp_path).write_text("[{")
    with pytest.raises(DataError, match=r"keys\.json"):
        read_keys(tmp_path)


ADD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from geomap.data.api_keys import add_key
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{n}"
    add_key(Path(sys.argv[1]), name, per_minute=1, at=datetime(2026, 1, 1, tzinfo=UTC))
    print(name, flush=True)
"""


@pytest.fixture
def adding(tmp_path):
    """Starts processes that add keys, all at the same moment."""
    begun = []

    def start(names, each):
        pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        program = [sys.executable, "-c", ADD, str(tmp_path)]
        own = [subprocess.Popen([*program, name, str(each)], **pipe) for name in names]
        begun.extend(own)
        for process in own:
            assert process.stdout.readline() == "ready\n"
        for process in own:
            process.stdin.write("go\n")
            process.stdin.flush()
        return own

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def test_who_add_keys_at_the_same_time_lose_none(tmp_path, adding):
    for process in adding("abc", 10):
        assert process.wait(timeout=60) == 0
    kept = [each.name for each in read_keys(tmp_path)]
    assert sorted(kept) == sorted(f"{who}-{n}" for who in "abc" for n in range(10))


def test_a_writer_that_is_killed_loses_no_key_and_stops_nobody(tmp_path, adding):
    told = []
    for killed in range(3):
        (process,) = adding([f"k{killed}"], 1_000)
        told += [process.stdout.readline().strip() for _ in range(3 + 2 * killed)]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    add_key(tmp_path, "after", per_minute=1, at=NOW)
    kept = [each.name for each in read_keys(tmp_path)]
    assert set(told) <= set(kept)
    assert kept[-1] == "after"
    names = [each.name for each in keys_file(tmp_path).parent.iterdir()]
    assert names == ["keys.json"]
    assert stat.S_IMODE(keys_file(tmp_path).stat().st_mode) == 0o600
    assert json.loads(keys_file(tmp_path).read_bytes())[-1]["name"] == "after"
