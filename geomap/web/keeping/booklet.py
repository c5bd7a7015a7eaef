"""Which homes a booklet holds, in which order, and what it says before the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from flask_babel import gettext as _

from geomap.find.selection import Selection
from geomap.model.facility import TYPES
from geomap.web import wording
from geomap.web.finder.answer import FinderQuery, read_query
from geomap.web.finder.filter_form import applied_labels
from geomap.web.finder.filters import Filters
from geomap.web.foreign import fill
from geomap.web.keeping.kept import read_ids, written_ids
from geomap.web.language import page_url
from geomap.web.problems import RefusedParametersError
from geomap.web.query import division_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup
    from werkzeug.datastructures import MultiDict

    from geomap.data.layers import Layer
    from geomap.web.facility.facts import Reader
    from geomap.web.keeping.kept import Ids
    from geomap.web.state import Snapshot

#: Homes in one booklet, by its format: what is made in a few seconds and can be carried.
MOST = {"html": 200, "pdf": 60}
#: Narrower booklets that are offered where one would be too thick.
_MOST_NARROWER = 24
_COUNTY_DIGITS = 6
#: Digits of the codes of cities and counties.
_LEVELS = (4, 6)
_DIVISIONS = ("province", "city", "county", "township")


@dataclass(frozen=True)
class Ask:
    """What a booklet is asked to hold: some homes by id, or those of a division that fit.

    Parameters
    ----------
    ids : the homes; where any is named, nothing else counts.
    adcode : a division.
    query : types and filters within the division.
    """

    ids: Ids
    adcode: str | None
    query: FinderQuery

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.ids and self.adcode is None

    def href(self, **changes: object) -> str:
        """Give the booklet's address, with changes; the search for a place is no part of it."""
        if self.ids:
            return page_url("booklets.show", **{"ids": written_ids(self.ids), **changes})
        parameters = {"adcode": self.adcode, **self.query.parameters(), **changes}
        return page_url("booklets.show", **parameters)


@dataclass(frozen=True)
class Narrower:
    """A thinner booklet, and how many homes it holds."""

    label: Markup
    href: str


@dataclass(frozen=True)
class Contents:
    """The homes of one township: its name, and their rows with their numbers in the booklet."""

    heading: str
    homes: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Booklet:
    """What a booklet holds.

    Parameters
    ----------
    ask : what was asked.
    title : where the homes are.
    wishes : the types and filters in force.
    rows : positions of the homes, in the order of the pages; all that were asked for.
    gone : ids that no home has.
    data_day : the day of the data, as people write it; None where it does not.
    made_day : the day it is made.
    """

    ask: Ask
    title: str
    wishes: Sequence[str]
    rows: Sequence[int]
    gone: Ids
    data_day: str | None
    made_day: str


def read_ask(arguments: MultiDict[str, str], data: Snapshot) -> Ask:
    """Read what a booklet is to hold; places and distances are no part of it.

    Raises
    ------
    RefusedParametersError : if a parameter cannot be read.
    """
    query = read_query(arguments)
    filters = Filters(chosen=query.filters.chosen, unsure=query.filters.unsure)
    adcode = arguments.get("adcode", "").strip() or None
    try:
        adcode = adcode and division_code(adcode)
    except ValueError as error:
        said = _("行政区划代码要写成 2、4、6、9 或 12 位数字。")
        raise RefusedParametersError([{"parameter": "adcode", "detail": said}]) from error
    ids = read_ids(arguments.getlist("ids"), data.rows_by_id)
    return Ask(ids, adcode, FinderQuery(types=query.types, filters=filters))


def division_booklet(query: FinderQuery, data: Snapshot) -> Narrower | None:
    """Lead from a list around a division to the booklet of its homes; None elsewhere."""
    meant = data.search.resolve(query.q) if query.q else None
    if meant is None or meant.kind != "place" or meant.subkind not in _DIVISIONS:
        return None
    filters = Filters(chosen=query.filters.chosen, unsure=query.filters.unsure)
    ask = Ask((), meant.id, FinderQuery(types=query.types, filters=filters))
    count = len(_rows(ask, data))
    if not count:
        return None
    said = fill(_("打印%(place)s的名册：%(count)s 家"), place=meant.name, count=f"{count:,}")
    return Narrower(said, ask.href())


def booklet_of(ask: Ask, data: Snapshot, reader: Reader) -> Booklet:
    """Find the homes of a booklet and put them in order: by township, then by name."""
    facilities = next((each for each in data.layers if each.name == "facilities"), None)
    return Booklet(
        ask=ask,
        title=_title(ask, data),
        wishes=applied_labels(ask.query, reader.language),
        rows=_ordered(_rows(ask, data), data),
        gone=tuple(each for each in ask.ids if each not in data.rows_by_id),
        data_day=_data_day(facilities, reader),
        made_day=wording.day(reader.today, reader.language, today=reader.today),
    )


def _data_day(facilities: Layer | None, reader: Reader) -> str | None:
    """Write the day of the data, where it is stated."""
    if facilities is None or not facilities.data_date:
        return None
    return wording.stated_day(facilities.data_date, reader.language, today=reader.today)


def contents_of(rows: Sequence[int], data: Snapshot) -> list[Contents]:
    """Group the homes of a booklet by township, numbered from 1 in the order of the pages."""
    found: list[tuple[str, list[tuple[int, int]]]] = []
    frame = data.facilities.iloc[list(rows)]
    codes, townships = (frame[each].fillna("").tolist() for each in ("adcode", "township"))
    several = len({code[:_COUNTY_DIGITS] for code in codes}) > 1
    for number, (row, code, township) in enumerate(zip(rows, codes, townships, strict=True), 1):
        division = data.division(code)
        named = [division if several or not township else None, township]
        heading = " ".join(each for each in named if each) or str(_("没有写明在哪里"))
        if not found or found[-1][0] != heading:
            found.append((heading, []))
        found[-1][1].append((number, row))
    return [Contents(heading, homes) for heading, homes in found]


def narrower_booklets(booklet: Booklet, data: Snapshot, reader: Reader) -> list[Narrower]:
    """Offer the parts of a booklet that is too thick: by smaller division, else by type."""
    ask = booklet.ask
    if ask.ids:
        return []
    parts = list(_by_division(booklet, data)) or list(_by_type(booklet, data, reader))
    return parts[:_MOST_NARROWER]


def _rows(ask: Ask, data: Snapshot) -> list[int]:
    """Find the homes that are asked for."""
    if ask.ids:
        return [data.rows_by_id[each] for each in ask.ids if each in data.rows_by_id]
    if ask.adcode is None:
        return []
    filters = ask.query.filters
    selection = Selection(types=ask.query.types, adcode=ask.adcode, filters=filters.chosen)
    judge = selection.maybe if filters.unsure else selection.mask
    found: list[int] = np.flatnonzero(judge(data.columns)).tolist()
    return found


def _ordered(rows: Sequence[int], data: Snapshot) -> list[int]:
    """Put homes in the order of a booklet: by county, township and name; unknown ones last."""
    if not rows:
        return []
    frame = data.facilities.iloc[list(rows)]
    texts = (frame[each].fillna("").tolist() for each in ("adcode", "township", "name"))
    keyed = [
        ((not code, code[:_COUNTY_DIGITS]), (not township, township), name, row)
        for code, township, name, row in zip(*texts, rows, strict=True)
    ]
    return [row for *_key, row in sorted(keyed)]


def _title(ask: Ask, data: Snapshot) -> str:
    """Say where the homes of a booklet are."""
    if ask.ids:
        return str(_("选好的机构"))
    named = data.places.loc[data.places["adcode"] == ask.adcode, "path"].dropna()
    return str(named.iloc[0]) if len(named) else data.division(ask.adcode) or ask.adcode or ""


def _by_division(booklet: Booklet, data: Snapshot) -> Iterator[Narrower]:
    """Count the homes of each city of a province, or of each county."""
    asked = _stem(booklet.ask.adcode or "")
    codes = data.facilities["adcode"].iloc[list(booklet.rows)].dropna()
    for digits in (each for each in _LEVELS if each > len(asked)):
        parts = codes.str[:digits]
        counts = parts[parts.str.len() == digits].value_counts().sort_index()
        if len(counts) > 1:
            for code, count in counts.items():
                name = data.division(str(code).ljust(_COUNTY_DIGITS, "0")) or str(code)
                yield Narrower(_counted(name, int(count)), booklet.ask.href(adcode=str(code)))
            return


def _stem(code: str) -> str:
    """Give the digits of a division's code that say which it is: 310000 is 31."""
    while len(code) > _LEVELS[0] - 2 and code.endswith("00"):
        code = code[:-2]
    return code


def _by_type(booklet: Booklet, data: Snapshot, reader: Reader) -> Iterator[Narrower]:
    """Count the homes of each type."""
    counts = data.facilities["type"].iloc[list(booklet.rows)].value_counts()
    if len(counts) < 2:  # noqa: PLR2004 (the same again would not be narrower)
        return
    for kind, label in TYPES.items():
        if kind in counts:
            said = _counted(label.of(reader.language), int(counts[kind]))
            yield Narrower(said, booklet.ask.href(type=[kind]))


def _counted(name: str, count: int) -> Markup:
    return fill(_("%(name)s：%(count)s 家"), name=name, count=f"{count:,}")
