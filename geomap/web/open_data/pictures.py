"""Pictures of our pages, for the places where their links are shared: Open Graph, 1200 × 630."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint
from flask import Response, request
from flask_babel import gettext as _

from geomap.maps.raster import png_of
from geomap.maps.symbols import is_closed
from geomap.maps.view_picture import SHARE, Facilities, View, share_picture, view_of
from geomap.model.facility import TYPES
from geomap.web.addresses import public_address
from geomap.web.discretion import is_private
from geomap.web.finder.answer import find_answer, read_query
from geomap.web.finder.cards import ROUGH
from geomap.web.finder.finder_page import finder_page
from geomap.web.language import current_language
from geomap.web.maps.basemap import street_tiles
from geomap.web.maps.map import bounds_of
from geomap.web.maps.tiles import context
from geomap.web.pages import current_reader
from geomap.web.records import records
from geomap.web.state import snapshot
from geomap.web.unchanged import known_or_made

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geomap.maps.drawing import Size
    from geomap.web.finder.answer import FinderAnswer, FinderQuery
    from geomap.web.finder.finder_page import FinderPage
    from geomap.web.records import Record
    from geomap.web.state import Snapshot

pictures = APIBlueprint("pictures", __name__, enable_openapi=False)

WIDTH: Final = 1200
#: Counted up when pictures look another way.
_FORMAT: Final = 1
_HOUR_S: Final = 3_600
_NEAR_ZOOM, _HOME_ZOOM, _ROUGH_ZOOM = 12, 14, 11


@dataclass(frozen=True)
class Shared:
    """What a page says of itself where its link is shared."""

    title: str
    description: str
    url: str
    picture: str


@pictures.get("/facilities/<facility_id>/picture.png")
def facility(facility_id: str) -> Response:
    """Draw a facility's place on the map, with its name and type."""
    data, language = snapshot(), current_language()
    row = data.row(facility_id)
    (record,) = records(data.facilities.iloc[row : row + 1])
    lines = [TYPES[record["type"]].of(language), data.division(record["adcode"]), record["address"]]
    told = [each for each in lines if each]
    return _kept(data, lambda: _drawn(data, _home(record), None, record["name"], told))


@pictures.get("/picture.png")
def view() -> Response:
    """Draw what a list of the finder shows."""
    query, data = read_query(request.args), snapshot()

    def answer() -> bytes:
        found = find_answer(query, data)
        page = finder_page(found, data, current_reader())
        seen = view_for(found, data, SHARE)
        counted = found.point is None and found.total > 0
        lines = [_("%(count)s 家", count=f"{found.total:,}")] if counted else []
        return _drawn(data, seen, query, list_title(page, found, data), lines)

    return _kept(data, answer)


@pictures.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's."""
    response.vary.add("Accept-Language")
    return response


def shared_facility(name: str, facility_id: str, description: str) -> Shared:
    """Say what is shown where the link of a facility is shared."""
    told = {"facility_id": facility_id, "lang": current_language()}
    address = public_address("pages.facility", facility_id=facility_id)
    return Shared(name, description, address, public_address("pictures.facility", **told))


def shared_list(page: FinderPage, query: FinderQuery) -> Shared | None:
    """Say what is shown where the link of a list is shared; None where it says what was typed."""
    if not page.repeatable or is_private(query, None):
        return None
    told: dict[str, object] = query.parameters(page=None)
    address = public_address("pages.finder", **told)
    picture = public_address("pictures.view", **told | {"lang": current_language()})
    return Shared(page.title, str(page.status.striptags()), address, picture)


def facilities_of(data: Snapshot, query: FinderQuery | None) -> Facilities:
    """Give what a map draws of the facilities that fit a query."""
    clusters = data.clusters if query is None else data.clusters_of(query.filters)
    types = (query.types or None) if query else None
    kinds, states = data.facilities["type"].array, data.facilities["status"].array

    def symbol(row: int) -> tuple[str, bool]:
        return str(kinds[row]), is_closed(states[row])

    return Facilities(lambda tile: clusters.tile(tile, types=types), symbol)


def list_title(page: FinderPage, answer: FinderAnswer, data: Snapshot) -> str:
    """Say what a list is of, where nobody sees which place was picked: by its nearest home's."""
    point = answer.point
    if point is None or point.label is not None or answer.rows.empty:
        return page.title
    division = data.division(answer.rows["adcode"].iloc[0])
    return page.title if division is None else _("%(place)s附近的养老机构", place=division)


def view_for(answer: FinderAnswer, data: Snapshot, size: Size) -> View | None:
    """Choose the view of a list: around the place that was searched, or of all that is listed."""
    if answer.point is not None:
        return View(answer.point.lon, answer.point.lat, _NEAR_ZOOM)
    bounds = bounds_of(data, answer.among if answer.outcome == "named" else None)
    return None if bounds is None else view_of(bounds, size)


def _home(record: Record) -> View | None:
    """See a facility in its quarter, or in its county where no more is known of its place."""
    if record["lon"] is None:
        return None
    zoom = _ROUGH_ZOOM if record["location_precision"] in ROUGH else _HOME_ZOOM
    return View(record["lon"], record["lat"], zoom)


def _drawn(
    data: Snapshot,
    seen: View | None,
    query: FinderQuery | None,
    title: str,
    lines: Sequence[str],
) -> bytes:
    """Draw the picture of a link."""
    language = current_language()
    note = [_("演示数据：机构均为虚构")] if data.site.synthetic else []
    drawn = share_picture(
        context().index(data, language),
        seen,
        facilities_of(data, query),
        title=title,
        lines=[*note, *lines],
        site=_("养老服务地图"),
        language=language,
        streets=street_tiles(),
    )
    return png_of(drawn, width=WIDTH)


def _kept(data: Snapshot, answer: Callable[[], bytes]) -> Response:
    """Answer a picture, made if the reader does not hold it already."""
    return known_or_made(
        f"{_FORMAT} {data.revision} {current_language()} {request.full_path}",
        lambda: Response(answer(), mimetype="image/png"),
        max_age_s=_HOUR_S,
    )
