"""Publishing: the current records of every layer as files that never change, then one swap.

The order makes every instant safe: the table, flushed; the text beside it, flushed; the pointer,
flushed. Killed before the last rename, readers keep the old state, and what was written is
written over at the next time. All of it happens under the writer's lock.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from geomap.data.geoparquet import write_geoparquet
from geomap.data.published import FOLDER, POINTER, read_pointer
from geomap.data.store.bodies import GEOMETRY, to_arrow
from geomap.data.store.durable import (
    make_folder,
    remove_leftovers,
    sync_folder,
    write_atomically,
)
from geomap.data.store.tables import EDIT, IMPORT_BATCH, RECORD, current, next_revision
from geomap.data.toml import to_toml
from geomap.errors import DataError, NotFoundError
from geomap.model.crs import GEOGRAPHIC
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from geomap.model.table import Table

    Entries = Mapping[str, Mapping[str, Any]]

#: Records parsed at once.
_CHUNK = 20_000
#: Up to so many edited records are put into the file published before; more are all read anew.
FEW = 20_000


@dataclass(frozen=True)
class Source:
    """A file that a layer's records came from; unknown texts are empty.

    What is `synthetic` was invented, for demonstrations and measurements.
    """

    file: str
    sha256: str
    source: str
    licence: str
    imported_on: str
    synthetic: bool


@dataclass(frozen=True)
class Snapshot:
    """One layer as of its last edit.

    Parameters
    ----------
    table : what its rows are.
    revision, at : the last edit of the layer, and when it was made.
    sources : the files it came from, the newest import of each.
    """

    table: Table
    revision: int
    at: str
    sources: Sequence[Source]

    @property
    def stem(self) -> str:
        """What its files are called."""
        return f"{self.table.name}-{self.revision}"


def publish_current(connection: sa.Connection, folder: Path) -> None:
    """Publish the current records; the caller holds the writer's lock.

    Raises
    ------
    NotFoundError : if nothing was ever imported.
    DataError : if the disk is full or the folder cannot be written.
    """
    snapshots = _snapshots(connection)
    if not snapshots:
        raise NotFoundError(
            f"{folder} has no records to publish; import a file first",
            zh=f"{folder} 里还没有可发布的记录；请先导入文件",
        )
    place = folder / FOLDER
    make_folder(place)
    remove_leftovers(place)
    before = _published_entries(folder)
    entries: dict[str, Mapping[str, Any]] = {}
    for each in snapshots:
        old = before.get(each.table.name, {})
        if _holds(old, each, place):
            entries[each.table.name] = old
        else:
            rows = _rows_since(connection, each.table, old, place)
            entries[each.table.name] = _write_snapshot(each, rows, place)
    if entries != before:
        document = {"revision": next_revision(connection) - 1, "layers": entries}
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        write_atomically(place / POINTER, text.encode())
    else:  # whoever swapped the pointer may have been killed before the flush
        sync_folder(place)


def current_rows(connection: sa.Connection, table: Table) -> pa.Table:
    """Read the current records of a layer, ordered by id, as Arrow rows."""
    query = current(table.name).order_by(RECORD.c.id).execution_options(yield_per=_CHUNK)
    chunks = connection.execute(query).partitions()
    parts = [to_arrow([row.body for row in some], table) for some in chunks]
    return pa.concat_tables([to_arrow([], table), *parts])


def _snapshots(connection: sa.Connection) -> list[Snapshot]:
    """Describe the current state of every layer that was ever edited."""
    last = sa.select(sa.func.max(EDIT.c.rev)).group_by(EDIT.c.layer)
    query = sa.select(EDIT.c.layer, EDIT.c.rev, EDIT.c.at).where(EDIT.c.rev.in_(last))
    return [
        Snapshot(TABLES[row.layer], row.rev, row.at, _sources(connection, row.layer))
        for row in connection.execute(query.order_by(EDIT.c.layer))
    ]


def _sources(connection: sa.Connection, layer: str) -> list[Source]:
    """List the files that a layer came from, the last import of each."""
    batch = IMPORT_BATCH.c
    names = (batch.file, batch.sha256, batch.source, batch.licence, batch.at, batch.options)
    query = sa.select(*names)
    rows = connection.execute(query.where(batch.layer == layer).order_by(batch.id))
    newest = {row.file: row for row in rows}
    return [
        Source(
            row.file,
            row.sha256,
            row.source or "",
            row.licence or "",
            row.at[:10],
            synthetic=json.loads(row.options).get("synthetic") is True,
        )
        for row in newest.values()
    ]


def _published_entries(folder: Path) -> Entries:
    """Give what the pointer names; a damaged one names nothing, and is written anew."""
    try:
        pointer = read_pointer(folder)
    except DataError:
        return {}
    layers: Entries = {} if pointer is None else pointer["layers"]
    return layers


def _holds(entry: Mapping[str, Any], snapshot: Snapshot, place: Path) -> bool:
    """Whether a published entry is this very state of the layer.

    The time of the last edit tells it from a state of the same revision in a database that was
    put back from a copy since.
    """
    files = [place / f"{snapshot.stem}{end}" for end in (".parquet", ".toml")]
    same = entry.get("file") == files[0].name and entry.get("at") == snapshot.at
    return same and all(each.is_file() for each in files)


def _rows_since(
    connection: sa.Connection, table: Table, old: Mapping[str, Any], place: Path
) -> pa.Table:
    """Read the current records: few edited ones into the file published before, else all."""
    base = _base(connection, table, old, place)
    if base is None:
        return current_rows(connection, table)
    is_edited = (EDIT.c.layer == table.name) & (EDIT.c.rev > old["revision"])
    query = sa.select(EDIT.c.facility_id).where(is_edited).distinct().limit(FEW + 1)
    edited = connection.scalars(query).all()
    if len(edited) > FEW:
        return current_rows(connection, table)
    some = current(table.name).where(RECORD.c.id.in_(edited))
    fresh = to_arrow([row.body for row in connection.execute(some)], table)
    stands = pc.invert(pc.is_in(base["id"], pa.array(edited, pa.string())))
    return _in_order(pa.concat_tables([base, fresh]), stands.to_numpy())


def _in_order(rows: pa.Table, stands: NDArray[np.bool_]) -> pa.Table:
    """Sort rows by id, without those at the front that do not stand; copies them once."""
    kept = np.append(np.flatnonzero(stands), np.arange(len(stands), len(rows)))
    order = pc.sort_indices(rows["id"].take(kept)).to_numpy()
    return rows.take(kept[order])


def _base(
    connection: sa.Connection, table: Table, old: Mapping[str, Any], place: Path
) -> pa.Table | None:
    """Read the file published before, if it is whole and an earlier state of this database."""
    try:
        path = place / old["file"]
        query = sa.select(EDIT.c.at).where(EDIT.c.rev == old["revision"])
        if connection.scalar(query) != old["at"] or _sha256(path) != old["sha256"]:
            return None
        rows = pq.read_table(path)
    except (KeyError, OSError, pa.ArrowException):
        return None
    schema = to_arrow([], table).schema
    return rows.cast(schema) if rows.column_names == schema.names else None


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write_snapshot(snapshot: Snapshot, rows: pa.Table, place: Path) -> dict[str, Any]:
    """Write a layer and the text that says what it is; give the pointer's entry."""
    path = place / f"{snapshot.stem}.parquet"

    def write(file: IO[bytes]) -> None:
        write_geoparquet(file, rows)

    write_atomically(path, write)
    entry = {"file": path.name, "rows": len(rows), "sha256": _sha256(path)}
    note = to_toml(entry | _note(snapshot, rows))
    write_atomically(path.with_suffix(".toml"), note.encode())
    return entry | {"revision": snapshot.revision, "at": snapshot.at}


def _note(snapshot: Snapshot, rows: pa.Table) -> dict[str, Any]:
    """Say what a layer is, with the same keys as the layers that ship."""
    table = snapshot.table
    nowhere = rows[GEOMETRY].null_count
    caveats = {
        "zh": [f"{nowhere} 条没有位置，不在地图上。"] if nowhere else [],
        "en": [f"{nowhere} rows have no location and are not on the map."] if nowhere else [],
    }
    return {
        "kind": table.name,
        "columns": list(table.names),
        "crs": GEOGRAPHIC,
        "source": _joined(each.source or each.file for each in snapshot.sources),
        "attribution": _joined(each.source for each in snapshot.sources),
        "licence": _joined(each.licence for each in snapshot.sources),
        "licence_url": "",
        "data_date": snapshot.at[:10],
        "packages": [],
        "how": f"imported files and later edits up to revision {snapshot.revision}",
        "revision": snapshot.revision,
        "synthetic": any(each.synthetic for each in snapshot.sources),
        "title": {"zh": table.label.zh, "en": table.label.en},
        "caveats": caveats,
        "sources": [asdict(each) for each in snapshot.sources],
    }


def _joined(texts: Iterable[str]) -> str:
    """Name each once."""
    return "; ".join(dict.fromkeys(text for text in texts if text))
