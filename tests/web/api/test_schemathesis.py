"""Schemathesis, all checks on, finds no fault of the definition on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.web.siting.conftest import shop_folder  # noqa: F401 (a fixture)

SERVE = "import sys; from pathlib import Path; from geomap.web.server import serve; "
SERVE += "serve(Path(sys.argv[1]), port=0)"
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
#: Cases of each operation in each phase: more in GEOMAP_SCHEMATHESIS_EXAMPLES for a long look.
EXAMPLES = os.environ.get("GEOMAP_SCHEMATHESIS_EXAMPLES", "4")


@pytest.fixture(scope="module")
def address(shop_folder, tmp_path_factory):  # noqa: F811 (the fixture)
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-u", "-c", SERVE, str(shop_folder)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            deadline = time.monotonic() + 60
            while "geomap: " not in log.read_text() and time.monotonic() < deadline:
                time.sleep(0.1)
            said = log.read_text().splitlines()
            yield next(each for each in said if each.startswith("geomap: ")).removeprefix(
                "geomap: "
            )
        finally:
            process.terminate()
            process.wait(timeout=40)


def test_all_checks_pass_on_every_operation(address, tmp_path):
    asked = [str(SCHEMATHESIS), "run", f"{address}openapi.json", "--checks", "all",
             "--max-examples", EXAMPLES, "--seed", "7", "--continue-on-failure",
             "--request-timeout", "120"]  # fmt: skip
    run = subprocess.run(
        asked, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stdout[-20_000:]
    assert "Tested: 13" in run.stdout, run.stdout[-3000:]
