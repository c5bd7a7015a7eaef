"""A poster of a view for a notice board: the map, a QR code and the address, on one A4 sheet."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from geomap.maps.drawing import Size
from geomap.maps.view_picture import View, signs_in, view_picture
from geomap.model.facility import TYPES
from geomap.settings import static_text
from geomap.web.addresses import public_address, site_address
from geomap.web.discretion import is_private
from geomap.web.facility.qr import qr_png, qr_svg
from geomap.web.facility.sheets import svg_answer
from geomap.web.finder.answer import asked_point, find_answer, read_query
from geomap.web.finder.elder import see_other
from geomap.web.language import current_language, page_url
from geomap.web.maps.basemap import street_tiles
from geomap.web.maps.drawn import facilities_to_draw
from geomap.web.maps.tiles import context
from geomap.web.one_at_a_time import NotMyTurnError, one_at_a_time
from geomap.web.open_data.pictures import list_title, view_for
from geomap.web.pages import current_reader
from geomap.web.pdf import NotMadeError, missing_for_pdf, pdf_of
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.web.finder.answer import FinderAnswer, FinderQuery

posters = APIBlueprint("posters", __name__, enable_openapi=False)

#: So high that the code below it stays on the sheet, whatever the language.
_MAP: Final = Size(720, 560)
_COUNTRY: Final = View(104.0, 36.0, 4)
#: What the largest QR code of our error correction, M, holds by ISO 18004.
_MOST_SIGNS: Final = 2_331
_STYLES: Final = ("css/tokens.css", "css/alone.css", "css/poster.css")


@dataclass(frozen=True)
class Poster:
    """What a poster says."""

    title: str
    count: str
    address: str
    made_day: str
    map_src: str
    qr_src: str | None
    kinds: Sequence[tuple[str, str]]
    discs: bool
    pdf_href: str | None
    finder_href: str
    alone: Sequence[tuple[str, str]]
    embed_href: str


@posters.get("/poster")
def show() -> Response:
    """Show the poster of a view, or give it as PDF."""
    asked = read_query(request.args)
    query = _public(asked)
    if query != asked:
        return see_other(page_url("posters.show", **query.parameters(page=None)))
    answer = find_answer(query, snapshot())
    if request.args.get("f") == "pdf" and not missing_for_pdf():
        try:
            with one_at_a_time():
                return _pdf(answer)
        except (NotMyTurnError, NotMadeError):
            said = _("PDF 没有做成。请用浏览器打印这一页。")
            page = render_template("poster.html", poster=_poster(answer), trouble=said)
            return make_response(page, 503, {"Retry-After": "60"})
    return make_response(render_template("poster.html", poster=_poster(answer), trouble=None))


@posters.get("/poster/map.svg")
def poster_map() -> Response:
    """Draw the map of a poster."""
    return svg_answer(_map(find_answer(_public(read_query(request.args)), snapshot())))


@posters.get("/qr.svg")
def code_svg() -> Response:
    """Draw the address of a view as a QR code."""
    return svg_answer(qr_svg(_address(_public(read_query(request.args)))))


@posters.get("/qr.png")
def code_png() -> Response:
    """Draw the address of a view as a QR code, for word processors."""
    return Response(qr_png(_address(_public(read_query(request.args)))), mimetype="image/png")


@posters.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _public(query: FinderQuery) -> FinderQuery:
    """Take out what may say where somebody lives: a poster hangs where all can read it."""
    private = is_private(query, asked_point(query, snapshot()))
    return replace(query, q=None) if private else query


def _address(query: FinderQuery) -> str:
    return public_address("pages.finder", **query.parameters(page=None))


def _has_code(query: FinderQuery) -> bool:
    """Tell whether the address of a view fits into a QR code; that of a long search does not."""
    return len(_address(query)) <= _MOST_SIGNS


def _poster(answer: FinderAnswer) -> Poster:
    """Put a poster into words."""
    data, reader, query = snapshot(), current_reader(), answer.query
    told = query.parameters(page=None)
    kinds, discs = _signs(query, view_for(answer, data, _MAP) or _COUNTRY)
    counted = answer.point is None and answer.total > 0
    coded = _has_code(query)
    codes = [(_("二维码 PNG"), page_url("posters.code_png", **told)),
             (_("二维码 SVG"), page_url("posters.code_svg", **told))]  # fmt: skip
    return Poster(
        title=list_title(answer, data),
        count=_("%(count)s 家", count=f"{answer.total:,}") if counted else "",
        address=site_address().partition("://")[2],
        made_day=reader.today.isoformat(),
        map_src=page_url("posters.poster_map", **told),
        qr_src=page_url("posters.code_svg", **told) if coded else None,
        kinds=kinds,
        discs=discs,
        pdf_href=None if missing_for_pdf() else page_url("posters.show", f="pdf", **told),
        finder_href=page_url("pages.finder", **told),
        alone=[*(codes if coded else ()), (_("图片 1200×630"), page_url("pictures.view", **told))],
        embed_href=page_url("builder_pages.build", **told),
    )  # fmt: skip


def _signs(query: FinderQuery, view: View) -> tuple[list[tuple[str, str]], bool]:
    """Name the symbols that stand on the map, in the order of the types; tell of discs."""
    language = current_language()
    drawn, discs = signs_in(view, facilities_to_draw(snapshot(), query), _MAP)
    return [(each, label.of(language)) for each, label in TYPES.items() if each in drawn], discs


def _map(answer: FinderAnswer) -> bytes:
    """Draw the map of a poster; the whole country where nothing is listed."""
    data, language = snapshot(), current_language()
    return view_picture(
        context().index(data, language),
        view_for(answer, data, _MAP) or _COUNTRY,
        facilities_to_draw(data, answer.query),
        title=list_title(answer, data),
        language=language,
        size=_MAP,
        streets=street_tiles(),
    )


def _pdf(answer: FinderAnswer) -> Response:
    """Give the poster as one sheet of PDF."""
    query, drawn = answer.query, _map(answer)
    code = _within(qr_svg(_address(query))) if _has_code(query) else None
    alone = replace(_poster(answer), map_src=_within(drawn), qr_src=code)
    styles = Markup("\n".join(static_text(each) for each in _STYLES))  # noqa: S704 (our own files)
    made = pdf_of(render_template("poster_file.html", poster=alone, styles=styles))
    response = Response(made, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="poster.pdf"'
    return response


def _within(svg: bytes) -> str:
    """Write a picture as an address that holds it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
