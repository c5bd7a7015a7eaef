"""Isochrones: the ground along the streets that a walk of some minutes covers.

Not a hull and not a circle: streets within the walk, cut exactly where it ends, and the ground
beside them by a stated half-width. What the network does not lead to stays a hole.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.model.crs import GEOGRAPHIC
from geomap.model.footholds import MOST_OFF_M, TOO_FAR
from geomap.model.walks import cut_at, walk_from_each
from geomap.plan.on_foot import SENIOR_MPS, find_doors
from geomap.plan.sites import groups_of
from geomap.plan.stretches import Stretches
from geomap.plan.union import union_of_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.model.network import Network
    from geomap.model.walks import Cut, Walked
    from geomap.plan.ground import Progress
    from geomap.plan.on_foot import Doors

    Floats = NDArray[np.float64]
    #: Some facilities, the metres of street that each walks, and the ground.
    Drawn = tuple[NDArray[np.int64], Floats, NDArray[np.object_]]

#: Ground beside the middle of a street that counts as on it: the carriageway, the pavement and
#: the first row of doors.
HALF_WIDTH_M: Final = 30.0
#: What the column ``method`` calls them, beside the straight-line service areas.
WALKING_NETWORK: Final = "walking_network"
_TOLD = ("id", "name", "type")
#: Processors that draw, and groups of facilities walked from before they are drawn.
_AT_ONCE, _AHEAD = 2, 4


def isochrones(  # noqa: PLR0913 (each is a word that a planner says)
    facilities: gpd.GeoDataFrame,
    network: Network,
    *,
    minutes: float = 15,
    speed_mps: float = SENIOR_MPS,
    half_width_m: float = HALF_WIDTH_M,
    most_off_m: float = MOST_OFF_M,
    merged: bool = False,
    by_type: bool = False,
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """Draw the ground that a walk of some minutes covers.

    The walk begins at the door: the straight line to the nearest street counts. Ground is all
    that lies within the half-width of a street that is walked, with round ends.

    Parameters
    ----------
    facilities : (m,) points in any accepted CRS; m may be 0. One that is missing or not in
        service gets no isochrone.
    network : from :func:`geomap.read_network`; it says how stairs are taken.
    minutes, speed_mps : of the walk; 15 minutes at 0.8 m/s are 720 m.
    half_width_m : of the ground beside the middle of the street.
    most_off_m : facilities further from every street get no isochrone.
    merged : join all isochrones, so that no ground is counted twice.
    by_type : with `merged`, join those of each type by themselves; those without a type are
        one more, on a missing label.
    progress : told how many facilities of how many are done; may raise to stop the work.

    Returns
    -------
    GeoDataFrame in EPSG:4326 with ``minutes``, ``speed_mps`` and ``method`` "walking_network".
    Separate: (m,) rows on the index of `facilities`, with their ``id``, ``name`` and ``type``
    where there are any; ``street_m`` of street walked, ``snap_m`` between the facility and its
    street, ``network`` (one of :data:`~geomap.model.footholds.STATES`, or "not_in_service": what
    has no isochrone says why) and the polygons, None where there is none. Merged: one
    MultiPolygon with the number of ``facilities`` joined, or one for each type on an index
    ``type``; none where nothing is walked. The area of a polygon is at most 2 half_width street_m
    + pi half_width² for each street; the plane it is drawn in is right to 0.02 % for each km from
    the facility.

    Raises
    ------
    ParameterError : if a number is not positive and finite, or `by_type` lacks `merged` or a
        type column.
    CRSError : if the facilities state no accepted coordinate system.
    DataError : if one is not a Point.
    """
    import geopandas as gpd

    limit_m = walk_length_m(minutes, speed_mps)
    if not 0 < half_width_m < np.inf:
        raise ParameterError(f"half_width_m must be positive and finite, got {half_width_m}")
    if by_type and not (merged and "type" in facilities):
        raise ParameterError("by_type needs merged=True and a column 'type': give both")
    doors = find_doors(facilities, network, most_off_m=most_off_m)
    ground: NDArray[np.object_] = np.full(len(facilities), None, dtype=object)
    street_m, done = np.zeros(len(facilities)), 0
    walkable = int((doors.footholds.is_on & (doors.footholds.off_m <= limit_m)).sum())
    for who, metres, shapes in _drawn(network, doors, limit_m, half_width_m):
        street_m[who], ground[who] = metres, shapes
        done += len(who)
        if progress is not None:
            progress(done, walkable)
    words = np.where(doors.footholds.off_m >= limit_m, TOO_FAR, doors.words)
    said = {"minutes": float(minutes), "speed_mps": float(speed_mps), "method": WALKING_NETWORK}
    if merged:
        return _merged(ground, facilities["type"] if by_type else None).assign(**said)
    columns = {"street_m": street_m, "snap_m": doors.footholds.off_m, "network": words}
    told = facilities[[name for name in _TOLD if name in facilities]].assign(**said, **columns)
    return gpd.GeoDataFrame(told, geometry=ground, crs=GEOGRAPHIC)


def _drawn(network: Network, doors: Doors, limit_m: float, half_width_m: float) -> Iterator[Drawn]:
    """Give facilities, group by group, with the metres of street and the ground of each.

    Groups are drawn while the next ones are walked from: neither holds Python up for long.
    """
    cut = cut_at(network, doors.footholds)

    def draw(walked: Walked) -> Drawn:
        who = walked.places
        stretches = walked_streets(cut, walked, limit_m=limit_m).joined()
        place = doors.lon[who], doors.lat[who]
        shapes = stretches.as_ground(network, *place, half_width_m=half_width_m)
        return who, stretches.length_m(len(who)), shapes

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        waiting: deque[Future[Drawn]] = deque()
        for walked in walk_from_each(cut, limit_m=limit_m):
            waiting.append(threads.submit(draw, walked))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _merged(ground: NDArray[np.object_], types: pd.Series | None) -> gpd.GeoDataFrame:
    """Join all ground, or that of each type."""
    import geopandas as gpd
    import shapely

    there = np.array([each is not None for each in ground], dtype=bool)
    index, groups = groups_of(None if types is None else types[there], int(there.sum()))
    ground = ground[there]
    joined = [shapely.multipolygons(union_of_shapes(ground[of])) for of in groups]
    counted = {"facilities": [int(of.sum()) for of in groups]}
    return gpd.GeoDataFrame(counted, geometry=joined, index=index, crs=GEOGRAPHIC)


def walk_length_m(minutes: float, speed_mps: float) -> float:
    """Give the metres of a walk.

    Raises
    ------
    ParameterError : if one of the numbers is not positive and finite.

    Examples
    --------
    >>> walk_length_m(15, 0.8)
    720.0
    """
    for name, value in (("minutes", minutes), ("speed_mps", speed_mps)):
        if not 0 < value < np.inf:
            raise ParameterError(f"{name} must be positive and finite, got {value}")
    return minutes * 60 * speed_mps


def walked_streets(cut: Cut, walked: Walked, *, limit_m: float) -> Stretches:
    """Cut the pieces of street that are walked from each place: those it reaches from either end.

    Parameters
    ----------
    walked : b places and the nodes around them.

    Returns
    -------
    Stretches whose owners are 0 to b - 1.
    """
    piece = np.flatnonzero(walked.touching(cut))
    length_m = cut.end_m[piece] - cut.begin_m[piece]
    left_m = [
        np.clip((limit_m - each) / cut.slowness[piece], 0, length_m)
        for each in walked.at_ends(cut, piece)
    ]
    whole = left_m[0] + left_m[1] >= length_m
    nothing = np.zeros_like(left_m[0])
    cuts = (
        (whole & (length_m > 0), nothing, nothing + length_m),
        (~whole & (left_m[0] > 0), nothing, left_m[0]),
        (~whole & (left_m[1] > 0), length_m - left_m[1], nothing + length_m),
    )
    owners, at, begins, ends = [], [], [], []
    for is_walked, begin, end in cuts:
        owner, column = np.nonzero(is_walked)
        owners.append(owner)
        at.append(piece[column])
        begins.append(begin[owner, column])
        ends.append(end[owner, column])
    place = np.concatenate(at)
    from_m = cut.begin_m[place] + np.concatenate(begins)
    to_m = np.minimum(cut.begin_m[place] + np.concatenate(ends), cut.end_m[place])
    return Stretches(np.concatenate(owners), cut.line[place], from_m, to_m)
