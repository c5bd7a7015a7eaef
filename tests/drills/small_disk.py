"""A small disk of memory in a private view of the file system; nothing else sees it."""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_REMOUNT, _MS_REC, _MS_PRIVATE = 32, 16384, 1 << 18
_LIBC = ctypes.CDLL(None, use_errno=True)
PAGE = 4096
#: Of pages, and of files: more than a drill ever needs.
MANY = 20_000


def enter_private_view() -> None:
    """Let this process and its children mount without anyone noticing.

    Raises
    ------
    OSError : where the system does not let one.
    """
    user, group = os.getuid(), os.getgid()
    _checked(_LIBC.unshare(_CLONE_NEWNS | (_CLONE_NEWUSER if user else 0)))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    _checked(_LIBC.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))


@contextmanager
def small_disk(folder: Path, *, pages: int, files: int = MANY) -> Iterator[None]:
    """Have a disk of so many pages and so many files in an empty folder."""
    _mount(folder, 0, pages, files)
    try:
        yield
    finally:
        _checked(_LIBC.umount2(os.fsencode(folder), 0))


def enlarge(folder: Path) -> None:
    """Give a small disk space enough."""
    _mount(folder, _MS_REMOUNT, MANY, MANY)


def _mount(folder: Path, flags: int, pages: int, files: int) -> None:
    options = f"size={pages * PAGE},nr_inodes={files}".encode()
    _checked(_LIBC.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options))


def _checked(result: int) -> None:
    if result:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
