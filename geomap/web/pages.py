"""The pages that families read: finder, places, facility, about. They work without JavaScript."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.web.about_page import layer_notes
from geomap.web.discretion import is_private, private_spot
from geomap.web.facility.facility_page import facility_page
from geomap.web.facility.facts import Reader
from geomap.web.finder.answer import FinderQuery, find_answer, read_query
from geomap.web.finder.elder import current_elder, is_elder_name, see_other
from geomap.web.finder.elder_page import elder_finder, kept_parameters, number_asked, paged
from geomap.web.finder.finder_page import Choice, choice, finder_page
from geomap.web.finder.preparing import preparing_note
from geomap.web.foreign import fill
from geomap.web.language import current_language, page_url
from geomap.web.state import snapshot

pages = APIBlueprint("pages", __name__, enable_openapi=False)

_MOST_FOUND = 60


def current_reader() -> Reader:
    """Tell for whom and on which day this request is answered; the day is China's."""
    today = datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()
    return Reader(current_language(), today)


@pages.get("/")
def finder() -> str | Response:
    """Show the finder: the list, and the map beside it; in elder mode one home at a time."""
    asked, number = read_query(request.args), number_asked(request.args)
    query, data = paged(asked, number), snapshot()
    if is_elder_name(query.q):
        return see_other(page_url("elder_pages.show_elder"))
    answer = find_answer(query, data)
    spot = private_spot(query) if is_private(query, answer.point) else None
    if spot is not None:
        return see_other(spot)
    page = finder_page(answer, data, current_reader())
    if current_elder() is not None:
        return elder_finder(answer, page, number)
    return render_template("finder.html", page=page, query=answer.query)


@pages.get("/places")
def places() -> str:
    """Show everything that a text may mean, by kind."""
    query = read_query(request.args)
    data = snapshot()
    found = data.search.search(query.q, limit=_MOST_FOUND) if query.q else []
    reader = current_reader()
    groups: dict[str, list[Choice]] = {}
    headings = {"place": _("地名"), "facility": _("机构"), "address": _("地址")}
    if query.q is None and current_elder() is not None:
        return render_template("elder_where.html", query=query, kept=kept_parameters(query))
    plain = FinderQuery(types=query.types, filters=query.filters)
    for hit in found:
        if hit.lon is not None or hit.kind == "facility":
            groups.setdefault(headings[hit.kind], []).append(choice(hit, plain, reader))
    total = sum(len(each) for each in groups.values())
    heading = fill(_("“%(name)s”的搜索结果"), name=query.q) if query.q else fill(_("您要找哪里？"))
    page = {
        "q": query.q or "",
        "title": heading.striptags(),
        "heading": heading,
        "status": ngettext("%(num)s 条结果。", "%(num)s 条结果。", total) + preparing_note(data)
        if query.q
        else _("请在上面输入机构名、地址或地名。"),
        "groups": [{"heading": name, "choices": found} for name, found in groups.items()],
    }
    return render_template("places.html", page=page)


@pages.get("/facilities/<facility_id>")
def facility(facility_id: str) -> str:
    """Show everything known of one facility."""
    page = facility_page(facility_id, read_query(request.args), snapshot(), current_reader())
    return render_template("facility.html", page=page)


@pages.get("/about")
def about() -> str:
    """Say where the data comes from, how old it is and what it cannot tell."""
    return render_template("about.html", layers=layer_notes(snapshot().layers, current_reader()))


@pages.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's, and not to keep searches."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
