"""Connections whose last answer is sent: kept open until their reader has it.

Closed at once while something that was sent is still unread, a connection is reset, and the reader
may lose the answer (RFC 9112, 9.6). gunicorn waits for each in turn, in the thread that hands out
all others; here one thread waits for all of them at once.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, NoReturn

#: So long a reader has to take its answer and to close its end.
_LINGER_S: Final = 2.0
#: More at a time are closed as they are: each takes one of the files that a process may open.
_MOST: Final = 256
#: What is still on its way to us is read so often, and in such parts.
_LOOK_S, _PART_BYTES = 0.05, 65_536


class Parting:
    """Closes connections, each as soon as its other end is closed or the time is over."""

    def __init__(self) -> None:
        self._new: SimpleQueue[socket.socket] = SimpleQueue()
        self._starting = threading.Lock()
        self._started = False

    def take(self, connection: socket.socket) -> None:
        """Say that no more will come, and close a connection when it may be."""
        if connection.fileno() < 0:  # it is closed
            return
        plain = socket.socket(connection.family, connection.type, fileno=connection.detach())
        try:
            plain.shutdown(socket.SHUT_WR)
        except OSError:  # nobody is there any more
            plain.close()
            return
        plain.settimeout(0)
        self._new.put(plain)
        with self._starting:
            if not self._started:
                threading.Thread(target=self._wait, name="parting", daemon=True).start()
                self._started = True

    def _wait(self) -> NoReturn:
        """Read what still comes on any of them, and throw it away."""
        until: dict[socket.socket, float] = {}
        with selectors.PollSelector() as ready:  # takes no file, where a process may open no more
            while True:
                for each in self._taken(wait=not until):
                    until[each] = time.monotonic() + (_LINGER_S if len(until) < _MOST else 0)
                    ready.register(each, selectors.EVENT_READ, each)
                closed = [key.data for key, _ in ready.select(_LOOK_S) if _is_over(key.data)]
                now = time.monotonic()
                for each in {*closed, *(each for each, end in until.items() if end <= now)}:
                    ready.unregister(each)
                    del until[each]
                    each.close()

    def _taken(self, *, wait: bool) -> list[socket.socket]:
        """Give those that came meanwhile; wait for one where there is none to mind."""
        taken = [self._new.get()] if wait else []
        with suppress(Empty):
            while True:
                taken.append(self._new.get_nowait())
        return taken


def _is_over(connection: socket.socket) -> bool:
    """Whether the other end is closed, or gone."""
    try:
        return not connection.recv(_PART_BYTES)
    except BlockingIOError:
        return False
    except OSError:
        return True


class Gone:
    """Stands where a connection was that is parting: there is nothing to wait for."""

    def setblocking(self, _flag: object, /) -> None:
        """Do nothing."""

    def shutdown(self, _how: int, /) -> None:
        """Say that nobody is there.

        Raises
        ------
        ConnectionError : always.
        """
        raise ConnectionError("the connection is parting")

    def close(self) -> None:
        """Do nothing."""
