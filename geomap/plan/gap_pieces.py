"""The pieces of unserved ground, before they are told as gaps: how large, how compact, whose."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.model.plane import polygonal
from geomap.plan.demand_rows import DemandRows, overlaps
from geomap.plan.people import people_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.plane import EqualAreaPlane

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

LEAST_M2: Final = 10_000.0
LEAST_COMPACTNESS: Final = 0.05
WIDE_M: Final = 100.0


@dataclass(frozen=True, eq=False)
class Pieces:
    """Connected pieces of unserved ground.

    Parameters
    ----------
    shape : (p,) polygons of the plane.
    outline : (p,) the same in EPSG:4326, None for slivers.
    lon, lat : (p,) a point inside, degrees; NaN for slivers.
    area : (p,) position of the area each belongs to.
    people : (p,) people in it, NaN where nothing is known of them.
    unknown_rows : (p,) rows of demand in it whose number of people is unknown.
    """

    shape: Geometries
    outline: Geometries
    lon: Floats
    lat: Floats
    area: Ints
    people: Floats
    unknown_rows: Ints

    @property
    def m2(self) -> Floats:
        """Their areas."""
        area: Floats = shapely.area(self.shape)
        return area

    @property
    def sliver(self) -> Mask:
        """Which are too small or too thin to be listed."""
        return shapely.is_missing(self.outline)

    @classmethod
    def of(
        cls, left: Geometries, rows: Ints, people: DemandPeople | AreaPeople, plane: EqualAreaPlane
    ) -> Pieces:
        """Take what was left of areas, at some positions, apart."""
        parts, owner = shapely.get_parts(left, return_index=True)
        real = shapely.area(parts) > 0
        parts, area = parts[real], rows[owner[real]]
        told = ~is_sliver(parts)
        outline = np.full(len(parts), None, dtype=object)
        outline[told] = polygonal(plane.unflatten(parts[told]))
        lon, lat = np.full((2, len(parts)), np.nan)
        inside = plane.unflatten(shapely.point_on_surface(parts[told]))
        lon[told], lat[told] = shapely.get_coordinates(inside).T
        return cls(parts, outline, lon, lat, area, *people.within(parts, area))

    def some(self, rows: Ints | Mask) -> Pieces:
        """Take some of them."""
        return Pieces(*(getattr(self, each.name)[rows] for each in fields(self)))

    def and_(self, more: Pieces) -> Pieces:
        """Add pieces of other areas."""
        names = [each.name for each in fields(self)]
        return Pieces(
            *(np.concatenate([getattr(self, name), getattr(more, name)]) for name in names)
        )


def is_sliver(parts: Geometries) -> Mask:
    """Mark polygons too small, or too long for their ground and nowhere wide, to be told of.

    A large gap with many facilities about it has a long border too, but it is wide: it is none.
    """
    m2, around_m = shapely.area(parts), shapely.length(parts)
    long = 4 * np.pi * m2 < LEAST_COMPACTNESS * around_m**2
    narrow = 2 * m2 < WIDE_M * around_m
    sliver: Mask = (m2 < LEAST_M2) | (long & narrow)
    return sliver


@dataclass(frozen=True, eq=False)
class AreaPeople:
    """The people of (k,) areas, living evenly over them; NaN where unknown."""

    people: Floats
    outlines: Geometries

    def within(self, parts: Geometries, area: Ints) -> tuple[Floats, Ints]:
        """Give the people of each part by its share of its area."""
        share = shapely.area(parts) / shapely.area(self.outlines)[area]
        return self.people[area] * share, np.isnan(self.people)[area].astype(np.int64)


@dataclass(frozen=True, eq=False)
class DemandPeople:
    """The people of a demand table, (n,), NaN where unknown, and where they live."""

    people: Floats
    rows: DemandRows

    @classmethod
    def of(cls, demand: gpd.GeoDataFrame, weight: str, plane: EqualAreaPlane) -> DemandPeople:
        """Read them."""
        return cls(people_of(demand, weight), DemandRows.of(demand, plane=plane))

    def within(self, parts: Geometries, area: Ints) -> tuple[Floats, Ints]:  # noqa: ARG002 (as AreaPeople)
        """Give the people at points in each part, and of polygons by the ground in it."""
        rows = self.rows
        spots = np.asarray(shapely.points(*rows.plane.project(rows.lon, rows.lat)))
        part, spot = shapely.STRtree(spots).query(parts, predicate="intersects")
        polygon, holder, held_m2, _ = overlaps(parts, rows.polygons, rows.polygons)
        row = np.concatenate([rows.points[spot], rows.rows[polygon]])
        share = [np.ones(len(spot)), held_m2 / shapely.area(rows.polygons)[polygon]]
        into, known = np.concatenate([part, holder]), ~np.isnan(self.people[row])
        people = np.where(known, self.people[row], 0.0) * np.concatenate(share)
        count = np.bincount(into[~known], minlength=len(parts)).astype(np.int64)
        return np.bincount(into, people, minlength=len(parts)).astype(np.float64), count
