"""The worker: gunicorn's threads, each of which stays with its connection for a moment.

gunicorn gives every connection back to one loop after each answer, and the loop gives it to a
thread again when the next question comes: two wake-ups and two changes of thread, which take
longer than finding the nearest facilities does. Here a thread waits some milliseconds for the next
question itself, where the last one came as soon and no other connection waits for a thread.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from gunicorn.workers.gthread import TConn

#: So long a thread waits, for programs that asked again within the other time.
_STAY_MS, _SOON_S = 5, 0.05


class StayingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Threads that answer several questions of one connection in a row."""

    def handle(self, conn: TConn) -> object:
        """Answer what comes over a connection, until nothing comes for a moment."""
        answered = getattr(conn, "answered", -_SOON_S)
        soon = time.monotonic() - answered < _SOON_S
        kept = super().handle(conn)
        while kept is True and soon and self._comes(conn):
            kept = super().handle(conn)
        conn.answered = time.monotonic()
        return kept

    def _comes(self, conn: TConn) -> bool:
        """Wait for the next question, if there is a thread to spare for that."""
        busy = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
        if not self.alive or conn.is_http2 or busy > self.cfg.threads:
            return False
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        return bool(waiting.poll(_STAY_MS))
