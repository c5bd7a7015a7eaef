"""What an import is and does: where rows come from, and what they change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from geomap.data.store.bodies import Record
    from geomap.data.store.decisions import FileRow
    from geomap.model.table import Table


@dataclass(frozen=True)
class Origin:
    """Where imported rows come from.

    Parameters
    ----------
    file : name of the file, without its folder.
    sha256 : of the file, in hexadecimal.
    source : who says so; written to rows that name no source of their own.
    licence : the rights the rows come with; written to rows that state none.
    options : how the file was read; ``synthetic`` is true where the rows are invented.
    fields : the fields that the file has a column for, None for all; it takes back no others.
    """

    file: str
    sha256: str
    source: str | None = None
    licence: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    fields: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not self.file or "/" in self.file or "\\" in self.file:
            raise ParameterError(f"file must be a name without its folder, got {self.file!r}")


def origin_of(
    path: Path,
    *,
    source: str | None = None,
    licence: str | None = None,
    options: Mapping[str, Any] | None = None,
    fields: Iterable[str] | None = None,
) -> Origin:
    """Describe a file as the origin of rows; the arguments are those of :class:`Origin`."""
    with path.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    stated = None if fields is None else frozenset(fields)
    return Origin(path.name, sha256, source, licence, options or {}, stated)


@dataclass(frozen=True, eq=False)
class Incoming:
    """One file's rows, to be imported.

    Parameters
    ----------
    frame : (n,) rows of `table`, in any stated CRS, each with an id of its own.
    table : what the rows are.
    origin : the file that they come from.
    same : id of a row -> id of the record that it is; remembered for files of this name.
    distinct : id of a row -> id of a record that it is not; takes back an earlier `same`.
    """

    frame: gpd.GeoDataFrame
    table: Table
    origin: Origin
    same: Mapping[str, str] = field(default_factory=dict)
    distinct: Mapping[str, str] = field(default_factory=dict)


class Decision(NamedTuple):
    """What a reviewer says of a row, by the id that the file gives it: same or distinct."""

    given: str
    record_id: str
    verdict: str


class Change(NamedTuple):
    """One value of one record that an import changes, or would; `by_hand`: who wrote `before`."""

    id: str
    name: str | None
    field: str
    before: Any
    after: Any
    by_hand: bool


class Update(NamedTuple):
    """One record that an import changes: as it is, and what changes in it."""

    id: str
    record: Record
    changes: list[Change]


class Step(NamedTuple):
    """What some rows of the file do; new and removed records are (id, body)."""

    new: list[tuple[str, str]]
    updates: list[Update]
    kept: list[Change]
    same: int
    removed: list[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Difference:
    """What an import changes, as frames that show every case.

    Parameters
    ----------
    layer, file : the layer, and the name of the file.
    new : id, name.
    changes : id, name, field, before, after, by_hand (whether `before` was put there by hand).
    kept : as `changes`: what the file says as before, and was corrected since.
    gone : id, name of records that this file had before and has no longer.
    id_taken : given, id, name: rows whose id belongs to another thing, and the id they get.
    possibly_same : id, name of a new row; other_id, other_name, other_file of a record that it may
        be (of another file, or one that this file had under another id); why (which of name,
        place and phone agree), distance_m, similarity, score, certain; best first. See
        :mod:`geomap.data.store.matching`.
    renumbered : given, id, name: rows that the file has under another id than before.
    merged : id, name, into: records that a reviewer said are another one; they are removed.
    decisions : what reviewers newly said.
    rows, known_rows : which record each row of the file is, now and before: id in the file -> row.
    same : number of records that stay as they are.
    """

    layer: str
    file: str
    new: pd.DataFrame
    changes: pd.DataFrame
    kept: pd.DataFrame
    gone: pd.DataFrame
    id_taken: pd.DataFrame
    possibly_same: pd.DataFrame
    renumbered: pd.DataFrame
    merged: pd.DataFrame
    decisions: tuple[Decision, ...]
    rows: Mapping[str, FileRow]
    known_rows: Mapping[str, FileRow]
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether the import changes no record."""
        return self.new.empty and self.changes.empty and self.merged.empty

    @property
    def certain(self) -> dict[str, str]:
        """Give the rows that are a record almost certainly: id of the row -> id of the record."""
        pairs = self.possibly_same[self.possibly_same["certain"].astype(bool)]
        return dict(zip(pairs["id"], pairs["other_id"], strict=True))

    @property
    def counts(self) -> dict[str, int]:
        """Count the records by what happens to them; new, changed and same are all rows."""
        return {
            "new": len(self.new),
            "changed": int(self.changes["id"].nunique()),
            "same": self.same,
            "gone": len(self.gone),
            "kept": int(self.kept["id"].nunique()),
            "id_taken": len(self.id_taken),
            "possibly_same": int(self.possibly_same["id"].nunique()),
            "renumbered": len(self.renumbered),
            "merged": len(self.merged),
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the difference as JSON values, every row of it."""
        frames = ("new", "changes", "possibly_same", "gone", "kept", "id_taken", "renumbered")
        return {
            "file": self.file,
            "layer": self.layer,
            "counts": self.counts,
            **{name: rows_of(getattr(self, name)) for name in (*frames, "merged")},
        }


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a frame as JSON values, unknown ones as null."""
    columns = frame.astype(object).where(frame.notna(), None).to_dict("list")
    names, values = list(columns), zip(*columns.values(), strict=True)
    return [dict(zip(map(str, names), row, strict=True)) for row in values]
