"""Check a workspace by the words of this file: nothing here imports geomap.

What a writer was told is done, in the order in which it was told, is a list of :class:`Told`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

Records = dict[str, dict[str, Any]]
#: Its kind, ``corrupt`` or ``lost``, and what it is.
Fault = tuple[str, str]
CORRUPT, LOST = "corrupt", "lost"
WANTS = "wants"


class Told(NamedTuple):
    """One thing that a writer was told is done.

    Parameters
    ----------
    did : opened, imported, edited or published; or wants, before it imports.
    revision : an edit of it; of what was published, the last; 0 where nothing was edited yet.
    values : what it set, by record and field.
    """

    did: str
    revision: int = 0
    values: Records = {}  # noqa: RUF012 (never changed)


def faults_of(folder: Path, told: list[Told]) -> list[Fault]:
    """Say what is wrong with a workspace; the folder itself is not touched.

    The check opens a copy: opening a database mends it, which is for the next writer to do.
    """
    database = folder / "workspace.db"
    if not database.exists():
        return [(LOST, "the workspace is gone")] if told else []
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place, "w")
        shutil.copytree(folder, copy)
        with closing(sqlite3.connect(copy / "workspace.db")) as connection:
            try:
                return _faults(connection, copy / "published", told)
            except (
                sqlite3.DatabaseError,
                OSError,
                ValueError,
                KeyError,
                pa.ArrowException,
            ) as error:
                return [(CORRUPT, f"it cannot be read: {error!r}")]


def leftovers_of(folder: Path) -> list[str]:
    """Name what killed writers left."""
    names = (each.name for each in folder.rglob("*"))
    return sorted(name for name in names if name.startswith(".unfinished-"))


def unpublished_of(folder: Path) -> list[str]:
    """Say whether the published state is behind the database."""
    pointer = json.loads((folder / "published" / "current.json").read_bytes())
    with closing(sqlite3.connect(folder / "workspace.db")) as connection:
        (last,) = connection.execute("SELECT max(rev) FROM edit").fetchone()
    is_behind = pointer["revision"] != last
    return [f"revision {last} is not published but {pointer['revision']}"] if is_behind else []


def _faults(connection: sqlite3.Connection, place: Path, told: list[Told]) -> list[Fault]:
    if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        return [(CORRUPT, "the database is damaged")]
    if not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
        return [(LOST, "the tables are gone")] if told else []
    faults = _faults_of_edits(connection, told)
    return faults + _faults_of_published(connection, place, told)


def _faults_of_edits(connection: sqlite3.Connection, told: list[Told]) -> list[Fault]:
    """Look for broken references, lost edits, half an import, and records that differ."""
    faults: list[Fault] = []
    if connection.execute("PRAGMA foreign_key_check").fetchall():
        faults.append((CORRUPT, "a reference leads nowhere"))
    (last, count) = connection.execute(
        "SELECT coalesce(max(rev), 0), count(*) FROM edit"
    ).fetchone()
    if last != count:
        faults.append((CORRUPT, f"of {last} edits, {count} are there"))
    done = [_settled(connection, each) for each in told if each.did != WANTS]
    states = _replayed(connection, {each.revision for each in done} | {last})
    faults += _lost(done, states, last)
    if told and told[-1].did == WANTS:
        wanted = sum(map(len, told[-1].values.values()))
        if 0 < len(_missing(states[last], told[-1])) < wanted:
            faults.append((CORRUPT, "half an import is there"))
    query = "SELECT id, coalesce(body, after) FROM record JOIN edit USING (rev)"
    records = {id_: json.loads(body) for id_, body in connection.execute(query)}
    if records != states[last]:
        faults.append((CORRUPT, "the records are not what the edits add up to"))
    return faults


def _lost(done: list[Told], states: dict[int, Records], last: int) -> list[Fault]:
    """Name what was done and is not there."""
    faults = []
    for each in done:
        if each.revision > last:
            faults.append((LOST, f"{each.did} up to edit {each.revision}, {last} are there"))
        elif lost := _missing(states[each.revision], each):
            faults.append((LOST, f"{each.did} {each.revision}: {', '.join(lost)}"))
    return faults


def _settled(connection: sqlite3.Connection, told: Told) -> Told:
    """Take an import as of its last edit: what was told is the edit of one of its records."""
    batch = "SELECT batch FROM edit WHERE rev = ?"
    query = f"SELECT max(rev) FROM edit WHERE batch = ({batch})"  # noqa: S608 (no words of others)
    (last,) = connection.execute(query, (told.revision,)).fetchone()
    return told._replace(revision=last or told.revision)


def _missing(records: Records, told: Told) -> list[str]:
    """Name the values that were set and are not there."""
    return [
        f"{id_}.{field}"
        for id_, values in told.values.items()
        for field, value in values.items()
        if records.get(id_, {}).get(field) != value
    ]


def _replayed(connection: sqlite3.Connection, revisions: set[int]) -> dict[int, Records]:
    """Add up the edits to each of some revisions."""
    records: Records = {}
    states: dict[int, Records] = {0: {}}
    query = "SELECT rev, facility_id, field, after FROM edit ORDER BY rev"
    for rev, id_, field, after in connection.execute(query):
        value = None if after is None else json.loads(after)
        if field == "*":
            records[id_] = value
        elif value is None:
            records[id_].pop(field, None)
        else:
            records[id_][field] = value
        if rev in revisions:
            states[rev] = {each: dict(values) for each, values in records.items()}
    return states


def _faults_of_published(
    connection: sqlite3.Connection, place: Path, told: list[Told]
) -> list[Fault]:
    """Read what the pointer names, and compare it with the edits up to its revision."""
    pointer = place / "current.json"
    promised = max((each.revision for each in told if each.did == "published"), default=0)
    if not pointer.exists():
        return [(LOST, "what was published is gone")] if promised else []
    document = json.loads(pointer.read_bytes())
    entry = document["layers"]["facilities"]
    path = place / entry["file"]
    faults: list[Fault] = []
    if document["revision"] < promised:
        faults.append((LOST, f"{promised} was published, now {document['revision']} is"))
    if not path.with_suffix(".toml").exists():
        faults.append((CORRUPT, "the layer's text is missing"))
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        return [*faults, (CORRUPT, "the published file has another checksum")]
    states = _replayed(connection, {document["revision"]})
    rows = pq.read_table(path).to_pylist()
    published = {
        row["id"]: {name: value for name, value in row.items() if value is not None} for row in rows
    }
    for row in published.values():
        row["geometry"] = shapely.to_wkt(shapely.from_wkb(row["geometry"]), rounding_precision=-1)
    if len(rows) != entry["rows"] or published != states.get(document["revision"]):
        faults.append((CORRUPT, "the published rows are not what the edits add up to"))
    return faults
