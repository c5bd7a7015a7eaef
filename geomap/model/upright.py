"""Polygons whose edges crowd are turned upright before they are checked, repaired or cut.

GEOS looks for crossings among edges whose boxes meet. A long edge along an axis has a box of no
width; one that leans has a wide one, and of a comb of 20,000 teeth that leans by seven degrees, as
meridians do in a plane, each box meets those of thousands. Turned until most edges run along the
axes, such a comb is cut in the time of any polygon of as many corners. Polygons that do not crowd
are handed to GEOS as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Complex = NDArray[np.complex128]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]
    Mask = NDArray[np.bool_]

#: Below so many corners no crowd of edges costs a second.
_MANY: Final = 2_000
#: From so many boxes of edges over the average point of a polygon's box on, it is turned. Those
#: of coasts and counties lie below 1.
_CROWDED: Final = 10.0
#: A tile is cut in two where that leaves either half at most this share of its corners.
_FEWER: Final = 0.8
#: Tiles make a polygon up if their areas do, to this share of it.
_SAME: Final = 1e-12


@dataclass(frozen=True)
class Turn:
    """A turn of the plane about a point; both as complex numbers x + iy, `by` of length 1."""

    about: complex
    by: complex

    @classmethod
    def upright(cls, shape: shapely.Geometry) -> Turn:
        """Find the turn by which most of the length of a polygon's edges runs along the axes.

        The direction is the mean of those of the edges, each taken four times, so that edges at
        right angles agree, and by its length: Fisher 1993, Statistical Analysis of Circular Data,
        section 2.3.

        Examples
        --------
        >>> leaning = shapely.Polygon([(0, 0), (4, 3), (1, 7), (-3, 4)])
        >>> turned = Turn.upright(leaning).turned(leaning)
        >>> [round(float(np.ptp(each)), 9) for each in turned.exterior.xy]
        [5.0, 5.0]
        """
        edges = _edges(shape)
        length = np.abs(edges)
        unit = edges[length > 0] / length[length > 0]
        mean = complex(length[length > 0] @ unit**4)
        west, south, _, _ = shapely.bounds(shape)
        return cls(complex(west, south), np.exp(-0.25j * np.angle(mean)))

    def turned(self, shape: Any) -> Any:  # noqa: ANN401 (of one geometry one, of an array an array)
        """Turn a geometry, or an array of them."""
        return _moved(shape, lambda points: (points - self.about) * self.by)

    def back(self, shape: Any) -> Any:  # noqa: ANN401 (as turned)
        """Turn it back."""
        return _moved(shape, lambda points: points / self.by + self.about)


def crowded(shapes: Geometries) -> Mask:
    """Mark the polygons among (n,) geometries whose edges are many and crowd.

    Examples
    --------
    >>> x = np.arange(4000) / 4000
    >>> comb = np.column_stack([x, np.arange(4000) // 2 % 2])
    >>> leaning = comb + 0.1 * comb[:, ::-1]
    >>> crowded(np.array([shapely.Polygon(each) for each in (comb, leaning)])).tolist()
    [False, True]
    """
    crowd = np.zeros(len(shapes), dtype=bool)
    for row in np.flatnonzero(shapely.get_num_coordinates(shapes) > _MANY):
        edges = _edges(shapes[row])
        west, south, east, north = shapes[row].bounds
        boxes = np.abs(edges.real * edges.imag).sum()
        crowd[row] = boxes > _CROWDED * (east - west) * (north - south)
    return crowd


def is_valid(shapes: Geometries) -> Mask:
    """Tell which of (n,) geometries are valid; a missing one is not."""
    crowd = crowded(shapes)
    valid: Mask = np.zeros(len(shapes), dtype=bool)
    valid[~crowd] = shapely.is_valid(shapes[~crowd])
    for row in np.flatnonzero(crowd):
        valid[row] = shapely.is_valid(Turn.upright(shapes[row]).turned(shapes[row]))
    return valid


def make_valid(shapes: Geometries) -> Geometries:
    """Repair (n,) geometries by the structure of their rings."""
    return _each(shapes, _repaired)


def difference(shapes: Geometries, knives: Geometries) -> Geometries:
    """Cut (n,) valid polygons from as many."""
    return _each(shapes, shapely.difference, knives)


def shared_area(some: Geometries, others: Geometries, pairs: tuple[Ints, Ints]) -> Floats:
    """Measure the ground that pairs of polygons of a plane share.

    Parameters
    ----------
    some, others : (n,) and (m,) valid polygons.
    pairs : (p,) positions in either. One that crowds is cut into tiles once, for all its pairs.

    Returns
    -------
    (p,) areas, in the square of the unit of the plane.

    Examples
    --------
    >>> squares = shapely.box(np.arange(3), 0, np.arange(3) + 1.5, 1)
    >>> shared_area(squares, squares, (np.array([0, 0]), np.array([1, 2]))).tolist()
    [0.5, 0.0]
    """
    one, other = pairs
    area = np.full(len(one), np.nan)
    for shapes, mine, knives, knife in ((some, one, others, other), (others, other, some, one)):
        for row in np.flatnonzero(crowded(knives)):
            open_ = np.flatnonzero((knife == row) & np.isnan(area))
            area[open_] = _shared_with(knives[row], shapes[mine[open_]])
    left = np.isnan(area)
    area[left] = shapely.area(shapely.intersection(some[one[left]], others[other[left]]))
    return area


def _shared_with(knife: shapely.Geometry, shapes: Geometries) -> Floats:
    """Measure the ground that (n,) polygons share with one that crowds."""
    turn = Turn.upright(knife)
    turned: Geometries = np.asarray(turn.turned(shapes), dtype=object)
    tiles = _tiles(turn.turned(knife))
    row, tile = shapely.STRtree(tiles).query(turned, predicate="intersects")
    area = shapely.area(shapely.intersection(turned[row], tiles[tile]))
    return np.bincount(row, area, minlength=len(shapes)).astype(np.float64)


def _tiles(shape: shapely.Geometry) -> Geometries:
    """Cut a polygon into tiles of few corners that make it up; leave it whole if that fails.

    GEOS clips by a box quickly, and takes it for granted that no ring touches the box oddly.
    """
    tiles, open_ = [], [shape]
    while open_:
        piece = open_.pop()
        halves = _halves(piece) if shapely.get_num_coordinates(piece) > _MANY else []
        most = _FEWER * shapely.get_num_coordinates(piece)
        if halves and max(shapely.get_num_coordinates(halves)) < most:
            open_ += halves
        else:
            tiles.append(piece)
    cut = np.array(tiles, dtype=object)
    whole_m2 = shapely.area(shape)
    same = abs(shapely.area(cut).sum() - whole_m2) <= _SAME * whole_m2
    return cut if same and shapely.is_valid(cut).all() else np.array([shape], dtype=object)


def _halves(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Cut a polygon in two where fewer of its edges are in the way."""
    west, south, east, north = shapely.bounds(shape)
    x, y = (west + east) / 2, (south + north) / 2
    above = shapely.get_coordinates(shape) > (x, y)
    across, along = (above[1:] != above[:-1]).sum(axis=0)
    boxes = [(west, south, x, north), (x, south, east, north)]
    if along < across:
        boxes = [(west, south, east, y), (west, y, east, north)]
    return [shapely.clip_by_rect(shape, *box) for box in boxes]


def _repaired(shapes: Geometries) -> Geometries:
    repaired: Geometries = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return repaired


def _each(shapes: Geometries, work: Callable[..., Geometries], *with_: Geometries) -> Geometries:
    """Do a work on all geometries, on those that crowd while they are turned."""
    crowd = crowded(shapes)
    done = np.empty(len(shapes), dtype=object)
    done[~crowd] = work(shapes[~crowd], *(each[~crowd] for each in with_))
    for row in np.flatnonzero(crowd):
        turn = Turn.upright(shapes[row])
        turned = [turn.turned(each[row]) for each in (shapes, *with_)]
        done[row] = turn.back(work(*turned))
    return done


def _edges(shape: shapely.Geometry) -> Complex:
    """Give the edges of all rings as complex numbers."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.diff(points.view(np.complex128).ravel())
    within: Complex = steps[np.diff(ring) == 0]
    return within


def _moved(shape: Any, move: Callable[[Complex], Complex]) -> Any:  # noqa: ANN401 (as turned)
    def moved(points: Floats) -> Floats:
        ends: Floats = move(np.ascontiguousarray(points).view(np.complex128)).view(np.float64)
        return ends

    return shapely.transform(shape, moved)
