"""What people type to search is sent by POST, so that no home address stands in an address.

A name that we know leads to a page whose address can be read and shared; a street address leads
to its place, rounded to about 100 m, without its words; what we do not know is answered at once
and stands nowhere but on that page.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from geomap.web.api.api import found_names
from geomap.web.discretion import looks_like_an_address, private_spot
from geomap.web.finder.answer import FinderAnswer, FinderQuery, find_answer, read_query
from geomap.web.finder.elder import Elder, current_elder, is_elder_name, remember, see_other
from geomap.web.finder.elder_page import elder_finder, number_asked, paged
from geomap.web.finder.filters import read_one, read_words
from geomap.web.finder.finder_page import count_homes, finder_page
from geomap.web.foreign import fill
from geomap.web.language import page_url
from geomap.web.pages import current_reader
from geomap.web.problems import Fault, RefusedParametersError
from geomap.web.query import whole
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from markupsafe import Markup

    from geomap.web.finder.finder_page import FinderPage

finding = APIBlueprint("finding", __name__, enable_openapi=False)

_SUGGESTED, _MOST_SUGGESTED = 8, 20


@finding.post("/find")
def find() -> Response:
    """Answer a search: lead to a page that can be shared, or show what was found."""
    query = read_query(request.form)
    if is_elder_name(query.q):
        return remember(see_other(page_url("elder_pages.show_elder")), current_elder() or Elder())
    number = number_asked(request.form) if current_elder() is not None else None
    query = paged(replace(query, lon=None, lat=None, located=None, page=1), number)
    spot = private_spot(query)
    if spot is not None:
        return see_other(spot)
    answer = find_answer(query, snapshot())
    return see_other(_address(query)) if is_public(answer) else _shown(answer, number)


@finding.get("/find")
def find_again() -> Response:
    """Lead to the finder who opens the form's address; nothing is searched."""
    return see_other(page_url("pages.finder"))


@finding.post("/find/suggestions")
def suggestions() -> Response:
    """Suggest names while one types; like the search of the API, but asked by POST."""
    faults: list[Fault] = []
    text = read_words(request.form, faults)
    some = partial(whole, minimum=1, maximum=_MOST_SUGGESTED)
    said = _("建议的条数要从 1 到 %(most)s。", most=_MOST_SUGGESTED)
    limit = read_one(request.form, faults, "limit", some, said) or _SUGGESTED
    if faults or text is None:
        nothing: Fault = {"parameter": "q", "detail": _("请写要找的名字。")}
        raise RefusedParametersError(faults or [nothing])
    answer = make_response(found_names(text, limit))
    answer.mimetype = "application/json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def is_public(answer: FinderAnswer) -> bool:
    """Tell whether the text of a query may stand in histories and logs: it is a known name."""
    text = answer.query.q
    return text is None or (answer.outcome != "nothing" and not looks_like_an_address(text))


def _address(query: FinderQuery) -> str:
    """Give the finder's address of a query that may be read by anybody."""
    return page_url("pages.finder", **query.parameters(page=None))


def _shown(answer: FinderAnswer, number: int | None) -> Response:
    """Show what was found on a page that nobody keeps and whose links do not hold the text."""
    asked = answer.query.q or ""
    nameless = replace(answer, query=replace(answer.query, q=None))
    page = finder_page(nameless, snapshot(), current_reader())
    heading, status = _words(answer, page)
    page = replace(
        page,
        title=heading,
        heading=heading,
        status=status,
        next_href=None,
        previous_href=None,
        unsure=None,
        repeatable=False,
    )
    if current_elder() is not None:
        body = elder_finder(nameless, page, number, typed=asked)
    else:
        body = render_template("finder.html", page=page, query=FinderQuery(q=asked))
    response = make_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _words(answer: FinderAnswer, page: FinderPage) -> tuple[Markup, Markup]:
    """Say what was found, without the words that were typed: titles are kept in histories."""
    if answer.outcome == "nothing":
        return fill(_("没有找到您写的地方")), page.status
    if answer.outcome == "choose":
        return fill(_("您要找的是哪一个？")), page.status
    return fill(_("名称相近的养老机构")), fill(
        _("找到 %(homes)s，这里列出最相近的。"), homes=count_homes(answer.total)
    )
