"""Kill a process with ``kill -9`` at random moments while it imports, edits and publishes.

    python tests/drills/kill_drill.py --rounds 1000 [--seed 7] [--file homes.csv]

One process forks a worker a round and kills it after a random time; every tenth round starts a
new workspace, so that its making is hit as well. After each kill a second process checks, without
using geomap, what the worker left:

- the database is whole, and its records are what its edits add up to;
- the pointer names files that are there, with the stated checksum and number of rows;
- the published rows are what the edits add up to at the published revision;
- what the worker had reported as written or published before it was killed is there.

The worker of the next round must then open the workspace and import into it. Exit code 0: no
round left anything broken; 1: some did, each named.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.json  # noqa: F401 (imported once, before the forks)
import pyarrow.parquet as pq
import shapely

from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.model.facility import FACILITIES

ROUNDS_EACH = 10
#: Longer than making a workspace and one turn of the worker take together.
LONGEST_S = 0.6
EMPTY = {"opened": 0, "imported": 0, "edited": 0, "published": 0}


def homes(file: Path | None) -> gpd.GeoDataFrame:
    """The homes to import: those of a real list, else made ones."""
    if file is None:
        names = [f"第{number}养老院" for number in range(94)]
        rows = pd.DataFrame({"編號": range(1, 95), "機構名稱": names, "lon": 121.5, "lat": 25.0})
    else:
        rows = pd.read_csv(file)
    columns = {"id": rows["編號"].astype(str), "name": rows["機構名稱"], "type": "nursing_home"}
    places = gpd.points_from_xy(rows["lon"], rows["lat"])
    return FACILITIES.conform(gpd.GeoDataFrame(columns, geometry=places, crs=4326))


def work(folder: Path, rows: gpd.GeoDataFrame, seed: int, report: int) -> None:
    """Import, edit and publish until killed; say what is done on the pipe `report`."""
    rng = np.random.default_rng(seed)

    def say(what: str, revision: int) -> None:
        os.write(report, f"{what} {revision}\n".encode())

    workspace = Workspace.open_or_create(folder)
    say("opened", 0)
    while True:
        beds = rng.integers(0, 500, len(rows)).astype(float)
        beds[rng.random(len(rows)) < 0.7] = 100
        origin = Origin(str(rng.choice(["a.csv", "b.csv"])), "0" * 64)
        some = rows.assign(beds_total=pd.array(beds, "Int64"))
        now = {"at": datetime.now(UTC), "who": "drill"}
        workspace.apply(some, FACILITIES, origin=origin, **now)
        last = int(workspace.history(rows["id"].iloc[0])["rev"].iloc[-1])
        say("imported", last)
        rev = workspace.edit("1", "phone", f"{rng.integers(9**9)}", source="x", **now)
        say("edited", rev)
        if rng.random() < 0.5:
            say("edited", workspace.undo(rev, **now))
        say("published", workspace.publish().revision)


def faults_of(folder: Path, said: dict[str, int]) -> list[str]:
    """Check what a killed worker left, by the words of this file and not of geomap."""
    database = folder / "workspace.db"
    if not database.exists():
        return ["the workspace is gone"] if any(said.values()) else []
    with closing(sqlite3.connect(database)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
            return ["the tables are gone"] if any(said.values()) else []
        faults = _faults_of_database(connection, said)
        return faults + _faults_of_published(connection, folder / "published", said)


def _faults_of_database(connection: sqlite3.Connection, said: dict[str, int]) -> list[str]:
    faults = []
    if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        faults.append("the database is damaged")
    if connection.execute("PRAGMA foreign_key_check").fetchall():
        faults.append("a reference leads nowhere")
    (last,) = connection.execute("SELECT coalesce(max(rev), 0) FROM edit").fetchone()
    if last < max(said["imported"], said["edited"]):
        faults.append(f"edits up to {max(said.values())} were reported, {last} are there")
    query = "SELECT id, coalesce(body, after) FROM record JOIN edit USING (rev)"
    records = {id_: json.loads(body) for id_, body in connection.execute(query)}
    if records != _replayed(connection, last):
        faults.append("the records are not what the edits add up to")
    return faults


def _replayed(connection: sqlite3.Connection, until: int) -> dict[str, dict[str, object]]:
    """What the edits add up to at a revision."""
    records: dict[str, dict[str, object]] = {}
    query = "SELECT facility_id, field, after FROM edit WHERE rev <= ? ORDER BY rev"
    for id_, field, after in connection.execute(query, (until,)):
        value = None if after is None else json.loads(after)
        if field == "*":
            records[id_] = value
        else:
            records[id_].pop(field, None)
            records[id_] |= {} if value is None else {field: value}
    return records


def _faults_of_published(
    connection: sqlite3.Connection, place: Path, said: dict[str, int]
) -> list[str]:
    pointer = place / "current.json"
    if not pointer.exists():
        return ["what was published is gone"] if said["published"] else []
    document = json.loads(pointer.read_bytes())
    entry = document["layers"]["facilities"]
    path = place / entry["file"]
    faults = []
    if document["revision"] < said["published"]:
        faults.append(f"{said['published']} was published, the pointer names an earlier state")
    if not path.with_suffix(".toml").exists():
        faults.append("the layer's text is missing")
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        return [*faults, "the published file has another checksum"]
    rows = pq.read_table(path).to_pylist()
    published = {
        row["id"]: {name: value for name, value in row.items() if value is not None} for row in rows
    }
    for row in published.values():
        row["geometry"] = shapely.to_wkt(shapely.from_wkb(row["geometry"]), rounding_precision=-1)
    if len(rows) != entry["rows"] or published != _replayed(connection, document["revision"]):
        faults.append("the published rows are not what the edits add up to")
    return faults


def one_round(folder: Path, rows: gpd.GeoDataFrame, rng: random.Random) -> tuple[str, list[str]]:
    """Let a worker work, kill it, check what is left; give where it was hit, and the faults."""
    seed = rng.randrange(2**32)
    reports, report = os.pipe()
    worker = os.fork()
    if worker == 0:
        _in_child(lambda: work(folder, rows, seed, report))
    os.close(report)
    time.sleep(rng.uniform(0, LONGEST_S))
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    with os.fdopen(reports) as lines:
        told = [line.split() for line in lines]
    said = EMPTY | {what: int(revision) for what, revision in told}
    stage = told[-1][0] if told else "nothing"
    died = [] if os.WIFSIGNALED(status) else ["the worker failed by itself"]
    return stage, died + _checked_apart(folder, said)


def _checked_apart(folder: Path, said: dict[str, int]) -> list[str]:
    """Check in a process of its own: the one that forks must not start threads."""
    answers, answer = os.pipe()
    checker = os.fork()
    if checker == 0:
        _in_child(lambda: os.write(answer, json.dumps(faults_of(folder, said)).encode()))
    os.close(answer)
    with os.fdopen(answers) as lines:
        text = lines.read()
    os.waitpid(checker, 0)
    return json.loads(text) if text else ["the check failed by itself"]


def _in_child(task: object) -> None:
    """Run a task in a forked process, and end that."""
    try:
        task()  # type: ignore[operator]
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)


def drill(rounds: int, seed: int, file: Path | None) -> dict[str, object]:
    """Run all rounds; give the number of them, where they hit, and every fault."""
    rng, rows = random.Random(seed), homes(file)  # noqa: S311 (a drill, not a secret)
    hits: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "w")
        for number in range(rounds):
            if number % ROUNDS_EACH == 0:
                shutil.rmtree(folder, ignore_errors=True)
            stage, faults = one_round(folder, rows, rng)
            hits[stage] += 1
            broken += [f"round {number}, killed after {stage}: {fault}" for fault in faults]
    return {"rounds": rounds, "killed_after": dict(hits), "broken": broken}


def main() -> int:
    """Run the drill as asked on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--file", type=Path, help="taipei/homes.csv of the test data")
    options = parser.parse_args()
    result = drill(options.rounds, options.seed, options.file)
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    return 1 if result["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
