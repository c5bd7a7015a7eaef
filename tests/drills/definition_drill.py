"""Ask a served workspace all that its definition allows and forbids, and check every answer.

Schemathesis, all checks and all phases, against ``geomap serve`` of the real Taipei: districts,
villages with their people, community stations. Prints the cases and what each seed found; ends
with 1 where anything was found::

    GEOMAP_TEST_DATA=DIR python tests/drills/definition_drill.py --examples 300 --seeds 0 1 2 3 4
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

LAYERS = {"areas": "districts.geojson", "demand": "villages_population.geojson",
          "facilities": "community_stations.csv"}  # fmt: skip
GEOMAP = [sys.executable, "-u", "-m", "geomap"]
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
PATIENCE_S = 120


def make(folder: Path, files: Path) -> None:
    """Import the files."""
    for layer, name in LAYERS.items():
        command = [*GEOMAP, "import", str(files / name), "--into", str(folder), "--as", layer]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode > 1:  # 1: done with findings
            sys.exit(done.stderr.decode())


def address_of(log: Path) -> str:
    """Wait until the server says where it is."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = re.search(r"^geomap: (\S+)$", log.read_text(), re.MULTILINE)
        if found:
            return found[1]
        time.sleep(0.2)
    sys.exit(log.read_text())


def features_definition(address: str, folder: Path) -> Path:
    """Keep the definition of OGC API Features, without what is taken though it is out of range.

    The standard has the largest limit stated, and what is above it taken: 17-069r4,
    fc-limit-response-1. A page leaves out what its own form sent empty.
    """
    with urllib.request.urlopen(f"{address}ogc/api?f=json") as answer:
        told = json.load(answer)
    for item in told["paths"].values():
        for each in item["get"]["parameters"]:
            schema = each["schema"]
            if each["name"] == "limit":
                del schema["maximum"]
            elif each["name"] == "f":
                schema["enum"] = [form for form in schema["enum"] if form != "html"]
    kept = folder / "features.json"
    kept.write_text(json.dumps(told))
    return kept


def ask(address: str, seed: int, examples: int, folder: Path, *more: str) -> bool:
    """Run Schemathesis with one seed; give whether nothing was found."""
    out = folder / f"seed-{seed}.txt"
    command = [str(SCHEMATHESIS), "run", *(more or (f"{address}openapi.json",)), "--checks", "all",
               "--max-examples", str(examples), "--seed", str(seed),
               "--continue-on-failure", "--request-timeout", str(PATIENCE_S)]  # fmt: skip
    with out.open("w") as file:
        done = subprocess.run(command, cwd=folder, stdout=file, stderr=file, check=False)
    said = out.read_text()
    cases = re.search(r"(\d+) generated.*", said)
    print(f"seed {seed}: {cases[0] if cases else 'no case'}", flush=True)
    if done.returncode:
        print(said)
    return done.returncode == 0


def main() -> None:
    """Make, serve, ask."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--examples", type=int, default=300, help="cases an operation and phase")
    told.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    asked = told.parse_args()
    files = Path(os.environ.get("GEOMAP_TEST_DATA", "")) / "taipei"
    if not files.is_dir():
        sys.exit("GEOMAP_TEST_DATA must name the folder of the test data")
    with tempfile.TemporaryDirectory(prefix="geomap-drill-") as name:
        place, log = Path(name), Path(name, "log")
        make(place / "workspace", files)
        command = [*GEOMAP, "serve", str(place / "workspace"), "--port", "0"]
        with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
            try:
                address = address_of(log)
                # No schema says that a box has its south below its north, or lies on the earth.
                features = (str(features_definition(address, place)), "--url", f"{address}ogc",
                            "--exclude-checks", "positive_data_acceptance")  # fmt: skip
                held = [
                    ask(address, seed, asked.examples, place, *which)
                    for seed in asked.seeds for which in ((), features)
                ]  # fmt: skip
            finally:
                server.terminate()
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
