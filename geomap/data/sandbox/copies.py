"""A private copy of the file to read: one regular file, whole, under a name that says nothing."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.sniff import LARGEST_BYTES
from geomap.data.temporary import private_folder
from geomap.errors import DataError, GeomapError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The copy is called so, with the end of the name that the file has.
COPY_NAME = "geomap-copy"
#: A shapefile is all of these.
_BESIDE_SHAPEFILE = (".shx", ".dbf", ".prj", ".cpg")
_LONGEST_SUFFIX = 20
_AT_A_TIME = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class NoRoomError(GeomapError):
    """There is no room on the disk for a private copy."""

    def __init__(self) -> None:
        folder = tempfile.gettempdir()
        super().__init__(
            f"there is no room in {folder} for a copy of the file to read: free some, or name"
            " another folder in the variable TMPDIR",
            zh=f"{folder} 的空间不足，无法复制要读取的文件：请清理磁盘，"
            "或用环境变量 TMPDIR 另指文件夹",
        )


@dataclass(frozen=True)
class Copy:
    """A file alone in a folder of its own.

    Parameters
    ----------
    folder : the folder; it is removed with all that is made in it.
    name : of the file in it.
    size_bytes : of the file, and of those beside it that belong to it.
    """

    folder: Path
    name: str
    size_bytes: int


@contextmanager
def private_copy(path: Path) -> Iterator[Copy]:
    """Copy a file into a folder that only this user can open, for as long as it is needed.

    Parameters
    ----------
    path : the file; of a shapefile the parts beside it come too, whatever their case.

    Raises
    ------
    RefusedError : if it is missing, not a regular file, not readable, too large, or changes
        while it is copied.
    NoRoomError : if the disk is full.
    """
    if "\0" in str(path):
        raise RefusedError("file_missing", path=path.name)
    with private_folder() as folder:
        suffix = _suffix(path)
        size = _copy(path, folder / f"{COPY_NAME}{suffix}")
        for part in _parts(path) if suffix == ".shp" else []:
            size += _copy(part, folder / f"{COPY_NAME}{part.suffix.lower()}")
        yield Copy(folder, f"{COPY_NAME}{suffix}", size)


def _suffix(path: Path) -> str:
    """Give the end of the name that tells the format."""
    name = path.name.lower()
    suffix = ".osm.pbf" if name.endswith(".osm.pbf") else path.suffix.lower()
    return suffix if len(suffix) <= _LONGEST_SUFFIX and suffix.isprintable() else ""


def _parts(path: Path) -> list[Path]:
    """Find the other parts of a shapefile; the exact case wins over another."""
    stem = path.stem
    try:
        beside = sorted(path.parent.iterdir(), key=lambda other: other.stem == stem)
    except OSError:  # a folder whose files can be opened but not listed
        beside = [path.with_suffix(suffix) for suffix in _BESIDE_SHAPEFILE]
        beside = [each for each in beside if each.exists()]
    found = {
        each.suffix.lower(): each
        for each in beside
        if each.stem.lower() == stem.lower() and each.suffix.lower() in _BESIDE_SHAPEFILE
    }
    return list(found.values())


def _copy(path: Path, target: Path) -> int:
    """Copy one file and give its size; it must be the same before and after."""
    try:
        with _open(path) as source, target.open("xb") as copy:
            before = os.fstat(source.fileno())
            if before.st_size > LARGEST_BYTES:
                came, most = (f"{size / 2**20:.0f} MB" for size in (before.st_size, LARGEST_BYTES))
                raise RefusedError("too_large", came=came, expected=most)
            left = before.st_size
            while left and (some := source.read(min(left, _AT_A_TIME))):
                left -= copy.write(some)
            after = os.fstat(source.fileno())
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoomError from error
        raise RefusedError("file_unreadable", path=path.name) from error
    if left or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise RefusedError("file_changed", path=path.name)
    return before.st_size


def _open(path: Path) -> BinaryIO:
    """Open a regular file; never wait for a pipe, never touch a device."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise RefusedError("file_unreadable", path=path.name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RefusedError("file_missing", path=path.name) from error
    file = _regular(path)
    if file is None:  # it was swapped
        raise RefusedError("file_unreadable", path=path.name)
    return file


def _regular(path: Path, *flags: int) -> BinaryIO | None:
    """Open a file if it is a regular one, without waiting for a pipe."""
    place = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | sum(flags))
    if stat.S_ISREG(os.fstat(place).st_mode):
        return os.fdopen(place, "rb")
    os.close(place)
    return None


def open_made(path: Path) -> BinaryIO:
    """Open what a reader made, if it is a regular file itself and no link to one.

    Raises
    ------
    DataError : if it is not, or is not there.
    """
    try:
        file = _regular(path, os.O_NOFOLLOW)
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error}") from error
    if file is None:
        raise DataError(f"{path.name} is not a file")
    return file


def read_made(path: Path, most: int) -> bytes:
    """Read what a reader made, if it is at most so many bytes.

    Raises
    ------
    DataError : if it is longer, or no file.
    """
    with open_made(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise DataError(f"{path.name} must be at most {most} bytes")
        return file.read(most + 1)
