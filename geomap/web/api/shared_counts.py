"""Counts of questions that all workers of one server share: memory that is mapped before they fork.

Each asker has a ring of seconds. A question counts from its second for sixty, so that the minute
moves with the clock. Of more askers than there is room for, the one that asked longest ago is
forgotten. Who counts holds a lock on an empty file, which the system takes from a process that is
killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
import weakref
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Final

from limits.storage import MovingWindowSupport, Storage

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS: Final = 60
_ASKERS: Final = 16_384
#: An asker may stand in any of so many places from its own on.
_PLACES: Final = 8
_KEY_BYTES: Final = 16
#: An asker's key, the second in which it asked last, and how often in each of sixty seconds.
_ROW: Final = struct.Struct(f"{_KEY_BYTES}sq{_SECONDS}I")
_HEAD: Final = struct.Struct(f"{_KEY_BYTES}sq")


class _Turn:
    """Whose turn it is among the threads of this process; a new process begins with nobody's."""

    def __init__(self) -> None:
        self.renew()
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """Forget who held it: a thread that was not forked too."""
        self.lock = threading.Lock()


_turn = _Turn()


class SharedCounts(Storage, MovingWindowSupport):
    """Storage ``shared://`` of the library limits, for its moving window of a minute.

    The arguments are the library's own.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 (the library's own attribute)

    def __init__(
        self, uri: str | None = None, *, wrap_exceptions: bool = False, **_: float | str | bool
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._lock_file, name = mkstemp(prefix="geomap-lock-")
        Path(name).unlink()
        weakref.finalize(self, os.close, self._lock_file)
        self._memory = mmap.mmap(-1, _ASKERS * _ROW.size)  # in no file: a full disk would end us

    @property
    def base_exceptions(self) -> type[Exception]:
        """Name what may fail."""
        return OSError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:  # noqa: ARG002 (always a minute)
        """Count `amount` questions of an asker, unless they are more than `limit` a minute."""
        with self._alone():
            name, at, now = self._place(key)
            counts = self._counts(name, at, now)
            if sum(counts) + amount > limit:
                return False
            counts[now % _SECONDS] += amount
            _ROW.pack_into(self._memory, at, name, now, *counts)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 (always a minute)
        """Tell when the oldest question that counts was asked, epoch seconds, and how many do."""
        with self._alone():
            name, at, now = self._place(key)
            counts = self._counts(name, at, now)
        for second in range(now - _SECONDS + 1, now + 1):
            if counts[second % _SECONDS]:
                return time.time() - time.monotonic() + second, sum(counts)
        return time.time(), 0

    def check(self) -> bool:
        """Tell that it is there."""
        return True

    def reset(self) -> None:
        """Forget all askers."""
        with self._alone():
            self._memory[:] = bytes(len(self._memory))

    def clear(self, key: str) -> None:
        """Forget one asker."""
        with self._alone():
            at = self._place(key)[1]
            self._memory[at : at + _ROW.size] = bytes(_ROW.size)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse another way of counting."""
        raise NotImplementedError("shared:// counts by a moving window")

    def get(self, key: str) -> int:
        """Refuse another way of counting."""
        raise NotImplementedError("shared:// counts by a moving window")

    def get_expiry(self, key: str) -> float:
        """Refuse another way of counting."""
        raise NotImplementedError("shared:// counts by a moving window")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads and processes waiting."""
        with _turn.lock:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock_file, fcntl.LOCK_UN)

    def _place(self, key: str) -> tuple[bytes, int, int]:
        """Find the name of an asker, where it stands, or else whom it replaces, and the second."""
        name = hashlib.blake2b(key.encode(), digest_size=_KEY_BYTES).digest()
        first = int.from_bytes(name[:8])
        places = [each % _ASKERS * _ROW.size for each in range(first, first + _PLACES)]
        last = {}
        for at in places:
            there, last[at] = _HEAD.unpack_from(self._memory, at)
            if there == name:
                break
        else:
            at = min(places, key=last.__getitem__)
        return name, at, int(time.monotonic())

    def _counts(self, name: bytes, at: int, now: int) -> list[int]:
        """Read how often an asker asked in each of the last sixty seconds."""
        there, last, *counts = _ROW.unpack_from(self._memory, at)
        if there != name:
            return [0] * _SECONDS
        for second in range(max(last, now - _SECONDS) + 1, now + 1):
            counts[second % _SECONDS] = 0
        return counts
