"""Every error's way out: one status table, problem documents for programs, pages for people."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypedDict
from urllib.parse import quote

import orjson
from apiflask import APIFlask, HTTPError
from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from geomap.data.jobs import BusyError
from geomap.errors import (
    ConflictError,
    CRSError,
    DataError,
    GeomapError,
    NotFoundError,
    ParameterError,
    TooLargeError,
)
from geomap.web.media_types import HTML, JSON, PROBLEM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROGRAM_PATHS = ("/api/", "/ogc/", "/openapi.json/", "/oembed/")
#: Who is turned away because too many calculations wait may come back after so many seconds.
BUSY_S: Final = 60
_log = logging.getLogger(__name__)


class Fault(TypedDict):
    """One parameter that was refused, and why."""

    parameter: str
    detail: str


class RefusedParametersError(ParameterError):
    """Request parameters were refused; carries every fault at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{each['parameter']}: {each['detail']}" for each in faults))


class ContradictionError(RefusedParametersError):
    """Parameters, each in range, that contradict each other or what is known here."""


def contradiction(detail: str, parameter: str) -> ContradictionError:
    """Make the error of one parameter that does not go with the others."""
    return ContradictionError([{"parameter": parameter, "detail": detail}])


@dataclass(frozen=True)
class Problem:
    """What went wrong, before it is written for a program or a person."""

    status: int
    title: str
    detail: str
    faults: tuple[Fault, ...] = ()
    code: str | None = None

    def document(self) -> dict[str, object]:
        """RFC 9457 problem details, without empty members."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": quote(request.path),
            "errors": list(self.faults),
            "code": self.code,
        }
        return {name: value for name, value in body.items() if value}


#: The status of each kind of error; another kind has that of its nearest ancestor.
_STATUS: Mapping[type[GeomapError], int] = {
    ParameterError: 400,
    CRSError: 400,
    ContradictionError: 409,
    NotFoundError: 404,
    ConflictError: 409,
    BusyError: 429,
    TooLargeError: 413,
    DataError: 422,
}


def status_of(error: GeomapError) -> int:
    """Tell the status of an error; 500 where none is known."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def register_problems(app: APIFlask) -> None:
    """Answer every error of `app` by this module, whatever raised it."""
    app.register_error_handler(GeomapError, _domain_error)
    app.register_error_handler(HTTPError, _apiflask_error)
    app.register_error_handler(HTTPException, _http_error)


def wants_document() -> bool:
    """Tell whether a program asks: then problems are documents, else pages."""
    return f"{request.path}/".startswith(_PROGRAM_PATHS) and not _wants_page_of_ogc()


def _wants_page_of_ogc() -> bool:
    """Tell whether a person reads OGC API Features: by the address, else by what is accepted."""
    if not f"{request.path}/".startswith("/ogc/"):
        return False
    form = request.args.get("f")
    return form == "html" or (
        form is None and request.accept_mimetypes.best_match([PROBLEM, JSON, HTML]) == HTML
    )


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Write a problem as problem+json for programs, and as a page for people."""
    if wants_document():
        body: bytes | str = orjson.dumps(problem.document())
        kind = PROBLEM
    else:
        body = render_template("problem.html", problem=problem)
        kind = f"{HTML}; charset=utf-8"
    response = Response(body, status=problem.status, content_type=kind)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return response


def _domain_error(error: GeomapError) -> Response:
    """Answer a fault that geomap itself reports."""
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _our_fault(error)
    faults = error.faults if isinstance(error, RefusedParametersError) else ()
    headers = {"Retry-After": str(BUSY_S)} if isinstance(error, BusyError) else {}
    return answer(Problem(status, HTTPStatus(status).phrase, str(error), faults), headers)


def _apiflask_error(error: HTTPError) -> Response:
    """Answer a fault that APIFlask reports; our own schemas raise ParameterError instead."""
    title = error.message or HTTPStatus(error.status_code).phrase
    return answer(Problem(error.status_code, title, str(error.detail or title)))


def _http_error(error: HTTPException) -> Response:
    """Answer a fault that Flask reports: no such page, wrong method, too large, ours."""
    if isinstance(error, InternalServerError):
        return _our_fault(error.original_exception or error)
    status = error.code or 500
    kept = {
        n: v for n, v in error.get_headers() if n.lower() not in ("content-type", "content-length")
    }
    return answer(Problem(status, error.name, error.description or error.name), kept)


def _our_fault(error: BaseException) -> Response:
    """Say sorry with a short code that also stands in the log, beside the traceback."""
    code = secrets.token_hex(2).upper()
    _log.error("code %s: %s %s failed", code, request.method, request.path, exc_info=error)
    detail = f"Something went wrong on our side. Try again later. Code {code}"
    return answer(Problem(500, HTTPStatus(500).phrase, detail, code=code))
