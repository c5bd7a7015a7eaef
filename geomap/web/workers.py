"""The worker: gunicorn's threads, which let another process that is idle take a connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    import socket

#: Longer than an idle process takes to wake, shorter than anybody notices.
_LEAVE_S = 0.001


class SharingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """A process that has connections already leaves a new one to another for a moment.

    Connections that come at once would else all be taken by the process that woke first, and
    stay with it while the others idle.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, unless another process did meanwhile."""
        if self.nr_conns > 0:
            time.sleep(_LEAVE_S)
        super().accept(listener)
