"""What all of the planner's pages do alike: lead on, ask for patience, not be kept by caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from flask import Response, redirect, request
from werkzeug.exceptions import ServiceUnavailable

from geomap.web.language import current_language, own_arguments
from geomap.web.problems import BUSY_S

if TYPE_CHECKING:
    from geomap.data.jobs import BusyError

#: A page of a job is looked at again by itself after so many seconds.
REFRESH_S: Final = 2


def see_other(address: str) -> Response:
    """Lead to another page."""
    return cast("Response", redirect(address, 303))


def own_question() -> dict[str, list[str]]:
    """Give the parameters of this page without its language: the question that it is about."""
    return {name: each for name, each in own_arguments().items() if name != "lang"}


def turned_away(error: BusyError, language: str | None = None) -> ServiceUnavailable:
    """Say that too many wait, in the reader's language where none is named; and when to come."""
    said = error.said(language or current_language())
    return ServiceUnavailable(said, retry_after=BUSY_S)


def ask_again(response: Response) -> Response:
    """Tell caches that the language depends on the browser's, and to ask again."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def script_answer(text: str) -> Response:
    """Give a map's script, which a browser that has it already need not load again."""
    response = Response(text, mimetype="text/javascript")
    response.add_etag()
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response.make_conditional(request)  # type: ignore[return-value]  # of the same class
