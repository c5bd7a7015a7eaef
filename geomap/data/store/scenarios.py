"""Scenarios kept with a workspace: named lists of changes, and nothing lost of how they were made.

Whatever is done to a scenario is a row, appended and never changed; taking back is a new row; a
scenario is what its rows add up to, in the order of their revisions. They are as durable as edits
are, and change nothing that is published.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import orjson
import sqlalchemy as sa

from geomap.data.store.folder import DATABASE, is_workspace, require_workspace
from geomap.data.store.scenario_rows import (
    CHANGED,
    DROPPED,
    MADE,
    REMOVED,
    RENAMED,
    RESTORED,
    UNDONE,
    Row,
    State,
    add_up,
    joined,
    no_scenario,
    require_added,
    state_of,
    told_of,
)
from geomap.data.store.tables import (
    META,
    SCENARIO_EDIT,
    connect_frozen,
    connect_to,
    make_tables,
    reading,
    require_readable,
    require_version,
    stamp,
    writing,
)
from geomap.errors import ConflictError, ParameterError, TooLargeError
from geomap.model.scenario import checked_name, checked_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from geomap.model.scenario import Change, Scenario

#: So many are kept at a time.
MOST_SCENARIOS: Final = 1_000
#: People wait at a page: an import that takes longer is told to them instead.
_BUSY_MS: Final = 20_000
_LONGEST_WHO: Final = 200


class Scenarios:
    """The scenarios of a workspace; safe for threads and forks.

    Parameters
    ----------
    folder : the workspace. Of one that an earlier geomap made, and of layers that are no
        workspace, there are none to read; the first one written brings the database up to date.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engine = connect_to(folder / DATABASE, busy_ms=_BUSY_MS)

    def all(self) -> list[Scenario]:
        """List those that were not removed, the one changed last first.

        Raises
        ------
        DataError : if the database is damaged, of a newer geomap, or cannot be opened.
        """
        with self._reading() as connection:
            rows = [] if connection is None else _rows(connection)
        states = [add_up(list(each)) for _, each in groupby(rows, key=lambda row: row.scenario_id)]
        kept = [each.scenario for each in states if not each.is_removed]
        return sorted(kept, key=lambda each: each.revision, reverse=True)

    def get(self, id_: str) -> Scenario:
        """Give one.

        Raises
        ------
        NotFoundError : if there is none of this id, or it was removed.
        DataError : as for :meth:`all`.
        """
        with self._reading() as connection:
            rows = [] if connection is None else _rows(connection, id_)
        return state_of(rows, id_).scenario

    def create(
        self, name: str, *, who: str, at: datetime, note: str = "", changes: Sequence[Change] = ()
    ) -> Scenario:
        """Make a scenario; the changes that it is made with are not taken back by undoing.

        Parameters
        ----------
        name : 1 to 80 characters; two may have the same.
        who, at : makes it, and when, with its time zone.
        changes : an added facility without an id is given one.

        Raises
        ------
        ParameterError : if the name, note or a change cannot be kept.
        TooLargeError : if there are 1,000 scenarios already, or more than 2,000 changes.
        NotFoundError : if there is no workspace to keep it with.
        ConflictError : if another process writes for long.
        DataError : as for :meth:`all`, or if the disk is full.
        """
        body = {"name": checked_name(name), "note": checked_note(note)}
        told = {**body, "changes": told_of(joined((), changes))}
        with self._writing() as connection:
            id_ = _next_id(connection)
            return _append(connection, [], id_, MADE, told, who, at).scenario

    def change(
        self,
        id_: str,
        changes: Sequence[Change],
        *,
        who: str,
        at: datetime,
        expected: int | None = None,
    ) -> Scenario:
        """Add changes to the end of its list: one step, taken back as one.

        Parameters
        ----------
        expected : the revision that was looked at; None takes any.

        Raises
        ------
        ConflictError : if it is not at `expected`, or another process writes for long.
        ParameterError, TooLargeError : as for :meth:`create`.
        NotFoundError, DataError : as for :meth:`get`.
        """
        if not changes:
            raise ParameterError("there is nothing to change", zh="没有要做的改动")
        with self._writing() as connection:
            rows = _rows(connection, id_)
            before = _expect(state_of(rows, id_).scenario, expected)
            longer = joined(before.changes, changes)
            told = {"changes": told_of(longer[len(before.changes) :])}
            return _append(connection, rows, id_, CHANGED, told, who, at).scenario

    def drop(
        self,
        id_: str,
        positions: Sequence[int],
        *,
        who: str,
        at: datetime,
        expected: int | None = None,
    ) -> Scenario:
        """Take changes out of its list, wherever they stand: one step, taken back as one.

        Parameters
        ----------
        positions : of the changes, the first one 0.

        Raises
        ------
        ParameterError : if there is no such change.
        ConflictError : if it adds a facility that changes which stay are of; or as for
            :meth:`change`.
        NotFoundError, DataError : as for :meth:`change`.
        """
        with self._writing() as connection:
            rows = _rows(connection, id_)
            before = _expect(state_of(rows, id_).scenario, expected)
            foreign = sorted(set(positions) - set(range(len(before.changes))))
            if foreign or not positions:
                numbers = ", ".join(str(each + 1) for each in foreign)
                raise ParameterError(
                    f"the scenario has {len(before.changes)} changes; there is no {numbers}",
                    zh=f"方案有 {len(before.changes)} 项改动，没有第 {numbers} 项",
                )
            require_added(before.changes, set(positions))
            told = {"dropped": sorted(set(positions))}
            return _append(connection, rows, id_, DROPPED, told, who, at).scenario

    def undo(self, id_: str, *, who: str, at: datetime, expected: int | None = None) -> Scenario:
        """Take the last step back, so that the list is exactly as before it; again goes further.

        Raises
        ------
        ConflictError : if no step is left, or as for :meth:`change`.
        NotFoundError, DataError : as for :meth:`change`.
        """
        with self._writing() as connection:
            rows = _rows(connection, id_)
            state = state_of(rows, id_)
            _expect(state.scenario, expected)
            if state.last_step is None:
                raise ConflictError(
                    f"scenario {id_} is as it was made: there is nothing to take back",
                    zh=f"方案 {id_} 还是建立时的样子，没有可以撤销的改动",
                )
            told = {"undoes": state.last_step}
            return _append(connection, rows, id_, UNDONE, told, who, at).scenario

    def rename(self, id_: str, name: str, note: str, *, who: str, at: datetime) -> Scenario:
        """Give it another name and note; errors as for :meth:`create` and :meth:`get`."""
        told = {"name": checked_name(name), "note": checked_note(note)}
        with self._writing() as connection:
            rows = _rows(connection, id_)
            state_of(rows, id_)
            return _append(connection, rows, id_, RENAMED, told, who, at).scenario

    def copy(self, id_: str, name: str, *, who: str, at: datetime) -> Scenario:
        """Make another one with its note and changes; errors as for :meth:`create`, :meth:`get`."""
        of = self.get(id_)
        return self.create(name, who=who, at=at, note=of.note, changes=of.changes)

    def remove(self, id_: str, *, who: str, at: datetime) -> None:
        """Remove it from the list; :meth:`restore` brings it back. Errors as for :meth:`get`."""
        with self._writing() as connection:
            rows = _rows(connection, id_)
            state_of(rows, id_)
            _append(connection, rows, id_, REMOVED, {}, who, at)

    def restore(self, id_: str, *, who: str, at: datetime) -> Scenario:
        """Bring a removed one back as it was.

        Raises
        ------
        NotFoundError : if there never was one of this id.
        ConflictError : if it is not removed.
        TooLargeError, DataError : as for :meth:`create`.
        """
        with self._writing() as connection:
            rows = _rows(connection, id_)
            if rows and not add_up(rows).is_removed:
                raise ConflictError(f"scenario {id_} is not removed", zh=f"方案 {id_} 没有被移除")
            if not rows:
                raise no_scenario(id_)
            _require_room(connection)
            return _append(connection, rows, id_, RESTORED, {}, who, at).scenario

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection | None]:
        """Read one state of the database; None where it holds no scenarios."""
        if not is_workspace(self.folder):
            yield None
            return
        database = self.folder / DATABASE
        is_frozen = not os.access(self.folder, os.W_OK) and not _log_of(database).exists()
        with reading(connect_frozen(database) if is_frozen else self._engine) as connection:
            tables = sa.inspect(connection)
            if tables.has_table(META.name):  # else its making was interrupted
                require_readable(connection)
            yield connection if tables.has_table(SCENARIO_EDIT.name) else None

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Be the one writer of an up-to-date database."""
        require_workspace(self.folder)
        make_tables(self._engine)
        require_version(self._engine)
        with writing(self._engine) as connection:
            yield connection


def _log_of(database: Path) -> Path:
    """Name the file that is there while a database is open elsewhere, or was not closed."""
    return database.with_name(f"{database.name}-wal")


def _rows(connection: sa.Connection, id_: str | None = None) -> list[Row]:
    """Read what was done to all scenarios, one after the other, or to one."""
    query = sa.select(*(SCENARIO_EDIT.c[name] for name in Row._fields))
    if id_ is not None:
        if not id_.isprintable():  # it comes from addresses, and no id is like that
            return []
        query = query.where(SCENARIO_EDIT.c.scenario_id == id_)
    order = (SCENARIO_EDIT.c.scenario_id, SCENARIO_EDIT.c.rev)
    return [Row(*row) for row in connection.execute(query.order_by(*order))]


def _expect(scenario: Scenario, expected: int | None) -> Scenario:
    """Refuse to change what somebody else has changed since it was looked at."""
    if expected is not None and scenario.revision != expected:
        raise ConflictError(
            f"scenario {scenario.id} was changed meanwhile (it is at revision"
            f" {scenario.revision}, not {expected}), so nothing was written; look at it again",
            zh=f"方案 {scenario.id} 已被别人改动（现在是第 {scenario.revision} 版，不是第"
            f" {expected} 版），所以没有写入；请重新查看",
        )
    return scenario


def _next_id(connection: sa.Connection) -> str:
    """Give the id of the next scenario: none is given twice."""
    _require_room(connection)
    query = sa.select(sa.func.count()).where(SCENARIO_EDIT.c.verb == MADE)
    return f"s{1 + (connection.scalar(query) or 0)}"


def _require_room(connection: sa.Connection) -> None:
    """Refuse one more scenario than may be kept."""
    verb, id_ = SCENARIO_EDIT.c.verb, SCENARIO_EDIT.c.scenario_id
    query = sa.select(id_, verb).where(verb.in_([MADE, REMOVED, RESTORED]))
    rows = connection.execute(query.order_by(SCENARIO_EDIT.c.rev))
    last = {row.scenario_id: row.verb for row in rows}
    if sum(verb != REMOVED for verb in last.values()) >= MOST_SCENARIOS:
        raise TooLargeError(
            f"a workspace keeps at most {MOST_SCENARIOS:,} scenarios; remove some first",
            zh=f"一个工作区至多 {MOST_SCENARIOS:,} 个方案；请先移除一些",
        )


def _append(  # noqa: PLR0913, PLR0917 (the columns of a row)
    connection: sa.Connection,
    rows: Sequence[Row],
    id_: str,
    verb: str,
    told: dict[str, Any],
    who: str,
    at: datetime,
) -> State:
    """Write what is done to a scenario; give what its rows add up to then."""
    if len(who) > _LONGEST_WHO or not who.isprintable():
        raise ParameterError(
            f"who must be one line of at most {_LONGEST_WHO} characters, got {who[:40]!r}",
            zh=f"姓名须为一行，至多 {_LONGEST_WHO} 个字，这里是 {who[:40]!r}",
        )
    rev = 1 + (connection.scalar(sa.select(sa.func.max(SCENARIO_EDIT.c.rev))) or 0)
    row = Row(rev, id_, who, stamp(at), verb, orjson.dumps(told).decode())
    connection.execute(sa.insert(SCENARIO_EDIT), row._asdict())
    return add_up([*rows, row])
