"""Catchments: which streets belong to which facility, as the nearest on foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.model.crs import GEOGRAPHIC
from geomap.model.footholds import MOST_OFF_M
from geomap.model.walks import cut_at, walk_from_all
from geomap.plan.on_foot import find_doors
from geomap.plan.stretches import Stretches

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.network import Network
    from geomap.model.walks import Cut, Nearest

    Floats = NDArray[np.float64]


def catchments(
    facilities: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_m: float = np.inf,
    most_off_m: float = MOST_OFF_M,
) -> gpd.GeoDataFrame:
    """Give each facility the streets from which it is the nearest on foot.

    A street between two facilities is divided exactly where both are equally far. Where whole
    streets are, the facility that stands first in `facilities` has them.

    Parameters
    ----------
    facilities : (m,) points in any accepted CRS; m may be 0.
    network : the streets.
    limit_m : streets further from every facility belong to none.
    most_off_m : facilities further from every street have no catchment.

    Returns
    -------
    (m,) GeoDataFrame on the index of `facilities`, EPSG:4326: ``street_m``, ``snap_m``,
    ``network`` as in :func:`~geomap.plan.isochrones.isochrones`, and the streets as lines, None
    where there are none. No stretch belongs to two.

    Raises
    ------
    ParameterError : if a limit is not positive.
    CRSError : if the facilities state no accepted coordinate system.
    DataError : if one is not a Point.
    """
    import geopandas as gpd

    doors = find_doors(facilities, network, most_off_m=most_off_m)
    cut = cut_at(network, doors.footholds)
    owned = owned_streets(cut, walk_from_all(cut, limit_m=limit_m), limit_m=limit_m).joined()
    size = len(facilities)
    columns = {
        "street_m": owned.length_m(size),
        "snap_m": doors.footholds.off_m,
        "network": doors.words,
    }
    lines = owned.as_lines(network, size)
    return gpd.GeoDataFrame(columns, geometry=lines, index=facilities.index, crs=GEOGRAPHIC)


def owned_streets(cut: Cut, nearest: Nearest, *, limit_m: float) -> Stretches:
    """Divide each piece between the nearest places of its two ends, as far as the limit."""
    length_m = cut.end_m - cut.begin_m
    owners = nearest.place[cut.start], nearest.place[cut.end]
    start_m, end_m = nearest.distance_m[cut.start], nearest.distance_m[cut.end]
    from_start, from_end = (_left(limit_m, each, cut) for each in (start_m, end_m))
    # Two owners meet where both are equally far; one walks in from both ends.
    both = np.isfinite(start_m) & np.isfinite(end_m)
    ahead_m = np.where(both, end_m, 0) - np.where(both, start_m, 0)
    middle_m = np.clip(length_m / 2 + ahead_m / (2 * cut.slowness), 0, length_m)
    meet_m = np.where(both & (owners[0] != owners[1]), middle_m, length_m)
    from_start = np.minimum(from_start, meet_m)
    rest_m = np.where(both & (owners[0] != owners[1]), length_m - meet_m, length_m - from_start)
    from_end = np.minimum(from_end, rest_m)
    owner = np.concatenate(owners)
    from_m = np.concatenate([cut.begin_m, cut.end_m - from_end])
    to_m = np.concatenate([cut.begin_m + from_start, cut.end_m])
    kept = (owner >= 0) & (to_m > from_m)
    return Stretches(owner[kept], np.tile(cut.line, 2)[kept], from_m[kept], to_m[kept])


def _left(limit_m: float, walked_m: Floats, cut: Cut) -> Floats:
    """Give the metres that may still be walked into each piece; 0 where nobody comes to its end."""
    known = np.isfinite(walked_m)
    return np.where(known, np.maximum(limit_m - np.where(known, walked_m, 0), 0), 0) / cut.slowness
