"""Gaps: the ground of areas that no facility serves within the standard, worst first by people.

A gap is one connected piece of an area minus the service areas, holes and all. Gaps are cut and
measured in the equal-area plane, area by area, with facilities chosen by geometry: what is
unserved plus what is served is the area. Slivers stay in the totals, not in the list: less than
1 ha, or of a compactness 4 pi A / P² (Polsby and Popper 1991) below 0.05 and a mean width 2 A / P
below 100 m, so that nobody there is much beyond the standard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.model.crs import GEOGRAPHIC, to_geographic
from geomap.model.geodesy import ecef, geodesic_m
from geomap.model.plane import EqualAreaPlane, polygonal
from geomap.model.upright import shared_area
from geomap.plan.gap_pieces import AreaPeople, DemandPeople, Pieces
from geomap.plan.ground import Circles, ground_of, polygons_of
from geomap.plan.people import people_of
from geomap.plan.union import Discs

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.plan.ground import Ground, OutOfTime, Progress
    from geomap.plan.sites import Sites

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

_KM2: Final = 1e6
_CANDIDATES = 4


@dataclass(frozen=True, eq=False)
class Gaps:
    """What no facility serves.

    Attributes
    ----------
    listed : the gaps, as :func:`gaps` gives them.
    by_area : on the index of the areas: ``area_km2``, ``served_km2`` and ``gap_km2``, which add up;
        ``sliver_km2``, the part of the gaps that is not listed; ``gaps``, how many are; and
        ``population``, the people in gaps, slivers included. NaN where an area has no geometry.
    without_geometry : index of the areas that have no geometry: nothing is known of their gaps.
    recut : index of the areas that were cut in this run; the others were taken over.
    uncut : index of the areas that there was no time for; NaN in ``by_area``.
    """

    listed: gpd.GeoDataFrame
    by_area: pd.DataFrame
    without_geometry: pd.Index
    recut: pd.Index
    uncut: pd.Index
    _question: _Question = field(repr=False)
    _pieces: Pieces = field(repr=False)

    @cached_property
    def overlap_m2(self) -> pd.Series:
        """Give each area's ground that others hold too, square metres: it is counted in each."""
        import pandas as pd

        shared = overlap_m2(self._question.flat)
        return pd.Series(shared, index=self.by_area.index, name="overlap_m2")


def gaps(  # noqa: PLR0913 (the public name's own options)
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None,
    *,
    standard_m: float | None = None,
    demand: gpd.GeoDataFrame | None = None,
    weight: str = "population",
    service_areas: gpd.GeoDataFrame | None = None,
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """List the gaps of areas: ground farther than the standard from any facility.

    Parameters
    ----------
    areas : (k,) polygons in a known CRS; those without geometry have no gaps in the list.
    facilities : (m,) points in a known CRS; m may be 0: then the areas are gaps. Those that are
        closed, planned or being built serve nobody. May be None where service areas are given.
    standard_m : coverage standard S, geodesic metres; at most 100 km.
    demand : where the people live: points, polygons or cells. Without it, the people of each area
        are taken to live evenly over it.
    weight : the column that counts the people, in `demand`, else in `areas`.
    service_areas : (l,) polygons in place of circles; then leave the standard out.
    progress : told how many areas of how many are cut; may raise to stop the work.

    Returns
    -------
    GeoDataFrame in EPSG:4326, one valid polygon for each connected gap, the most people first,
    then the largest; numbered from 0. ``area`` is the area's index, with its ``id``, ``adcode``
    and ``name`` as ``area_id``, ``adcode`` and ``area_name`` where there are any; ``area_km2``;
    ``population``, NaN where nothing is known; ``unknown_rows`` of demand whose number is unknown;
    ``nearest_id`` and ``distance_m``, the nearest facility to a point inside the gap,
    ``lon`` and ``lat``, and how far it is, geodesic metres; NaN without facilities.
    Slivers are left out; :func:`find_gaps` tells of them.

    Raises
    ------
    ParameterError : if the standard is out of range, a column is missing, or neither or both of
        standard and service areas are given.
    CRSError : if a frame states no coordinate system.
    DataError : if people are negative, or a geometry is of the wrong kind, no place on earth, or
        reaches across the seam of the plane, half-way round the earth from the middle of all.

    Examples
    --------
    >>> import geopandas as gpd
    >>> town = gpd.GeoDataFrame(geometry=[shapely.box(105, 35, 105.1, 35.1)], crs="EPSG:4326")
    >>> home = gpd.GeoDataFrame(geometry=gpd.points_from_xy([105], [35], crs="EPSG:4326"))
    >>> gaps(town, home, standard_m=5000).area_km2.round(2).tolist()
    [81.58]
    """
    return find_gaps(
        areas, facilities, standard_m=standard_m, demand=demand, weight=weight,
        service_areas=service_areas, progress=progress,
    ).listed  # fmt: skip


def find_gaps(  # noqa: PLR0913 (those of gaps)
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None,
    *,
    standard_m: float | None = None,
    demand: gpd.GeoDataFrame | None = None,
    weight: str = "population",
    service_areas: gpd.GeoDataFrame | None = None,
    progress: Progress | None = None,
    previous: Gaps | None = None,
    out_of_time: OutOfTime | None = None,
) -> Gaps:
    """Find gaps as :func:`gaps` does, and tell the totals of each area.

    Parameters
    ----------
    areas, facilities, standard_m, demand, weight, service_areas, progress : as :func:`gaps`.
    previous : an earlier answer. Where it is to the same question but for the facilities, only
        the areas within the standard of a place that came or went are cut again, and those that
        it had no time for.
    out_of_time : asked before each area; from the first yes on, areas are left uncut and named.

    Returns
    -------
    A :class:`Gaps`.

    Raises
    ------
    ParameterError, CRSError, DataError : as :func:`gaps`.
    """
    ground, sites = ground_of(facilities, standard_m, service_areas)
    given = to_geographic(areas).geometry.to_numpy()
    question = _Question.of(given, areas, ground, (demand, weight), previous)
    rows, kept = question.open_rows(previous)
    cut = ground.uncovered(question.flat[rows], question.plane, progress, out_of_time)
    late = shapely.is_missing(cut)
    pieces = Pieces.of(cut[~late], rows[~late], _people(question), question.plane)
    if kept is not None:
        pieces = kept.and_(pieces)
    totals = _totals(areas, pieces, question.flat)
    totals.iloc[rows[late]] = np.nan
    return Gaps(
        _listed(areas, pieces, facilities, sites),
        totals,
        areas.index[shapely.is_missing(question.flat)],
        areas.index[rows[~late]],
        areas.index[rows[late]],
        question,
        pieces,
    )


@dataclass(frozen=True, eq=False)
class _Question:
    """What was asked, to tell what an earlier answer is still good for.

    ``given`` are the areas as they came, ``flat`` the same in the plane, None without ground;
    ``stated`` the people that they state, where no demand is given; NaN where they do not.
    """

    given: Geometries
    flat: Geometries
    plane: EqualAreaPlane
    ground: Ground
    demand: gpd.GeoDataFrame | None
    weight: str
    stated: Floats

    @classmethod
    def of(
        cls,
        given: Geometries,
        areas: gpd.GeoDataFrame,
        ground: Ground,
        people: tuple[gpd.GeoDataFrame | None, str],
        previous: Gaps | None,
    ) -> _Question:
        """Put the question; the plane of an earlier one about the same areas is taken over."""
        before = None if previous is None else previous._question
        demand, weight = people
        stated = np.full(len(areas), np.nan)
        if demand is None and weight in areas:
            stated = people_of(areas, weight)
        asked = ground, demand, weight, stated
        if before is not None and _identical(given, before.given):
            return cls(before.given, before.flat, before.plane, *asked)
        outlines = polygons_of(areas, "areas")
        plane = EqualAreaPlane.serving(outlines, "areas")
        return cls(given, polygonal(plane.flatten(outlines)), plane, *asked)

    def open_rows(self, previous: Gaps | None) -> tuple[Ints, Pieces | None]:
        """Give the positions of the areas that must be cut, and the pieces that stay."""
        there = ~shapely.is_missing(self.flat)
        changed = None if previous is None else self._changed(previous._question)
        if previous is None or changed is None:
            return np.flatnonzero(there), None
        near = shapely.STRtree(self.flat).query(changed.flat(self.plane), predicate="intersects")
        late = np.flatnonzero(previous.by_area["area_km2"].isna() & there)
        rows = np.unique(np.concatenate([near[1], late]))
        return rows, previous._pieces.some(~np.isin(previous._pieces.area, rows))

    def _changed(self, before: _Question) -> Discs | None:
        """Give the discs that came or went, None if more than the facilities is another."""
        if not (isinstance(self.ground, Circles) and isinstance(before.ground, Circles)):
            return None
        now, then = self.ground.discs, before.ground.discs
        same = now.radius_m == then.radius_m and self.weight == before.weight
        if not (same and self.demand is before.demand and self.given is before.given):
            return None
        if not np.array_equal(self.stated, before.stated, equal_nan=True):
            return None
        moved = np.setxor1d(now.lon + 1j * now.lat, then.lon + 1j * then.lat)
        return Discs(moved.real.copy(), moved.imag.copy(), now.radius_m)


def _identical(some: Geometries, others: Geometries) -> bool:
    """Whether geometries are the same to the last digit; missing ones too."""
    return len(some) == len(others) and bool(
        (
            shapely.equals_identical(some, others)
            | (shapely.is_missing(some) & shapely.is_missing(others))
        ).all()
    )


def _people(question: _Question) -> DemandPeople | AreaPeople:
    """Choose whose people are counted: those of the demand, else of the areas, else nobody's."""
    if question.demand is not None:
        return DemandPeople.of(question.demand, question.weight, question.plane)
    return AreaPeople(question.stated, question.flat)


def overlap_m2(areas: Geometries) -> Floats:
    """Measure the ground that each of (k,) polygons of a plane shares with others, pair by pair.

    Examples
    --------
    >>> overlap_m2(np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1), None])).tolist()
    [1.0, 1.0, 0.0]
    """
    one, other = shapely.STRtree(areas).query(areas)
    one, other = one[one < other], other[one < other]
    shared = shared_area(areas, areas, (one, other))
    both = np.concatenate([one, other])
    total_m2 = np.bincount(both, np.concatenate([shared, shared]), minlength=len(areas))
    return total_m2.astype(np.float64)


def _totals(areas: gpd.GeoDataFrame, pieces: Pieces, flat: Geometries) -> pd.DataFrame:
    """Add the pieces of each area up."""
    import pandas as pd

    whole_km2 = shapely.area(flat) / _KM2
    sliver, size = pieces.sliver, len(areas)

    def summed(values: Floats) -> Floats:
        return np.bincount(pieces.area, values, minlength=size).astype(np.float64)

    gap_km2 = summed(pieces.m2) / _KM2
    table = pd.DataFrame(
        {
            "area_km2": whole_km2,
            "served_km2": whole_km2 - gap_km2,
            "gap_km2": gap_km2,
            "sliver_km2": summed(np.where(sliver, pieces.m2, 0)) / _KM2,
            "gaps": summed(np.where(sliver, 0.0, 1.0)),
            "population": summed(pieces.people),
        },
        index=areas.index,
    )
    table[shapely.is_missing(flat)] = np.nan
    return table


def _listed(
    areas: gpd.GeoDataFrame,
    pieces: Pieces,
    facilities: gpd.GeoDataFrame | None,
    sites: Sites | None,
) -> gpd.GeoDataFrame:
    """List the pieces that are no slivers, the worst first."""
    import geopandas as gpd

    told = pieces.some(~pieces.sliver)
    worst = np.lexsort((told.area, -told.m2, -np.nan_to_num(told.people, nan=-1.0)))
    told = told.some(worst)
    place, distance_m = _nearest(told.lon, told.lat, sites)
    names = {"id": "area_id", "adcode": "adcode", "name": "area_name"}
    holder = areas.iloc[told.area]
    columns = {"area": holder.index} | {
        new: holder[old].to_numpy() for old, new in names.items() if old in areas
    }
    columns |= {
        "area_km2": told.m2 / _KM2, "population": told.people, "unknown_rows": told.unknown_rows,
        "nearest_id": _ids(facilities, sites, place), "distance_m": distance_m,
        "lon": told.lon, "lat": told.lat,
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=told.outline, crs=GEOGRAPHIC)


def _nearest(lon: Floats, lat: Floats, sites: Sites | None) -> tuple[Ints, Floats]:
    """Give each spot's nearest site, -1 for none, and how far it is."""
    from scipy.spatial import cKDTree

    if sites is None or not len(sites.lon):
        return np.full(len(lon), -1), np.full(len(lon), np.nan)
    # The order of chords is not quite that of geodesics: a few are measured.
    few = np.arange(1, min(_CANDIDATES, len(sites.lon)) + 1)
    near = np.asarray(cKDTree(ecef(sites.lon, sites.lat)).query(ecef(lon, lat), k=few)[1])
    far_m = geodesic_m(lon[:, None], lat[:, None], sites.lon[near], sites.lat[near])
    best = np.arange(len(lon)), np.argmin(far_m, axis=1)
    return near[best], far_m[best]


def _ids(facilities: gpd.GeoDataFrame | None, sites: Sites | None, place: Ints) -> pd.Index:
    """Give the ids, else the index, of sites; missing for none."""
    import pandas as pd

    if facilities is None or sites is None:
        return pd.Index([None] * len(place))
    ids = pd.Index(facilities["id"]) if "id" in facilities else facilities.index
    taken: pd.Index = ids[sites.serving].take(place, allow_fill=True, fill_value=None)
    return taken
