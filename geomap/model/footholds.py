"""Where a place steps onto the walking network: the nearest point of the nearest street.

Of a street, not of a node: a door in the middle of a block is walked to from both corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.model.crs import together
from geomap.model.geodesy import metres_per_degree

if TYPE_CHECKING:
    import shapely
    from numpy.typing import ArrayLike, NDArray

    from geomap.model.network import Network

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: A place further than this from every street is not on the network.
MOST_OFF_M: Final = 200.0
#: How a place stands to the network: on a street; on one though a fragment is nearer; on a
#: fragment, as there is no other street; too far from every street; without coordinates.
ON, PASSED_FRAGMENT, ON_FRAGMENT, TOO_FAR, NOWHERE = STATES = (
    "on_street",
    "passed_fragment",
    "on_fragment",
    "too_far",
    "no_location",
)
#: Segments whose distances are worked out at a time.
_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class Footholds:
    """Places on the network.

    Parameters
    ----------
    line : (k,) the street, -1 where a place is on none.
    at_m : (k,) measure on it, NaN where there is none.
    off_m : (k,) straight metres between the place and the street; where it is too far, to a
        street of about the least distance; NaN where the place is missing.
    state : (k,) places in :data:`STATES`.
    """

    line: Ints
    at_m: Floats
    off_m: Floats
    state: NDArray[np.int8]

    @property
    def is_on(self) -> Bools:
        """(k,) whether there is a street."""
        return self.line >= 0

    @property
    def words(self) -> NDArray[np.object_]:
        """(k,) the states as words."""
        return np.array(STATES, dtype=object)[self.state]

    def __getitem__(self, chosen: Ints | Bools) -> Footholds:
        """Take some of them."""
        return Footholds(
            self.line[chosen], self.at_m[chosen], self.off_m[chosen], self.state[chosen]
        )


def find_footholds(
    network: Network, lon: ArrayLike, lat: ArrayLike, *, most_off_m: float = MOST_OFF_M
) -> Footholds:
    """Find the nearest point of the network for places.

    Fragments (see :data:`~geomap.model.network.FRAGMENT_M`) are passed over where another
    street is near enough, since a walk from them ends at once; which places that befell is told.

    Parameters
    ----------
    lon, lat : (k,) degrees; NaN for a place that is not known.
    most_off_m : places further from every street are not put on one.

    Returns
    -------
    (k,) Footholds. Of streets that are equally near the first one is taken.

    Raises
    ------
    ParameterError : if `most_off_m` is not positive, or the arrays do not fit together.
    """
    if not 0 < most_off_m < np.inf:
        raise ParameterError(f"most_off_m must be positive and finite, got {most_off_m}")
    x, y = together(lon, lat)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (np.abs(y) <= 90))  # noqa: PLR2004
    size = len(x)
    line, state = np.full(size, -1), np.full(size, STATES.index(NOWHERE), dtype=np.int8)
    at_m, off_m = np.full(size, np.nan), np.full(size, np.nan)
    streets = _nearest(network, ~network.is_fragment, x[known], y[known], most_off_m)
    fragments = _nearest(network, network.is_fragment, x[known], y[known], most_off_m)
    near, nearer = streets[2] <= most_off_m, fragments[2] <= most_off_m
    state[known] = np.select(
        [near & (streets[2] <= fragments[2]), near, nearer],
        [STATES.index(ON), STATES.index(PASSED_FRAGMENT), STATES.index(ON_FRAGMENT)],
        STATES.index(TOO_FAR),
    )
    line[known] = np.select([near, nearer], [streets[0], fragments[0]], -1)
    at_m[known] = np.select([near, nearer], [streets[1], fragments[1]], np.nan)
    far_m = np.minimum(streets[2], fragments[2])
    off_m[known] = np.select([near, nearer], [streets[2], fragments[2]], far_m)
    return Footholds(line, at_m, off_m, state)


def _nearest(
    network: Network, lines: Bools, lon: Floats, lat: Floats, most_off_m: float
) -> tuple[Ints, Floats, Floats]:
    """Give the line, the measure and the distance of the nearest point of some lines."""
    size = len(lon)
    line, at_m, off_m = np.full(size, -1), np.full(size, np.nan), np.full(size, np.inf)
    segments = np.flatnonzero(lines[network.line[1:]] & (np.diff(network.line) == 0))
    if not size or not len(segments):
        return line, at_m, off_m
    tree = _tree(network, segments)
    # A segment that is near in degrees bounds the distance; all within that bound are measured.
    first = segments[_first_hit(tree, lon, lat)]
    _, bound_m = _onto(network, first, lon, lat)
    line[:], off_m[:] = network.line[first], bound_m
    for some in _in_parts(np.flatnonzero(bound_m <= 2 * most_off_m), len(segments)):
        point, segment = _within(tree, lon[some], lat[some], bound_m[some])
        share, apart_m = _onto(network, segments[segment], lon[some][point], lat[some][point])
        best = np.lexsort((segment, apart_m, point))
        best = best[np.diff(point[best], prepend=-1) > 0]
        chosen, to = some[point[best]], segments[segment[best]]
        leg_m = network.along_m[to + 1] - network.along_m[to]
        line[chosen], off_m[chosen] = network.line[to], apart_m[best]
        at_m[chosen] = network.along_m[to] + share[best] * leg_m
    return line, at_m, off_m


def _tree(network: Network, segments: Ints) -> shapely.STRtree:
    """Index the segments that begin at some vertices; kept with the network."""
    import shapely

    kept = network.__dict__.setdefault("_trees", {})
    key = int(segments[0]), len(segments)
    if key not in kept:
        ends = np.stack([segments, segments + 1], axis=1)
        pairs = np.stack([network.lon[ends], network.lat[ends]], axis=-1)
        kept[key] = shapely.STRtree(np.asarray(shapely.linestrings(pairs), dtype=object))
    tree: shapely.STRtree = kept[key]
    return tree


def _first_hit(tree: shapely.STRtree, lon: Floats, lat: Floats) -> Ints:
    """Give a segment near each place: the nearest in degrees."""
    import shapely

    return np.asarray(tree.nearest(shapely.points(lon, lat)), dtype=np.int64)


def _within(tree: shapely.STRtree, lon: Floats, lat: Floats, bound_m: Floats) -> tuple[Ints, Ints]:
    """Pair places with all segments that may be as near as a bound."""
    import shapely

    east_m, north_m = metres_per_degree(lat)
    wide, high = (bound_m * 1.01 + 0.01) / np.maximum(east_m, 1), (bound_m * 1.01 + 0.01) / north_m
    boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
    point, segment = tree.query(boxes)
    return point, segment


def _onto(network: Network, segment: Ints, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Give the share of a segment at which it is nearest to a place, and the metres between.

    Measured in the plane around the place.
    """
    east_m, north_m = metres_per_degree(lat)
    x1, y1 = (network.lon[segment] - lon) * east_m, (network.lat[segment] - lat) * north_m
    x2, y2 = (network.lon[segment + 1] - lon) * east_m, (network.lat[segment + 1] - lat) * north_m
    dx, dy = x2 - x1, y2 - y1
    square = dx * dx + dy * dy
    share = -(x1 * dx + y1 * dy) / np.where(square > 0, square, 1.0)
    share = np.clip(np.where(square > 0, share, 0.0), 0.0, 1.0)
    return share, np.hypot(x1 + share * dx, y1 + share * dy)


def _in_parts(places: Ints, segments: int) -> list[Ints]:
    """Divide places so that not too many segments are measured at a time."""
    each = max(1, _AT_ONCE // min(max(segments, 1), 200))
    return [places[begin : begin + each] for begin in range(0, len(places), each)]
