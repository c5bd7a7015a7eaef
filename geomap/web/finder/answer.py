"""The finder's answer to a request, worked out once for the page and for its map."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

import numpy as np
from flask_babel import gettext as _

from geomap.find.facets import Relaxed, count_choices, relaxations
from geomap.find.order import in_order
from geomap.web.finder.filters import (
    DISTANCES_M,
    NO_FILTERS,
    Filters,
    read_filters,
    read_one,
    read_words,
)
from geomap.web.finder.on_foot import LONGEST_WALK_M, walked_m, within_walk
from geomap.web.problems import Fault, RefusedParametersError
from geomap.web.query import decimal, facility_types, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from werkzeug.datastructures import MultiDict

    from geomap.find.places import Hit
    from geomap.find.selection import Columns, Selection
    from geomap.web.state import Snapshot

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.intp]

Outcome = Literal["near", "named", "choose", "nothing", "all"]

PAGE_ROWS = 10
#: Deeper pages are not served: nobody reads them, and each costs more than the one before.
MOST_PAGES = 100
_MOST_NAMED = 200
_MOST_CHOICES = 12
#: Sorted by anything else than distance, a list near a place ends here unless told otherwise.
_SORTED_WITHIN_M = DISTANCES_M[-1]
#: Homes farther away than this are not near a place.
NEAR_M = 100_000
#: How well an address may be located, the best first; the first two are no middle of a division.
ADDRESS_PRECISION = ("point", "address", "township", "county", "city", "province")
EXACT = ADDRESS_PRECISION[:2]
#: Positions are known to this many decimals, about 100 m, before they are written anywhere.
POSITION_DECIMALS = 3


@dataclass(frozen=True)
class Point:
    """Where distances count from.

    Attributes
    ----------
    lon, lat : degrees, WGS-84.
    kind : picked on the map, a place found by name, or an address.
    label : what the place is called; the division that an address lies in; None if picked.
    central : the point stands for a whole division, whose middle it is.
    """

    lon: float
    lat: float
    kind: Literal["picked", "place", "address"]
    label: str | None
    central: bool = False


@dataclass(frozen=True)
class FinderQuery:
    """What the finder is asked."""

    q: str | None = None
    lon: float | None = None
    lat: float | None = None
    types: tuple[str, ...] = ()
    page: int = 1
    filters: Filters = NO_FILTERS
    located: str | None = None

    @property
    def selection(self) -> Selection:
        """The criteria that do not need a place."""
        return self.filters.selection(self.types)

    def parameters(self, **changes: object) -> dict[str, object]:
        """Give the address parameters of this query with some changed; None leaves one out."""
        own: dict[str, object] = {
            "q": self.q,
            "lon": self.lon,
            "lat": self.lat,
            "located": self.located,
            "type": list(self.types),
            "page": self.page if self.page > 1 else None,
            **self.filters.parameters(),
        }
        return {name: value for name, value in (own | changes).items() if value not in (None, [])}


@dataclass(frozen=True)
class FinderAnswer:
    """What the finder answers.

    Attributes
    ----------
    outcome : near a point, facilities by name, a choice of places, nothing found, or all.
    point : where distances count from, if anywhere.
    rows : facilities of this page; ``distance_m`` where there is a point.
    total, pages : facilities on all pages, and the number of pages.
    unsure : facilities that may fit: something that is asked is not known of them.
    choices : places to choose from.
    not_located : facilities that fit but have no place and so no distance.
    columns, among : the facilities, and the (n,) that come into question before filters.
    within : how many lie within each distance that is offered, in metres; near a point only.
    streets : whether the streets are known along which one walks; near a point only.
    """

    query: FinderQuery
    outcome: Outcome
    point: Point | None
    rows: gpd.GeoDataFrame
    total: int
    pages: int
    unsure: int
    choices: tuple[Hit, ...]
    not_located: int
    columns: Columns
    among: Mask
    within: Mapping[int, int] = field(default_factory=dict)
    streets: bool = False

    @cached_property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many facilities ticking each choice of each group would leave."""
        return count_choices(self.query.selection, self.columns, among=self.among)

    @cached_property
    def relaxed(self) -> tuple[Relaxed, ...]:
        """What dropping a criterion would find, the most first; where nothing fits."""
        if self.total:
            return ()
        return tuple(relaxations(self.query.selection, self.columns, among=self.among))


def read_query(arguments: MultiDict[str, str]) -> FinderQuery:
    """Read the finder's parameters; unknown and empty ones are ignored.

    A position is rounded to `POSITION_DECIMALS`, so that no page repeats an exact one.

    Raises
    ------
    RefusedParametersError : if a known one cannot be read, in the reader's language.
    """
    faults: list[Fault] = []

    read = partial(read_one, arguments, faults)
    q = read_words(arguments, faults)
    lon = read(
        "lon",
        lambda text: decimal(text, minimum=-180, maximum=180),
        _("经度要在 -180 到 180 之间。"),
    )
    lat = read(
        "lat", lambda text: decimal(text, minimum=-90, maximum=90), _("纬度要在 -90 到 90 之间。")
    )
    page = read("page", lambda text: whole(text, minimum=1), _("页数要从 1 开始。"))
    if (lon is None) != (lat is None) and not faults:
        faults.append({"parameter": "lon", "detail": _("经度和纬度要一起给。")})
    types = _read_types(arguments.getlist("type"), faults)
    filters = read_filters(arguments, faults)
    if faults:
        raise RefusedParametersError(faults)
    if lon is not None and lat is not None:
        lon, lat = round(lon, POSITION_DECIMALS), round(lat, POSITION_DECIMALS)
    located = arguments.get("located") if lon is not None and q is None else None
    return FinderQuery(
        q, lon, lat, types, page or 1, filters, located if located in ADDRESS_PRECISION else None
    )


def _read_types(texts: list[str], faults: list[Fault]) -> tuple[str, ...]:
    """Read the chosen types."""
    try:
        return facility_types([each for each in texts if each.strip()])
    except ValueError:
        faults.append({"parameter": "type", "detail": _("没有这种机构类型。")})
        return ()


def find_answer(query: FinderQuery, snapshot: Snapshot) -> FinderAnswer:
    """Answer the finder's question from one snapshot.

    A given position wins; else the text is read as a place, then as part of facility names.
    """
    point = asked_point(query, snapshot)
    if point is not None:
        return _near(query, snapshot, point)
    return _all(query, snapshot) if query.q is None else _by_name(query, snapshot)


def asked_point(query: FinderQuery, snapshot: Snapshot) -> Point | None:
    """Find the point that a query looks from; None where it means no place, or no single one."""
    if query.lon is not None and query.lat is not None:
        return _given_point(query, query.lon, query.lat)
    meant = snapshot.search.resolve(query.q) if query.q is not None else None
    if meant is None or meant.kind == "facility" or meant.lon is None or meant.lat is None:
        return None
    return _point(_with_homes(meant, query.q or "", snapshot))


def _with_homes(meant: Hit, text: str, snapshot: Snapshot) -> Hit:
    """Take another place of the same name where no home is near the one that was found.

    There is a Da'an district in Zigong, in Taichung and in Taipei: who serves the homes of Taipei
    is asked for that of Taipei.
    """
    if meant.kind != "place" or _homes_near(meant, snapshot):
        return meant
    others = snapshot.search.search(text, limit=_MOST_CHOICES, kinds=["place"])
    alike = (each for each in others if each.name == meant.name and each.lon is not None)
    return next((each for each in alike if _homes_near(each, snapshot)), meant)


def _homes_near(hit: Hit, snapshot: Snapshot) -> bool:
    """Tell whether any home lies so near a place that one would look there."""
    if hit.lon is None or hit.lat is None:
        return False
    rows, _metres = snapshot.nearest.query(hit.lon, hit.lat, k=1, max_distance_m=NEAR_M)
    return len(rows) > 0


def _given_point(query: FinderQuery, lon: float, lat: float) -> Point:
    """Take a given position as the point to look from; what it is, the query says."""
    if query.located is not None:
        return Point(lon, lat, "address", None, query.located not in EXACT)
    return Point(lon, lat, "place" if query.q else "picked", query.q)


def _point(hit: Hit) -> Point:
    """Take a found place as the point to look from."""
    if hit.lon is None or hit.lat is None:
        raise ValueError(f"a point needs a place, {hit.id} has none")
    central = hit.precision not in (None, *EXACT)
    if hit.kind == "address":
        return Point(hit.lon, hit.lat, "address", hit.label, central)
    return Point(hit.lon, hit.lat, "place", hit.name, central)


@dataclass(frozen=True)
class _List:
    """The facilities that come into question, before filters: all, or some of them.

    Parameters
    ----------
    among : (n,) bool; all where None.
    order : (m,) positions of those in question, in the order of the list; None is by distance.
    """

    among: Mask | None = None
    order: Rows | None = None


def _near(query: FinderQuery, snapshot: Snapshot, point: Point) -> FinderAnswer:
    """List facilities by their distance from a point."""
    filters = query.filters
    if filters.order not in (None, "distance") and filters.reach_m is None:
        query = replace(query, filters=replace(filters, within_m=_SORTED_WITHIN_M))
    answer = _answer(query, snapshot, "near", _List(_reached(query, snapshot, point)), point=point)
    surely = query.selection.mask(snapshot.columns)
    not_located = int(np.count_nonzero(surely & ~snapshot.located))
    return replace(answer, not_located=not_located, within=_count_within(snapshot, point, surely))


def _reached(query: FinderQuery, snapshot: Snapshot, point: Point) -> Mask | None:
    """Mark the facilities that are near enough, by distance and on foot; None where any are."""
    filters, parts = query.filters, []
    if filters.within_m is not None:
        parts.append(_within(snapshot, point, filters.within_m))
    if filters.walk_min is not None:
        parts.append(within_walk(snapshot, (point.lon, point.lat), filters.walk_min))
    return np.logical_and.reduce(parts) if parts else None


def _within(snapshot: Snapshot, point: Point, reach_m: float) -> Mask:
    """Mark the facilities within a distance of a point."""
    mask = np.zeros(len(snapshot.facilities), dtype=bool)
    mask[snapshot.nearest.within(point.lon, point.lat, reach_m)[0]] = True
    return mask


def _count_within(snapshot: Snapshot, point: Point, surely: Mask) -> Mapping[int, int]:
    """Count the fitting facilities within each distance that is offered."""
    rows, distance_m = snapshot.nearest.within(point.lon, point.lat, DISTANCES_M[-1])
    distance_m = distance_m[surely[rows]]
    return {each: int(np.count_nonzero(distance_m <= each)) for each in DISTANCES_M}


def _by_name(query: FinderQuery, snapshot: Snapshot) -> FinderAnswer:
    """List the facilities whose names fit, and the places that could be meant."""
    text = query.q or ""
    named = snapshot.search.search(text, limit=_MOST_NAMED, kinds=["facility"])
    places = snapshot.search.search(text, limit=_MOST_CHOICES, kinds=["place", "address"])
    choices = tuple(each for each in places if each.lon is not None)
    rows = np.array([snapshot.rows_by_id[each.id] for each in named], dtype=np.intp)
    among = np.zeros(len(snapshot.facilities), dtype=bool)
    among[rows] = True
    sure = bool(named) and (not choices or named[0].score >= choices[0].score)
    outcome: Outcome = "named" if sure else "choose" if choices else "nothing"
    return replace(_answer(query, snapshot, outcome, _List(among, rows)), choices=choices)


def _all(query: FinderQuery, snapshot: Snapshot) -> FinderAnswer:
    """List every facility, by division."""
    answer = _answer(query, snapshot, "all", _List(order=snapshot.in_order))
    surely = query.selection.mask(snapshot.columns)
    return replace(answer, not_located=int(np.count_nonzero(surely & ~snapshot.located)))


def _answer(
    query: FinderQuery,
    snapshot: Snapshot,
    outcome: Outcome,
    listed: _List,
    *,
    point: Point | None = None,
) -> FinderAnswer:
    """Filter, sort and page a list."""
    columns, selection = snapshot.columns, query.selection
    around = snapshot.located if point is not None else np.ones(len(columns), dtype=bool)
    among = around if listed.among is None else around & listed.among
    surely, perhaps = selection.mask(columns) & among, selection.maybe(columns) & among
    wanted = perhaps if query.filters.unsure else surely
    total = int(np.count_nonzero(wanted))
    pages, page = _paged(total, query.page)
    return FinderAnswer(
        query=replace(query, page=page),
        outcome=outcome,
        point=point,
        rows=_with_walks(snapshot, point, _page_rows(query, snapshot, wanted, listed, point, page)),
        total=total,
        pages=pages,
        unsure=int(np.count_nonzero(perhaps)),
        choices=(),
        not_located=0,
        columns=columns,
        among=among,
        streets=point is not None and snapshot.network is not None,
    )


def _page_rows(  # noqa: PLR0913, PLR0917 (what a page of a list depends on)
    query: FinderQuery,
    snapshot: Snapshot,
    wanted: Mask,
    listed: _List,
    point: Point | None,
    page: int,
) -> gpd.GeoDataFrame:
    """Give the facilities of one page, with their distance where there is a point."""
    first, last = (page - 1) * PAGE_ROWS, page * PAGE_ROWS
    facilities, order = snapshot.facilities, query.filters.order
    if point is not None and order in (None, "distance"):
        rows, distance_m = snapshot.nearest.query(point.lon, point.lat, k=last, among=wanted)
        return facilities.iloc[rows[first:]].assign(distance_m=distance_m[first:])
    rows = np.flatnonzero(wanted) if listed.order is None else listed.order[wanted[listed.order]]
    if order in ("price", "beds", "rating"):
        rows = in_order(snapshot.columns, rows, by=order)
    rows = rows[first:last]
    if point is None or not rows.size:
        return facilities.iloc[rows]
    found, distance_m = snapshot.nearest.query(point.lon, point.lat, k=rows.size, among=rows)
    far = dict(zip(found.tolist(), distance_m.tolist(), strict=True))
    return facilities.iloc[rows].assign(distance_m=[far[each] for each in rows.tolist()])


def _with_walks(
    snapshot: Snapshot, point: Point | None, rows: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Add the way along the streets, ``walk_m``, to rows with a distance; NaN where not known."""
    if point is None or snapshot.network is None or "distance_m" not in rows:
        return rows
    places = np.array([snapshot.rows_by_id[each] for each in rows["id"]], dtype=np.intp)
    spot = (point.lon, point.lat)
    return rows.assign(walk_m=walked_m(snapshot, spot, places, limit_m=LONGEST_WALK_M))


def _paged(total: int, page: int) -> tuple[int, int]:
    """Tell the number of pages, and the page to show: the last one where fewer exist."""
    pages = min(max(1, math.ceil(total / PAGE_ROWS)), MOST_PAGES)
    return pages, min(page, pages)
