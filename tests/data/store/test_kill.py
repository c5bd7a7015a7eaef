"""The workspace under stops and failing disks; the long run is the drill's own command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DRILL = Path(__file__).parents[2] / "drills" / "durability_drill.py"


def drill(mode, rounds):
    command = [sys.executable, DRILL, "--mode", mode, "--rounds", f"{rounds}", "--json"]
    real = Path(os.environ.get("GEOMAP_TEST_DATA", "")) / "taipei" / "homes.csv"
    command += ["--file", real] if real.is_file() else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    (tally,) = json.loads(done.stdout)
    if tally["skipped"]:
        pytest.skip(tally["skipped"])
    assert tally["corrupt"] == tally["lost"] == tally["failed"] == 0
    assert tally["rounds"] == sum(tally["ended"].values()) == rounds
    return tally


def test_kills_at_random_moments_leave_nothing_broken():
    tally = drill("random", 30)
    assert tally["ended"] == {"killed": 30}
    assert {"wants", "edited"} <= set(tally["after"])  # before the long steps: import, publish


def test_kills_before_calls_that_change_the_disk_leave_nothing_broken():
    tally = drill("syscalls", 40)
    assert tally["ended"]["killed"] >= 35
    assert {"nothing", "wants", "imported", "published"} <= set(tally["after"])


def test_a_full_disk_is_told_and_the_import_succeeds_once_there_is_space():
    tally = drill("full-disk", 12)
    assert tally["ended"]["refused"] >= 8
    assert {"nothing", "wants", "imported"} <= set(tally["after"])


def test_a_call_that_fails_is_told_or_does_not_matter():
    tally = drill("io-error", 30)
    assert set(tally["ended"]) == {"refused", "done"}


def test_what_is_said_to_be_done_is_flushed_and_the_pointer_comes_last():
    drill("order", 1)
