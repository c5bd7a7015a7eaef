"""What the finder page says: headings, status, hints, cards and links, before any markup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.model.facility import LOCATION_PRECISION
from geomap.web.discretion import spot_address
from geomap.web.finder.answer import MOST_PAGES, NEAR_M, PAGE_ROWS
from geomap.web.finder.cards import Card, card
from geomap.web.finder.filter_form import FilterForm, Step, drops, filter_form
from geomap.web.finder.preparing import preparing_note, preparing_words
from geomap.web.foreign import fill
from geomap.web.keeping.booklet import division_booklet
from geomap.web.language import page_url
from geomap.web.records import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from geomap.find.places import Hit
    from geomap.web.facility.facts import Reader
    from geomap.web.finder.answer import FinderAnswer, FinderQuery, Point
    from geomap.web.keeping.booklet import Narrower
    from geomap.web.state import Snapshot


@dataclass(frozen=True)
class Choice:
    """One place to choose."""

    name: str
    label: str
    precision: str | None
    href: str
    matched: tuple[tuple[int, int], ...] = ()

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The name in parts, and whether the search matched each."""
        bounds = [0, *chain.from_iterable(self.matched), len(self.name)]
        parts = [
            (self.name[first:last], bool(number % 2))
            for number, (first, last) in enumerate(pairwise(bounds))
        ]
        return [part for part in parts if part[0]]


@dataclass(frozen=True)
class Hint:
    """One next step."""

    text: Markup | str
    href: str | None = None


@dataclass(frozen=True)
class FinderPage:
    """Everything the finder's template writes."""

    title: str
    heading: Markup
    status: Markup
    choices: Sequence[Choice]
    hints: Sequence[Hint]
    cards: Sequence[Card]
    first_number: int
    previous_href: str | None
    next_href: str | None
    next_label: str
    map_src: str
    map_message: str
    script_words: str
    query: FinderQuery
    filters: FilterForm
    unsure: Step | None
    booklet: Narrower | None = None
    repeatable: bool = True
    """Whether its links lead to this list again: not where they must not hold what was typed."""

    def facility_href(self, facility_id: str) -> str:
        """Give the address of a facility's page, which leads back here."""
        return page_url("pages.facility", facility_id=facility_id, **self.query.parameters())


def finder_page(answer: FinderAnswer, snapshot: Snapshot, reader: Reader) -> FinderPage:
    """Put a finder's answer into words and links."""
    query = answer.query
    found = records(answer.rows)
    following = query.page + 1
    return FinderPage(
        title=title_of(answer, snapshot),
        heading=_heading(answer, snapshot),
        status=_status(answer) + (preparing_note(snapshot) if query.q else ""),
        choices=[choice(each, query, reader) for each in _choices(answer)],
        hints=_hints(answer, reader.language),
        cards=[card(each, reader, division=snapshot.division(each["adcode"])) for each in found],
        first_number=(query.page - 1) * PAGE_ROWS + 1,
        previous_href=_here(query, page=query.page - 1 if query.page > 2 else None)  # noqa: PLR2004 (page 1 needs no number)
        if query.page > 1
        else None,
        next_href=_here(query, page=following) if query.page < answer.pages else None,
        next_label=_(
            "下一页（第 %(page)s 页，共 %(pages)s 页）", page=following, pages=answer.pages
        ),
        map_src=page_url("map_pages.map_page", **query.parameters()),
        map_message=_map_message(answer, found),
        script_words=_script_words(),
        query=query,
        filters=filter_form(answer, reader.language),
        unsure=_unsure(answer),
        booklet=division_booklet(query, snapshot) if answer.outcome == "near" else None,
    )


def title_of(answer: FinderAnswer, snapshot: Snapshot) -> str:
    """Say what an answer is of, without markup."""
    if answer.outcome == "nothing":
        return str(_("没有找到"))
    return _heading(answer, snapshot).striptags()


def _unsure(answer: FinderAnswer) -> Step | None:
    """Lead to the homes that may fit, or back to those that surely do."""
    query = answer.query
    if query.filters.unsure:
        return Step(_("回到确定符合的机构"), _here(query, unsure=None, page=None))
    if not answer.unsure:
        return None
    said = ngettext(
        "信息不全，可能符合：%(total)s 家",
        "信息不全，可能符合：%(total)s 家",
        answer.unsure,
        total=f"{answer.unsure:,}",
    )
    return Step(said, _here(query, unsure=1, page=None))


def choice(hit: Hit, query: FinderQuery, reader: Reader) -> Choice:
    """Make the link to a place or a facility that was found by name."""
    said = hit.precision not in (None, "point", hit.subkind)
    known = LOCATION_PRECISION.get(hit.precision or "") if said else None
    precision = known.of(reader.language) if known else None
    if hit.kind == "facility":
        href = page_url("pages.facility", facility_id=hit.id)
    else:
        href = spot_address(query, hit)
    return Choice(hit.name, hit.label, precision, href, hit.matched)


def _here(query: FinderQuery, **changes: object) -> str:
    """Give the address of the finder with some parameters changed."""
    return page_url("pages.finder", **query.parameters(**changes))


def _heading(answer: FinderAnswer, data: Snapshot) -> Markup:
    """Say what the page shows; an exact address is not repeated."""
    name, point = answer.query.q or "", answer.point
    if point is not None:
        if point.kind == "address":
            return fill(_("您找的地址附近的养老机构"))
        if point.label is None:
            return fill(_("您选的位置附近的养老机构"))
        return fill(_("%(place)s附近的养老机构"), place=point.label)
    sentences = {
        "choose": _("您要找的是哪一个“%(name)s”？"),
        "named": _("名称里有“%(name)s”的养老机构"),
        "nothing": _("没有找到“%(name)s”"),
    }
    if answer.outcome in sentences:
        return fill(sentences[answer.outcome], name=name)
    if data.common_division is not None:
        return fill(_("%(place)s的养老机构"), place=data.common_division)
    return fill(_("全国养老机构"))


def _status(answer: FinderAnswer) -> Markup:
    """Say how many there are, in which order, and what is missing."""
    return _count_status(answer) + _address_status(answer)


def _address_status(answer: FinderAnswer) -> Markup:
    """Say how well the address was located from which distances count."""
    point, located = answer.point, answer.query.located
    if point is None or point.kind != "address" or not point.central or located is None:
        return fill("")
    sentences = {
        "township": _("您的地址只认到乡镇街道，距离从那里的中心算起。"),
        "county": _("您的地址只认到区县，距离从那里的中心算起。"),
        "city": _("您的地址只认到市，距离从那里的中心算起。"),
        "province": _("您的地址只认到省，距离从那里的中心算起。"),
    }
    return fill(sentences[located])


def _count_status(answer: FinderAnswer) -> Markup:
    """Say how many there are, in which order, and what is missing."""
    point, homes = answer.point, count_homes(answer.total)
    if answer.outcome == "nothing":
        return fill(_("试试只写区名、路名或机构名的一部分。"))
    if answer.outcome == "choose":
        return fill(_("有几个地方叫这个名字，请选一个。"))
    if answer.outcome == "named":
        return fill(_("找到 %(homes)s。"), homes=homes)
    if answer.query.filters.any:
        return _filtered_status(answer, homes)
    if point is None:
        said = fill(_("%(homes)s，按行政区划排列。"), homes=homes)
        return said + fill(_("输入地名，或点地图上的位置，就能看到离那里最近的机构。"))
    return _near_status(answer, point, homes)


def _near_status(answer: FinderAnswer, point: Point, homes: str) -> Markup:
    """Say from where distances count, and how many homes have none."""
    if _all_far(answer):
        return fill(_("这里附近没有机构。下面是最近的，都很远。"))
    if point.central and point.label:
        said = fill(
            _("%(homes)s，按离%(place)s中心的直线距离从近到远。"), homes=homes, place=point.label
        )
    else:
        said = fill(_("%(homes)s，按直线距离从近到远。"), homes=homes)
    if answer.not_located:
        said += fill(_("另有 %(homes)s位置未知。"), homes=count_homes(answer.not_located))
    return said


def _all_far(answer: FinderAnswer) -> bool:
    """Tell whether even the nearest home is not near."""
    rows = answer.rows
    first = answer.query.page == 1 and answer.query.filters.order in (None, "distance")
    known = first and len(rows) > 0 and "distance_m" in rows
    return known and bool((rows["distance_m"] > NEAR_M).all())


def _filtered_status(answer: FinderAnswer, homes: str) -> Markup:
    """Say how many fit what is asked, surely and perhaps."""
    if answer.query.filters.unsure:
        return fill(_("%(homes)s可能符合：所问的事里有些未知，请打电话问。"), homes=homes)
    said = fill(_("%(homes)s符合。"), homes=homes)
    if answer.unsure:
        said += fill(_("另有 %(homes)s信息不全，可能符合。"), homes=count_homes(answer.unsure))
    return said


def count_homes(count: int) -> str:
    """Write a number of facilities."""
    return str(ngettext("%(total)s 家", "%(total)s 家", count, total=f"{count:,}"))


def _choices(answer: FinderAnswer) -> Sequence[Hit]:
    """Offer places to choose from; beside facilities found by name only the likeliest three."""
    return answer.choices[:3] if answer.outcome == "named" else answer.choices


def _nothing_fits(query: FinderQuery) -> str:
    """Say that no facility fits all that is asked."""
    applied = len(query.types) + sum(map(len, query.filters.chosen.values()))
    applied += (query.filters.within_m is not None) + (query.filters.walk_min is not None)
    if applied == 0:
        return str(_("这里还没有机构。"))
    if applied == 1:
        return str(_("没有符合这个条件的机构。"))
    return str(_("没有同时符合这 %(num)s 个条件的机构。", num=applied))


def _hints(answer: FinderAnswer, language: str) -> list[Hint]:
    """Offer next steps where there is little or nothing."""
    query = answer.query
    hints = []
    if answer.outcome == "nothing":
        hints.append(Hint(_("只写区名或路名，例如“静安区”。")))
        hints.append(Hint(_("看全国的机构"), _here(query, q=None, page=None)))
    elif answer.total == 0 and answer.outcome != "choose":
        hints.append(Hint(_nothing_fits(query)))
        hints += [Hint(each.label, each.href) for each in drops(answer, language)]
    elif answer.point is not None and query.q and query.lon is None:
        hints.append(
            Hint(
                fill(_("不是这个地方？看“%(name)s”的其他结果"), name=query.q),
                page_url("pages.places", q=query.q),
            )
        )
    if answer.pages == MOST_PAGES and query.page == MOST_PAGES:
        hints.append(Hint(_("后面的不再列出。请写更具体的地名。")))
    return hints


def _map_message(answer: FinderAnswer, found: Sequence[dict[str, object]]) -> str:
    """Write what the map is told when the list changes."""
    point = answer.point
    spot = point and {"lon": point.lon, "lat": point.lat, "label": point.label or ""}
    message = {
        "type": "geomap:show",
        "point": spot,
        "ids": [each["id"] for each in found],
        "types": list(answer.query.types),
        "filters": answer.query.filters.text,
        "outcome": answer.outcome,
        "first": (answer.query.page - 1) * PAGE_ROWS + 1,
    }
    return json.dumps(message, ensure_ascii=False)


def _script_words() -> str:
    """Write the few sentences that the script says, in the reader's language."""
    words = {
        "updating": _("正在更新"),
        "failed": _("现在没有网络，列表没有更新。请再试一次。"),
        "locating": _("正在找您的位置"),
        "denied": _("没有拿到您的位置。可以直接输入地名。"),
        "place": _("地名"),
        "facility": _("机构"),
        "address": _("地址"),
        "suggestions": _("搜索建议"),
        "found": _("有 {count} 条建议"),
        "none": _("没有建议，按回车搜索"),
        "preparing": preparing_words(),
    }
    return json.dumps(words, ensure_ascii=False)
