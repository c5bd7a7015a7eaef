"""The homes that this browser keeps as favourites: a list, or in elder mode one home at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import render_template, request
from flask_babel import gettext as _

from geomap.web.finder.cards import Card, card
from geomap.web.finder.elder import current_elder
from geomap.web.finder.elder_page import number_asked
from geomap.web.keeping.kept import LISTS, kept, name_of, well_formed, written_ids
from geomap.web.language import page_url
from geomap.web.pages import current_reader
from geomap.web.query import whole
from geomap.web.records import records
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.web.facility.facts import Reader
    from geomap.web.keeping.kept import Ids
    from geomap.web.state import Snapshot

favourites = APIBlueprint("favourites", __name__, enable_openapi=False)

_MOST_COMPARED = LISTS["compare"].most


@dataclass(frozen=True)
class Favourite:
    """One home that is kept, and its place among all that are, from 0."""

    card: Card
    href: str
    at: int


@dataclass(frozen=True)
class FavouritesPage:
    """Everything that the templates of the favourites write.

    Parameters
    ----------
    homes : those kept that are still listed, in the order in which they were added.
    gone : ids of those that are not.
    removed : id, name and place of the home that was just taken away.
    refused : the name of a home that found no room.
    ticked : the homes that are ticked to compare: the first ones.
    compare_href, booklet_href : with all of them; to compare, the first ones.
    """

    homes: Sequence[Favourite]
    gone: Ids
    removed: tuple[str, str, int] | None
    refused: str | None
    ticked: Ids
    compare_href: str
    booklet_href: str


@dataclass(frozen=True)
class OneFavourite:
    """One home of the list in elder mode; addresses of the homes beside it."""

    home: Favourite
    heading: str
    map_href: str | None
    previous_href: str | None
    next_href: str | None


@favourites.get("/favourites")
def show() -> str:
    """Show what this browser keeps; nothing of it is stored here."""
    page = favourites_page(kept("favourites").ids, snapshot(), current_reader())
    if current_elder() is None:
        return render_template("favourites.html", page=page)
    one = one_favourite(page, number_asked(request.args)) if page.homes else None
    return render_template("favourites_elder.html", page=page, one=one)


def favourites_page(ids: Ids, data: Snapshot, reader: Reader) -> FavouritesPage:
    """Put what is kept into words and links."""
    places = [(at, data.rows_by_id[one]) for at, one in enumerate(ids) if one in data.rows_by_id]
    found = records(data.facilities.iloc[[row for _at, row in places]])
    homes = [
        Favourite(
            card(record, reader, division=data.division(record["adcode"])),
            page_url("pages.facility", facility_id=record["id"]),
            at,
        )
        for (at, _row), record in zip(places, found, strict=True)
    ]
    known = tuple(each.card.id for each in homes)
    refused = _named("full")
    return FavouritesPage(
        homes=homes,
        gone=tuple(one for one in ids if one not in data.rows_by_id),
        removed=_removed(ids, data),
        refused=None if refused is None or refused in ids else name_of(refused, data),
        ticked=known[:_MOST_COMPARED],
        compare_href=page_url("comparing.compare", ids=written_ids(known[:_MOST_COMPARED])),
        booklet_href=page_url("booklets.show", ids=written_ids(known)),
    )


def one_favourite(page: FavouritesPage, number: int | None) -> OneFavourite:
    """Choose one home of the list, the first or last where there are not so many."""
    total = len(page.homes)
    at = min(number or 1, total)
    home = page.homes[at - 1]
    address = page_url("pages.facility", facility_id=home.card.id, map=1)
    return OneFavourite(
        home=home,
        heading=_("收藏的第 %(at)s 家，共 %(total)s 家", at=at, total=total),
        map_href=f"{address}#way" if home.card.located else None,
        previous_href=page_url("favourites.show", at=at - 1) if at > 1 else None,
        next_href=page_url("favourites.show", at=at + 1) if at < total else None,
    )


def _removed(ids: Ids, data: Snapshot) -> tuple[str, str, int] | None:
    """Say which home was just taken away, and where it stood."""
    one = _named("removed")
    if one is None or one in ids:
        return None
    try:
        place = whole(request.args.get("place", ""), minimum=0, maximum=LISTS["favourites"].most)
    except ValueError:
        place = len(ids)
    return one, name_of(one, data), place


def _named(parameter: str) -> str | None:
    return next(iter(well_formed(request.args.getlist(parameter))), None)
