"""What belongs to the page of a facility: the sheet to print, its map as a picture, its QR code."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from apiflask import APIBlueprint
from flask import Response, render_template, request

from geomap.errors import NotFoundError
from geomap.maps.drawing import SIZES
from geomap.maps.still_map import Spot, still_map
from geomap.maps.symbols import is_closed
from geomap.web.addresses import public_address
from geomap.web.facility.qr import qr_svg
from geomap.web.facility.sheet_words import sheets_of
from geomap.web.facility.trust import telephone_questions
from geomap.web.finder.cards import ROUGH
from geomap.web.language import current_language
from geomap.web.maps.basemap import street_tiles
from geomap.web.maps.tiles import context
from geomap.web.pages import current_reader
from geomap.web.records import records
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from typing import Any

    from geomap.web.state import Snapshot

    Record = dict[str, Any]

sheets = APIBlueprint("sheets", __name__, enable_openapi=False)


@sheets.get("/facilities/<facility_id>/print")
def print_sheet(facility_id: str) -> str:
    """Show one facility on one sheet of paper."""
    reader = current_reader()
    (sheet,) = sheets_of([snapshot().row(facility_id)], snapshot(), reader)
    return render_template("sheet.html", sheet=sheet, questions=telephone_questions())


@sheets.get("/facilities/<facility_id>/qr.svg")
def qr_code(facility_id: str) -> Response:
    """Draw the address of the facility's page as a QR code."""
    snapshot().row(facility_id)
    return svg_answer(qr_svg(public_address("pages.facility", facility_id=facility_id)))


@sheets.get("/facilities/<facility_id>/map.svg")
def still_picture(facility_id: str) -> Response:
    """Draw the map around a facility: for phones, or with ``grey`` for printers."""
    data = snapshot()
    language = current_language()
    spot = _spot(data, facility_id)
    index = context().index(data, language)
    grey = "grey" in request.args
    size = SIZES["sheet" if grey else "small"]
    return svg_answer(
        still_map(index, spot, language=language, size=size, grey=grey, streets=street_tiles())
    )


@sheets.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _spot(data: Snapshot, facility_id: str) -> Spot:
    """Say what the picture is of.

    Raises
    ------
    NotFoundError : if no facility has this id, or its place is not known.
    """
    row = data.row(facility_id)
    (record,) = records(data.facilities.iloc[row : row + 1])
    if record["lon"] is None:
        raise NotFoundError(f"the place of the facility {facility_id!r} is not known")
    return spot_of(record)


def spot_of(record: Record) -> Spot:
    """Say what a still map shows of a located facility."""
    return Spot(
        record["lon"],
        record["lat"],
        record["type"],
        record["name"],
        closed=is_closed(record["status"]),
        rough=record["location_precision"] in ROUGH,
    )


def svg_answer(drawn: bytes) -> Response:
    """Answer a picture; a browser that has the same one keeps it."""
    response = Response(drawn, mimetype="image/svg+xml")
    response.set_etag(hashlib.sha256(drawn).hexdigest()[:16])
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return cast("Response", response.make_conditional(request))
