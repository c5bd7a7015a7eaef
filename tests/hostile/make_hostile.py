"""Write every hostile file into a folder, and list them.

    python tests/hostile/make_hostile.py FOLDER --url http://127.0.0.1:PORT --canary FILE [--full]

Each file gets a folder of its own; standard output is a JSON list of paths. ``--full`` makes them
as large as an attacker would; without it they are small enough for every run of the tests.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import hostile_archives
import hostile_columns
import hostile_documents
import hostile_json
import hostile_packages
import hostile_places
import hostile_shapes
import hostile_tables
import hostile_workbooks
from traps import MAKERS, Trap

MODULES = (
    hostile_archives, hostile_columns, hostile_documents, hostile_json, hostile_packages,
    hostile_places, hostile_shapes, hostile_tables, hostile_workbooks,
)  # fmt: skip


def make(folder: Path, trap: Trap, only: str = "") -> list[str]:
    """Write the files whose name holds a word, and give their paths."""
    paths = []
    for name, maker in MAKERS.items():
        if only not in name:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        maker(path, trap)
        paths.append(str(path))
    return paths


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--canary", type=Path, required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="", help="a word in the names of the files to make")
    given = parser.parse_args()
    trap = Trap(given.url, given.canary, given.full)
    print(json.dumps(make(given.folder, trap, given.only)))
