"""How far homes are on foot: along the streets where a network is loaded, else an estimate.

A way along the streets is never shorter than the straight line, so only homes within the straight
line are looked at. Where a home or the place one starts from lies off the network, the estimate
stands in: unknown is not "cannot be reached".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.find.walking import DETOUR, SENIOR_MPS

#: A longer walk, 45 minutes, is no walk for the people this is for.
LONGEST_WALK_M = 45 * 60 * SENIOR_MPS

if TYPE_CHECKING:
    import numpy.typing as npt

    from geomap.web.state import Snapshot

    Metres = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.intp]
    Spot = tuple[float, float]


def walked_m(snapshot: Snapshot, spot: Spot, rows: Rows, *, limit_m: float) -> Metres:
    """Measure the ways along the streets from a spot to some homes.

    Parameters
    ----------
    spot : longitude and latitude, degrees.
    rows : (k,) positions of homes that have a place.
    limit_m : longer ways are not looked for.

    Returns
    -------
    (k,) metres; infinite where no way is that short, NaN where the streets are not known.
    """
    lon, lat = snapshot.columns.lon_lat
    return walked_to(snapshot, spot, np.column_stack([lon[rows], lat[rows]]), limit_m=limit_m)


def walked_to(snapshot: Snapshot, spot: Spot, ends: Metres, *, limit_m: float) -> Metres:
    """Measure the ways along the streets from a spot to other places.

    Parameters
    ----------
    spot : longitude and latitude, degrees.
    ends : (k, 2) longitudes and latitudes, degrees.
    limit_m : longer ways are not looked for.

    Returns
    -------
    (k,) metres; infinite where no way is that short, NaN where the streets are not known.
    """
    network = snapshot.network
    if network is None or not len(ends):
        return np.full(len(ends), np.nan)
    return np.asarray(network.walk_m(*spot, ends, limit_m=limit_m))


def within_walk(snapshot: Snapshot, spot: Spot, minutes: float) -> npt.NDArray[np.bool_]:
    """Mark the homes that are so many minutes away on foot at a senior's pace, the edge included.

    Returns
    -------
    (n,) bool.
    """
    limit_m = minutes * 60 * SENIOR_MPS
    rows, straight_m = snapshot.nearest.within(*spot, limit_m)
    walk_m = walked_m(snapshot, spot, rows, limit_m=limit_m)
    fits = np.where(np.isnan(walk_m), straight_m * DETOUR, walk_m) <= limit_m
    mask = np.zeros(len(snapshot.facilities), dtype=bool)
    mask[rows[fits]] = True
    return mask
