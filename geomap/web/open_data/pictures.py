"""Pictures of our pages, for the places where their links are shared: Open Graph, 1200 × 630."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint
from flask import Response, request
from flask_babel import gettext as _

from geomap.maps.raster import png_of
from geomap.maps.view_picture import SHARE_MAP, View, share_picture, view_of
from geomap.model.facility import TYPES
from geomap.web.addresses import public_address
from geomap.web.discretion import is_private
from geomap.web.finder.answer import find_answer, read_query
from geomap.web.finder.cards import ROUGH
from geomap.web.finder.finder_page import title_of
from geomap.web.language import current_language
from geomap.web.maps.basemap import street_tiles, streets_stamp
from geomap.web.maps.drawn import facilities_to_draw
from geomap.web.maps.map import bounds_of
from geomap.web.maps.tiles import context
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
    data = snapshot()
    data.row(facility_id)
    return kept_picture(data, lambda: facility_picture(data, facility_id))


@pictures.get("/picture.png")
def view() -> Response:
    """Draw what a list of the finder shows."""
    query, data = read_query(request.args), snapshot()

    def answer() -> bytes:
        found = find_answer(query, data)
        seen = view_for(found, data, SHARE_MAP)
        counted = found.point is None and found.total > 0
        lines = [_("%(count)s 家", count=f"{found.total:,}")] if counted else []
        return drawn(data, seen, query, list_title(found, data), lines)

    return kept_picture(data, answer)


@pictures.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's."""
    response.vary.add("Accept-Language")
    return response


def facility_picture(data: Snapshot, facility_id: str, *, width: int = WIDTH) -> bytes:
    """Draw the picture of a facility's link.

    Raises
    ------
    NotFoundError : if there is no such facility.
    """
    row, language = data.row(facility_id), current_language()
    (record,) = records(data.facilities.iloc[row : row + 1])
    lines = [TYPES[record["type"]].of(language), data.division(record["adcode"]), record["address"]]
    told = [each for each in lines if each]
    return drawn(data, home_view(record), None, record["name"], told, width=width)


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


def list_title(answer: FinderAnswer, data: Snapshot) -> str:
    """Say what a list is of, where nobody sees which place was picked: by its nearest home's."""
    point, division = answer.point, None
    if point is not None and point.label is None and not answer.rows.empty:
        division = data.division(answer.rows["adcode"].iloc[0])
    if division is None:
        return title_of(answer, data)
    return str(_("%(place)s附近的养老机构", place=division))


def view_for(answer: FinderAnswer, data: Snapshot, size: Size) -> View | None:
    """Choose the view of a list: around the place that was searched, or of all that is listed."""
    if answer.point is not None:
        return View(answer.point.lon, answer.point.lat, _NEAR_ZOOM)
    bounds = bounds_of(data, answer.among if answer.outcome == "named" else None)
    return None if bounds is None else view_of(bounds, size)


def home_view(record: Record) -> View | None:
    """See a facility in its quarter, or in its county where no more is known of its place."""
    if record["lon"] is None:
        return None
    zoom = _ROUGH_ZOOM if record["location_precision"] in ROUGH else _HOME_ZOOM
    return View(record["lon"], record["lat"], zoom)


def drawn(  # noqa: PLR0913 (a picture is of something, in a size)
    data: Snapshot,
    seen: View | None,
    query: FinderQuery | None,
    title: str,
    lines: Sequence[str],
    *,
    width: int = WIDTH,
) -> bytes:
    """Draw the picture of a link."""
    language = current_language()
    note = [_("演示数据：机构均为虚构")] if data.site.synthetic else []
    picture = share_picture(
        context().index(data, language),
        seen,
        facilities_to_draw(data, query),
        title=title,
        lines=[*note, *lines],
        site=_("养老服务地图"),
        language=language,
        streets=street_tiles(),
    )
    return png_of(picture, width=width)


def kept_picture(data: Snapshot, answer: Callable[[], bytes]) -> Response:
    """Answer a picture, made if the reader does not hold it already."""
    return known_or_made(
        f"{data.revision} {streets_stamp()} {current_language()} {request.full_path}",
        lambda: Response(answer(), mimetype="image/png"),
        max_age_s=_HOUR_S,
    )
