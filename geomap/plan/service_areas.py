"""Service areas in a straight line: the ground within a distance of facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geomap.errors import ParameterError
from geomap.model.crs import GEOGRAPHIC
from geomap.plan.discs import check_radius
from geomap.plan.sites import Sites, groups_of
from geomap.plan.union import Discs, union_of_discs

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: What the column ``method`` calls them: circles overstate what can be walked to, by 84 % on a
#: grid of streets, so they are never called isochrones.
STRAIGHT_LINE = "straight_line"
_TOLD = ("id", "name", "type")


def service_areas(
    facilities: gpd.GeoDataFrame,
    *,
    radius_m: float = 1000,
    merged: bool = False,
    by_type: bool = False,
) -> gpd.GeoDataFrame:
    """Draw the ground within a straight-line distance of facilities.

    Parameters
    ----------
    facilities : (m,) points in a known CRS; m may be 0. Those that are closed, planned or being
        built serve nobody, so they have no area; an unstated status is not taken for closed.
    radius_m : geodesic metres, more than 0 and at most 100 km.
    merged : join all areas, so that no ground is counted twice.
    by_type : with `merged`, join those of each type by themselves; those without a type are
        one more, on a missing label.

    Returns
    -------
    GeoDataFrame in EPSG:4326 with ``radius_m`` and ``method`` "straight_line". Separate: (m,)
    polygons on the index of `facilities`, with their ``id``, ``name`` and ``type`` where there
    are any; None without a place. Each is a polygon of 64 corners whose area is that of the
    geodesic disc to 0.002 %. Merged: one MultiPolygon with the number of ``facilities`` joined,
    or one for each type on an index ``type``; none where nothing serves. Across the antimeridian
    longitudes go on beyond 180.

    Raises
    ------
    ParameterError : if the radius is out of range, or `by_type` lacks `merged` or a type column.
    CRSError : if the frame states no coordinate system.
    DataError : if a geometry is not a Point on earth.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.points_from_xy([105.0, 105.005, 106.0], [35, 35, 35], crs="EPSG:4326")
    >>> homes = gpd.GeoDataFrame({"type": ["nursing_home"] * 3}, geometry=at)
    >>> len(service_areas(homes)), len(service_areas(homes, merged=True).geometry[0].geoms)
    (3, 2)
    """
    import geopandas as gpd

    radius_m = check_radius(radius_m, "radius_m")
    if by_type and not (merged and "type" in facilities):
        raise ParameterError("by_type needs merged=True and a column 'type': give both")
    sites = Sites.of(facilities)
    discs = Discs(sites.lon, sites.lat, radius_m)
    if merged:
        return _merged(discs, facilities["type"][sites.serving] if by_type else None)
    drawn = np.full(len(facilities), None, dtype=object)
    drawn[sites.serving] = discs.drawn()
    told = facilities[[name for name in _TOLD if name in facilities]]
    return gpd.GeoDataFrame(
        told.assign(radius_m=radius_m, method=STRAIGHT_LINE), geometry=drawn, crs=GEOGRAPHIC
    )


def _merged(discs: Discs, types: pd.Series | None) -> gpd.GeoDataFrame:
    """Join all discs, or those of each type."""
    import geopandas as gpd

    whole = _continuous(discs)
    index, groups = groups_of(types, len(discs.lon))
    joined = [shapely.multipolygons(union_of_discs(whole.some(of))) for of in groups]
    return gpd.GeoDataFrame(
        {
            "facilities": [int(of.sum()) for of in groups],
            "radius_m": discs.radius_m,
            "method": STRAIGHT_LINE,
        },
        geometry=joined,
        index=index,
        crs=GEOGRAPHIC,
    )


def _continuous(discs: Discs) -> Discs:
    """Count longitudes on beyond 180 where the discs lie on both sides of the antimeridian."""
    if not len(discs.lon) or np.ptp(discs.lon) <= 180:  # noqa: PLR2004 (half the earth)
        return discs
    around = np.sort(np.unique(discs.lon))
    gaps = np.diff(around, append=around[0] + 360)
    first = around[(int(np.argmax(gaps)) + 1) % len(around)]
    return Discs((discs.lon - first) % 360 + first, discs.lat, discs.radius_m)
