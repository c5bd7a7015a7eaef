"""What an import is and does: where rows come from, and what they change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from geomap.data.store.bodies import Record


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
    """What some rows of the file do: (id, body) of new records, updates, what is kept."""

    new: list[tuple[str, str]]
    updates: list[Update]
    kept: list[Change]
    same: int


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
    same : number of records that stay as they are.
    """

    layer: str
    file: str
    new: pd.DataFrame
    changes: pd.DataFrame
    kept: pd.DataFrame
    gone: pd.DataFrame
    id_taken: pd.DataFrame
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether the import writes nothing."""
        return self.new.empty and self.changes.empty

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
        }
