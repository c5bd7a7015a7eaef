"""The workspace: a folder that keeps the truth in a database and publishes it as files.

Every change is an edit, appended and never changed; undoing is a new edit; the records are what
the edits add up to, changed in the same transaction. One process writes at a time, others wait.
Readers use :mod:`geomap.data.published` and never open the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa

from geomap.data.published import FOLDER, Published, read_published
from geomap.data.store import durable, edits
from geomap.data.store.applying import counting, write_files
from geomap.data.store.bodies import PROVENANCE
from geomap.data.store.decisions import list_decisions
from geomap.data.store.difference import Incoming
from geomap.data.store.editing import checked, sourced
from geomap.data.store.folder import DATABASE, is_workspace, require_fit, require_workspace
from geomap.data.store.importing import compare_rows, prepare
from geomap.data.store.publishing import current_rows, publish_current
from geomap.data.store.tables import (
    EDIT,
    IMPORT_BATCH,
    connect_to,
    make_tables,
    next_revision,
    reading,
    require_version,
    stamp,
    trying,
    writing,
)
from geomap.errors import ConflictError, NotFoundError
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Self

    import geopandas as gpd
    import pandas as pd

    from geomap.data.store.applying import Tell
    from geomap.data.store.difference import Difference, Origin
    from geomap.model.table import Table


class Workspace:
    """A folder of imported layers; get one by :meth:`create`, `open` or `open_or_create`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engine = connect_to(folder / DATABASE)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a workspace in a new or empty folder.

        Raises
        ------
        ConflictError : if there is a workspace already.
        ParameterError : if the folder holds anything else.
        DataError : if it cannot be written.
        """
        durable.make_folder(folder)
        require_fit(folder)
        workspace = cls(folder)
        if not make_tables(workspace._engine):
            raise ConflictError(
                f"{folder} is a workspace already; open it", zh=f"{folder} 已经是工作区：请直接打开"
            )
        with durable.spoken_os_errors(folder):
            durable.sync_folder(folder)
        return workspace

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the workspace in a folder.

        Raises
        ------
        NotFoundError : if the folder is missing or no workspace.
        DataError : if the database is damaged, not geomap's, or of a newer geomap; or if the
            folder may only be read (what is published can still be read).
        """
        require_workspace(folder)
        workspace = cls(folder)
        make_tables(workspace._engine)
        require_version(workspace._engine)
        workspace._clean()
        return workspace

    @classmethod
    def open_or_create(cls, folder: Path) -> Self:
        """Open the workspace in a folder, or make one where there is none; errors as for those."""
        if not is_workspace(folder):
            try:
                return cls.create(folder)
            except ConflictError:  # another process made it in between
                pass
        return cls.open(folder)

    @property
    def published(self) -> Published:
        """What was published last; see :func:`geomap.data.published.read_published`."""
        return read_published(self.folder)

    @property
    def revision(self) -> int:
        """The last edit's number, 0 before there is one."""
        with reading(self._engine) as connection:
            return next_revision(connection) - 1

    def compare(self, frame: gpd.GeoDataFrame, table: Table, *, origin: Origin) -> Difference:
        """Show what importing a frame would change, and change nothing.

        Parameters, results and errors are those of :meth:`apply`.
        """
        return self.compare_all([Incoming(frame, table, origin)])[0]

    def compare_all(
        self, files: Sequence[Incoming], *, tell: Tell | None = None
    ) -> list[Difference]:
        """Show what importing files one after the other would change, and change nothing.

        Parameters, results and errors are those of :meth:`apply_all`.
        """
        if len(files) == 1:  # nothing to be compared with the state after it: readers do not wait
            rows = prepare(files[0].frame, files[0].table, files[0].origin)
            with reading(self._engine) as connection:
                return [compare_rows(connection, rows, files[0], write=counting(tell))]
        with trying(self._engine) as connection:
            return write_files(connection, files, {"who": "", "at": ""}, tell)

    def apply(
        self, frame: gpd.GeoDataFrame, table: Table, *, origin: Origin, at: datetime, who: str
    ) -> Difference:
        """Import a frame: all of it, or nothing if anything fails.

        Parameters
        ----------
        frame, table, origin : as for :class:`~geomap.data.store.difference.Incoming`.
        at : when, with its time zone.
        who : imports it.

        Returns
        -------
        What was changed. Importing the same again changes nothing.

        Raises
        ------
        DataError, ConflictError : as for :meth:`apply_all`.
        """
        return self.apply_all([Incoming(frame, table, origin)], at=at, who=who)[0]

    def apply_all(
        self,
        files: Sequence[Incoming],
        *,
        at: datetime,
        who: str,
        seen: int | None = None,
        tell: Tell | None = None,
    ) -> list[Difference]:
        """Import files one after the other, all or nothing; give what each changed.

        Parameters
        ----------
        files : each is compared with the state after the one before it.
        at, who : as for :meth:`apply`.
        seen : the :attr:`revision` that was compared with; None takes any.
        tell : called with the number of rows of all files that are done.

        Raises
        ------
        DataError : if ids are missing or stand twice, or the disk is full.
        ConflictError : if another process writes for minutes, the workspace is no longer at
            `seen`, or a record to be merged was corrected by hand.
        ParameterError : if an answer names a row or a record that is not there.
        """
        made = {"who": who, "at": stamp(at)}
        with writing(self._engine) as connection:
            if seen is not None and next_revision(connection) - 1 != seen:
                raise ConflictError(
                    f"{self.folder} was changed since it was compared, so nothing was written;"
                    " compare again",
                    zh=f"{self.folder} 在比较之后又有改动，所以没有写入；请重新比较",
                )
            return write_files(connection, files, made, tell)

    def decisions(self, layer: str = "facilities") -> pd.DataFrame:
        """List what reviewers said of rows that might be a record, the first one first.

        Returns
        -------
        (n,) frame: at, who, file, given (the row's id in the file), record_id, verdict (same or
        distinct). The last one on a row holds; the contrary one takes it back.
        """
        with reading(self._engine) as connection:
            return list_decisions(connection, _table(layer).name)

    def read(self, layer: str) -> gpd.GeoDataFrame:
        """Read the current records of a layer from the database, ordered by id."""
        from geomap.data.geoparquet import to_frame

        table = _table(layer)
        with reading(self._engine) as connection:
            return to_frame(current_rows(connection, table), table)

    def edit(  # noqa: PLR0913 (an edit says who, when and by what source)
        self,
        facility_id: str,
        field: str,
        value: object,
        *,
        who: str,
        at: datetime,
        source: str,
        layer: str = "facilities",
    ) -> int | None:
        """Change one value of one record; its source and date go into ``provenance``.

        Parameters
        ----------
        facility_id : of the record, in any layer.
        field : a field of the layer, or ``geometry``.
        value : of the field's kind (a date, a list of choices, a shapely geometry in degrees);
            None for unknown.
        source : who says so, such as a phone call to the facility.

        Returns
        -------
        The revision of the edit; None where the record has this value already.

        Raises
        ------
        NotFoundError : if there is no such record or layer.
        ParameterError : if the field does not take the value.
        """
        table = _table(layer)
        new, when = checked(table, field, value), stamp(at)
        with writing(self._engine) as connection:
            record = edits.fetch(connection, table, facility_id)
            if record.get(field) == new:
                return None
            values = {field: new}
            if PROVENANCE in table.by_name:
                entry = {"source": source, "verified_on": when[:10]}
                values[PROVENANCE] = sourced(record, field, entry)
            made = {"layer": layer, "who": who, "at": when, "source": source}
            return edits.write_values(connection, table, record, values, made)

    def undo(self, rev: int, *, who: str, at: datetime) -> int:
        """Take back one edit by a new one.

        Returns
        -------
        The revision of the new edit; undoing that does it again.

        Raises
        ------
        NotFoundError : if there is no such edit.
        ConflictError : if the same value (or, where the edit made or removed the record, the
            record) was changed since.
        """
        with writing(self._engine) as connection:
            edit = connection.execute(sa.select(EDIT).where(EDIT.c.rev == rev)).one_or_none()
            if edit is None:
                raise NotFoundError(f"there is no edit {rev}", zh=f"没有第 {rev} 次改动")
            made = {"layer": edit.layer, "who": who, "at": stamp(at), "source": f"undo {rev}"}
            return edits.take_back(connection, _table(edit.layer), edit, made)

    def history(self, facility_id: str, *, layer: str = "facilities") -> pd.DataFrame:
        """List the edits of one record, the first one first.

        Returns
        -------
        (n,) frame: rev, who, at, field, before, after, source, file (the imported one, None by
        hand). Before and after are values as JSON has them, or whole records for field ``*``.

        Raises
        ------
        NotFoundError : if there never was such a record.
        """
        import pandas as pd

        names = ("rev", "who", "at", "field", "before", "after", "source")
        query = (
            sa.select(*(EDIT.c[name] for name in names), IMPORT_BATCH.c.file)
            .join_from(EDIT, IMPORT_BATCH, EDIT.c.batch == IMPORT_BATCH.c.id, isouter=True)
            .where(EDIT.c.layer == _table(layer).name, EDIT.c.facility_id == facility_id)
            .order_by(EDIT.c.rev)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        if not found:
            raise edits.no_record(_table(layer), facility_id)
        frame = pd.DataFrame(found, columns=[*names, "file"], dtype="object")
        for name in ("before", "after"):
            values = [None if each is None else orjson.loads(each) for each in frame[name]]
            frame[name] = pd.Series(values, dtype="object")
        return frame

    def publish(self) -> Published:
        """Publish the current state of every layer; at any instant readers see one whole state.

        Returns
        -------
        What is published now; where nothing has changed, what was published before.

        Raises
        ------
        NotFoundError : if nothing was ever imported.
        DataError : if the disk is full or the folder cannot be written.
        """
        with writing(self._engine) as connection:  # the writer's lock: one publishes at a time
            publish_current(connection, self.folder)
        return read_published(self.folder)

    def _clean(self) -> None:
        """Remove what a killed process left; what a living one writes is safe by its lock."""
        place = self.folder / FOLDER
        if durable.leftovers(place):
            with writing(self._engine):
                durable.remove_leftovers(place)


def _table(layer: str) -> Table:
    """Find what the rows of a layer are."""
    if layer not in TABLES:
        known = ", ".join(TABLES)
        raise NotFoundError(
            f"there is no layer {layer!r}; there are: {known}",
            zh=f"没有图层 {layer!r}；有：{known}",
        )
    return TABLES[layer]
