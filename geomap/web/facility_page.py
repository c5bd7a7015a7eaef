"""What the page of one facility says, worked out before any markup."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.model.facility import value_source
from geomap.web.answer import find_answer
from geomap.web.cards import ROUGH, Card, card
from geomap.web.facts import Fact, fact_groups, source_name
from geomap.web.foreign import fill
from geomap.web.language import page_url
from geomap.web.records import records
from geomap.web.wording import distance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from markupsafe import Markup

    from geomap.web.answer import FinderQuery, Point
    from geomap.web.facts import Reader
    from geomap.web.state import Snapshot

    Record = dict[str, Any]

_ALTERNATIVES = 3


@dataclass(frozen=True)
class Nearby:
    """A place near the facility."""

    name: str
    distance: str


@dataclass(frozen=True)
class FacilityPage:
    """Everything the facility's template writes."""

    card: Card
    division: str | None
    beds_source: str
    groups: Sequence[tuple[str, Sequence[Fact]]]
    where: Sequence[Markup | str]
    hospital: Nearby | None
    alternatives: Sequence[Card]
    back_href: str
    back_label: str
    map_src: str
    query: FinderQuery

    def facility_href(self, facility_id: str) -> str:
        """Give the address of another facility's page."""
        return page_url("pages.facility", facility_id=facility_id, **self.query.parameters())


def facility_page(
    facility_id: str, query: FinderQuery, snapshot: Snapshot, reader: Reader
) -> FacilityPage:
    """Put everything known of a facility into words.

    Raises
    ------
    NotFoundError : if no facility has this id.
    """
    row = snapshot.row(facility_id)
    frame = snapshot.facilities.iloc[[row]]
    record = records(frame)[0]
    division = snapshot.division(record["adcode"])
    source_of = partial(value_source, snapshot.facilities.iloc[row])
    asked = query.q is not None or query.lon is not None
    return FacilityPage(
        card=card(record, reader, division=division),
        division=division,
        beds_source=source_name(source_of("beds_available"), reader.language),
        groups=fact_groups(record, reader, division=division, source_of=source_of),
        where=_where(record, query, snapshot, reader),
        hospital=_hospital(record, snapshot, reader),
        alternatives=_alternatives(row, record, snapshot, reader),
        back_href=page_url("pages.finder", **query.parameters()),
        back_label=_("回到结果") if asked else _("全部养老机构"),
        map_src=page_url("map_pages.map_page", focus=facility_id),
        query=query,
    )


def _where(
    record: Record, query: FinderQuery, snapshot: Snapshot, reader: Reader
) -> list[Markup | str]:
    """Say how far it is from the place that was searched, and how well it is located."""
    if record["lon"] is None:
        return [_("这家机构的位置未知，地图上没有它。")]
    lines: list[Markup | str] = []
    point = _asked_point(query, snapshot)
    rough = ROUGH.get(record["location_precision"] or "")
    if point is not None:
        _rows, metres = snapshot.nearest.query(
            point.lon, point.lat, k=1, among=[snapshot.row(record["id"])]
        )
        far = distance(float(metres[0]), reader.language, rough=rough is not None)
        lines.append(_far_from(point, far))
    if rough:
        lines.append(rough.of(reader.language) + _("。"))
    lines.append(_("直线会高估能走到的范围。"))
    return lines


def _far_from(point: Point, far: str) -> Markup:
    """Say the distance from a searched place."""
    if point.kind == "address" or point.label is None:
        return fill(_("离您找的位置直线 %(distance)s。"), distance=far)
    if point.central:
        return fill(_("离%(place)s中心直线 %(distance)s。"), place=point.label, distance=far)
    return fill(_("离%(place)s直线 %(distance)s。"), place=point.label, distance=far)


def _asked_point(query: FinderQuery, snapshot: Snapshot) -> Point | None:
    """Find the place that was searched before this page was opened."""
    if query.lon is None and query.q is None:
        return None
    return find_answer(query, snapshot).point


def _hospital(record: Record, snapshot: Snapshot, reader: Reader) -> Nearby | None:
    """Find the nearest hospital."""
    if record["lon"] is None:
        return None
    rows, metres = snapshot.nearest_hospital.query(record["lon"], record["lat"], k=1)
    if not len(rows):
        return None
    name = snapshot.hospitals["name"].iloc[rows[0]]
    known = name if isinstance(name, str) else _("没有名称的医院")
    return Nearby(known, distance(float(metres[0]), reader.language))


def _alternatives(row: int, record: Record, snapshot: Snapshot, reader: Reader) -> list[Card]:
    """Find the three nearest other facilities."""
    if record["lon"] is None:
        return []
    rows, metres = snapshot.nearest.query(record["lon"], record["lat"], k=_ALTERNATIVES + 1)
    others = rows != row
    found = snapshot.facilities.iloc[rows[others][:_ALTERNATIVES]]
    found = found.assign(distance_m=metres[others][:_ALTERNATIVES])
    return [card(each, reader) for each in records(found)]
