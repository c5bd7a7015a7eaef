"""What is served: each collection's rows, how they are chosen, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import orjson

from geomap.model.area import AREAS
from geomap.model.crs import OFFERED, offered_points
from geomap.model.facility import FACILITIES
from geomap.model.geojson import DECIMALS, geojson_shapes
from geomap.model.table import Field, Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.crs import Offered
    from geomap.web.ogc.days import Days
    from geomap.web.state import Snapshot

    Rows = NDArray[np.intp]
    Mask = NDArray[np.bool_]
    Box = tuple[float, float, float, float]

#: A page of polygons has no more corners, some 25 MB: the gaps of the whole country have five times
#: as many.
_MOST_CORNERS: Final = 1_000_000
_KM2 = Label("平方公里", "km²")
_M = Label("米", "m")
#: What is told of a gap.
GAP_FIELDS: Final = (
    Field("id", "code", Label("编号", "Id"), required=True),
    Field("area_id", "code", Label("行政区编号", "Area's id")),
    Field("area_name", "text", Label("行政区", "Area")),
    Field("adcode", "code", Label("行政区划代码", "Division code")),
    Field("area_km2", "number", Label("面积", "Ground"), unit=_KM2),
    Field("population", "number", Label("人数", "People")),
    Field("nearest_id", "code", Label("最近机构的编号", "Id of the nearest facility")),
    Field("distance_m", "number", Label("最近机构的直线距离", "Straight line to it"), unit=_M),
)
_TITLES: Final[Mapping[str, tuple[Label, Label]]] = {
    "facilities": (
        FACILITIES.label,
        Label(
            "每一家有位置的养老机构。不知道的留空，不代表“没有”。",
            "Every care facility with a known place. What is not known is left open, never no.",
        ),
    ),
    "areas": (
        AREAS.label,
        Label(
            "有界线的行政区；没有导入时是随软件附带的区县。",
            "Divisions with an outline; the counties that ship where none were imported.",
        ),
    ),
    "gaps": (
        Label("空白区", "Gaps"),
        Label(
            "离任何机构直线 1,000 米以上的地面，人最多的在前。数据很多时，发布后要算一两分钟；"
            "没算完时请过几分钟再看。",
            "Ground more than 1,000 m from any facility in a straight line, most people first."
            " Of very many facilities, it is worked out in the minutes after they are published:"
            " until then, ask again a little later.",
        ),
    ),
}
#: The properties of each collection.
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "facilities": FACILITIES.fields, "areas": AREAS.fields, "gaps": GAP_FIELDS,
}  # fmt: skip
#: Of the facilities' columns: what programs may not filter by.
_NO_FILTER: Final = ("provenance",)
#: The property that ``datetime`` is held against.
DAY: Final = "verified_on"
#: Where facilities are, worked out once: it goes with the data that it is of.
_extents: Final[WeakKeyDictionary[Snapshot, dict[str, Any]]] = WeakKeyDictionary()


class Told(Protocol):
    """What is told of a collection."""

    @property
    def id(self) -> str:
        """Its name in addresses."""

    def extent(self) -> dict[str, Any]:
        """Tell where, and from what days, the features are."""


class Collection(Told, Protocol):
    """A collection of features."""

    def choose(self, box: Box | None, days: Days | None, given: Mapping[str, Any]) -> Rows:
        """Find the rows in a box, of some days, and with the given values, in order."""

    def page(self, rows: Rows, offset: int, limit: int) -> Rows:
        """Cut a page out of rows: fewer than the limit where they are large."""

    def features(self, rows: Rows, system: Offered) -> orjson.Fragment:
        """Write rows as a JSON array of GeoJSON Features."""

    def row(self, feature_id: str) -> int | None:
        """Find a row by its id."""


def titles(name: str, language: str) -> tuple[str, str]:
    """Give the title and the description of a collection."""
    title, description = _TITLES[name]
    return title.of(language), description.of(language)


def filters_of(name: str) -> tuple[Field, ...]:
    """Choose the properties of a collection that programs may filter by."""
    return tuple(each for each in FIELDS[name] if each.name not in _NO_FILTER)


@dataclass(frozen=True, eq=False)
class Facilities:
    """The facilities that have a place.

    Parameters
    ----------
    data : the published data.
    """

    data: Snapshot
    id: str = "facilities"

    def choose(self, box: Box | None, days: Days | None, given: Mapping[str, Any]) -> Rows:
        """Find rows; see :class:`Collection`."""
        columns = self.data.columns
        rows = np.flatnonzero(self.data.located) if box is None else columns.within(box)
        if days is not None:
            rows = rows[days.hold(columns.values(DAY).iloc[rows])]
        for name, value in given.items():
            rows = rows[self._having(name, value)[rows]]
        return rows

    def _having(self, name: str, value: object) -> Mask:
        """Mark the rows with a value; of a closed set of values, the masks are kept."""
        columns = self.data.columns
        if not FACILITIES.by_name[name].choices:
            return _equal(columns.values(name), value)
        key = ("is", name, str(value))
        return columns.mask(key, lambda each: _equal(each.values(name), value))

    def page(self, rows: Rows, offset: int, limit: int) -> Rows:
        """Cut a page out of rows."""
        return rows[offset : offset + limit]

    def features(self, rows: Rows, system: Offered) -> orjson.Fragment:
        """Write rows; see :class:`Collection`."""
        return self.data.writer.features(rows, system=None if system is OFFERED[0] else system)

    def row(self, feature_id: str) -> int | None:
        """Find a row that has a place."""
        row = self.data.rows_by_id.get(feature_id)
        return row if row is not None and self.data.located[row] else None

    def extent(self) -> dict[str, Any]:
        """Tell where the facilities are, and when they were verified."""
        known = _extents.get(self.data)
        if known is None:
            known = _extents[self.data] = _extent_of(self.data)
        return known


@dataclass(frozen=True, eq=False)
class Polygons:
    """Features of a frame of polygons, few enough to be looked through.

    Parameters
    ----------
    id : its name in addresses.
    frame : (n,) rows in degrees, on 0, 1, 2 ...; all have a geometry.
    """

    id: str
    frame: gpd.GeoDataFrame

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {str(each): row for row, each in enumerate(self.frame["id"])}

    def choose(self, box: Box | None, days: Days | None, given: Mapping[str, Any]) -> Rows:  # noqa: ARG002 (no day is known of any)
        """Find rows; without a day of their own, all are of every day."""
        mask = np.ones(len(self.frame), dtype=bool)
        if box is not None:
            mask = self._touched(box)
        for name, value in given.items():
            mask = mask & _equal(self.frame[name], value)
        return np.flatnonzero(mask)

    def _touched(self, box: Box) -> Mask:
        """Mark the rows that a box touches; one across the antimeridian is two."""
        import shapely

        west, south, east, north = box
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        boxes = [shapely.box(left, south, right, north) for left, right in spans]
        mask = np.zeros(len(self.frame), dtype=bool)
        mask[self.frame.sindex.query(boxes, predicate="intersects")[1]] = True
        return mask

    def page(self, rows: Rows, offset: int, limit: int) -> Rows:
        """Cut a page out of rows: one row, or as many as have no more corners than allowed."""
        import shapely

        page = rows[offset : offset + limit]
        corners = shapely.get_num_coordinates(self.frame.geometry.to_numpy()[page]).cumsum()
        return page[: max(1, int(np.searchsorted(corners, _MOST_CORNERS, side="right")))]

    def features(self, rows: Rows, system: Offered) -> orjson.Fragment:
        """Write rows; see :class:`Collection`."""
        import shapely

        shapes = geojson_shapes(self.frame.geometry.to_numpy()[rows])
        moved = shapely.transform(
            shapes, lambda at: np.column_stack(offered_points(at[:, 0], at[:, 1], system)).round(
                DECIMALS)
        )  # fmt: skip
        names = [each.name for each in FIELDS[self.id]]
        columns = [self.frame[each].iloc[rows].tolist() for each in names]
        parts = []
        for shape, *values in zip(shapely.to_geojson(moved), *columns, strict=True):
            told = dict(zip(names, map(_plain, values), strict=True))
            parts.append({"type": "Feature", "id": told["id"], "geometry": orjson.Fragment(shape),
                          "properties": told})  # fmt: skip
        return orjson.Fragment(orjson.dumps(parts))

    def row(self, feature_id: str) -> int | None:
        """Find a row by its id."""
        return self._rows.get(feature_id)

    def extent(self) -> dict[str, Any]:
        """Tell where the polygons are."""
        return _extent(None if self.frame.empty else self.frame.total_bounds)


@dataclass(frozen=True)
class Described:
    """A collection of which only its box is known, or nothing.

    Parameters
    ----------
    id : its name in addresses.
    box : west, south, east and north, degrees.
    """

    id: str
    box: Box | None

    def extent(self) -> dict[str, Any]:
        """Tell where the features are."""
        return _extent(self.box)


def areas_of(frame: gpd.GeoDataFrame) -> Polygons:
    """Serve the areas that have an outline."""
    from geomap.plan.sites import has_geometry

    return Polygons("areas", frame[has_geometry(frame)].reset_index(drop=True))


def gaps_of(found: gpd.GeoDataFrame) -> Polygons:
    """Serve the gaps, numbered as they come: the most people first."""
    frame = found.reset_index(drop=True)
    frame["id"] = [str(n) for n in range(1, len(frame) + 1)]
    for each in GAP_FIELDS:
        if each.name not in frame:
            frame[each.name] = None
    return Polygons("gaps", frame)


def _extent_of(data: Snapshot) -> dict[str, Any]:
    """Work out where the facilities are, and when they were verified."""
    lon, lat = (axis[data.located] for axis in data.columns.lon_lat)
    if not lon.size:
        return {}
    box = [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]
    days = data.columns.values(DAY).dropna()
    span = _span(days.min(), days.max()) if len(days) else [None, None]
    return {"spatial": {"bbox": [box], "crs": OFFERED[0].uri}, "temporal": {"interval": [span]}}


def _extent(box: Iterable[float] | None) -> dict[str, Any]:
    """Write where features are; nothing where that is not known."""
    if box is None:
        return {}
    return {"spatial": {"bbox": [[float(each) for each in box]], "crs": OFFERED[0].uri}}


def _equal(column: Any, value: object) -> Mask:  # noqa: ANN401 (a column of any kind)
    """Mark the rows that surely have a value; of a list, those that hold it."""
    if column.dtype == object and isinstance(value, str):
        held = [
            value in each if isinstance(each, list | np.ndarray) else each == value
            for each in column
        ]
        return np.array(held, dtype=bool)
    return np.asarray((column == value).fillna(value=False), dtype=bool)


def _plain(value: object) -> object:
    """Write a value of a frame; None where unknown or no number of JSON."""
    import pandas as pd

    if value is None or pd.isna(value):  # type: ignore[call-overload]  # a scalar
        return None
    return value


def _span(first: Any, last: Any) -> list[str | None]:  # noqa: ANN401 (timestamps)
    """Write the first and the last day as the interval that holds both whole."""
    return [f"{first:%Y-%m-%d}T00:00:00Z", f"{last:%Y-%m-%d}T23:59:59Z"]
