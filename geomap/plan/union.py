"""The union of service areas: joined by groups that touch, and of discs only those that show.

Of discs of one radius only those on the rim are joined (:mod:`geomap.plan.rim`), by groups that
lie apart from each other; then the holes that a disc left out would fill are filled. The result
is the union of the very same polygons, a third of them drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geomap.model.geodesy import ecef
from geomap.plan.discs import SHORT_EDGES_M, band, discs
from geomap.plan.rim import on_rim

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

    from geomap.model.plane import EqualAreaPlane

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

#: Centres in one cell, as a share of the radius, surely touch, and are grouped as one.
_CELL = 0.1


@dataclass(frozen=True, eq=False)
class Discs:
    """Discs of one radius, as the polygons of :func:`geomap.plan.discs.discs`.

    Parameters
    ----------
    lon, lat : (n,) centres, degrees.
    radius_m : metres.
    """

    lon: Floats
    lat: Floats
    radius_m: float

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        return cKDTree(ecef(self.lon, self.lat))

    def some(self, rows: Ints | Mask) -> Discs:
        """Take some of them."""
        return Discs(self.lon[rows], self.lat[rows], self.radius_m)

    @property
    def rim(self) -> Discs:
        """Those that may have a part in the border of the union of all."""
        return self.some(on_rim(self.lon, self.lat, self.radius_m))

    def drawn(self) -> Geometries:
        """Draw them, (n,) polygons in EPSG:4326."""
        return discs(self.lon, self.lat, self.radius_m)

    def flat(self, plane: EqualAreaPlane) -> Geometries:
        """Draw them in a plane."""
        return plane.flatten(self.drawn(), divided=self.radius_m <= SHORT_EDGES_M)

    def hold(self, lon: Floats, lat: Floats) -> Mask:
        """Tell which points lie in one of the polygons."""
        inner_m, outer_m = band(self.radius_m)
        points = ecef(lon, lat)
        nearest_m, _ = self._tree.query(points, distance_upper_bound=outer_m)
        held = np.asarray(nearest_m <= inner_m)
        for row in np.flatnonzero(~held & (nearest_m <= outer_m)):
            near = self._tree.query_ball_point(points[row], outer_m)
            middle = lon[row] + (self.lon[near] - lon[row] + 180) % 360 - 180
            shapes = discs(middle, self.lat[near], self.radius_m)
            held[row] = shapely.intersects_xy(shapes, lon[row], lat[row]).any()
        return held

    def groups(self) -> Ints:
        """Give each disc the number of its group; those of different groups do not touch."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components
        from scipy.spatial import cKDTree

        outer_m = band(self.radius_m)[1]
        side_m = outer_m * _CELL
        xyz = ecef(self.lon, self.lat)
        _, first, cell = np.unique(
            np.floor(xyz / side_m), axis=0, return_index=True, return_inverse=True
        )
        # Two discs touch within 2 r; either may lie a diagonal away from the first of its cell.
        reach_m = 2 * outer_m + 2 * np.sqrt(3) * side_m
        pairs = cKDTree(xyz[first]).query_pairs(reach_m, output_type="ndarray")
        links = coo_array(
            (np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(first),) * 2
        )
        return connected_components(links, directed=False)[1][cell.ravel()].astype(np.int64)


def union_of_discs(whole: Discs) -> Geometries:
    """Join discs.

    Parameters
    ----------
    whole : (n,) discs, counted on beyond 180 degrees where they cross the antimeridian.

    Returns
    -------
    (k,) valid polygons in EPSG:4326 that do not overlap.

    Examples
    --------
    >>> apart = Discs(np.array([105.0, 106.0]), np.array([35.0, 35.0]), 1000)
    >>> len(union_of_discs(apart))
    2
    """
    rim = whole.rim
    pieces = union_by_group(rim.drawn(), rim.groups())
    rings, owner = shapely.get_rings(pieces, return_index=True)
    hole = np.diff(owner, prepend=-1) == 0
    holes = shapely.polygons(rings[hole])
    nested = np.unique(shapely.STRtree(pieces).query(holes, predicate="contains")[0])
    spots = shapely.point_on_surface(holes)
    false = whole.hold(shapely.get_x(spots), shapely.get_y(spots))
    false[nested] = False
    kept = np.ones(len(rings), dtype=bool)
    kept[np.flatnonzero(hole)[false]] = False
    pieces = np.asarray(shapely.polygons(rings[kept], indices=owner[kept]))
    return _filled(whole, pieces, holes[nested])


def _filled(whole: Discs, pieces: Geometries, holes: Geometries) -> Geometries:
    """Fill the false ones among holes with islands in them, and join what that touches."""
    tree = shapely.STRtree(pieces)
    fills = [_false_ground(whole, pieces[tree.query(each)], each) for each in holes]
    if not any(map(len, fills)):
        return pieces
    added = np.concatenate(fills)
    touched = np.unique(tree.query(added)[1])
    joined = union_of_shapes(np.concatenate([pieces[touched], added]))
    return np.concatenate([np.delete(pieces, touched), joined])


def _false_ground(whole: Discs, inside: Geometries, hole: shapely.Polygon) -> Geometries:
    """Give the parts of a hole with islands in it that are served by discs left out."""
    parts = shapely.get_parts(shapely.difference(hole, shapely.union_all(inside)))
    spots = shapely.point_on_surface(parts)
    served: Geometries = parts[whole.hold(shapely.get_x(spots), shapely.get_y(spots))]
    return served


def union_of_shapes(shapes: Geometries) -> Geometries:
    """Join any polygons.

    Parameters
    ----------
    shapes : (n,) valid polygons.

    Returns
    -------
    (k,) valid polygons that do not overlap.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    near = shapely.STRtree(shapes).query(shapes)
    links = coo_array((np.ones(near.shape[1], bool), tuple(near)), shape=(len(shapes),) * 2)
    return union_by_group(shapes, connected_components(links, directed=False)[1].astype(np.int64))


def union_by_group(shapes: Geometries, groups: Ints) -> Geometries:
    """Join the polygons of each group; groups must not touch.

    Returns
    -------
    (k,) polygons.
    """
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    joined = [
        each[0] if len(each) == 1 else shapely.union_all(each)
        for each in np.split(shapes[order], starts[1:])
    ]
    parts: Geometries = shapely.get_parts(np.array(joined, dtype=object))
    return parts[~shapely.is_empty(parts)]
