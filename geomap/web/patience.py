"""How long a thread waits for the other end of its connection: for a body, or to be read."""

from __future__ import annotations

import errno
import os
import select
import socket
import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from werkzeug.exceptions import RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gunicorn.http.message import Request

_T = TypeVar("_T")
#: So long in all a thread waits for more of a body, or until more of an answer is taken ...
_STALL_S: Final = 30.0
#: ... and longer with each byte that moves: over a line of this rate, a file of any size passes.
_LEAST_BYTES_S: Final = 2_000
#: So much of an answer may be ahead of the line, which then is seen to move in that time.
_UNSENT_BYTES: Final = 65_536
_SLOW: Final = "the body comes too slowly: send it over a better line, or in smaller parts"


def limit_stalls(listener: socket.socket) -> None:
    """Let the system end what stalls on the connections of a listener, which all inherit it.

    It ends what no thread waits for any more; and takes little of an answer ahead, or the thread
    that waits could not tell a slow line, or a proxy of one, from a dead one.
    """
    if sys.platform == "linux":
        patience_ms = round(_STALL_S * 1_000)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience_ms)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)


class PatientSocket(socket.socket):
    """A connection whose other end may be slow while it is answered, but not without end.

    To wait uses patience up, and what moves gives it back, though never more than there was at
    first: who sends much and then next to nothing has no more of it than others.
    """

    _asked: Request | None = None
    _left_s = 0.0

    @contextmanager
    def answering(self, asked: Request) -> Iterator[None]:
        """Have patience with who asked; before and after, gunicorn minds the time."""
        self._asked, self._left_s = asked, _STALL_S
        try:
            yield
        finally:
            self._asked = None

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Read what has come of a body.

        Raises
        ------
        RequestTimeout : if it comes too slowly.
        """
        if self._asked is None or self.gettimeout() is not None:
            return super().recv(size, flags)
        piece = self._move(select.POLLIN, partial(super().recv, size, socket.MSG_DONTWAIT))
        self._give_back(len(piece))
        return piece

    def send(self, data: Any, flags: int = 0, /) -> int:  # noqa: ANN401 (any bytes)
        """Send what there is room for.

        Raises
        ------
        BrokenPipeError : if it is taken too slowly; gunicorn knows it, and goes on to others.
        """
        if self._asked is None or self.gettimeout() is not None:
            return super().send(data, flags)
        sent = self._move(select.POLLOUT, partial(super().send, data, socket.MSG_DONTWAIT))
        self._give_back(sent)
        return sent

    def sendall(self, data: Any, flags: int = 0, /) -> None:  # noqa: ANN401 (any bytes)
        """Send all; see :meth:`send`."""
        if self._asked is None or self.gettimeout() is not None:
            super().sendall(data, flags)
            return
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest) :]

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:  # noqa: ANN401 (any file)
        """Send a part of a file; see :meth:`send`."""
        end = os.fstat(file.fileno()).st_size if count is None else offset + count
        place = offset
        self.settimeout(0)  # else the system waits for the whole
        try:
            while place < end:
                move = partial(os.sendfile, self.fileno(), file.fileno(), place, end - place)
                sent = self._move(select.POLLOUT, move)
                if sent == 0:  # the file was cut
                    break
                self._give_back(sent)
                place += sent
        finally:
            self.settimeout(None)
        return place - offset

    def _move(self, way: int, move: Callable[[], _T]) -> _T:
        """Move something now, or when the other end is ready."""
        while True:
            try:
                return move()
            except BlockingIOError:
                self._wait(way)

    def _wait(self, way: int) -> None:
        """Wait for the other end, for as long as patience lasts."""
        asking = select.poll()
        asking.register(self, way)
        began = time.monotonic()
        ready = asking.poll(max(self._left_s, 0.0) * 1_000)
        self._left_s -= time.monotonic() - began
        if ready:
            return
        if way == select.POLLOUT:
            raise BrokenPipeError(errno.EPIPE, "an answer is taken too slowly")
        if self._asked is not None:
            self._asked.force_close()
        raise RequestTimeout(_SLOW)

    def _give_back(self, moved_bytes: int) -> None:
        self._left_s = min(_STALL_S, self._left_s + moved_bytes / _LEAST_BYTES_S)
