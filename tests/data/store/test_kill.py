"""The workspace under ``kill -9``; the long run is ``python tests/drills/kill_drill.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

DRILL = Path(__file__).parents[2] / "drills" / "kill_drill.py"


def test_fifty_kills_during_import_edit_and_publish_leave_nothing_broken():
    command = [sys.executable, DRILL, "--rounds", "50"]
    real = Path(os.environ.get("GEOMAP_TEST_DATA", "")) / "taipei" / "homes.csv"
    command += ["--file", real] if real.is_file() else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["rounds"] == sum(result["killed_after"].values()) == 50
    assert {"opened", "published"} <= set(result["killed_after"])
