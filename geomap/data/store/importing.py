"""Importing a table into the workspace: what is new, changed, the same and gone.

Nothing is replaced without being shown, and a file speaks only for itself:

- A row belongs to the record of its id; see :mod:`geomap.data.store.identity` for the exceptions.
- A file that says what it said before has nothing new to say: what was corrected since, by hand
  or by another file, stands and is reported as kept. So importing again changes nothing.
- An unknown value takes back only what the same file said before.
- A record that the file no longer has is reported as gone, never removed.
- A new row that may be a record under another id is shown beside it; a reviewer decides.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson
import pandas as pd
import sqlalchemy as sa

from geomap.data.store.bodies import PROVENANCE, differing, dump, encode, load
from geomap.data.store.difference import Change, Difference, Incoming, Origin, Step, Update
from geomap.data.store.identity import resolve
from geomap.data.store.matching import possible_pairs
from geomap.data.store.records import (
    CHUNK,
    Records,
    among,
    bodies_of,
    features_of,
    records_of,
)
from geomap.data.store.tables import BY_HAND, EDIT, IMPORT_BATCH, WHOLE
from geomap.errors import ConflictError, DataError
from geomap.model.crs import to_geographic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import geopandas as gpd

    from geomap.data.store.bodies import Record
    from geomap.data.store.identity import Resolved
    from geomap.model.table import Table


def prepare(frame: gpd.GeoDataFrame, table: Table, origin: Origin) -> gpd.GeoDataFrame:
    """Make rows ready to be compared: WGS-84 degrees, typed columns, source and licence.

    Raises
    ------
    DataError : if an id is missing or stands twice.
    CRSError : if the frame does not say in which system its coordinates are.
    """
    rows = table.conform(to_geographic(frame)).reset_index(drop=True)
    faulty = rows["id"].isna() | (rows["id"] == "") | rows["id"].duplicated()
    if faulty.any():
        shown = ", ".join(map(repr, rows.loc[faulty, "id"].unique()[:5]))
        raise DataError(
            f"{origin.file}: every row needs an id of its own, got again: {shown}",
            zh=f"{origin.file}：每一行都要有自己的编号，重复或空缺的有：{shown}",
        )
    for name, value in (("source", origin.source), ("licence", origin.licence)):
        if value is not None and name in table.by_name:
            rows[name] = rows[name].fillna(value)
    return rows


def compare_rows(
    connection: sa.Connection,
    rows: gpd.GeoDataFrame,
    incoming: Incoming,
    *,
    write: Callable[[Step], None] | None = None,
) -> Difference:
    """Find what importing rows changes, and write it step by step where `write` is given.

    Parameters
    ----------
    rows : (n,) rows from :func:`prepare`.
    incoming : what they are and where they come from, with the answers of a reviewer.
    write : called with each step, in the order of the rows.

    Raises
    ------
    ConflictError : if the file has the name of another office's, or a record to be merged was
        corrected by hand.
    ParameterError : if an answer names a row or a record that is not there.
    """
    table, origin = incoming.table, incoming.origin
    records = records_of(connection, table)
    found = resolve(connection, rows, incoming, records)
    rows = found.rows
    names = _named(connection, list(found.merged), table)
    merged = [(id_, name, found.merged[id_]) for id_, name in names]
    removed = _removed(connection, found.merged, table)
    new, changes, kept, same = set[str](), list[Change](), list[Change](), 0
    for step in chain(_steps(connection, rows, table, origin, records), removed):
        if write is not None:
            write(step)
        new.update(id_ for id_, _ in step.new)
        changes += [change for update in step.updates for change in update.changes]
        kept += step.kept
        same += step.same
    here = set(rows["id"].tolist()) | set(found.merged)
    gone = [id_ for id_, file in records.files.items() if file == origin.file and id_ not in here]
    new_rows = rows[among(rows["id"].tolist(), new)]
    return Difference(
        layer=table.name,
        file=origin.file,
        new=pd.DataFrame(new_rows[["id", "name"]]),
        changes=pd.DataFrame(changes, columns=Change._fields),
        kept=pd.DataFrame(kept, columns=Change._fields),
        gone=pd.DataFrame(_named(connection, gone, table), columns=["id", "name"]),
        id_taken=found.id_taken,
        possibly_same=_possibly_same(new_rows, found, here, records),
        renumbered=found.renumbered,
        merged=pd.DataFrame(merged, columns=["id", "name", "into"]),
        decisions=found.decided,
        rows=found.remembered,
        known_rows=found.known,
        same=same,
    )


def _possibly_same(
    new: gpd.GeoDataFrame, found: Resolved, here: AbstractSet[str], records: Records
) -> pd.DataFrame:
    """List the records that new rows may be, but for those that a reviewer said they are not.

    Demand, areas and sites are known by their ids and not compared.
    """
    rows = features_of(new).reset_index(drop=True)
    left = rows[:0]
    if len(rows) and "phone" in records.table.by_name and not records.files.keys() <= here:
        features = records.features
        left = features[~among(features["id"].tolist(), here)].reset_index(drop=True)
    pairs = possible_pairs(rows, left)
    row = pairs.pop("row").to_numpy(dtype=np.int64)
    other = pairs.pop("other").to_numpy(dtype=np.int64)
    one, two = rows.iloc[row].reset_index(drop=True), left.iloc[other].reset_index(drop=True)
    files = two["id"].map(dict(records.files)).astype("str")
    shown = {"id": one["id"], "name": one["name"], "other_id": two["id"]}
    shown |= {"other_name": two["name"], "other_file": files}
    given = dict(zip(found.rows["id"], found.given, strict=True))
    keys = zip(one["id"].map(given), two["id"], strict=True)
    asked = [key not in found.distinct for key in keys]
    frame = pd.DataFrame(shown).join(pairs)
    return frame[np.array(asked, dtype=bool)].reset_index(drop=True)


def _removed(connection: sa.Connection, merged: Mapping[str, str], table: Table) -> Iterator[Step]:
    """Remove records that are another one; what was corrected in them by hand is not lost so."""
    if not merged:
        return
    query = sa.select(EDIT.c.facility_id).where(
        EDIT.c.layer == table.name, EDIT.c.facility_id.in_(merged), BY_HAND
    )
    edited = connection.scalars(query.limit(1)).first()
    if edited is not None:
        raise ConflictError(
            f"{edited!r} was corrected by hand, so it cannot become {merged[edited]!r}: take the"
            " corrections back first, or leave both as they are",
            zh=f"{edited!r} 有人工更正，不能并入 {merged[edited]!r}：请先撤销更正，或让两条都保留",
        )
    bodies = bodies_of(connection, table, list(merged))
    yield Step([], [], [], 0, list(bodies.items()))


def _named(
    connection: sa.Connection, ids: Sequence[str], table: Table
) -> list[tuple[str, str | None]]:
    """Give records with their names."""
    bodies = bodies_of(connection, table, ids)
    return [(id_, load(bodies[id_]).get("name")) for id_ in ids]


def _steps(
    connection: sa.Connection, rows: gpd.GeoDataFrame, table: Table, origin: Origin, known: Records
) -> Iterator[Step]:
    """Compare the rows with the current records, some thousand at a time."""
    for start in range(0, len(rows), CHUNK):
        some = rows.iloc[start : start + CHUNK]
        incoming = dict(zip(some["id"], encode(some, table), strict=True))
        bodies = bodies_of(connection, table, [id_ for id_ in incoming if id_ in known.files])
        new = [(id_, body) for id_, body in incoming.items() if id_ not in bodies]
        unlike = [id_ for id_, body in bodies.items() if incoming[id_] != body]
        said = _said(connection, table, _others_wrote(connection, table, unlike, origin), origin)
        updates, kept = list[Update](), list[Change]()
        for id_ in unlike:
            before, after = load(bodies[id_]), load(incoming[id_])
            told = said.get(id_, Said(before, before))
            changes, held = _weighed(before, after, told, table, origin)
            kept += held
            updates += [Update(id_, before, changes)] if changes else []
        yield Step(new, updates, kept, len(incoming) - len(new) - len(updates), [])


class Said(NamedTuple):
    """What imports last said of a record: files of this name, and any file."""

    here: Record
    anywhere: Record


def _others_wrote(
    connection: sa.Connection, table: Table, ids: Sequence[str], origin: Origin
) -> set[str]:
    """Find the records that were edited by hand or by another file too."""
    files = sa.select(IMPORT_BATCH.c.id).where(IMPORT_BATCH.c.file == origin.file)
    is_other = BY_HAND | EDIT.c.batch.not_in(files)
    query = sa.select(EDIT.c.facility_id).distinct()
    query = query.where(EDIT.c.layer == table.name, EDIT.c.facility_id.in_(ids), is_other)
    return set(connection.scalars(query))


def _said(
    connection: sa.Connection, table: Table, ids: Collection[str], origin: Origin
) -> dict[str, Said]:
    """Follow what imports said of records, in the order of the revisions."""
    query = (
        sa.select(EDIT.c.facility_id, EDIT.c.field, EDIT.c.after, IMPORT_BATCH.c.file)
        .join_from(EDIT, IMPORT_BATCH, EDIT.c.batch == IMPORT_BATCH.c.id)
        .where(EDIT.c.layer == table.name, EDIT.c.facility_id.in_(ids))
        .order_by(EDIT.c.rev)
    )
    said = {id_: Said({}, {}) for id_ in ids}
    for id_, name, after, file in connection.execute(query):
        value = None if after is None else orjson.loads(after)
        for record in said[id_] if file == origin.file else said[id_][1:]:
            if name == WHOLE:
                record.clear()
            record.update((value or {}) if name == WHOLE else {name: value})
    return said


def _weighed(
    before: Record, after: Record, said: Said, table: Table, origin: Origin
) -> tuple[list[Change], list[Change]]:
    """Split what differs into what the file changes and what stands; see the module's rules."""
    changes, kept = list[Change](), list[Change]()
    for name in differing(before, after, table):
        was, is_, told = before.get(name), after.get(name), said.here.get(name)
        by_hand = was != said.anywhere.get(name)
        change = Change(before["id"], before.get("name"), name, was, is_, by_hand)
        if is_ is None:
            if told is None or not (origin.fields is None or name in origin.fields):
                continue
            (changes if was == told else kept).append(change)
        else:
            (kept if is_ == told else changes).append(change)
    kept = [each for each in kept if each.field != PROVENANCE]
    return _without_stale_sources(before, after, changes), kept


def _without_stale_sources(before: Record, after: Record, changes: list[Change]) -> list[Change]:
    """Drop the sources of values that a file replaces: they named who corrected them by hand."""
    fields = {each.field for each in changes}
    if not changes or PROVENANCE in fields or PROVENANCE not in before:
        return changes
    sources, stated = (json.loads(each.get(PROVENANCE) or "{}") for each in (before, after))
    left = {
        name: source
        for name, source in sources.items()
        if name not in fields or stated.get(name) == source
    }
    if left == sources:
        return changes
    text = json.dumps(left, ensure_ascii=False) if left else None
    first = changes[0]
    return [*changes, first._replace(field=PROVENANCE, before=before[PROVENANCE], after=text)]


def revised(update: Update, table: Table) -> str:
    """Write a record as it is after its changes."""
    return dump(update.record | {each.field: each.after for each in update.changes}, table)
