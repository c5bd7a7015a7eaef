"""What the card of one facility in a list says, worked out before any markup."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from geomap.find.walking import DETOUR, walking_minutes
from geomap.maps.symbols import is_closed
from geomap.model.facility import STATUS, TYPES
from geomap.model.table import Label
from geomap.web import wording
from geomap.web.facility.facts import Fact, Reader, Risk, Says, beds, risk
from geomap.web.finder.on_foot import LONGEST_WALK_M

if TYPE_CHECKING:
    from geomap.web.wording import BedChip

    Record = dict[str, Any]

#: Places known only so well are rough: their distances say "about".
ROUGH = {
    "township": Label("位置只精确到乡镇街道", "located to the township"),
    "county": Label("位置只精确到区县", "located to the county"),
}


@dataclass(frozen=True)
class Card:
    """One facility in a list."""

    id: str
    name: str
    kind: str
    kind_label: str
    distance: str | None
    walk: str | None
    rough: str | None
    located: bool
    beds: BedChip
    risk: Risk | None
    facts: tuple[Fact, ...]
    not_known: tuple[Fact, ...]
    phone: str | None
    status: str | None
    closed: bool


def card(record: Record, reader: Reader, *, division: str | None = None) -> Card:
    """Make the card of one facility.

    Parameters
    ----------
    record : as by :func:`geomap.web.records.records`; ``distance_m`` where there is a point.
    reader : language and date.
    division : the names of province, city and county, where known.
    """
    rough = ROUGH.get(record["location_precision"] or "")
    metres = record.get("distance_m")
    facts = _card_facts(record, reader, division)
    return Card(
        id=record["id"],
        name=record["name"],
        kind=record["type"],
        kind_label=TYPES[record["type"]].of(reader.language),
        distance=None
        if metres is None
        else wording.distance(metres, reader.language, rough=rough is not None),
        walk=walk_words(metres, rough=rough is not None, walk_m=record.get("walk_m")),
        rough=rough.of(reader.language) if rough and metres is not None else None,
        located=record["lon"] is not None,
        beds=beds(record, reader),
        risk=risk(record, reader),
        facts=tuple(each for each in facts if each.known),
        not_known=tuple(each for each in facts if not each.known),
        phone=record["phone"],
        status=_unusual_status(record, reader),
        closed=is_closed(record["status"]),
    )


def walk_words(metres: float | None, *, rough: bool, walk_m: float | None = None) -> str | None:
    """Say how long the walk is to a home whose place is known well enough to walk to.

    Parameters
    ----------
    metres : in a straight line.
    rough : the place is known to the township or county only.
    walk_m : along the streets; NaN or None where they are not known, infinite where too long.
    """
    if metres is None or rough:
        return None
    streets = walk_m is not None and not math.isnan(walk_m)
    way_m = float(walk_m or 0) if streets else metres * DETOUR
    if not 0 < way_m <= LONGEST_WALK_M:
        return None
    minutes = walking_minutes(way_m, detour=1)
    if streets:
        return str(_("步行约 %(minutes)s 分钟（沿街道）", minutes=minutes))
    return str(_("步行约 %(minutes)s 分钟（估计）", minutes=minutes))


def _card_facts(record: Record, reader: Reader, division: str | None) -> list[Fact]:
    """Say, on a card, whom it accepts, what it costs, medical care, rating and address."""
    says = Says(record, reader, division)
    language = reader.language
    kinds, low, high = record["accepts"], record["price_min"], record["price_max"]
    lines: list[tuple[str, Label, str | None, bool]] = [
        (
            "accepts",
            Label("可接收", "Accepts"),
            wording.accepts(kinds, language, short=True) if kinds else None,
            False,
        ),
        (
            "price_min",
            Label("月费", "Monthly fee"),
            None
            if low is None and high is None
            else wording.price(low, high, language, short=True),
            False,
        ),
        ("medical", Label("医疗", "Medical care"), says.medical(), False),
        ("rating", Label("评级", "Rating"), says.rating(), False),
        ("address", Label("地址", "Address"), says.place(), True),
    ]
    return [
        Fact(
            label.of(language),
            value or wording.unknown(language),
            known=value is not None,
            lang=wording.text_language(value) if data and value else None,
            column=column,
        )
        for column, label, value, data in lines
    ]


def _unusual_status(record: Record, reader: Reader) -> str | None:
    """Name a status other than open."""
    status = record["status"]
    return STATUS[status].of(reader.language) if status not in (None, "open") else None
