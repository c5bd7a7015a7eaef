"""The booklet: a page that says what it holds, one HTML file that stands alone, and a PDF."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from geomap.maps.drawing import SIZES
from geomap.maps.still_map import still_map
from geomap.model.facility import TYPES
from geomap.settings import static_text
from geomap.web.facility import trust
from geomap.web.facility.qr import qr_svg
from geomap.web.facility.sheet_words import Sheet, sheets_of
from geomap.web.facility.sheets import spot_of
from geomap.web.keeping.booklet import (
    MOST,
    Booklet,
    booklet_of,
    contents_of,
    narrower_booklets,
    read_ask,
)
from geomap.web.language import current_language
from geomap.web.maps.basemap import street_tiles
from geomap.web.maps.tiles import context
from geomap.web.one_at_a_time import NotMyTurnError, one_at_a_time
from geomap.web.pages import current_reader
from geomap.web.pdf import NotMadeError, missing_for_pdf, pdf_of
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geomap.web.facility.facts import Reader
    from geomap.web.state import Snapshot

booklets = APIBlueprint("booklets", __name__, enable_openapi=False)

_STYLES = ("css/tokens.css", "css/alone.css", "css/booklet.css", "css/sheet.css")


@dataclass(frozen=True)
class Leaf:
    """One home of a booklet: its sheet, its number, and its pictures as data addresses."""

    sheet: Sheet
    number: int
    key: str
    map_src: str | None
    qr_src: str


@booklets.get("/booklet")
def show() -> Response:
    """Show what a booklet would hold, or give it as a file."""
    data, reader = snapshot(), current_reader()
    booklet = booklet_of(read_ask(request.args, data), data, reader)
    form = request.args.get("f")
    try:
        if form == "html" and booklet.rows:
            return _html(booklet, data, reader)
        if form == "pdf" and booklet.rows and not missing_for_pdf():
            return _pdf(booklet, data, reader)
    except NotMyTurnError:
        return _page(booklet, data, reader, trouble=_("正在给别人做名册。请过一分钟再试。"))
    except NotMadeError:
        said = _("PDF 没有做成。请下载网页版的名册，用浏览器打印。")
        return _page(booklet, data, reader, trouble=said)
    return _page(booklet, data, reader)


def _page(
    booklet: Booklet, data: Snapshot, reader: Reader, *, trouble: str | None = None
) -> Response:
    """Show what a booklet holds and in which forms it can be had; or why not now."""
    too_thick = len(booklet.rows) > min(MOST.values())
    response = make_response(
        render_template(
            "booklet.html",
            booklet=booklet,
            contents=contents_of(booklet.rows[: MOST["html"]], data),
            names=data.facilities["name"],
            most=MOST,
            narrower=narrower_booklets(booklet, data, reader) if too_thick else [],
            missing=missing_for_pdf(),
            trouble=trouble,
        ),
        200 if trouble is None else 503,
    )
    if trouble is not None:
        response.headers["Retry-After"] = "60"
    return response


def _html(booklet: Booklet, data: Snapshot, reader: Reader) -> Response:
    """Give the booklet as one file that opens without network."""
    with one_at_a_time():
        written = booklet_file(booklet, data, reader, most=MOST["html"])
    return _file(written.encode(), "text/html", booklet, "html")


def _pdf(booklet: Booklet, data: Snapshot, reader: Reader) -> Response:
    """Give the booklet as PDF."""
    with one_at_a_time():
        made = pdf_of(booklet_file(booklet, data, reader, most=MOST["pdf"]))
    return _file(made, "application/pdf", booklet, "pdf")


def booklet_file(booklet: Booklet, data: Snapshot, reader: Reader, *, most: int) -> str:
    """Write the booklet as one HTML document: styles and pictures are in it, scripts are not.

    Parameters
    ----------
    booklet : what it holds.
    data, reader : the data, and for whom and when.
    most : the number of homes after which it ends.
    """
    rows = booklet.rows[:most]
    return render_template(
        "booklet_file.html",
        booklet=booklet,
        contents=contents_of(rows, data),
        leaves=list(_leaves(rows, data, reader)),
        count=len(rows),
        kinds={kind: label.of(reader.language) for kind, label in TYPES.items()},
        questions=trust.telephone_questions(),
        warnings=trust.warnings(),
        authorities=trust.authorities(data.site.platforms, booklet.ask.adcode, reader),
        styles=Markup("\n".join(map(static_text, _STYLES))),  # noqa: S704 (our own styles)
    )


def _leaves(rows: Sequence[int], data: Snapshot, reader: Reader) -> Iterator[Leaf]:
    """Make the pages of the homes, with their pictures."""
    index, language = context().index(data, current_language()), current_language()
    streets = street_tiles()
    for number, sheet in enumerate(sheets_of(rows, data, reader), 1):
        drawn = (
            still_map(
                index,
                spot_of(sheet.record),
                language=language,
                size=SIZES["sheet"],
                grey=True,
                streets=streets,
            )
            if sheet.card.located
            else None
        )
        yield Leaf(
            sheet,
            number,
            f"home-{number}",
            _inline(drawn) if drawn else None,
            _inline(qr_svg(sheet.share_url)),
        )


def _inline(picture: bytes) -> str:
    """Give the address that holds a picture itself."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"


def _file(content: bytes, kind: str, booklet: Booklet, ending: str) -> Response:
    """Answer a file to keep, named after what it holds."""
    response = Response(content, mimetype=kind)
    name = quote(f"{_('名册')}-{booklet.title}.{ending}", safe="")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=booklet.{ending}; filename*=UTF-8''{name}"
    )
    return response


@booklets.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
