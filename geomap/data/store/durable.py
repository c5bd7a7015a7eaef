"""Files that a crash leaves whole: the old content or the new, never half of either.

A rename within a folder is atomic, but only what was flushed to the disk before it counts after
a power cut. So: write beside the target, fsync the file, rename it over the target, fsync the
folder. A writer that was killed leaves its file beside the target; see :func:`remove_leftovers`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from geomap.errors import DataError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

#: How an unfinished file is called; nothing else in a workspace begins so.
UNFINISHED = ".unfinished-"


def write_atomically(path: Path, content: bytes | Callable[[IO[bytes]], object]) -> None:
    """Write a file so that any crash leaves the old content or the new.

    Parameters
    ----------
    path : the file; its folder must exist.
    content : the bytes, or what writes them to the open file that it is given.

    Raises
    ------
    DataError : if the disk is full, or the folder is missing or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "current.json")
    ...     write_atomically(path, b"old")
    ...     write_atomically(path, lambda file: file.write(b"new"))
    ...     path.read_bytes(), [each.name for each in path.parent.iterdir()]
    (b'new', ['current.json'])
    """
    unfinished = path.with_name(f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}")
    with spoken_os_errors(path):
        try:
            with unfinished.open("xb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    content(file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            with suppress(OSError):  # what came first is what must be told
                unfinished.unlink()
            raise
        sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, with the ones above it, so that it is there after a crash.

    One that is there is flushed again: whoever made it may have been killed before the flush.

    Raises
    ------
    DataError : if it cannot be made.
    """
    with spoken_os_errors(folder):
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            sync_folder(each.parent)
        if not missing:
            with suppress(PermissionError):  # a folder above may be closed to its users
                sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk: a new file, or one that was renamed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def leftovers(folder: Path) -> list[Path]:
    """List the files that killed writers left in a folder.

    Raises
    ------
    DataError : if the folder cannot be read.
    """
    with spoken_os_errors(folder):
        return sorted(folder.glob(f"{UNFINISHED}*"))


def remove_leftovers(folder: Path, *, older_than_s: float | None = None) -> None:
    """Remove what killed writers left.

    Parameters
    ----------
    folder : where no writer is at work, which the caller makes sure of; or any, with an age.
    older_than_s : leave what was written since, for a living writer may be writing it.
    """
    for each in leftovers(folder):
        with suppress(OSError):
            if older_than_s is None or time.time() - each.stat().st_mtime > older_than_s:
                each.unlink()


@contextmanager
def alone(place: Path, *, wait: bool = True) -> Iterator[bool]:
    """Keep other processes out while something is done; the system lets go for who was killed.

    Parameters
    ----------
    place : what is held: a folder, or a file made for it.
    wait : until others are done.

    Yields
    ------
    Whether it is held: where nobody waits, another process may hold it.

    Raises
    ------
    OSError : if it cannot be opened.
    """
    kind = os.O_RDONLY | os.O_DIRECTORY if place.is_dir() else os.O_CREAT | os.O_RDWR
    handle = os.open(place, kind | os.O_CLOEXEC, 0o644)
    try:
        yield _held(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        with suppress(OSError):
            os.close(handle)


def _held(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        return False
    return True


@contextmanager
def spoken_os_errors(path: Path) -> Iterator[None]:
    """Turn what the system says about a file, or a folder's files, into a sentence with the fix."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0) or Label(*[error.strerror or str(error)] * 2)
        raise DataError(
            f"{path} cannot be written: {advice.en}", zh=f"{path} 无法写入：{advice.zh}"
        ) from error


_DENIED = Label(
    "没有权限；请选择有写入权限的文件夹", "permission denied; choose a folder that you may write to"
)
#: What happened and what to do, by the number of the error.
_ADVICE: Mapping[int, Label] = {
    errno.ENOSPC: Label(
        "磁盘已满；请腾出空间再试", "the disk is full; free some space and try again"
    ),
    errno.EDQUOT: Label(
        "磁盘配额已用完；请腾出空间再试",
        "the disk quota is used up; free some space and try again",
    ),
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: Label("磁盘只读；请另选文件夹", "the disk is read-only; choose another folder"),
    errno.ENOENT: Label("所在文件夹不存在；请先建立", "its folder does not exist; make it first"),
    errno.ENOTDIR: Label(
        "路径中有一段是文件而不是文件夹；请另选路径",
        "a part of the path is a file, not a folder; choose another path",
    ),
    errno.EIO: Label(
        "磁盘报告出错；请检查磁盘，并把文件夹另存一份",
        "the disk reports an error; check it and keep a copy of the folder",
    ),
}
