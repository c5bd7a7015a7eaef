"""Requests that no application sees: refused by the server itself, as every other error is.

gunicorn answers them with a page that repeats what came, and writes it to the log with the
reader's address. What came may be somebody's home: here neither is done.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
from gunicorn.http import errors

from geomap.web.media_types import PROBLEM

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Refusal(NamedTuple):
    """How a request is refused: the status, its name, and what to do."""

    status: int
    title: str
    detail: str


_LINE: Final = (
    "the first line is no HTTP request; letters beyond ASCII and spaces in the address must be"
    " percent-encoded"
)
_HEADERS: Final = "the headers break the rules of HTTP: twice what must stand once, or not readable"
_BODY: Final = "the body is not written as its headers say"
_REFUSALS: Final = {
    errors.LimitRequestLine: Refusal(414, "URI Too Long", "the address is too long; ask for less"),
    errors.LimitRequestHeaders: Refusal(
        431, "Request Header Fields Too Large", "the headers are too large"
    ),
    errors.UnsupportedTransferCoding: Refusal(
        501, "Not Implemented", "of transfer codings only chunked is known"
    ),
    errors.ExpectationFailed: Refusal(
        417, "Expectation Failed", "of expectations only 100-continue is known"
    ),
    errors.ForbiddenProxyRequest: Refusal(403, "Forbidden", "no proxy may ask from there"),
    errors.InvalidChunkSize: Refusal(400, "Bad Request", _BODY),
    errors.ChunkMissingTerminator: Refusal(400, "Bad Request", _BODY),
    errors.InvalidChunkExtension: Refusal(400, "Bad Request", _BODY),
    errors.InvalidRequestLine: Refusal(400, "Bad Request", _LINE),
    errors.InvalidRequestMethod: Refusal(400, "Bad Request", _LINE),
    errors.InvalidHTTPVersion: Refusal(400, "Bad Request", _LINE),
}
_OTHERWISE: Final = Refusal(400, "Bad Request", _HEADERS)
_HOST = Refusal(400, "Bad Request", "the Host header names no host")
_HOSTS = re.compile(
    r"(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE
)
#: What is answered where the fault is ours.
FAILED: Final = Refusal(500, "Internal Server Error", "something went wrong on our side")
#: Faults of the application, not of who asks, though they are of the same family.
_OURS: Final = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


def refusal_of(error: Exception) -> Refusal | None:
    """Tell how a request is refused that the server could not read; None for faults of ours."""
    if not isinstance(error, errors.ParseException) or isinstance(error, _OURS):
        return None
    return next((_REFUSALS[kind] for kind in type(error).__mro__ if kind in _REFUSALS), _OTHERWISE)


def written(refusal: Refusal) -> bytes:
    """Write the whole answer; the connection is closed after it."""
    headers, body = _answer(refusal)
    lines = [f"HTTP/1.1 {refusal.status} {refusal.title}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class HostCheck:
    """WSGI in front of an application, which could not write addresses of a host that is none.

    Parameters
    ----------
    app : the application.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Refuse, or let the application answer."""
        if is_host(environ.get("HTTP_HOST", "localhost")):
            return self._app(environ, start_response)
        headers, body = _answer(_HOST)
        start_response(f"{_HOST.status} {_HOST.title}", headers)
        return [body]


def is_host(text: str) -> bool:
    """Tell whether a text is a host with or without a port.

    Examples
    --------
    >>> [is_host(each) for each in ("care.example:8000", "[::1]", "xn--a", "a b", "a/b", "")]
    [True, True, False, False, False, False]
    """
    if not _HOSTS.fullmatch(text):
        return False
    try:
        text.encode("ascii").decode("idna")
    except UnicodeError:
        return False
    return True


def _answer(refusal: Refusal) -> tuple[list[tuple[str, str]], bytes]:
    """Write the headers and the body of a refusal."""
    body = orjson.dumps({"type": "about:blank", **refusal._asdict()})
    headers = [
        ("Content-Type", PROBLEM),
        ("X-Content-Type-Options", "nosniff"),
        ("Access-Control-Allow-Origin", "*"),
        ("Content-Length", str(len(body))),
    ]
    return headers, body
