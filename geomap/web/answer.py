"""The finder's answer to a request, worked out once for the page and for its map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from flask_babel import gettext as _

from geomap.find.selection import Selection
from geomap.web.problems import Fault, RefusedParametersError
from geomap.web.query import decimal, facility_types, plain_text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from werkzeug.datastructures import MultiDict

    from geomap.find.places import Hit
    from geomap.web.state import Snapshot

_T = TypeVar("_T")
Outcome = Literal["near", "named", "choose", "nothing", "all"]

PAGE_ROWS = 10
#: Deeper pages are not served: nobody reads them, and each costs more than the one before.
MOST_PAGES = 100
_MOST_NAMED = 200
_MOST_CHOICES = 12
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

    def parameters(self, **changes: object) -> dict[str, object]:
        """Give the address parameters of this query with some changed; None leaves one out."""
        own: dict[str, object] = {
            "q": self.q,
            "lon": self.lon,
            "lat": self.lat,
            "type": list(self.types),
            "page": self.page if self.page > 1 else None,
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
    choices : places to choose from.
    not_located : facilities of the chosen types that have no place and so no distance.
    counts : facilities of each type that the answer could hold.
    """

    query: FinderQuery
    outcome: Outcome
    point: Point | None
    rows: gpd.GeoDataFrame
    total: int
    pages: int
    choices: tuple[Hit, ...]
    not_located: int
    counts: Mapping[str, int]


def read_query(arguments: MultiDict[str, str]) -> FinderQuery:
    """Read the finder's parameters; unknown and empty ones are ignored.

    A position is rounded to `POSITION_DECIMALS`, so that no page repeats an exact one.

    Raises
    ------
    RefusedParametersError : if a known one cannot be read, in the reader's language.
    """
    faults: list[Fault] = []

    def read(name: str, by: Callable[[str], _T], said: str) -> _T | None:
        text = arguments.get(name, "").strip()
        try:
            return by(text) if text else None
        except ValueError:
            faults.append({"parameter": name, "detail": said})
            return None

    q = read("q", plain_text, _("要找的名字太长，请只写 200 个字以内。"))
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
    if faults:
        raise RefusedParametersError(faults)
    if lon is not None and lat is not None:
        lon, lat = round(lon, POSITION_DECIMALS), round(lat, POSITION_DECIMALS)
    return FinderQuery(q, lon, lat, types, page or 1)


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
    if query.lon is not None and query.lat is not None:
        kind: Literal["picked", "place"] = "place" if query.q else "picked"
        return _near(query, snapshot, Point(query.lon, query.lat, kind, query.q))
    if query.q is None:
        return _all(query, snapshot)
    meant = snapshot.search.resolve(query.q)
    if meant is None or meant.kind == "facility" or meant.lon is None or meant.lat is None:
        return _by_name(query, snapshot)
    return _near(query, snapshot, _point(meant))


def _point(hit: Hit) -> Point:
    """Take a found place as the point to look from."""
    if hit.lon is None or hit.lat is None:
        raise ValueError(f"a point needs a place, {hit.id} has none")
    central = hit.precision not in (None, "point", "address")
    if hit.kind == "address":
        return Point(hit.lon, hit.lat, "address", hit.label, central)
    return Point(hit.lon, hit.lat, "place", hit.name, central)


def _near(query: FinderQuery, snapshot: Snapshot, point: Point) -> FinderAnswer:
    """List facilities by their distance from a point."""
    wanted = _of_types(query, snapshot)
    total = int(np.count_nonzero(wanted & snapshot.located))
    pages, page = _paged(total, query.page)
    found, distance_m = snapshot.nearest.query(
        point.lon, point.lat, k=page * PAGE_ROWS, among=wanted
    )
    shown = slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS)
    return FinderAnswer(
        query=_at_page(query, page),
        outcome="near",
        point=point,
        rows=snapshot.facilities.iloc[found[shown]].assign(distance_m=distance_m[shown]),
        total=total,
        pages=pages,
        choices=(),
        not_located=int(np.count_nonzero(wanted)) - total,
        counts=snapshot.counts,
    )


def _by_name(query: FinderQuery, snapshot: Snapshot) -> FinderAnswer:
    """List the facilities whose names fit, and the places that could be meant."""
    text = query.q or ""
    named = snapshot.search.search(text, limit=_MOST_NAMED, kinds=["facility"])
    places = snapshot.search.search(text, limit=_MOST_CHOICES, kinds=["place", "address"])
    choices = tuple(each for each in places if each.lon is not None)
    kinds = [each.subkind for each in named]
    fitting = [each for each in named if not query.types or each.subkind in query.types]
    rows = np.array([snapshot.rows_by_id[each.id] for each in fitting], dtype=np.intp)
    pages, page = _paged(len(rows), query.page)
    sure = bool(named) and (not choices or named[0].score >= choices[0].score)
    outcome: Outcome = "named" if sure else "choose" if choices else "nothing"
    return FinderAnswer(
        query=_at_page(query, page),
        outcome=outcome,
        point=None,
        rows=snapshot.facilities.iloc[rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]],
        total=len(rows),
        pages=pages,
        choices=choices,
        not_located=0,
        counts={kind: kinds.count(kind) for kind in snapshot.counts},
    )


def _all(query: FinderQuery, snapshot: Snapshot) -> FinderAnswer:
    """List every facility, by division."""
    wanted = _of_types(query, snapshot)
    order = snapshot.in_order
    rows = order[wanted[order]]
    pages, page = _paged(len(rows), query.page)
    return FinderAnswer(
        query=_at_page(query, page),
        outcome="all",
        point=None,
        rows=snapshot.facilities.iloc[rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]],
        total=len(rows),
        pages=pages,
        choices=(),
        not_located=int(np.count_nonzero(wanted & ~snapshot.located)),
        counts=snapshot.counts,
    )


def _of_types(query: FinderQuery, snapshot: Snapshot) -> NDArray[np.bool_]:
    """Mark the facilities of the chosen types."""
    return Selection(types=query.types).mask(snapshot.columns)


def _paged(total: int, page: int) -> tuple[int, int]:
    """Tell the number of pages, and the page to show: the last one where fewer exist."""
    pages = min(max(1, math.ceil(total / PAGE_ROWS)), MOST_PAGES)
    return pages, min(page, pages)


def _at_page(query: FinderQuery, page: int) -> FinderQuery:
    """Note the page that is shown."""
    return FinderQuery(query.q, query.lon, query.lat, query.types, page)
