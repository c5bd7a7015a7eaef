"""Landlock: a process gives up every file but those it names, for good (Linux 5.13 and later).

The numbers are those of ``linux/landlock.h``: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << n for n in range(6))
_MAKE_DIR, _MAKE_REG, _TRUNCATE = 1 << 7, 1 << 8, 1 << 14
_READ = _READ_FILE | _READ_DIR
_OWN = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
#: What only folders have.
_FOLDERS_ONLY = _READ_DIR | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG
#: All rights over files by version of Landlock: 13, then moves, truncation, device control.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_RIGHTS_NOW = (1 << 16) - 1
_WITH_TCP, _WITH_SCOPES = 4, 6
_BIND_AND_CONNECT = 0b11
_SOCKETS_AND_SIGNALS = 0b11
_NO_NEW_PRIVILEGES = 38


def version() -> int:
    """Tell which version of Landlock the kernel has; 0 where it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)))


def confine(folder: Path, readable: Iterable[Path]) -> bool:
    """Leave this process one folder to read and write, and some paths to read.

    Parameters
    ----------
    folder : its own; it can make files and folders in it, but no links or devices.
    readable : files and folders that it can read; those that do not exist are passed over.

    Returns
    -------
    Whether the kernel does it.
    """
    found = version()
    if not found:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    rights = _RIGHTS.get(found, _RIGHTS_NOW)
    tcp = _BIND_AND_CONNECT if found >= _WITH_TCP else 0
    scopes = _SOCKETS_AND_SIGNALS if found >= _WITH_SCOPES else 0
    size = 24 if scopes else 16 if tcp else 8
    attributes = struct.pack("=QQQ", rights, tcp, scopes)[:size]
    rules = libc.syscall(_CREATE, attributes, ctypes.c_size_t(size), 0)
    if rules < 0:
        return False
    _allow(libc, rules, folder, _OWN & rights)
    for path in readable:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            _allow(libc, rules, path, _READ)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    held = libc.syscall(_RESTRICT, rules, 0) == 0
    os.close(rules)
    return bool(held)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    """Add a path, and all beneath it, to the rules."""
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        granted = rights if path.is_dir() else rights & ~_FOLDERS_ONLY
        rule = struct.pack("=Qi", granted, place)
        libc.syscall(_ADD_RULE, rules, _BENEATH, rule, 0)
    finally:
        os.close(place)
