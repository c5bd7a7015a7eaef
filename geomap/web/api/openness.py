"""What all answers to programs share: who may read them, in what form, for how long they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from geomap.web.api.deprecation import DEPRECATED
from geomap.web.api.formats import require_acceptable
from geomap.web.security import PUBLIC

if TYPE_CHECKING:
    from flask import Flask, Response

_API: Final = "/api/"
#: These choose among their forms themselves.
_CHOOSING: Final = frozenset(("api.list_facilities", "api.list_nearest"))
_READING: Final = ("GET", "HEAD")
_TOLD: Final = (
    "Accept-Ranges, Content-Crs, Content-Range, Deprecation, ETag, Link, Location,"
    " OGC-NumberMatched, OGC-NumberReturned, RateLimit-Limit, RateLimit-Remaining,"
    " RateLimit-Reset, Retry-After, Sunset"
)
#: A page may send these besides what every page may send.
_TAKEN: Final = "Authorization, If-Match, If-None-Match, If-Range, Range, X-API-Key"
_KEPT_S: Final = "86400"


def open_api(app: Flask) -> None:
    """Let pages of any site read public answers, never with the reader's cookies.

    Nothing varies by ``Origin``, so that caches and the short path give all the same.
    """

    @app.before_request
    def choose_form() -> None:
        if request.path.startswith(_API) and request.endpoint not in _CHOOSING:
            require_acceptable()

    @app.after_request
    def share(response: Response) -> Response:
        if request.path.startswith(_API):
            _tag(response)
            _announce(response)
        if request.path.startswith(PUBLIC):
            _allow(response)
        return response


def _tag(response: Response) -> None:
    """Name a document by what it says, so that who has it already need not read it again."""
    whole = response.status_code == 200 and not response.is_streamed  # noqa: PLR2004 (a document)
    if whole and request.method in _READING and "ETag" not in response.headers:
        response.add_etag(weak=True)
        response.make_conditional(request)


def _announce(response: Response) -> None:
    """Say that a route is to go."""
    rule = str(request.url_rule or "").replace("<", "{").replace(">", "}")
    if rule in DEPRECATED:
        DEPRECATED[rule].announce(response)


def _allow(response: Response) -> None:
    """Allow any site's page to read what is public."""
    if request.method in _READING:
        response.access_control_allow_origin = "*"
        response.headers["Access-Control-Expose-Headers"] = _TOLD
    elif request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.access_control_allow_origin = "*"
        response.headers["Access-Control-Allow-Methods"] = ", ".join(_READING)
        response.headers["Access-Control-Allow-Headers"] = _TAKEN
        response.headers["Access-Control-Max-Age"] = _KEPT_S
