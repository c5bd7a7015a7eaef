"""The workspace's database: its tables, how it is opened, and its faults as sentences.

Everything goes through SQLAlchemy Core, so that another database can take SQLite's place; what
is SQLite's own (pragmas, triggers) stands in :func:`connect_to` and below the tables. Revisions
are given out under the writer's lock, so their order is the order in which edits were made.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import UTC
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.pool import NullPool

from geomap.data.store.durable import spoken_os_errors
from geomap.errors import ConflictError, DataError, ParameterError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

#: Raised whenever a table changes; an older geomap refuses a newer database.
#: 2 added what reviewers decided, and which record each row of a file is; 3 added scenarios.
SCHEMA_VERSION = 3
_EARLIER = frozenset(str(version) for version in range(1, SCHEMA_VERSION))
#: How long a writer waits for another: longer than the largest import takes.
BUSY_MS = 180_000
#: The field of an edit that makes, replaces or removes a whole record.
WHOLE = "*"

METADATA = sa.MetaData()

META = sa.Table(
    "meta",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

#: Each import that changed anything: the file (its name only), and the rights it came with.
IMPORT_BATCH = sa.Table(
    "import_batch",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("licence", sa.Text),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
)


def _batch() -> sa.Column[int]:
    """Refer to an import; checked at the end of the transaction, as its counts come last."""
    key = sa.ForeignKey("import_batch.id", deferrable=True, initially="DEFERRED")
    return sa.Column("batch", key)


#: The truth, append-only. ``before`` and ``after`` are JSON, null where unknown; for the field
#: ``*`` they are the whole record, null where there is none.
EDIT = sa.Table(
    "edit",
    METADATA,
    sa.Column("rev", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("facility_id", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("source", sa.Text),
    _batch(),
    sa.Index("edit_by_facility", "layer", "facility_id", "rev", "batch"),
)
BY_HAND = EDIT.c.batch.is_(None)
sa.Index(
    "edit_by_hand",
    EDIT.c.layer,
    EDIT.c.facility_id,
    sqlite_where=BY_HAND,
    postgresql_where=BY_HAND,
)

#: What the edits add up to. ``rev`` is the record's last edit, ``batch`` the last import that
#: wrote to it; ``body`` is null where the last edit holds the whole record (see `current`).
RECORD = sa.Table(
    "record",
    METADATA,
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("rev", sa.ForeignKey("edit.rev"), nullable=False),
    _batch(),
    sa.Column("body", sa.Text),
)

#: Which record each row of a file is, by the id that files of this name give it; `content` is a
#: checksum of the name and place that it had there.
FILE_ROW = sa.Table(
    "file_row",
    METADATA,
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("given", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

#: What reviewers said of rows that might be a record, append-only; the last word on a row holds.
#: `given` is the row's id in files of this name, `verdict` is same or distinct.
DECISION = sa.Table(
    "decision",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("given", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

#: What was done to scenarios, append-only; they are what these rows add up to (see `scenarios`).
#: `rev` counts apart from that of edits: a scenario changes nothing that is published.
SCENARIO_EDIT = sa.Table(
    "scenario_edit",
    METADATA,
    sa.Column("rev", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("scenario_id", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("scenario_edit_by_scenario", "scenario_id", "rev"),
)

for _table, _verb in product((EDIT, SCENARIO_EDIT), ("UPDATE", "DELETE")):
    _trigger = sa.DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        f"CREATE TRIGGER {_table.name}_refuses_{_verb.lower()} BEFORE {_verb} ON {_table.name} "
        "BEGIN SELECT RAISE(ABORT, 'edits are never changed or removed'); END"
    )
    _trigger = _trigger.execute_if(dialect="sqlite")
    sa.event.listen(_table, "after_create", _trigger)


def current(layer: str) -> sa.Select[tuple[str, int, int | None, str]]:
    """Select the records of a layer: id, rev, batch and body."""
    return (
        sa.select(
            RECORD.c.id,
            RECORD.c.rev,
            RECORD.c.batch,
            sa.func.coalesce(RECORD.c.body, EDIT.c.after).label("body"),
        )
        .join_from(RECORD, EDIT, RECORD.c.rev == EDIT.c.rev)
        .where(RECORD.c.layer == layer)
    )


def connect_to(database: Path, *, busy_ms: int | None = None) -> sa.Engine:
    """Open a database so that what is committed survives a power cut.

    Every transaction opens a connection of its own, so nothing is left open between them and
    nothing is shared by a fork. A writer waits for another for :data:`BUSY_MS`, or `busy_ms`.
    """
    url = sa.URL.create("sqlite", database=str(database))
    engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own)
        connection.isolation_level = None  # the driver begins no transactions of its own
        connection.execute(f"PRAGMA busy_timeout = {busy_ms or BUSY_MS}")
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -65536")  # KiB

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def connect_frozen(database: Path) -> sa.Engine:
    """Open a database that nobody writes, to be read only: nothing is made beside it.

    A folder that may only be read has no place for the files by which readers and writers keep
    out of each other's way. Whoever may write it can still come in between: then what is read is
    told to be damaged, or is from before.
    """
    url = sa.URL.create("sqlite", database=str(database))
    uri = f"{database.absolute().as_uri()}?immutable=1"
    return sa.create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        creator=lambda: sqlite3.connect(uri, uri=True),
    )


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Read one state of the database, whatever is written meanwhile."""
    with spoken_errors(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Be the one writer: wait for the other, then keep all of what is written or nothing."""
    writer = engine.execution_options(writes=True)
    with spoken_errors(engine), writer.connect() as connection, connection.begin():
        yield connection


@contextmanager
def trying(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Write as the one writer, and take all of it back: to see what would come of it."""
    writer = engine.execution_options(writes=True)
    with spoken_errors(engine), writer.connect() as connection:
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()


def make_tables(engine: sa.Engine) -> bool:
    """Make the tables where there are none; an interrupted making is completed.

    Returns
    -------
    Whether they were made.

    Raises
    ------
    DataError : if the database holds others.
    """
    with reading(engine) as connection:
        if sa.inspect(connection).has_table(META.name):
            return False
    with writing(engine) as connection:
        tables = sa.inspect(connection).get_table_names()
        if META.name in tables:
            return False
        if tables:
            name, others = engine.url.database, ", ".join(tables)
            raise DataError(
                f"{name} is not geomap's: it holds {others}",
                zh=f"{name} 不是 geomap 的数据库：里面有 {others}",
            )
        METADATA.create_all(connection)
        version = {"name": "schema_version", "value": str(SCHEMA_VERSION)}
        connection.execute(sa.insert(META), version)
    return True


def require_version(engine: sa.Engine) -> None:
    """Bring an earlier geomap's database up to date.

    Raises
    ------
    DataError : if it is of a newer one.
    """
    with reading(engine) as connection:
        version = require_readable(connection)
    if version in _EARLIER:
        with writing(engine) as connection:
            _upgrade(connection)


def require_readable(connection: sa.Connection) -> str:
    """Give the version of a database that this geomap reads: its own or an earlier one's.

    Raises
    ------
    DataError : if it is of a newer one.
    """
    version = connection.scalar(sa.select(META.c.value).where(META.c.name == "schema_version"))
    if version not in {*_EARLIER, str(SCHEMA_VERSION)}:
        name = connection.engine.url.database
        raise DataError(
            f"{name} has schema version {version}, this geomap reads {SCHEMA_VERSION};"
            " update geomap to open it",
            zh=f"{name} 的版本是 {version}，这个 geomap 只读到 {SCHEMA_VERSION}；请升级 geomap",
        )
    return str(version)


def _upgrade(connection: sa.Connection) -> None:
    """Make what an earlier geomap's database lacks; the caller holds the writer's lock."""
    for table in (FILE_ROW, DECISION, SCENARIO_EDIT):
        table.create(connection, checkfirst=True)
    version = sa.update(META).where(META.c.name == "schema_version")
    connection.execute(version.values(value=str(SCHEMA_VERSION)))


def next_revision(connection: sa.Connection) -> int:
    """Give the revision that the next edit takes."""
    return 1 + (connection.scalar(sa.select(sa.func.max(EDIT.c.rev))) or 0)


def stamp(at: datetime) -> str:
    """Write a time in UTC.

    Raises
    ------
    ParameterError : if it states no time zone.
    """
    if at.tzinfo is None:
        raise ParameterError(f"at must state its time zone, got {at.isoformat()}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def spoken_errors(engine: sa.Engine) -> Iterator[None]:
    """Turn what the database says into a sentence with the fix."""
    try:
        with spoken_os_errors(Path(str(engine.url.database)).parent):
            yield
    except exc.DatabaseError as error:
        name, said = engine.url.database, str(error.orig)
        if "locked" in said:
            raise ConflictError(
                f"{name} is being written by another process; try again when it is done",
                zh=f"另一个进程正在写 {name}；请等它结束后再试",
            ) from error
        advice = _advice(said)
        raise DataError(
            f"{name} cannot be used: {advice.en}", zh=f"{name} 无法使用：{advice.zh}"
        ) from error


def _advice(said: str) -> Label:
    """Say what happened and what to do."""
    return next((fix for sign, fix in _ADVICE.items() if sign in said), Label(said, said))


_ADVICE: Mapping[str, Label] = {
    "disk is full": Label(
        "磁盘已满；请腾出空间再试", "the disk is full; free some space and try again"
    ),
    "disk I/O error": Label(
        "磁盘报告出错；请检查空间和磁盘状态再试",
        "the disk reports an error; check its space and state, then try again",
    ),
    "readonly": Label(
        "所在文件夹只读，或磁盘有故障；请选择有写入权限的文件夹",
        "its folder is read-only, or the disk fails; choose a folder that you may write to",
    ),
    "unable to open": Label(
        "所在文件夹不存在或没有写入权限，或磁盘已满、有故障；请处理或另选文件夹",
        "its folder is missing or may not be written, or the disk is full or fails; see to it or"
        " choose another one",
    ),
    "malformed": Label(
        "已损坏；请用备份恢复这个文件夹（如果刚才磁盘出过错，先再试一次）",
        "it is damaged; restore the folder from a copy (if the disk failed just now, try again"
        " first)",
    ),
    "not a database": Label(
        "不是数据库；请用备份恢复这个文件夹",
        "it is not a database; restore the folder from a copy",
    ),
    "edits are never changed": Label(
        "改动记录不能修改或删除；请另做一次改动",
        "edits are never changed or removed; make a new one",
    ),
}
