"""The ground that is served, to be cut from areas: discs about facilities, or given service areas.

Both are cut in one equal-area plane. What is left of an area plus what is served of it is the
area, to a millionth of a square metre a county.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely

from geomap.errors import DataError, ParameterError
from geomap.model.crs import to_geographic
from geomap.model.plane import EqualAreaPlane, polygonal
from geomap.model.upright import difference
from geomap.plan.discs import band, check_radius
from geomap.plan.points import covered_points
from geomap.plan.sites import Sites, require_on_earth
from geomap.plan.union import Discs, union_by_group

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]
    #: Told how many areas of how many are done; may raise to stop the work.
    Progress = Callable[[int, int], None]
    #: Asked before each area; from the first yes on, areas are not cut.
    OutOfTime = Callable[[], bool]

_NOTHING = shapely.Polygon()
_EARTH_M = 6_300_000.0


class Ground(Protocol):
    """Ground that is served."""

    def uncovered(
        self,
        areas: Geometries,
        plane: EqualAreaPlane,
        progress: Progress | None = None,
        out_of_time: OutOfTime | None = None,
    ) -> Geometries:
        """Cut it from (n,) valid polygons of a plane.

        Give (n,) geometries, empty where all is served, None where there was no time.
        """

    def covers(self, lon: Floats, lat: Floats) -> Mask:
        """Tell which of (n,) points stand on it, the edge included."""


def ground_of(
    facilities: gpd.GeoDataFrame | None,
    standard_m: float | None,
    service_areas: gpd.GeoDataFrame | None,
) -> tuple[Ground, Sites | None]:
    """Make the ground from facilities and a standard, or from service areas; and the sites.

    Raises
    ------
    ParameterError : if neither or both are given, or the standard is out of range.
    DataError : if a facility is no point, or a service area no polygon.
    """
    if (standard_m is None) == (service_areas is None):
        raise ParameterError("give either standard_m, for circles, or service_areas=, polygons")
    sites = None if facilities is None else Sites.of(facilities)
    if service_areas is not None:
        return Shapes(polygons_of(service_areas, "service areas")), sites
    if sites is None:
        raise ParameterError("standard_m needs facilities, got none: give them, even if no row")
    return Circles(Discs(sites.lon, sites.lat, check_radius(standard_m, "standard_m"))), sites


def polygons_of(frame: gpd.GeoDataFrame, what: str) -> Geometries:
    """Give a frame's polygons in EPSG:4326, repaired; None where there is no ground.

    Raises
    ------
    CRSError : if the frame states no coordinate system.
    DataError : if a geometry is no polygon, or no place on earth.
    """
    shapes = to_geographic(frame).geometry.to_numpy().copy()
    shapes[shapely.is_empty(shapes)] = None
    wrong = np.flatnonzero((shapely.get_dimensions(shapes) != 2) & ~shapely.is_missing(shapes))  # noqa: PLR2004 (ground)
    if wrong.size:
        raise DataError(
            f"{what} must be polygons, got {shapes[wrong[0]].geom_type} at position {wrong[0]}"
        )
    require_on_earth(shapes, what)
    whole = polygonal(shapely.force_2d(shapes))
    whole[shapely.is_empty(whole)] = None
    return whole


@dataclass(frozen=True, eq=False)
class Shapes:
    """Ground given as polygons, such as isochrones: (k,) valid polygons in EPSG:4326, or None."""

    shapes: Geometries

    def uncovered(
        self,
        areas: Geometries,
        plane: EqualAreaPlane,
        progress: Progress | None = None,
        out_of_time: OutOfTime | None = None,
    ) -> Geometries:
        """Cut them from areas."""
        flat = polygonal(plane.flatten(self.shapes[~shapely.is_missing(self.shapes)]))
        groups = np.zeros(len(flat), dtype=np.int64)
        return _cut(areas, flat, groups, progress, out_of_time)

    def covers(self, lon: Floats, lat: Floats) -> Mask:
        """Tell which points stand on them."""
        known = np.isfinite(lon) & np.isfinite(lat)
        covered = np.zeros(len(lon), dtype=bool)
        points = np.asarray(shapely.points(lon[known], lat[known]))
        hit = shapely.STRtree(points).query(self.shapes, predicate="intersects")[1]
        covered[np.flatnonzero(known)[hit]] = True
        return covered


@dataclass(frozen=True, eq=False)
class Circles:
    """Ground within a distance of facilities.

    Points are decided by the geodesic, areas by the polygons that stand for the discs.
    """

    discs: Discs

    def covers(self, lon: Floats, lat: Floats) -> Mask:
        """Tell which points stand within the distance."""
        at = self.discs.lon, self.discs.lat
        return covered_points(lon, lat, at, standard_m=self.discs.radius_m)

    def uncovered(
        self,
        areas: Geometries,
        plane: EqualAreaPlane,
        progress: Progress | None = None,
        out_of_time: OutOfTime | None = None,
    ) -> Geometries:
        """Cut them from areas.

        Areas that lie within one disc are done at once. From the others the discs on the rim are
        cut; then the parts are left out that discs left out serve (:mod:`geomap.plan.rim`).
        """
        left = areas.copy()
        if not (len(areas) and len(self.discs.lon)):
            return left
        open_ = np.flatnonzero(~self._within_one(areas, plane))
        left[~np.isin(np.arange(len(left)), open_)] = _NOTHING
        rim = self.discs.some(self._near(areas[open_], plane)).rim
        cut = _cut(areas[open_], rim.flat(plane), rim.groups(), progress, out_of_time)
        parts, owner = shapely.get_parts(cut, return_index=True)
        solid = ~shapely.is_empty(parts)
        parts, owner = parts[solid], owner[solid]
        spots = shapely.get_coordinates(plane.unflatten(shapely.point_on_surface(parts)))
        false = self.discs.hold(*spots.T)
        for row in np.unique(owner[false]):
            cut[row] = shapely.multipolygons(parts[(owner == row) & ~false])
        left[open_] = cut
        return left

    def _within_one(self, areas: Geometries, plane: EqualAreaPlane) -> Mask:
        """Mark areas all of whose corners lie well within one disc."""
        x, y = self._sites(plane)
        box = shapely.bounds(areas)
        middle = (box[:, :2] + box[:, 2:]) / 2
        size_m = np.hypot(*(box[:, 2:] - box[:, :2]).T) / 2
        nearest_m = np.full(len(areas), np.inf)
        some = np.isfinite(size_m)
        nearest_m[some] = _nearest_m(np.column_stack([x, y]), middle[some])
        within: Mask = (nearest_m + size_m) * self._stretch(plane) < band(self.discs.radius_m)[0]
        return within

    def _near(self, areas: Geometries, plane: EqualAreaPlane) -> Mask:
        """Mark the discs whose box meets that of an area."""
        pad_m = band(self.discs.radius_m)[1] * self._stretch(plane)
        west, south, east, north = shapely.bounds(areas).T
        boxes = shapely.box(west - pad_m, south - pad_m, east + pad_m, north + pad_m)
        tree = shapely.STRtree(boxes[np.isfinite(west)])
        near = np.zeros(len(self.discs.lon), dtype=bool)
        near[tree.query(shapely.points(*self._sites(plane)))[0]] = True
        return near

    def _sites(self, plane: EqualAreaPlane) -> tuple[Floats, Floats]:
        return plane.project(self.discs.lon, self.discs.lat)

    def _stretch(self, plane: EqualAreaPlane) -> float:
        """Give the most that a length near a disc differs in the plane, either way."""
        lat = self.discs.lat
        pad_deg = np.degrees(self.discs.radius_m / _EARTH_M)
        return plane.stretch(float(lat.min()) - pad_deg, float(lat.max()) + pad_deg)


def _cut(
    areas: Geometries,
    shapes: Geometries,
    groups: Ints,
    progress: Progress | None,
    out_of_time: OutOfTime | None,
) -> Geometries:
    """Cut polygons from areas; those of different groups must not touch."""
    left = areas.copy()
    area, shape = shapely.STRtree(shapes).query(areas, predicate="intersects")
    order = np.argsort(area, kind="stable")
    starts = np.searchsorted(area[order], np.arange(len(areas) + 1))
    for row in range(len(areas)):
        if out_of_time is not None and out_of_time():
            left[row:] = None
            break
        mine = shape[order[starts[row] : starts[row + 1]]]
        if mine.size:
            served = shapely.multipolygons(union_by_group(shapes[mine], groups[mine]))
            left[row : row + 1] = difference(areas[row : row + 1], np.array([served]))
        if progress is not None:
            progress(row + 1, len(areas))
    return left


def _nearest_m(points: Floats, spots: Floats) -> Floats:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(points).query(spots)[0])
