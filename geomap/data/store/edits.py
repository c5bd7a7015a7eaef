"""Writing edits, and with each the record that it changes: one transaction, given by the caller.

An edit is told by who made it, when and by what source: the `made` of these functions, a mapping
with the columns ``layer who at source`` and, for imports, ``batch``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from geomap.data.store.bodies import PROVENANCE, dump, load
from geomap.data.store.editing import sourced
from geomap.data.store.importing import revised
from geomap.data.store.tables import EDIT, IMPORT_BATCH, RECORD, WHOLE, current, next_revision
from geomap.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.data.store.bodies import Record
    from geomap.data.store.difference import Difference, Origin, Step
    from geomap.model.table import Table

    Made = Mapping[str, Any]

_UPDATE = (
    sa.update(RECORD)
    .where(RECORD.c.layer == sa.bindparam("of_layer"), RECORD.c.id == sa.bindparam("of_id"))
    .values(rev=sa.bindparam("to_rev"), body=sa.bindparam("to_body"))
)
_REMOVE = sa.delete(RECORD).where(
    RECORD.c.layer == sa.bindparam("of_layer"), RECORD.c.id == sa.bindparam("of_id")
)


def fetch(connection: sa.Connection, table: Table, facility_id: str) -> Record:
    """Fetch one current record.

    Raises
    ------
    NotFoundError : if there is none.
    """
    query = current(table.name).where(RECORD.c.id == facility_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_record(table, facility_id)
    return load(row.body)


def no_record(table: Table, id_: str) -> NotFoundError:
    """Say that a layer has no such record."""
    return NotFoundError(
        f"{table.name} have no record {id_!r}", zh=f"{table.label.zh}里没有编号为 {id_!r} 的记录"
    )


def next_batch(connection: sa.Connection) -> int:
    """Give the number that the next import takes."""
    return 1 + (connection.scalar(sa.select(sa.func.max(IMPORT_BATCH.c.id))) or 0)


def write_batch(
    connection: sa.Connection, origin: Origin, difference: Difference, made: Made
) -> None:
    """Write that a file was imported, and what came of it."""
    row = {
        "id": made["batch"],
        "layer": made["layer"],
        "file": origin.file,
        "sha256": origin.sha256,
        "at": made["at"],
        "who": made["who"],
        "source": origin.source,
        "licence": origin.licence,
        "options": json.dumps(dict(origin.options), ensure_ascii=False, default=str),
        "counts": json.dumps(difference.counts),
    }
    connection.execute(sa.insert(IMPORT_BATCH), row)


def write_step(connection: sa.Connection, table: Table, made: Made, step: Step) -> None:
    """Write what some rows of an import do."""
    rev, batch = next_revision(connection), made["batch"]
    edits: list[Made] = []
    records: list[Made] = []
    updates: list[Made] = []
    for id_, body in step.new:
        edits.append(_edit(made, rev, id_, WHOLE, None, body))
        records.append({"layer": table.name, "id": id_, "rev": rev, "batch": batch})
        rev += 1
    for update in step.updates:
        for change in update.changes:
            before, after = _text(change.before), _text(change.after)
            edits.append(_edit(made, rev, update.id, change.field, before, after))
            rev += 1
        updates.append(_update(table, update.id, rev - 1, revised(update, table), batch))
    for id_, body in step.removed:
        edits.append(_edit(made, rev, id_, WHOLE, body, None))
        rev += 1
    for statement, rows in (
        (sa.insert(EDIT), edits),
        (sa.insert(RECORD), records),
        (_UPDATE.values(batch=sa.bindparam("to_batch")), updates),
        (_REMOVE, [{"of_layer": table.name, "of_id": id_} for id_, _ in step.removed]),
    ):
        if rows:
            connection.execute(statement, rows)


def write_values(
    connection: sa.Connection, table: Table, record: Record, values: Record, made: Made
) -> int:
    """Write new values of one record, an edit each; give the revision of the first."""
    first = next_revision(connection)
    changed = [name for name, value in values.items() if record.get(name) != value]
    id_ = record["id"]
    edits = [
        _edit(made, rev, id_, name, _text(record.get(name)), _text(values[name]))
        for rev, name in enumerate(changed, first)
    ]
    connection.execute(sa.insert(EDIT), edits)
    body = dump(record | values, table)
    connection.execute(_UPDATE, _update(table, id_, first + len(edits) - 1, body))
    return first


def take_back(connection: sa.Connection, table: Table, edit: sa.Row[Any], made: Made) -> int:
    """Write the opposite of an edit; give its revision.

    Raises
    ------
    ConflictError : if what it changed was changed again since.
    """
    _refuse_if_changed_since(connection, edit)
    if edit.field == WHOLE:
        return _write_whole(connection, table, edit, made)
    record = fetch(connection, table, edit.facility_id)
    values = {edit.field: None if edit.before is None else orjson.loads(edit.before)}
    sources = _sources_before(connection, edit)
    if sources is not None:
        values[PROVENANCE] = sourced(record, edit.field, sources.get(edit.field))
    return write_values(connection, table, record, values, made)


def _refuse_if_changed_since(connection: sa.Connection, edit: sa.Row[Any]) -> None:
    """Refuse to take back what somebody else has built upon."""
    same = sa.true() if edit.field == WHOLE else EDIT.c.field.in_([edit.field, WHOLE])
    query = sa.select(sa.func.max(EDIT.c.rev)).where(
        EDIT.c.layer == edit.layer, EDIT.c.facility_id == edit.facility_id, same
    )
    last = connection.scalar(query)
    if last != edit.rev:
        raise ConflictError(
            f"edit {edit.rev} of {edit.facility_id} cannot be taken back: edit {last} changed the"
            " same since; take that back first",
            zh=f"{edit.facility_id} 的第 {edit.rev} 次改动不能撤销：第 {last} 次改动又改了同一处；"
            "请先撤销那一次",
        )


def _sources_before(connection: sa.Connection, edit: sa.Row[Any]) -> Record | None:
    """Give the sources of values as they were before an edit; None if it left them alone."""
    query = (
        sa.select(EDIT.c.before)
        .where(
            EDIT.c.layer == edit.layer,
            EDIT.c.facility_id == edit.facility_id,
            EDIT.c.field == PROVENANCE,
            EDIT.c.at == edit.at,
            EDIT.c.who == edit.who,
            EDIT.c.rev > edit.rev,
        )
        .order_by(EDIT.c.rev)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    sources: Record = {} if row.before is None else orjson.loads(orjson.loads(row.before))
    return sources


def _write_whole(connection: sa.Connection, table: Table, edit: sa.Row[Any], made: Made) -> int:
    """Remove a record that an edit made, or make again one that an edit removed."""
    rev, id_ = next_revision(connection), edit.facility_id
    row = _edit(made, rev, id_, WHOLE, edit.after, edit.before)
    connection.execute(sa.insert(EDIT), row)
    is_it = (RECORD.c.layer == table.name) & (RECORD.c.id == id_)
    connection.execute(sa.delete(RECORD).where(is_it))
    if edit.before is not None:
        of_it = (EDIT.c.layer == table.name) & (EDIT.c.facility_id == id_)
        batch = connection.scalar(sa.select(sa.func.max(EDIT.c.batch)).where(of_it))
        record = {"layer": table.name, "id": id_, "rev": rev, "batch": batch}
        connection.execute(sa.insert(RECORD), record)
    return rev


def _edit(  # noqa: PLR0913, PLR0917 (the columns of an edit)
    made: Made, rev: int, id_: str, field: str, before: str | None, after: str | None
) -> Made:
    """Give the row of one edit."""
    row = {"rev": rev, "facility_id": id_, "field": field, "before": before, "after": after}
    return {"batch": None, **made, **row}


def _update(
    table: Table, id_: str, rev: int, body: str, batch: int | None = None
) -> dict[str, Any]:
    """Give the parameters of an update of one record."""
    row = {"of_layer": table.name, "of_id": id_, "to_rev": rev, "to_body": body}
    return row if batch is None else row | {"to_batch": batch}


def _text(value: object) -> str | None:
    """Write a value as JSON; unknown is null in the database too."""
    return None if value is None else orjson.dumps(value).decode()
