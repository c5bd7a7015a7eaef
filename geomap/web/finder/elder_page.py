"""The finder in elder mode: what one wants to do, then one home at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import render_template
from flask_babel import gettext as _

from geomap.web.finder.answer import PAGE_ROWS
from geomap.web.foreign import fill
from geomap.web.language import page_url

if TYPE_CHECKING:
    from markupsafe import Markup
    from werkzeug.datastructures import MultiDict

    from geomap.web.finder.answer import FinderAnswer, FinderQuery
    from geomap.web.finder.cards import Card
    from geomap.web.finder.finder_page import FinderPage

_MOST_DIGITS = 6


@dataclass(frozen=True)
class OneHome:
    """Everything the page of one result writes.

    Attributes
    ----------
    heading : 第 1 家，共 12 家; where nothing is found, what the search was.
    about : where and what is searched, above the heading.
    card : the home; None where there is none.
    facility_href, map_href : the home's page, without and with its map.
    previous_href, next_href : the homes before and after; None where they must be asked by POST.
    typed : what was typed and must stand in no address; then the homes beside are asked by it.
    previous, next : their numbers in the list.
    """

    heading: Markup | str
    about: Markup | str
    card: Card | None
    facility_href: str
    map_href: str
    previous_href: str | None
    next_href: str | None
    previous: int | None
    next: int | None
    typed: str | None
    page: FinderPage


def number_asked(arguments: MultiDict[str, str]) -> int | None:
    """Read which home of the list is asked for, from 1; None where it is not said.

    Examples
    --------
    >>> from werkzeug.datastructures import MultiDict
    >>> number_asked(MultiDict({"at": "12"})), number_asked(MultiDict({"at": "-1"}))
    (12, None)
    """
    text = arguments.get("at", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    return int(text) or None


def paged(query: FinderQuery, number: int | None) -> FinderQuery:
    """Turn to the page that holds the home of a number."""
    return query if number is None else replace(query, page=(number - 1) // PAGE_ROWS + 1)


def kept_parameters(query: FinderQuery) -> list[tuple[str, str]]:
    """Give what a search keeps of the wishes before it, as (name, value)."""
    wishes = query.parameters(q=None, lon=None, lat=None, located=None, page=None)
    return [
        (name, str(each))
        for name, value in wishes.items()
        for each in (value if isinstance(value, list) else [value])
    ]


def elder_finder(
    answer: FinderAnswer, page: FinderPage, number: int | None, *, typed: str | None = None
) -> str:
    """Write the finder in elder mode: the start, or one home of the list.

    Parameters
    ----------
    answer, page : what the finder answers, and its words.
    number : the home asked for, from 1; the first of the page where None.
    typed : what was typed, where no link may hold it.
    """
    query = answer.query
    asked = query.filters.any or query.types or query.filters.unsure
    if answer.outcome == "all" and not asked and typed is None:
        return render_template("elder_start.html")
    return render_template("elder_results.html", one=one_home(answer, page, number, typed=typed))


def one_home(
    answer: FinderAnswer, page: FinderPage, number: int | None, *, typed: str | None = None
) -> OneHome:
    """Choose one home of the list and lead to those beside it."""
    first = (answer.query.page - 1) * PAGE_ROWS + 1
    at = min(max(number or first, first), first + max(len(page.cards), 1) - 1)
    last = min(answer.total, answer.pages * PAGE_ROWS)
    linked = typed is None
    card = page.cards[at - first] if page.cards and answer.outcome != "choose" else None
    return OneHome(
        heading=_("第 %(at)s 家，共 %(total)s 家", at=f"{at:,}", total=f"{answer.total:,}")
        if card
        else page.heading,
        about=_about(page) if card else page.status,
        card=card,
        facility_href=page.facility_href(card.id) if card else "",
        map_href=_map_href(answer.query, card),
        previous_href=_number(answer.query, at - 1) if card and linked and at > 1 else None,
        next_href=_number(answer.query, at + 1) if card and linked and at < last else None,
        previous=at - 1 if card and at > 1 else None,
        next=at + 1 if card and at < last else None,
        typed=typed,
        page=page,
    )


def _about(page: FinderPage) -> Markup | str:
    """Say what is searched: the place and the filters."""
    filters = [each.label for each in page.filters.applied]
    comma = _("，")
    return page.heading + "".join(fill("%(comma)s%(name)s", comma=comma, name=n) for n in filters)


def _map_href(query: FinderQuery, card: Card | None) -> str:
    """Give the page of a home with its map opened."""
    if card is None or not card.located:
        return ""
    address = page_url("pages.facility", facility_id=card.id, map=1, **query.parameters())
    return f"{address}#way"


def _number(query: FinderQuery, number: int) -> str:
    """Give the address of another home of the list."""
    return page_url("pages.finder", **query.parameters(page=None), at=number)
