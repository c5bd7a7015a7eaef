"""Booklets are made one at a time in each server process, so that pages stay quick meanwhile."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geomap.errors import GeomapError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAIT_S = 8.0
_TURN = threading.Lock()


class BusyError(GeomapError):
    """Others are being served; it may be asked again."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for one's turn, but not for long.

    Raises
    ------
    BusyError : if others take too long.
    """
    if not _TURN.acquire(timeout=_WAIT_S):
        raise BusyError(f"other booklets took longer than {_WAIT_S} s")
    try:
        yield
    finally:
        _TURN.release()
