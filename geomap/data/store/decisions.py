"""What is remembered of a file's rows: which record each is, and what reviewers said of them.

Both go by the name of the file and the ids that it gives its rows. A reviewer is asked once; the
answer is taken back by the contrary one, and all of them are kept.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from geomap.data.store.records import CHUNK, features_of
from geomap.data.store.tables import DECISION, EDIT, FILE_ROW, IMPORT_BATCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from geomap.data.store.difference import Decision
    from geomap.data.store.records import Records

SAME, DISTINCT = "same", "distinct"


class FileRow(NamedTuple):
    """A row of a file: the record that it is, and a checksum of its name and place there."""

    record_id: str
    content: str


def contents_of(rows: gpd.GeoDataFrame) -> list[str]:
    """Give each row a checksum of what thing it is: its name, address and place."""
    told = features_of(rows)[["name", "address", "lon", "lat"]].astype(object)
    lines = zip(*(told[name].tolist() for name in told), strict=True)
    return [hashlib.blake2b(repr(line).encode(), digest_size=8).hexdigest() for line in lines]


def read_rows(connection: sa.Connection, records: Records, file: str) -> dict[str, FileRow]:
    """Read which record each row of files of this name is: id in the file -> row.

    Files imported by a geomap that did not remember it wrote to the records of their ids.
    """
    layer = records.table.name
    names = (FILE_ROW.c.given, FILE_ROW.c.record_id, FILE_ROW.c.content)
    query = sa.select(*names).where(FILE_ROW.c.layer == layer, FILE_ROW.c.file == file)
    found = {given: FileRow(id_, content) for given, id_, content in connection.execute(query)}
    if not found and file in records.files.values():
        wrote = (
            sa.select(EDIT.c.facility_id)
            .join_from(EDIT, IMPORT_BATCH, EDIT.c.batch == IMPORT_BATCH.c.id)
            .where(EDIT.c.layer == layer, IMPORT_BATCH.c.file == file)
        )
        found = {id_: FileRow(id_, "") for id_ in connection.scalars(wrote.distinct())}
    return found


def write_rows(
    connection: sa.Connection,
    layer: str,
    file: str,
    rows: Mapping[str, FileRow],
    known: Mapping[str, FileRow],
) -> None:
    """Remember which record each row is; a record is one row of a file only."""
    new = {given: row for given, row in rows.items() if known.get(given) != row}
    taken = {row.record_id for row in new.values()}
    old = [given for given, row in known.items() if given in new or row.record_id in taken]
    if old:
        is_row = (
            (FILE_ROW.c.layer == sa.bindparam("of_layer"))
            & (FILE_ROW.c.file == sa.bindparam("of_file"))
            & (FILE_ROW.c.given == sa.bindparam("of_given"))
        )
        those = [{"of_layer": layer, "of_file": file, "of_given": given} for given in old]
        connection.execute(sa.delete(FILE_ROW).where(is_row), those)
    made, items = {"layer": layer, "file": file}, iter(new.items())
    while some := list(islice(items, CHUNK)):
        values = [made | {"given": given, **row._asdict()} for given, row in some]
        connection.execute(sa.insert(FILE_ROW), values)


def read_distinct(connection: sa.Connection, layer: str, file: str) -> set[tuple[str, str]]:
    """Read which rows (by their id in the file) are not which records; the last word holds."""
    query = (
        sa.select(DECISION.c.given, DECISION.c.record_id, DECISION.c.verdict)
        .where(DECISION.c.layer == layer, DECISION.c.file == file)
        .order_by(DECISION.c.id)
    )
    last = {(given, id_): verdict for given, id_, verdict in connection.execute(query)}
    return {pair for pair, verdict in last.items() if verdict == DISTINCT}


def write_decisions(  # noqa: PLR0913 (the columns of a decision)
    connection: sa.Connection,
    decisions: Sequence[Decision],
    *,
    layer: str,
    file: str,
    who: str,
    at: str,
) -> None:
    """Add decisions to those that were made."""
    first = 1 + (connection.scalar(sa.select(sa.func.max(DECISION.c.id))) or 0)
    made = {"layer": layer, "file": file, "who": who, "at": at}
    rows = [{"id": id_, **each._asdict(), **made} for id_, each in enumerate(decisions, first)]
    if rows:
        connection.execute(sa.insert(DECISION), rows)


def list_decisions(connection: sa.Connection, layer: str) -> pd.DataFrame:
    """List every decision on a layer, the first one first, one a row."""
    import pandas as pd

    names = ["at", "who", "file", "given", "record_id", "verdict"]
    query = sa.select(*(DECISION.c[name] for name in names)).where(DECISION.c.layer == layer)
    rows = connection.execute(query.order_by(DECISION.c.id)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=names)
