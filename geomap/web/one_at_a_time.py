"""Files to keep, booklets and reports, are made one at a time in each server process.

Pages stay quick meanwhile.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geomap.errors import GeomapError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAIT_S = 8.0
_TURN = threading.Lock()


class NotMyTurnError(GeomapError):
    """Others are being served; it may be asked again."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for one's turn, but not for long.

    Raises
    ------
    NotMyTurnError : if others take too long.
    """
    if not _TURN.acquire(timeout=_WAIT_S):
        raise NotMyTurnError(f"other booklets and reports took longer than {_WAIT_S} s")
    try:
        yield
    finally:
        _TURN.release()
