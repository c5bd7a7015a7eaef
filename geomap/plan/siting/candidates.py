"""Candidates from a grid, and those that lie where nothing may be built."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from geomap.errors import ParameterError, TooLargeError
from geomap.model.crs import GEOGRAPHIC, to_geographic, to_transverse_mercator
from geomap.model.plane import EqualAreaPlane, polygonal
from geomap.plan.discs import check_radius
from geomap.plan.sites import homes_of, require_on_earth

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]
    Geometries = npt.NDArray[np.object_]

LAYOUTS: Final = ("square", "hex")
#: No more candidates than this are made.
MOST: Final = 1_000_000
#: A plane serves ground so wide: with this scale on its meridian, lengths are right to 0.07 %.
_WIDE_M, _SCALE = 560_000.0, 0.9993
_DEGREE_M: Final = 111_319.5
#: An edge this long, some 2 km, bends by less than 0.1 m in the plane.
_STRAIGHT_DEG: Final = 0.02
#: Rows of a grid that are looked at in one go.
_ROWS: Final = 256


def grid_candidates(
    areas: gpd.GeoDataFrame, *, spacing_m: float, layout: str = "square"
) -> gpd.GeoDataFrame:
    """Lay a grid of candidate sites over areas, evenly spaced in true metres.

    The grid lies in a conformal plane about a whole degree of longitude, so the same point has
    the same id whichever part of a city is asked about. Ground wider than some 560 km takes
    several planes, side by side: where two meet, the spacing breaks.

    Parameters
    ----------
    areas : (k,) polygons in a known CRS; those without ground are left out. ``name`` where there
        is one.
    spacing_m : from one candidate to the next, metres on the ground, right to 0.1 %.
    layout : square, or hex, where each candidate has six neighbours at that distance.

    Returns
    -------
    (m,) points in EPSG:4326 from north to south: ``id``; ``name``, the area's with a number, or
    the number alone; a point on the border of two areas is the first one's.

    Raises
    ------
    ParameterError : if the spacing or the layout is unknown or out of range, or no point of the
        grid lies in an area.
    CRSError, DataError : if the areas state no coordinate system, or lie nowhere on earth.
    TooLargeError : if there would be more than a million.

    Examples
    --------
    >>> import geopandas as gpd
    >>> town = gpd.GeoDataFrame({"name": ["east"]}, geometry=[shapely.box(121, 31, 121.02, 31.01)],
    ...                         crs="EPSG:4326")
    >>> grid_candidates(town, spacing_m=1000)["id"].tolist()
    ['g1000.121.3429.0', 'g1000.121.3429.1']
    """
    grid = _Grid.of(spacing_m, layout)
    shapes = polygonal(to_geographic(areas).geometry.to_numpy())
    drawn = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    require_on_earth(shapes[drawn], "areas")
    _require_few(grid, shapes[drawn])
    found = pd.concat([_EMPTY, *grid.within(shapes[drawn])], ignore_index=True)
    found["area"] = drawn[found["area"].to_numpy(dtype=np.intp)]
    found = found.sort_values(["area", "meridian", "row", "column"])
    found = found.drop_duplicates(["meridian", "row", "column"])
    if found.empty:
        raise ParameterError(
            f"no point of a grid of {spacing_m:g} m lies in these areas: make the grid finer",
            zh=f"间距 {spacing_m:g} 米的网格没有一个点落在这些地区里：请改小间距",
        )
    if len(found) > MOST:
        raise _too_large(grid, len(found))
    return _named(found, grid, areas)


def outside(candidates: gpd.GeoDataFrame, exclusions: gpd.GeoDataFrame) -> Mask:
    """Mark the candidates that lie outside of all exclusion areas, and so may be built on.

    A candidate polygon is judged by the point inside it from which distances are measured: a plot
    that an exclusion only touches at its rim is kept. The edge of an exclusion belongs to it.

    Parameters
    ----------
    candidates : (m,) points or polygons in a known CRS; one without a place is kept.
    exclusions : (k,) polygons in a known CRS; rows without ground exclude nothing.

    Returns
    -------
    (m,) bool.

    Raises
    ------
    CRSError, DataError : if a frame states no coordinate system, or a row is no place on earth.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.points_from_xy([0, 1, 2], [0, 0, 0], crs="EPSG:4326")
    >>> lake = gpd.GeoDataFrame(geometry=[shapely.box(1, -1, 1.5, 1)], crs="EPSG:4326")
    >>> outside(gpd.GeoDataFrame(geometry=at), lake).tolist()
    [True, False, True]
    """
    free = np.ones(len(candidates), dtype=bool)
    shapes = exclusions.geometry.to_numpy()
    if not (len(free) and (~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).any()):
        return free
    grounds = polygonal(to_geographic(exclusions).geometry.to_numpy())
    grounds = grounds[~(shapely.is_missing(grounds) | shapely.is_empty(grounds))]
    require_on_earth(grounds, "exclusions")
    lon, lat = homes_of(candidates)
    placed = np.flatnonzero(np.isfinite(lon))
    tree = shapely.STRtree(np.asarray(shapely.points(lon[placed], lat[placed])))
    free[placed[tree.query(grounds, predicate="intersects")[1]]] = False
    return free


_EMPTY: Final = pd.DataFrame({
    "area": pd.Series(dtype="int64"), "meridian": pd.Series(dtype="int64"),
    "row": pd.Series(dtype="int64"), "column": pd.Series(dtype="int64"),
    "lon": pd.Series(dtype="float64"), "lat": pd.Series(dtype="float64"),
})  # fmt: skip


@dataclass(frozen=True)
class _Grid:
    """Rows and columns of a plane: columns are `spacing_m` apart, in hex every other row between.

    Parameters
    ----------
    rise_m : from a row to the next.
    """

    spacing_m: float
    rise_m: float
    layout: str

    @classmethod
    def of(cls, spacing_m: float, layout: str) -> _Grid:
        """Check what is asked."""
        if layout not in LAYOUTS:
            raise ParameterError(
                f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}",
                zh=f"layout 须为 {'、'.join(LAYOUTS)} 之一，这里是 {layout!r}",
            )
        step = check_radius(spacing_m, "spacing_m")
        return cls(step, step * (np.sqrt(3) / 2 if layout == "hex" else 1.0), layout)

    @property
    def key(self) -> str:
        """How ids begin."""
        return f"{'h' if self.layout == 'hex' else 'g'}{self.spacing_m:.12g}"

    def expected(self, shapes: Geometries) -> float:
        """Tell about how many points lie in polygons in degrees."""
        if not len(shapes):
            return 0.0
        flat = EqualAreaPlane.serving(shapes, "areas").flatten(shapes)
        return float(shapely.area(flat).sum()) / (self.spacing_m * self.rise_m)

    def within(self, shapes: Geometries) -> Iterator[pd.DataFrame]:
        """Give the points in each polygon, plane by plane, part by part."""
        for west, east, meridian in _strips(shapes):
            plane = to_transverse_mercator(meridian, _SCALE)
            parts, area = shapely.get_parts(
                shapely.clip_by_rect(shapes, west, -90, east, 90), return_index=True
            )
            parts = shapely.segmentize(parts, _STRAIGHT_DEG)
            x, y = plane.transform(*shapely.get_coordinates(parts).T)
            flat = shapely.set_coordinates(parts, np.column_stack([x, y]))
            for part, owner in zip(flat, area, strict=True):
                for row, column in self._points(part):
                    at = self._x(row, column), row * self.rise_m
                    lon, lat = plane.transform(*at, direction="INVERSE")
                    told = {"row": row, "column": column, "lon": lon, "lat": lat}
                    yield pd.DataFrame(told).assign(area=owner, meridian=meridian)

    def _points(self, part: shapely.Polygon) -> Iterator[tuple[Ints, Ints]]:
        """Give rows and columns of the points in a polygon of the plane, its border included."""
        _, low, _, high = part.bounds
        first, last = int(np.ceil(low / self.rise_m)), int(np.floor(high / self.rise_m))
        for begin in range(first, last + 1, _ROWS):
            rows = np.arange(begin, min(begin + _ROWS, last + 1))
            ends = (rows[0] - 0.5) * self.rise_m, (rows[-1] + 0.5) * self.rise_m
            beside = part.bounds[0] - 1, part.bounds[2] + 1
            band = shapely.clip_by_rect(part, beside[0], ends[0], beside[1], ends[1])
            if band.is_empty:
                continue
            west, _, east, _ = band.bounds
            columns = np.arange(int(west // self.spacing_m) - 1, int(east // self.spacing_m) + 2)
            row, column = (each.ravel() for each in np.meshgrid(rows, columns, indexing="ij"))
            shapely.prepare(band)
            inside = shapely.intersects_xy(band, self._x(row, column), row * self.rise_m)
            yield row[inside], column[inside]

    def _x(self, row: Ints, column: Ints) -> Floats:
        """Give how far east of the meridian points are: in hex odd rows stand half a step on."""
        aside = (row % 2) / 2 if self.layout == "hex" else 0.0
        return np.asarray((column + aside) * self.spacing_m)


def _strips(shapes: Geometries) -> Iterator[tuple[float, float, int]]:
    """Cut the ground into strips from west to east that a plane serves, each about a meridian."""
    if not len(shapes):
        return
    west, south, east, north = shapely.total_bounds(shapes)
    near = 0.0 if south < 0 < north else min(abs(south), abs(north))
    wide_m = (east - west) * _DEGREE_M * np.cos(np.radians(near))
    borders = np.linspace(west, east, max(1, int(np.ceil(wide_m / _WIDE_M))) + 1)
    for first, last in pairwise(borders.tolist()):
        yield first, last, round((first + last) / 2)


def _require_few(grid: _Grid, shapes: Geometries) -> None:
    """Refuse a grid that would have too many points before it is made."""
    many = grid.expected(shapes)
    if many > MOST:
        raise _too_large(grid, many)


def _too_large(grid: _Grid, many: float) -> TooLargeError:
    """Say how many points there would be, and which spacing would do."""
    wider = np.ceil(grid.spacing_m * np.sqrt(many / MOST) * (1 + 1e-3))
    return TooLargeError(
        f"a grid of {grid.spacing_m:g} m would have {many:,.0f} points, the most is {MOST:,}: make"
        f" it {wider:,.0f} m or coarser, or ask about a smaller area",
        zh=f"间距 {grid.spacing_m:g} 米的网格会有 {many:,.0f} 个点，最多 {MOST:,} 个："
        f"请改成 {wider:,.0f} 米以上，或选小一点的地区",
    )


def _named(found: pd.DataFrame, grid: _Grid, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give points their ids and names, from north to south."""
    import geopandas as gpd

    found = found.sort_values(["row", "lon"], ascending=[False, True], kind="stable")
    number = (found.groupby("area").cumcount() + 1).astype("str")
    label = number
    if "name" in areas:
        names = areas["name"].astype("str").to_numpy(dtype=object)[found["area"]]
        known = areas["name"].notna().to_numpy()[found["area"]]
        label = number.where(~known, pd.Series(names, index=found.index) + " " + number)
    ids = pd.Series(grid.key, index=found.index)
    for each in ("meridian", "row", "column"):
        ids = ids + "." + found[each].astype("str")
    columns = {"id": ids.to_numpy(), "name": label.to_numpy()}
    at = gpd.points_from_xy(found["lon"], found["lat"], crs=GEOGRAPHIC)
    return gpd.GeoDataFrame(columns, geometry=at)
