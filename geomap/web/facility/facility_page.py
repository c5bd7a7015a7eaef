"""What the page of one facility says, worked out before any markup."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from flask_babel import gettext as _

from geomap.model.facility import FACILITIES, ValueSource, value_source
from geomap.web.addresses import public_address
from geomap.web.facility import trust
from geomap.web.facility.fact_lines import Group, fact_groups, gathered, row_facts
from geomap.web.facility.facts import Fact, Parent, Says, source_name, verified_day
from geomap.web.facility.map_links import Place, Route, routes
from geomap.web.facility.sheet_words import checked
from geomap.web.facility.structured import structured_data
from geomap.web.finder.answer import asked_point
from geomap.web.finder.cards import ROUGH, Card, card, walk_words
from geomap.web.finder.on_foot import LONGEST_WALK_M, walked_m, walked_to
from geomap.web.foreign import fill
from geomap.web.language import page_url
from geomap.web.records import records
from geomap.web.wording import distance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import pandas as pd
    from markupsafe import Markup

    from geomap.web.facility.facts import Reader
    from geomap.web.finder.answer import FinderQuery, Point
    from geomap.web.state import Snapshot

    Record = dict[str, Any]
    SourceOf = Callable[[str], ValueSource]

_ALTERNATIVES = 3
#: Farther away nothing is an alternative.
_ALTERNATIVES_M = 50_000
#: Farther away a hospital is no help, or the nearest one is missing in the data.
_HOSPITAL_M = 50_000
#: What says something of the row, not of the home.
_OF_THE_ROW = frozenset(
    {"id", "adcode", "source", "source_url", "verified_on", "licence", "provenance"}
)


@dataclass(frozen=True)
class Nearby:
    """A place near the facility."""

    name: str
    distance: str
    walk: str | None


@dataclass(frozen=True)
class Said:
    """Who said a value, and when it was verified."""

    label: str
    source: str
    verified: str | None


@dataclass(frozen=True)
class FacilityPage:
    """Everything the facility's templates write."""

    card: Card
    division: str | None
    beds_source: str
    checked: Markup
    groups: Sequence[Group]
    warned: bool
    warnings: Sequence[str]
    authorities: Sequence[trust.Authority]
    sources: Sequence[Said]
    row: Sequence[Fact]
    where: Sequence[Markup | str]
    routes: Sequence[Route]
    coordinates: str | None
    hospital: Nearby | None
    alternatives: Sequence[Card]
    back_href: str
    back_label: str
    around_href: str | None
    map_src: str
    share_url: str
    structured: Markup
    query: FinderQuery

    def facility_href(self, facility_id: str) -> str:
        """Give the address of another facility's page."""
        return page_url("pages.facility", facility_id=facility_id, **self.query.parameters())

    def group(self, key: str) -> Group:
        """Give one group of facts."""
        return next(each for each in self.groups if each.key == key)


def facility_page(
    facility_id: str, query: FinderQuery, snapshot: Snapshot, reader: Reader
) -> FacilityPage:
    """Put everything known of a facility into words.

    Raises
    ------
    NotFoundError : if no facility has this id.
    """
    row = snapshot.row(facility_id)
    record = records(snapshot.facilities.iloc[row : row + 1])[0]
    says = Says(
        record, reader, snapshot.division(record["adcode"]), _parent(record, query, snapshot)
    )
    source_of = partial(value_source, snapshot.facilities.iloc[row])
    asked = query.q is not None or query.lon is not None
    share_url = public_address("pages.facility", facility_id=facility_id)
    spot = {"lon": record["lon"], "lat": record["lat"]}
    located = record["lon"] is not None
    return FacilityPage(
        card=card(record, reader, division=says.division),
        division=says.division,
        beds_source=source_name(source_of("beds_available"), reader.language),
        checked=checked(record, source_of, reader),
        groups=[gathered(each) for each in fact_groups(says, source_of)],
        warned=trust.needs_warning(record),
        warnings=trust.warnings(),
        authorities=trust.authorities(snapshot.site.platforms, record["adcode"], reader),
        sources=_sources(record, source_of, reader),
        row=row_facts(says),
        where=_where(record, query, snapshot, reader),
        routes=_routes(record, reader),
        coordinates=f"{record['lat']:.5f}, {record['lon']:.5f}" if located else None,
        hospital=_hospital(record, snapshot, reader),
        alternatives=_alternatives(row, record, snapshot, reader),
        back_href=page_url("pages.finder", **query.parameters()),
        back_label=_("回到结果") if asked else _("全部养老机构"),
        around_href=page_url("pages.finder", **spot) if located else None,
        map_src=page_url("map_pages.map_page", focus=facility_id),
        share_url=share_url,
        structured=structured_data(says, share_url),
        query=query,
    )


def _parent(record: Record, query: FinderQuery, snapshot: Snapshot) -> Parent | None:
    """Find the facility that this one belongs to; its id where nothing more is known."""
    parent_id = record["parent_id"]
    if not parent_id:
        return None
    row = snapshot.rows_by_id.get(parent_id)
    if row is None:
        return Parent(parent_id)
    href = page_url("pages.facility", facility_id=parent_id, **query.parameters())
    return Parent(str(snapshot.facilities["name"].iloc[row]), href)


def _sources(record: Record, source_of: SourceOf, reader: Reader) -> list[Said]:
    """List who said each known value, and when."""
    found = []
    for field in FACILITIES.fields:
        if field.name in _OF_THE_ROW or record[field.name] in (None, []):
            continue
        said = source_of(field.name)
        found.append(
            Said(
                field.label.of(reader.language),
                source_name(said, reader.language),
                verified_day(said, reader),
            )
        )
    return found


def _where(
    record: Record, query: FinderQuery, snapshot: Snapshot, reader: Reader
) -> list[Markup | str]:
    """Say how far it is from the place that was searched, and how well it is located."""
    if record["lon"] is None:
        return [_("这家机构的位置未知，地图上没有它。")]
    lines: list[Markup | str] = []
    point = asked_point(query, snapshot)
    rough = ROUGH.get(record["location_precision"] or "")
    if point is not None:
        spot, own = (point.lon, point.lat), np.array([snapshot.row(record["id"])])
        _rows, metres = snapshot.nearest.query(*spot, k=1, among=own)
        far = distance(float(metres[0]), reader.language, rough=rough is not None)
        lines.append(_far_from(point, far))
        walk_m = walked_m(snapshot, spot, own, limit_m=LONGEST_WALK_M)[0]
        walk = walk_words(metres[0], rough=rough is not None, walk_m=walk_m)
        if walk:
            lines.append(walk + _("。"))
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


def _routes(record: Record, reader: Reader) -> list[Route]:
    """Give the ways to other maps; none without a place."""
    if record["lon"] is None:
        return []
    place = Place(record["lon"], record["lat"], record["name"], _code_of(record))
    return routes(place, reader.language)


def _code_of(record: Record) -> str | None:
    """Give the division's code, found by the place where the data states none."""
    if record["adcode"]:
        return str(record["adcode"])
    from geomap.data.divisions import locate

    (found,) = locate([record["lon"]], [record["lat"]], level="province")
    return None if found is None else str(found)


def _hospital(record: Record, snapshot: Snapshot, reader: Reader) -> Nearby | None:
    """Find the nearest hospital."""
    if record["lon"] is None:
        return None
    rows, metres = snapshot.nearest_hospital.query(
        record["lon"], record["lat"], k=1, max_distance_m=_HOSPITAL_M
    )
    if not len(rows):
        return None
    name = snapshot.hospitals["name"].iloc[rows[0]]
    known = name if isinstance(name, str) else _("没有名称的医院")
    rough = record["location_precision"] in ROUGH
    far = distance(float(metres[0]), reader.language, rough=rough)
    spot = snapshot.hospitals.geometry.iloc[rows[0]].representative_point()
    ends, home = np.array([[spot.x, spot.y]]), (record["lon"], record["lat"])
    (walk_m,) = walked_to(snapshot, home, ends, limit_m=LONGEST_WALK_M)
    return Nearby(known, far, walk_words(metres[0], rough=rough, walk_m=walk_m))


def _alternatives(row: int, record: Record, snapshot: Snapshot, reader: Reader) -> list[Card]:
    """Find the three nearest others of the same type that are open, as far as is known."""
    if record["lon"] is None:
        return []
    wanted = _open_of(snapshot, record["type"]).copy()
    wanted[row] = False
    rows, metres = snapshot.nearest.query(
        record["lon"], record["lat"], k=_ALTERNATIVES, among=wanted, max_distance_m=_ALTERNATIVES_M
    )
    if not len(rows):
        return []
    import pandas as pd

    # Single rows are views; many at once are copied out of every chunk of every column.
    ones = [snapshot.facilities.iloc[each : each + 1] for each in rows.tolist()]
    spot = (record["lon"], record["lat"])
    walks = walked_m(snapshot, spot, rows, limit_m=LONGEST_WALK_M)
    found = pd.concat(ones).assign(distance_m=metres, walk_m=walks)
    return [card(each, reader) for each in records(found)]


def _open_of(snapshot: Snapshot, kind: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the facilities of a type that are not known to be closed, planned or being built."""

    def compute(columns: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:  # noqa: ANN401 (its frame only)
        frame: pd.DataFrame = columns.frame
        status = frame["status"]
        mask: np.ndarray[Any, np.dtype[np.bool_]] = np.array(
            (frame["type"] == kind) & (status.isna() | (status == "open")), dtype=np.bool_
        )
        return mask

    return snapshot.columns.mask(("open of type", kind), compute)
