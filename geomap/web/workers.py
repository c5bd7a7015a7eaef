"""The workers: gunicorn's threads, which refuse as our API does, and share connections fairly."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import orjson
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    import socket

#: Longer than an idle process takes to wake, shorter than anybody notices.
_LEAVE_S = 0.001
#: What is refused before the application sees it: status, title, and what to do.
_REFUSED = {
    LimitRequestLine: (414, "URI Too Long", "the address is longer than 8,190 bytes; ask for less"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large", "the headers are too large"),
}


class PlainWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Refuses what is too long with the problem document of every other error."""

    def handle_error(
        self, req: object, client: socket.socket, addr: object, exc: Exception
    ) -> None:
        """Answer an error that came before the application."""
        refused = _REFUSED.get(type(exc))
        if refused is None:
            super().handle_error(req, client, addr, exc)
            return
        try:
            write_nonblock(client, too_long(*refused))
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


def too_long(status: int, title: str, detail: str) -> bytes:
    """Write the whole answer to a request that is too long to be read."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    body = orjson.dumps(document)
    head = (
        f"HTTP/1.1 {status} {title}\r\nConnection: close\r\n"
        "Content-Type: application/problem+json\r\nX-Content-Type-Options: nosniff\r\n"
        f"Access-Control-Allow-Origin: *\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
