"""Importing files one after the other, in one transaction that the caller gives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from geomap.data.store import edits
from geomap.data.store.decisions import write_decisions, write_rows
from geomap.data.store.importing import compare_rows, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sqlalchemy as sa

    from geomap.data.store.difference import Difference, Incoming, Step

    Tell = Callable[[int], None]


def write_files(
    connection: sa.Connection,
    files: Sequence[Incoming],
    made: Mapping[str, str],
    tell: Tell | None = None,
) -> list[Difference]:
    """Write files, each compared with the state after the one before it.

    Parameters
    ----------
    made : who imports them and at what time.
    tell : called with the number of rows of all files that are done.

    Raises
    ------
    ConflictError, DataError, ParameterError : as :meth:`Workspace.apply_all` says.
    """
    found: list[Difference] = []
    done = 0
    for each in files:
        rows = prepare(each.frame, each.table, each.origin)
        layer, file = each.table.name, each.origin.file
        stamp = {**made, "layer": layer, "batch": edits.next_batch(connection)}
        stamp["source"] = each.origin.source or file
        write = counting(tell, partial(edits.write_step, connection, each.table, stamp), done)
        difference = compare_rows(connection, rows, each, write=write)
        if not difference.is_empty:
            edits.write_batch(connection, each.origin, difference, stamp)
        write_rows(connection, layer, file, difference.rows, difference.known_rows)
        write_decisions(connection, difference.decisions, layer=layer, file=file, **made)
        found.append(difference)
        done += len(rows)
    return found


def counting(
    tell: Tell | None, write: Callable[[Step], None] | None = None, done: int = 0
) -> Callable[[Step], None]:
    """Write each step, if it is to be, and tell how many rows are done."""

    def step(each: Step) -> None:
        nonlocal done
        if write is not None:
            write(each)
        done += len(each.new) + len(each.updates) + each.same
        if tell is not None:
            tell(done)

    return step
