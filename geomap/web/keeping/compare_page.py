"""Up to four homes side by side: what is known of each, what differs, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import Response, render_template, request

from geomap.errors import NotFoundError
from geomap.maps.drawing import SIZES
from geomap.maps.lettered import LETTERS, lettered_map
from geomap.web.discretion import is_private
from geomap.web.facility.facts import Says
from geomap.web.facility.sheets import spot_of, svg_answer
from geomap.web.finder.answer import FinderQuery, asked_point, read_query
from geomap.web.finder.cards import Card, card
from geomap.web.finder.elder import current_elder, see_other
from geomap.web.keeping.compare_rows import Compared, Row, compared_rows
from geomap.web.keeping.kept import (
    LISTS,
    PLACE,
    Ids,
    kept,
    name_of,
    read_ids,
    well_formed,
    written_ids,
)
from geomap.web.keeping.short_names import short_names
from geomap.web.language import current_language, page_url
from geomap.web.maps.basemap import street_tiles
from geomap.web.maps.tiles import context
from geomap.web.pages import current_reader
from geomap.web.query import whole
from geomap.web.records import records
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.web.facility.facts import Reader
    from geomap.web.finder.answer import Point
    from geomap.web.state import Snapshot

comparing = APIBlueprint("comparing", __name__, enable_openapi=False)

MOST = LISTS["compare"].most


@dataclass(frozen=True)
class Home:
    """One home of the comparison.

    Parameters
    ----------
    letter : names it in the table and on the map.
    short : what it is called where there is little room.
    card : what its card says.
    href : its page.
    without_href : the comparison without it, from where that can be undone.
    """

    letter: str
    short: str
    card: Card
    href: str
    without_href: str


@dataclass(frozen=True)
class Removed:
    """A home that was just taken away, or that found no room.

    Parameters
    ----------
    id, name : of the home; the name of one that is gone is its id.
    href, at : the comparison with it, and its place there.
    kept : it was kept to compare, not only in the address.
    """

    id: str
    name: str
    href: str
    at: int
    kept: bool


@dataclass(frozen=True)
class ComparePage:
    """Everything that the comparison's templates write.

    Parameters
    ----------
    homes, rows : what is compared; rows that say the same of all are left out where `differing`.
    unknown : what is not known of any home.
    same : how many rows were left out.
    gone : ids that no home has, each with the comparison without it.
    left_out : names of the homes beyond the fourth.
    removed, refused : what was just taken away, and what found no room.
    searched : distances count from a place that was searched.
    all_href, differing_href : the comparison with all rows, and with those that differ.
    map_src, small_map_src : the picture, and that for phones; None where no home has a place.
    """

    homes: Sequence[Home]
    rows: Sequence[Row]
    unknown: Sequence[str]
    same: int
    differing: bool
    gone: Sequence[tuple[str, str]]
    left_out: Sequence[str]
    removed: Removed | None
    refused: Removed | None
    searched: bool
    all_href: str
    differing_href: str
    back_href: str
    booklet_href: str
    map_src: str | None
    small_map_src: str | None


@comparing.get("/compare")
def compare() -> str | Response:
    """Compare the homes of the address; without any, those that this browser keeps to compare."""
    data = snapshot()
    ids = read_ids(request.args.getlist("ids"), data.rows_by_id)
    chosen = kept("compare").ids
    if chosen and not {"ids", "none"} & set(request.args):
        asked = {name: request.args.getlist(name) for name in (*PLACE, "diff")}
        return see_other(page_url("comparing.compare", ids=written_ids(chosen), **asked))
    page = compare_page(ids, data, current_reader())
    elder = current_elder() is not None
    return render_template("compare_elder.html" if elder else "compare.html", page=page)


@comparing.get("/compare/map.svg")
def picture() -> Response:
    """Draw the homes of the address on one still map, each with its letter."""
    data, language = snapshot(), current_language()
    _query, point = asked_place(data)
    ids = read_ids(request.args.getlist("ids"), data.rows_by_id)
    rows = [data.rows_by_id[each] for each in ids if each in data.rows_by_id][:MOST]
    spots = {
        letter: spot_of(record)
        for letter, record in zip(LETTERS, records(data.facilities.iloc[rows]), strict=False)
        if record["lon"] is not None
    }
    if not spots:
        raise NotFoundError("none of these facilities has a known place")
    searched = None if point is None else (point.lon, point.lat)
    index = context().index(data, language)
    size = SIZES["small" if "small" in request.args else "wide"]
    return svg_answer(
        lettered_map(
            index, spots, language=language, searched=searched, size=size, streets=street_tiles()
        )
    )


def compare_page(ids: Ids, data: Snapshot, reader: Reader) -> ComparePage:
    """Put a comparison into words and links."""
    query, point = asked_place(data)
    known = [each for each in ids if each in data.rows_by_id]
    shown = tuple(known[:MOST])
    differing = request.args.get("diff") == "1"
    says = _compared(shown, data, reader, point)
    homes = _homes(shown, ids, query, says)
    every = compared_rows(says, reader, point=point is not None)
    rows = [each for each in every if not each.unknown]
    told = [each for each in rows if not (differing and each.same)]
    spots = [each for each in says if each.card.located]
    place = _place(query)
    picture = {"ids": written_ids(shown), **place}
    return ComparePage(
        homes=homes,
        rows=told,
        unknown=[each.label for each in every if each.unknown],
        same=len(rows) - len(told),
        differing=differing,
        gone=[(each, _href(_less(ids, each), query)) for each in ids if each not in known],
        left_out=[name_of(each, data) for each in known[MOST:]],
        removed=_removed(ids, data, query),
        refused=_refused(ids, data, query),
        searched=point is not None,
        all_href=_href(ids, query),
        differing_href=_href(ids, query, diff=1),
        back_href=page_url("pages.finder", **place),
        booklet_href=page_url("booklets.show", ids=written_ids(shown)),
        map_src=page_url("comparing.picture", **picture) if spots else None,
        small_map_src=page_url("comparing.picture", **picture, small=1) if spots else None,
    )


def asked_place(data: Snapshot) -> tuple[FinderQuery, Point | None]:
    """Read from where distances count; a text that may say where somebody lives is not taken."""
    query = read_query(request.args)
    query = FinderQuery(query.q, query.lon, query.lat, located=query.located)
    point = asked_point(query, data)
    if point is None or is_private(query, point):
        return FinderQuery(), None
    return query, point


def _compared(ids: Ids, data: Snapshot, reader: Reader, point: Point | None) -> list[Compared]:
    """Read what is known of the homes, in their order."""
    rows = [data.rows_by_id[each] for each in ids]
    frame = data.facilities.iloc[rows]
    far: dict[int, float] = {}
    if point is not None and rows:
        found, metres = data.nearest.query(point.lon, point.lat, k=len(rows), among=rows)
        far = dict(zip(found.tolist(), metres.tolist(), strict=True))
    compared = []
    for row, record in zip(rows, records(frame), strict=True):
        known = record | ({"distance_m": far[row]} if row in far else {})
        division = data.division(record["adcode"])
        own = card(known, reader, division=division)
        compared.append(Compared(Says(known, reader, division), own))
    return compared


def _homes(shown: Ids, ids: Ids, query: FinderQuery, says: Sequence[Compared]) -> list[Home]:
    """Name the homes by their letters and give their links."""
    shorts = short_names([each.card.name for each in says])
    return [
        Home(letter, short, known.card, *_links(one, ids, query))
        for letter, short, known, one in zip(LETTERS, shorts, says, shown, strict=False)
    ]


def _links(one: str, ids: Ids, query: FinderQuery) -> tuple[str, str]:
    """Give the address of a home's page, and of the comparison without it."""
    more = {
        "removed": one,
        "at": ids.index(one),
        "was": 1 if one in kept("compare").ids else None,
        "full": request.args.get("full"),
    }
    own = page_url("pages.facility", facility_id=one, **query.parameters())
    return own, _href(_less(ids, one), query, **more)


def _removed(ids: Ids, data: Snapshot, query: FinderQuery) -> Removed | None:
    """Say which home was just taken away."""
    one = _named("removed", ids)
    if one is None:
        return None
    try:
        at = whole(request.args.get("at", ""), minimum=0, maximum=len(ids))
    except ValueError:
        at = len(ids)
    return _way_back(one, at, ids, data, query)


def _refused(ids: Ids, data: Snapshot, query: FinderQuery) -> Removed | None:
    """Say which home found no room."""
    one = _named("full", ids)
    return None if one is None else _way_back(one, len(ids), ids, data, query)


def _named(parameter: str, ids: Ids) -> str | None:
    """Read a home's id that is not among those compared."""
    one = next(iter(well_formed(request.args.getlist(parameter))), None)
    return None if one in ids else one


def _way_back(one: str, at: int, ids: Ids, data: Snapshot, query: FinderQuery) -> Removed:
    """Give the comparison with a home back in its place."""
    href = _href((*ids[:at], one, *ids[at:]), query)
    return Removed(one, name_of(one, data), href, at, request.args.get("was") == "1")


def _less(ids: Ids, one: str) -> Ids:
    return tuple(each for each in ids if each != one)


def _place(query: FinderQuery) -> dict[str, object]:
    return {name: value for name, value in query.parameters().items() if name in PLACE}


def _href(ids: Ids, query: FinderQuery, **more: object) -> str:
    """Give the address of the comparison of some homes; empty ids say that none is wanted."""
    address = page_url("comparing.compare", ids=written_ids(ids), **_place(query), **more)
    return address if ids else page_url("comparing.compare", none=1, **_place(query), **more)
