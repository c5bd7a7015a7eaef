"""Read mutated files until the time is up, and keep those that geomap does not take calmly.

    python tests/drills/fuzz_drill.py --reader csv [--seconds 600] [--seed 7] [--keep DIR]

Readers: csv, geojson, xlsx, zip (workbooks, zipped shapefiles, KMZ and others), kml, gpkg, fgb,
parquet. Each file is read in this process, as one of the tables and with options that its
checksum chooses. It must come out as a report, in both languages and as JSON, with rows that fit
their table. Anything else is kept, cut down to what is needed, in --keep: another exception, a
warning, more than 10 s, or more than 1 GB of memory.

Coverage guides the mutations where atheris is installed (pip install geomap[fuzz]); elsewhere
they are blind. Whatever ends the reading process (a fault in a library, a hang) is kept as well,
and fuzzing goes on in a new one. Exit code 0: nothing was kept; 1: something was.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import fuzz_seeds

#: A library that hangs is ended after so long; what hangs in Python is noticed sooner.
HANGS_S = 60


def main() -> int:
    """Fuzz as asked on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reader", choices=fuzz_seeds.READERS, required=True)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="where to keep what went wrong")
    options = parser.parse_args()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="geomap-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(fuzz_seeds.seeds(options.reader)):
            (corpus / f"seed-{number}").write_bytes(seed)
        executions, restarts = fuzz(options, corpus, keep)
    kept = sorted(each.name for each in keep.iterdir())
    result = {
        "reader": options.reader,
        "guided": importlib.util.find_spec("atheris") is not None,
        "seconds": options.seconds,
        "executions": executions,
        "restarts": restarts,
        "kept": kept,
        "in": str(keep),
    }
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    return 1 if kept else 0


def fuzz(options: argparse.Namespace, corpus: Path, keep: Path) -> tuple[int, int]:
    """Let workers read until the time is up, a new one for each that ends before."""
    end, executions, restarts = time.monotonic() + options.seconds, 0, 0
    rng = random.Random(options.seed)  # noqa: S311 (a drill, not a secret)
    worker, state = Path(__file__).with_name("fuzz_worker.py"), corpus.parent / "state"
    while (left := int(end - time.monotonic())) > 1:
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir()
        (state / "count").write_text("0")
        seed = rng.randrange(1, 2**31)
        command = [sys.executable, worker, options.reader, corpus, keep, state, left, seed]
        with (
            (state / "log").open("wb") as log,
            subprocess.Popen(
                list(map(str, command)),
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"},
            ) as running,
        ):
            watch(running, state / "count")
        executions += int((state / "count").read_text() or 0)
        if running.returncode:
            restarts += 1
            keep_last(state, keep, f"ended-{restarts}")
    return executions, restarts


def watch(running: subprocess.Popen[bytes], count: Path) -> None:
    """Wait for a worker; end it when it hangs in a library, where Python cannot notice."""
    while running.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            running.wait(1)
        if time.time() - count.stat().st_mtime > HANGS_S:
            running.kill()


def keep_last(state: Path, keep: Path, name: str) -> None:
    """Keep what a worker read when it ended, and its last words."""
    (keep / f"{name}.txt").write_bytes((state / "log").read_bytes()[-20_000:])
    for each in state.glob("a.*"):
        shutil.copy(each, keep / f"{name}{each.suffix}")


if __name__ == "__main__":
    sys.exit(main())
