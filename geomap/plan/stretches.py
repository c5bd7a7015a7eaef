"""Stretches of streets: cut exactly, joined where they touch, drawn as lines and as ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.model.geodesy import metres_per_degree
from geomap.model.walks import SAME_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.model.network import Network

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Geometries = NDArray[np.object_]

#: Corners of a quarter circle where ground is rounded: 0.5 % of the half-width short at most.
_QUARTER = 8


@dataclass(frozen=True, eq=False)
class Stretches:
    """Stretches of lines, each belonging to one of some owners.

    Parameters
    ----------
    owner, line, from_m, to_m : (k,) each, from_m < to_m.
    """

    owner: Ints
    line: Ints
    from_m: Floats
    to_m: Floats

    def joined(self) -> Stretches:
        """Join the stretches of an owner that touch; none of one owner overlap before."""
        order = np.lexsort((self.from_m, self.line, self.owner))
        owner, line = self.owner[order], self.line[order]
        from_m, to_m = self.from_m[order], self.to_m[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (np.diff(owner) != 0) | (np.diff(line) != 0) | (from_m[1:] > to_m[:-1] + SAME_M)
        begin = np.flatnonzero(new)
        end = np.append(begin[1:], len(order)) - 1 if len(begin) else begin
        return Stretches(owner[begin], line[begin], from_m[begin], to_m[end])

    def length_m(self, owners: int) -> Floats:
        """(owners,) metres of street of each owner."""
        return np.bincount(self.owner, weights=self.to_m - self.from_m, minlength=owners).astype(
            float
        )

    def as_lines(self, network: Network, owners: int) -> Geometries:
        """(owners,) the streets of each owner as one geometry, WGS-84; None where it has none."""
        import shapely

        made: Geometries = np.full(owners, None, dtype=object)
        if len(self.owner):
            order = np.argsort(self.owner, kind="stable")
            lines = network.lines(self.line[order], self.from_m[order], self.to_m[order])
            owner = self.owner[order]
            made[np.unique(owner)] = _gathered(shapely.multilinestrings, lines, owner)
        return made

    def as_ground(
        self, network: Network, lon: Floats, lat: Floats, *, half_width_m: float
    ) -> Geometries:
        """Draw the ground within a half-width of the streets of each owner.

        Parameters
        ----------
        lon, lat : (owners,) where each owner is: the plane around it is drawn in.

        Returns
        -------
        (owners,) valid polygons in WGS-84, with holes; None where an owner has no street.
        """
        import shapely

        made: Geometries = np.full(len(lon), None, dtype=object)
        if not len(self.owner):
            return made
        owner = np.sort(self.owner)
        order = np.argsort(self.owner, kind="stable")
        x, y, stretch = network.vertices_of(self.line[order], self.from_m[order], self.to_m[order])
        of = owner[stretch]
        east_m, north_m = metres_per_degree(lat)
        x, y = (x - lon[of]) * east_m[of], (y - lat[of]) * north_m[of]
        lines = np.asarray(shapely.linestrings(x, y, indices=stretch), dtype=object)
        who = np.unique(owner)
        streets = _gathered(shapely.multilinestrings, lines, owner)
        ground = np.asarray(shapely.buffer(streets, half_width_m, quad_segs=_QUARTER))
        points, which = shapely.get_coordinates(ground, return_index=True)
        points /= np.column_stack([east_m, north_m])[who[which]]
        points += np.column_stack([lon, lat])[who[which]]
        made[who] = shapely.set_coordinates(ground, points)
        return made


def _gathered(make: object, lines: Geometries, owner: Ints) -> Geometries:
    """Gather lines by their sorted owners."""
    _, number = np.unique(owner, return_inverse=True)
    gathered: Geometries = make(lines, indices=number)  # type: ignore[operator]
    return gathered
