"""Where the people of a demand table are: at points, or evenly over the ground of polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.errors import DataError
from geomap.model.crs import to_geographic
from geomap.model.plane import EqualAreaPlane, polygonal
from geomap.model.upright import shared_area
from geomap.plan.sites import require_on_earth, require_points_on_earth

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.ground import Ground

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

_NOWHERE: Final = -1
#: Which types of geometry, by their numbers, are places of people; the last stands for nowhere.
_TAKEN: Final = np.isin(
    np.arange(9), [0, shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON, 8]
)


@dataclass(frozen=True, eq=False)
class Held:
    """Which areas hold which rows: (p,) pairs, the share held, and the share held and covered."""

    row: Ints
    area: Ints
    share: Floats
    covered: Floats


@dataclass(frozen=True, eq=False)
class DemandRows:
    """The (n,) rows of a demand table by what they are.

    Parameters
    ----------
    size : n.
    plane : in which their ground is measured.
    points, lon, lat : (p,) positions of the rows at points, and where.
    rows, polygons : (k,) positions of the rows with ground, and it, in the plane.
    """

    size: int
    plane: EqualAreaPlane
    points: Ints
    lon: Floats
    lat: Floats
    rows: Ints
    polygons: Geometries

    @classmethod
    def of(cls, demand: gpd.GeoDataFrame, *, plane: EqualAreaPlane | None = None) -> DemandRows:
        """Sort the rows of a table; without a plane, in one that serves its polygons.

        Raises
        ------
        CRSError : if the frame states no coordinate system.
        DataError : if a geometry is neither a Point nor a polygon, or no place on earth.
        """
        shapes = to_geographic(demand).geometry.to_numpy()
        kind = np.where(shapely.is_empty(shapes), _NOWHERE, shapely.get_type_id(shapes))
        wrong = np.flatnonzero(~_TAKEN[kind])
        if wrong.size:
            raise DataError(
                f"demand must be points or polygons, got {shapes[wrong[0]].geom_type} at position "
                f"{wrong[0]}: give cells as polygons, places as points"
            )
        points = np.flatnonzero(kind == shapely.GeometryType.POINT)
        solid = np.flatnonzero(kind >= shapely.GeometryType.POLYGON)
        if solid.size:
            grounds = np.full(len(shapes), None, dtype=object)
            grounds[solid] = shapes[solid]
            require_on_earth(grounds, "demand")
        ground = polygonal(shapely.force_2d(shapes[solid]))
        plane = plane or EqualAreaPlane.serving(ground, "demand")
        flat = polygonal(plane.flatten(ground))
        some = shapely.area(flat) > 0
        at = shapes if len(points) == len(shapes) else shapes[points]
        lon, lat = shapely.get_coordinates(at).T
        require_points_on_earth(points, lon, lat, "demand")
        there = np.isfinite(lon) & np.isfinite(lat)
        if not there.all():  # a point that is nowhere is no place that nothing serves
            points, lon, lat = points[there], lon[there], lat[there]
        return cls(len(shapes), plane, points, lon, lat, solid[some], flat[some])

    def fraction(self, ground: Ground, left: Geometries) -> Floats:
        """Give the covered share of each row, NaN without a place; `left` is what ground left."""
        fraction = np.full(self.size, np.nan)
        fraction[self.points] = ground.covers(self.lon, self.lat)
        fraction[self.rows] = 1 - shapely.area(left) / shapely.area(self.polygons)
        return fraction

    def within(self, outlines: Geometries, left: Geometries, fraction: Floats) -> Held:
        """Find which outlines, in degrees, hold which rows; a row may lie in several."""
        areas = polygonal(self.plane.flatten(outlines))
        spots = np.asarray(shapely.points(*self.plane.project(self.lon, self.lat)))
        # Asked area by area: the outline of each is prepared once, and points are many.
        holder, spot = shapely.STRtree(spots).query(areas, predicate="intersects")
        part, area, held_m2, left_m2 = overlaps(areas, self.polygons, left)
        whole_m2 = shapely.area(self.polygons)[part]
        return Held(
            row=np.concatenate([self.points[spot], self.rows[part]]),
            area=np.concatenate([holder, area]),
            share=np.concatenate([np.ones(len(spot)), held_m2 / whole_m2]),
            covered=np.concatenate([fraction[self.points[spot]], (held_m2 - left_m2) / whole_m2]),
        )


def overlaps(
    areas: Geometries, polygons: Geometries, left: Geometries
) -> tuple[Ints, Ints, Floats, Floats]:
    """Pair polygons with the areas that they lie in, wholly or partly.

    Parameters
    ----------
    areas, polygons : (k,) and (m,) valid polygons of one plane.
    left : (m,) a part of each polygon.

    Returns
    -------
    (p,) positions of polygons and of areas, and how many square metres of the polygon, and of the
    part of it, lie in the area.
    """
    tree = shapely.STRtree(polygons)
    area, part = tree.query(areas, predicate="intersects")
    inside = tree.query(areas, predicate="covers")
    crossing = ~np.isin(area * len(polygons) + part, inside[0] * len(polygons) + inside[1])
    held_m2, left_m2 = shapely.area(polygons)[part], shapely.area(left)[part]
    pairs = part[crossing], area[crossing]
    held_m2[crossing] = shared_area(polygons, areas, pairs)
    left_m2[crossing] = shared_area(left, areas, pairs)
    some = held_m2 > 0
    return part[some], area[some], held_m2[some], left_m2[some]
