"""The workers: gunicorn's threads, which refuse as our API does, and share connections fairly.

A program that asks page after page has its next question there in less than a millisecond: while
there are threads enough, one waits that long for it, and saves the way by the poller and back.

Who is slow holds no thread for long: a connection that says nothing waits in the poller, and one
is closed that does not get to the end of its headers, or whose body comes or answer is taken more
slowly than over a bad line. Connections that end wait for their readers in a thread of their own.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import _DEFER, STOP_KEEPALIVE_LINGER, ThreadWorker

from geomap.web.parting import Gone, Parting
from geomap.web.patience import PatientSocket
from geomap.web.refusals import FAILED, refusal_of, written

if TYPE_CHECKING:
    from concurrent.futures import Future

    from gunicorn.http.message import Request
    from gunicorn.workers.gthread import TConn

#: Longer than an idle process takes to wake, shorter than anybody notices.
_LEAVE_S = 0.001
#: How long a thread waits for the next question of its connection.
_STAY_MS = 5
#: So long may pass until a question is asked: browsers connect before they know that they will.
_ASK_S: Final = 10.0
#: Other connections end meanwhile, where a process has as many files open as it may.
_FULL_S: Final = 0.05


class PlainWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Refuses what it cannot read with the problem document of every other error."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 (gunicorn is untyped)
        super().__init__(*given, **named)
        #: Since when a thread reads the headers of a connection.
        self._reading: dict[TConn, float] = {}
        self._parting = Parting()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; one that finds too many files open waits, and ends no worker."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in {errno.EMFILE, errno.ENFILE}:
                raise
            self.log.warning("a connection waits: %s", error.strerror)
            time.sleep(_FULL_S)

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection to a thread, which is to have patience with it."""
        plain = conn.sock
        if not isinstance(plain, PatientSocket):
            conn.sock = PatientSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> object:
        """Answer a connection: and again, if it asks again at once."""
        if not (conn.initialized or conn.wait_for_data(_STAY_MS / 1_000)):
            return _DEFER
        kept = self._answer(conn)
        while kept is True and self._asks_again(conn):
            kept = self._answer(conn)
        if kept is False:
            self._parting.take(conn.sock)
            conn.sock = Gone()
        return kept

    def _answer(self, conn: TConn) -> object:
        self._reading[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._reading.pop(conn, None)

    def handle_request(self, req: Request, conn: TConn) -> object:
        """Answer a request whose headers are read."""
        self._reading.pop(conn, None)
        with conn.sock.answering(req):
            return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: Future[object]) -> None:
        """Put a connection back; one that asked nothing yet may take its time."""
        super().finish_request(conn, fs)
        if self.pending_conns and self.pending_conns[-1] is conn:
            conn.timeout = time.monotonic() + _ASK_S

    def murder_pending(self) -> None:
        """Close connections that never asked, or do not come to the end of their headers."""
        super().murder_pending()
        patience_s = _ASK_S if self.alive else STOP_KEEPALIVE_LINGER
        for conn, since in self._reading.copy().items():
            if time.monotonic() - since > patience_s:
                with suppress(OSError):  # it was closed meanwhile
                    conn.sock.shutdown(socket.SHUT_RDWR)

    def _cap_keepalive(self, deadline: float) -> None:
        """Let a process that is told to end wait no longer for those that asked nothing yet."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _asks_again(self, conn: TConn) -> bool:
        """Wait a moment for the next question, unless other connections need the thread."""
        enough = self.nr_conns <= self.cfg.threads
        if not (self.alive and enough) or conn.parser.unreader.buf.getvalue():
            return False
        asking = select.poll()
        asking.register(conn.sock, select.POLLIN)
        return bool(asking.poll(_STAY_MS))

    def handle_error(
        self, _req: object, client: socket.socket, _addr: object, exc: Exception
    ) -> None:
        """Answer an error that came before the application; what was asked is not logged."""
        refusal = refusal_of(exc)
        if refusal is None:
            self.log.error("a request could not be answered", exc_info=exc)
        else:
            self.log.warning("a request was refused: %s", type(exc).__name__)
        try:
            write_nonblock(client, written(refusal or FAILED))
        except OSError:  # nobody is there any more
            self.log.debug("Failed to send error message.")


class SharingWorker(PlainWorker):
    """A process that has connections already leaves a new one to another for a moment.

    Connections that come at once would else all be taken by the process that woke first, and
    stay with it while the others idle.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, unless another process did meanwhile."""
        if self.nr_conns > 0:
            time.sleep(_LEAVE_S)
        super().accept(listener)
