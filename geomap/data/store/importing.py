"""Importing a table into the workspace: what is new, changed, the same and gone.

Nothing is replaced without being shown, and a file speaks only for itself:

- A row belongs to the record of its id. Where that record came from another file and is another
  thing (another name, or kilometres away), the row gets an id of its own and is reported.
- A file that says what it said before has nothing new to say: what was corrected since, by hand
  or by another file, stands and is reported as kept. So importing again changes nothing.
- An unknown value takes back only what the same file said before.
- A record that the file no longer has is reported as gone, never removed.
- A list whose ids mostly belong to other things, brought by an earlier file of the same name, is
  another office's and is refused: two offices' 名单.xlsx must not overwrite each other.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import orjson
import shapely
import sqlalchemy as sa

from geomap.data.store.bodies import GEOMETRY, PROVENANCE, differing, dump, encode, load
from geomap.data.store.difference import Change, Difference, Origin, Step, Update
from geomap.data.store.tables import BY_HAND, EDIT, IMPORT_BATCH, RECORD, WHOLE, current
from geomap.errors import ConflictError, DataError
from geomap.model.crs import to_geographic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from geomap.data.store.bodies import Record
    from geomap.model.table import Table

    Owners = Mapping[str, str | None]

#: Rows handled at once: few enough for memory and for the parameters of one query.
CHUNK = 10_000
#: Records of one id and one name are two things if they lie further apart (about 5 km).
APART_DEG = 0.05
#: So many rows tell whether a file is another office's.
_SAMPLE = 500


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
        raise DataError(f"{origin.file}: every row needs an id of its own, got again: {shown}")
    for name, value in (("source", origin.source), ("licence", origin.licence)):
        if value is not None and name in table.by_name:
            rows[name] = rows[name].fillna(value)
    return rows


def compare_rows(
    connection: sa.Connection,
    rows: gpd.GeoDataFrame,
    table: Table,
    origin: Origin,
    *,
    write: Callable[[Step], None] | None = None,
) -> Difference:
    """Find what importing rows changes, and write it step by step where `write` is given.

    Parameters
    ----------
    rows : (n,) rows from :func:`prepare`.
    write : called with each step, in the order of the rows.

    Raises
    ------
    ConflictError : if the file has the name of another office's.
    """
    import pandas as pd

    owners = _owners(connection, table)
    _refuse_another_list(connection, rows, table, origin, owners)
    rows, id_taken = _with_own_ids(connection, rows, table, origin, owners)
    new, changes, kept, same = set[str](), list[Change](), list[Change](), 0
    for step in _steps(connection, rows, table, origin, owners):
        if write is not None:
            write(step)
        new.update(id_ for id_, _ in step.new)
        changes += [change for update in step.updates for change in update.changes]
        kept += step.kept
        same += step.same
    return Difference(
        layer=table.name,
        file=origin.file,
        new=rows.loc[rows["id"].isin(new), ["id", "name"]].pipe(pd.DataFrame),
        changes=pd.DataFrame(changes, columns=Change._fields),
        kept=pd.DataFrame(kept, columns=Change._fields),
        gone=_gone(connection, rows, table, origin, owners),
        id_taken=id_taken,
        same=same,
    )


def _owners(connection: sa.Connection, table: Table) -> Owners:
    """Give every record's id and the name of the file that last wrote to it."""
    query = (
        sa.select(RECORD.c.id, IMPORT_BATCH.c.file)
        .join_from(RECORD, IMPORT_BATCH, RECORD.c.batch == IMPORT_BATCH.c.id, isouter=True)
        .where(RECORD.c.layer == table.name)
    )
    return {row.id: row.file for row in connection.execute(query)}


def _bodies(connection: sa.Connection, table: Table, ids: Sequence[str]) -> dict[str, str]:
    """Fetch the current texts of those records that exist."""
    query = current(table.name)
    found: dict[str, str] = {}
    for start in range(0, len(ids), CHUNK):
        some = query.where(RECORD.c.id.in_(ids[start : start + CHUNK]))
        found |= {row.id: row.body for row in connection.execute(some)}
    return found


def _refuse_another_list(
    connection: sa.Connection, rows: gpd.GeoDataFrame, table: Table, origin: Origin, owners: Owners
) -> None:
    """Refuse a file whose ids, in a sample, mostly name other things than a file of its name did.

    Where the names are those of the earlier file under other ids, its rows have only moved.
    """
    mine = rows[rows["id"].map(dict(owners)).eq(origin.file)]
    some = mine.iloc[:: max(1, len(mine) // _SAMPLE)]
    bodies = _bodies(connection, table, some["id"].tolist())
    records = [load(each) for each in encode(some, table)]
    strange = [each for each in records if _is_other_thing(each, load(bodies[each["id"]]))]
    if 2 * len(strange) <= len(records):
        return
    ids = [id_ for id_, file in owners.items() if file == origin.file]
    names = {load(each).get("name") for each in _bodies(connection, table, ids).values()}
    if 2 * sum(each["name"] not in names for each in strange) > len(records):
        first = strange[0]
        raise ConflictError(
            f"{origin.file}: its ids belong to other {table.name} that an earlier file of this name"
            f" brought: {first['id']!r} was not {first['name']!r}. If this is another list, give"
            " the file another name and import it again"
        )


def _gone(
    connection: sa.Connection, rows: gpd.GeoDataFrame, table: Table, origin: Origin, owners: Owners
) -> pd.DataFrame:
    """List the records that a file of this name wrote and does not have now."""
    import pandas as pd

    here = set(rows["id"])
    ids = [id_ for id_, file in owners.items() if file == origin.file and id_ not in here]
    bodies = _bodies(connection, table, ids)
    names = [(id_, load(bodies[id_]).get("name")) for id_ in ids]
    return pd.DataFrame(names, columns=["id", "name"])


def _with_own_ids(
    connection: sa.Connection, rows: gpd.GeoDataFrame, table: Table, origin: Origin, owners: Owners
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Give rows whose id belongs to another thing an id made from their content.

    The same content gets the same id at the next import. References to a parent follow.
    """
    import pandas as pd

    others = {id_ for id_, file in owners.items() if file != origin.file}
    contested = rows[rows["id"].isin(others)]
    records = [load(each) for each in encode(contested, table)]
    given = _free_ids(connection, records, table, origin, owners)
    names = [(each["id"], given[each["id"]], each.get("name")) for each in records]
    taken = pd.DataFrame(
        [each for each in names if each[0] != each[1]], columns=["given", "id", "name"]
    )
    if taken.empty:
        return rows, taken
    renamed = dict(zip(taken["given"], taken["id"], strict=True))
    columns = [name for name in ("id", "parent_id") if name in table.by_name]
    return rows.assign(**{name: rows[name].replace(renamed) for name in columns}), taken


def _free_ids(
    connection: sa.Connection,
    records: Sequence[Record],
    table: Table,
    origin: Origin,
    owners: Owners,
) -> dict[str, str]:
    """Find for each record its id, or the first made from its content that is free or its own."""
    given: dict[str, str] = {}
    pending, attempt = {record["id"]: record for record in records}, 0
    while pending:
        wanted = {id_: _made_id(record, attempt) for id_, record in pending.items()}
        bodies = _bodies(connection, table, [id_ for id_ in wanted.values() if id_ in owners])
        for id_, candidate in wanted.items():
            is_own = attempt > 0 and owners.get(candidate) == origin.file
            body = bodies.get(candidate)
            if body is None or is_own or _is_same_thing(pending[id_], load(body)):
                given[id_] = candidate
                del pending[id_]
        attempt += 1
    return given


def _made_id(record: Record, attempt: int) -> str:
    """Make an id from a record's own id and name; attempt 0 is the id itself."""
    if attempt == 0:
        return str(record["id"])
    content = json.dumps([record["id"], record.get("name"), attempt], ensure_ascii=False)
    return f"{record['id']}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _is_same_thing(one: Record, other: Record) -> bool:
    """Whether records of one id from two files are one thing: the same name, and not far apart."""
    is_near = _is_near(one, other)
    if is_near is None:
        is_near = len({each["adcode"] for each in (one, other) if "adcode" in each}) <= 1
    return is_near and _has_same_name(one, other)


def _is_other_thing(one: Record, other: Record) -> bool:
    """Whether records of one id from one file are two things: another name at another place."""
    if _has_same_name(one, other):
        return False
    is_near = _is_near(one, other)
    return not (one.get("address") == other.get("address") if is_near is None else is_near)


def _has_same_name(one: Record, other: Record) -> bool:
    """Whether two names do not differ but in spaces and case; an unknown name fits any."""
    names = [" ".join(each["name"].split()).casefold() for each in (one, other) if "name" in each]
    return len(set(names)) <= 1


def _is_near(one: Record, other: Record) -> bool | None:
    """Whether two records are near each other; None where the place of one is not known."""
    if GEOMETRY not in one or GEOMETRY not in other:
        return None
    shapes = shapely.from_wkt([one[GEOMETRY], other[GEOMETRY]])
    return bool(shapely.distance(*shapes) <= APART_DEG)


def _steps(
    connection: sa.Connection, rows: gpd.GeoDataFrame, table: Table, origin: Origin, owners: Owners
) -> Iterator[Step]:
    """Compare the rows with the current records, some thousand at a time."""
    for start in range(0, len(rows), CHUNK):
        some = rows.iloc[start : start + CHUNK]
        incoming = dict(zip(some["id"], encode(some, table), strict=True))
        known = _bodies(connection, table, [id_ for id_ in incoming if id_ in owners])
        new = [(id_, body) for id_, body in incoming.items() if id_ not in known]
        unlike = [id_ for id_, body in known.items() if incoming[id_] != body]
        said = _said(connection, table, _others_wrote(connection, table, unlike, origin), origin)
        updates, kept = list[Update](), list[Change]()
        for id_ in unlike:
            before, after = load(known[id_]), load(incoming[id_])
            told = said.get(id_, Said(before, before))
            changes, held = _weighed(before, after, told, table, origin)
            kept += held
            updates += [Update(id_, before, changes)] if changes else []
        yield Step(new, updates, kept, len(incoming) - len(new) - len(updates))


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
