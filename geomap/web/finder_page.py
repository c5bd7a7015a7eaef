"""What the finder page says: headings, status, chips, cards and links, before any markup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.maps.words import SHORT_TYPES
from geomap.model.facility import LOCATION_PRECISION, TYPES
from geomap.web.answer import MOST_PAGES, PAGE_ROWS
from geomap.web.cards import Card, card
from geomap.web.foreign import fill
from geomap.web.language import page_url
from geomap.web.records import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from geomap.find.places import Hit
    from geomap.web.answer import FinderAnswer, FinderQuery
    from geomap.web.facts import Reader
    from geomap.web.state import Snapshot


@dataclass(frozen=True)
class Chip:
    """One type to choose or to drop."""

    kind: str
    label: str
    count: str
    chosen: bool
    href: str


@dataclass(frozen=True)
class Choice:
    """One place to choose."""

    name: str
    label: str
    precision: str | None
    href: str


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
    chips: Sequence[Chip]
    all_types_href: str
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

    def facility_href(self, facility_id: str) -> str:
        """Give the address of a facility's page, which leads back here."""
        return page_url("pages.facility", facility_id=facility_id, **self.query.parameters())


def finder_page(answer: FinderAnswer, snapshot: Snapshot, reader: Reader) -> FinderPage:
    """Put a finder's answer into words and links."""
    query = answer.query
    heading = _heading(answer)
    found = records(answer.rows)
    following = query.page + 1
    return FinderPage(
        title=heading.striptags(),
        heading=heading,
        status=_status(answer),
        chips=_chips(answer, reader),
        all_types_href=_here(query, type=[], page=None),
        choices=[choice(each, query, reader) for each in _choices(answer)],
        hints=_hints(answer),
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
    )


def choice(hit: Hit, query: FinderQuery, reader: Reader) -> Choice:
    """Make the link to a place or a facility that was found by name."""
    said = hit.precision not in (None, "point", hit.subkind)
    known = LOCATION_PRECISION.get(hit.precision or "") if said else None
    precision = known.of(reader.language) if known else None
    if hit.kind == "facility":
        href = page_url("pages.facility", facility_id=hit.id)
    else:
        lon, lat = (None if at is None else round(at, 5) for at in (hit.lon, hit.lat))
        name = None if hit.kind == "address" else hit.name
        href = _here(query, q=name, lon=lon, lat=lat, page=None)
    return Choice(hit.name, hit.label, precision, href)


def _here(query: FinderQuery, **changes: object) -> str:
    """Give the address of the finder with some parameters changed."""
    return page_url("pages.finder", **query.parameters(**changes))


def _heading(answer: FinderAnswer) -> Markup:
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
    return fill(sentences.get(answer.outcome, _("全国养老机构")), name=name)


def _status(answer: FinderAnswer) -> Markup:
    """Say how many there are, in which order, and what is missing."""
    point, homes = answer.point, _homes(answer.total)
    if answer.outcome == "nothing":
        return fill(_("试试只写区名、路名或机构名的一部分。"))
    if answer.outcome == "choose":
        return fill(_("有几个地方叫这个名字，请选一个。"))
    if answer.outcome == "named":
        return fill(_("找到 %(homes)s。"), homes=homes)
    if point is None:
        said = fill(_("%(homes)s，按行政区划排列。"), homes=homes)
        return said + fill(_("输入地名，或点地图上的位置，就能看到离那里最近的机构。"))
    if point.central and point.label:
        said = fill(
            _("%(homes)s，按离%(place)s中心的直线距离从近到远。"), homes=homes, place=point.label
        )
    else:
        said = fill(_("%(homes)s，按直线距离从近到远。"), homes=homes)
    if answer.not_located:
        said += fill(_("另有 %(homes)s位置未知。"), homes=_homes(answer.not_located))
    return said


def _homes(count: int) -> str:
    """Write a number of facilities."""
    return str(ngettext("%(total)s 家", "%(total)s 家", count, total=f"{count:,}"))


def _chips(answer: FinderAnswer, reader: Reader) -> list[Chip]:
    """Offer every type: pressed again, a chosen one is dropped."""
    if answer.outcome in ("choose", "nothing"):
        return []
    chosen = set(answer.query.types)
    return [
        Chip(
            kind=kind,
            label=SHORT_TYPES[kind].of(reader.language),
            count=f"{answer.counts[kind]:,}",
            chosen=kind in chosen,
            href=_here(
                answer.query, type=[t for t in TYPES if (t in chosen) != (t == kind)], page=None
            ),
        )
        for kind in TYPES
    ]


def _choices(answer: FinderAnswer) -> Sequence[Hit]:
    """Offer places to choose from; beside facilities found by name only the likeliest three."""
    return answer.choices[:3] if answer.outcome == "named" else answer.choices


def _hints(answer: FinderAnswer) -> list[Hint]:
    """Offer next steps where there is little or nothing."""
    query = answer.query
    hints = []
    if answer.outcome == "nothing":
        hints.append(Hint(_("只写区名或路名，例如“静安区”。")))
        hints.append(Hint(_("看全国的机构"), _here(query, q=None, page=None)))
    elif answer.total == 0 and query.types:
        hints.append(Hint(_("没有这种类型的机构。")))
        hints.append(Hint(_("看全部类型"), _here(query, type=[], page=None)))
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
    }
    return json.dumps(words, ensure_ascii=False)
