"""The index of names, kept on disk: built once for one state of the data, opened by all workers.

An index belongs to exactly what it was built from: its folder is named by a digest of that, and
says so in full. It is written beside its place, flushed, and renamed; so a crash leaves no half
of one. Whatever is missing, damaged or of something else is not believed but built again. Where
no folder can be written, an index is kept in memory.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import shutil
from typing import TYPE_CHECKING, Any

from geomap.data.store.durable import UNFINISHED, alone, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from tantivy import Index, Schema

    #: Fills an empty index, and gives the table that is kept beside it.
    Fill = Callable[[Index], pa.Table]

_MANIFEST, _TABLE, _INDEX, _LOCK = "manifest.json", "things.arrow", "index", ".lock"
#: The current index and the one before it, which another worker may be opening.
_KEPT = 2
_log = logging.getLogger(__name__)


class _UnusableError(Exception):
    """Why an index that is there cannot be believed."""


def kept_index(
    places: Sequence[Path], key: Mapping[str, str], schema: Callable[[], Schema], fill: Fill
) -> tuple[Index, pa.Table]:
    """Open the index of something, and build it first where there is none.

    Parameters
    ----------
    places : folders to keep it in, the first that can be used; made if they are not there.
    key : all that it is built from; another key is another index.
    schema, fill : make its fields, and fill it.

    Returns
    -------
    The index, not to be written to, and its table, memory-mapped.
    """
    for place in places:
        try:
            return _in_place(place, key, schema, fill)
        except OSError as error:
            _log.info("no index of names can be kept in %s: %s", place, error)
    from tantivy import Index

    index = Index(schema())
    return index, fill(index)


def is_kept(places: Sequence[Path], key: Mapping[str, str]) -> bool:
    """Tell whether there is an index of something, be it whole or damaged."""
    return any(_folder(place, key).is_dir() for place in places)


def _in_place(
    place: Path, key: Mapping[str, str], schema: Callable[[], Schema], fill: Fill
) -> tuple[Index, pa.Table]:
    """Open an index in a folder, or build it while others wait."""
    folder = _folder(place, key)
    found = _opened(folder, key)
    if found is not None:
        return found
    place.mkdir(parents=True, exist_ok=True)
    with alone(place / _LOCK):  # workers that start together build once
        found = _opened(folder, key)
        if found is not None:
            return found
        _build(folder, key, schema, fill)
        _tidy(folder)
    found = _opened(folder, key)
    if found is None:
        raise OSError(f"{folder} was written, but cannot be read")
    return found


def _folder(place: Path, key: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(json.dumps(dict(key), sort_keys=True).encode()).hexdigest()
    return place / f"names-{digest[:32]}"


def _opened(folder: Path, key: Mapping[str, str]) -> tuple[Index, pa.Table] | None:
    """Open an index; None where there is none, or none to be believed."""
    if not folder.is_dir():
        return None
    try:
        return _read(folder, key)
    except _UnusableError as error:
        _log.warning("the index of names in %s is not used but built again: %s", folder, error)
        return None


def _read(folder: Path, key: Mapping[str, str]) -> tuple[Index, pa.Table]:
    """Check every byte of an index, and open it."""
    import pyarrow as pa
    from tantivy import Index

    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        if manifest["key"] != dict(key):
            raise _UnusableError("it was built from something else")
        if _sums(folder) != manifest["files"]:
            raise _UnusableError("its files are not as they were written")
        index = Index.open(str(folder / _INDEX))
        index.config_reader(reload_policy="manual")
        table = pa.ipc.open_file(pa.memory_map(str(folder / _TABLE))).read_all()
        if not index.searcher().num_docs == table.num_rows == manifest["rows"]:
            raise _UnusableError("its parts do not belong together")
    except (ValueError, KeyError, TypeError, OSError, pa.ArrowException) as error:
        raise _UnusableError(str(error)) from error
    return index, table


def _sums(folder: Path) -> dict[str, Any]:
    """Give the digest of every file of an index."""
    sums = {}
    for path in sorted([folder / _TABLE, *(folder / _INDEX).iterdir()]):
        if not path.name.endswith(_LOCK):
            with path.open("rb") as file:
                sums[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def _build(folder: Path, key: Mapping[str, str], schema: Callable[[], Schema], fill: Fill) -> None:
    """Write an index beside its place, flush it, and put it in its place."""
    import pyarrow as pa
    from tantivy import Index

    unfinished = folder.with_name(f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}")
    (unfinished / _INDEX).mkdir(parents=True)
    try:
        table = fill(Index(schema(), path=str(unfinished / _INDEX)))
        with (
            pa.OSFile(str(unfinished / _TABLE), "wb") as file,
            pa.ipc.new_file(file, table.schema) as writer,
        ):
            writer.write_table(table.combine_chunks())
        manifest = {"key": dict(key), "rows": table.num_rows, "files": _sums(unfinished)}
        (unfinished / _MANIFEST).write_text(json.dumps(manifest, indent=1))
        _flush(unfinished)
        shutil.rmtree(folder, ignore_errors=True)  # one that was damaged
        unfinished.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Flush a folder with all that is in it."""
    for path in folder.iterdir():
        if path.is_dir():
            _flush(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def _tidy(folder: Path) -> None:
    """Remove what killed builders left, and all but the last few indexes."""
    others = [each for each in folder.parent.iterdir() if each.is_dir() and each != folder]
    old = sorted(
        (each for each in others if not each.name.startswith(UNFINISHED)),
        key=lambda each: each.stat().st_mtime,
        reverse=True,
    )
    left = [each for each in others if each.name.startswith(UNFINISHED)]
    for each in [*old[_KEPT - 1 :], *left]:
        shutil.rmtree(each, ignore_errors=True)
