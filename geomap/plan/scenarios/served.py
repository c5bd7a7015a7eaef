"""Who is covered by which facilities; after a change, looked at again only where it reaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.model.crs import to_geographic
from geomap.plan.demand_rows import DemandRows
from geomap.plan.people import people_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.plane import EqualAreaPlane
    from geomap.plan.ground import Progress
    from geomap.plan.scenarios.stands import Reach

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

#: Shares of ground that differ by no more are the same: the same discs joined in another order.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Served:
    """How much of some rows of demand is covered.

    Parameters
    ----------
    rows : which rows.
    left : of those with ground, what is not covered, in their plane.
    fraction : (n,) the covered share of each row; NaN for others, and without a place.
    """

    rows: DemandRows
    left: Geometries
    fraction: Floats

    def some(self, rows: DemandRows) -> Served:
        """Take a part of the rows."""
        ours = np.isin(self.rows.rows, rows.rows)
        at = np.zeros(rows.size, dtype=bool)
        at[rows.points] = at[rows.rows] = True
        return Served(rows, self.left[ours], np.where(at, self.fraction, np.nan))

    def with_(self, other: Served) -> Served:
        """Put an answer about some of the rows in place of theirs."""
        left = self.left.copy()
        left[np.isin(self.rows.rows, other.rows.rows)] = other.left
        there = ~np.isnan(other.fraction)
        return replace(self, left=left, fraction=np.where(there, other.fraction, self.fraction))

    def rounded_to(self, other: Served) -> Served:
        """Take over from another answer about the same rows what differs by rounding only."""
        same = np.abs(self.fraction - other.fraction) <= _ROUNDING
        left = np.where(same[self.rows.rows], other.left, self.left)
        return replace(self, left=left, fraction=np.where(same, other.fraction, self.fraction))


@dataclass(frozen=True, eq=False)
class Gains:
    """People who come to be covered (above 0) or cease to be: (p,) by row of demand and area."""

    row: Ints
    area: Ints
    people: Floats

    def sums(self, groups: Ints, size: int) -> tuple[Floats, Floats]:
        """Add up by group who is newly covered, and who is lost."""
        newly, lost = np.maximum(self.people, 0), np.maximum(-self.people, 0)
        return (
            np.bincount(groups, newly, minlength=size).astype(np.float64),
            np.bincount(groups, lost, minlength=size).astype(np.float64),
        )


@dataclass(frozen=True, eq=False)
class Crowd:
    """The people of a demand table, and where they are.

    Parameters
    ----------
    shapes : (n,) geometries in degrees.
    rows : those of which something can be told.
    people : (n,) NaN where unknown.
    """

    shapes: Geometries
    rows: DemandRows
    people: Floats

    @classmethod
    def of(
        cls, demand: gpd.GeoDataFrame, weight: str, *, plane: EqualAreaPlane | None, told: Mask
    ) -> Crowd:
        """Read them; of rows that are not `told` nothing is said."""
        rows = DemandRows.of(demand, plane=plane)
        shapes = to_geographic(demand).geometry.to_numpy()
        crowd = cls(shapes, rows, people_of(demand, weight))
        return crowd if told.all() else replace(crowd, rows=crowd.only(told))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def met_by(self, boxes: Geometries) -> Ints:
        """Give the rows whose box meets one of some boxes in degrees."""
        return np.unique(self._tree.query(boxes)[1]).astype(np.int64)

    def only(self, kept: Mask) -> DemandRows:
        """Take some of the rows."""
        rows = self.rows
        at, on = kept[rows.points], kept[rows.rows]
        return replace(
            rows, points=rows.points[at], lon=rows.lon[at], lat=rows.lat[at],
            rows=rows.rows[on], polygons=rows.polygons[on],
        )  # fmt: skip

    def these(self, positions: Ints) -> DemandRows:
        """Take some of the rows by their positions."""
        kept = np.zeros(self.rows.size, dtype=bool)
        kept[positions] = True
        return self.only(kept)

    @property
    def unknown(self) -> Mask:
        """(n,) rows whose number of people is unknown."""
        return np.isnan(self.people)

    def served(
        self, reach: Reach, places: Ints, rows: DemandRows | None = None,
        progress: Progress | None = None,
    ) -> Served:  # fmt: skip
        """Find how much of all rows, or of some, is covered from places."""
        if rows is not None:  # places far from them serve none of them
            at = np.unique(np.concatenate([rows.points, rows.rows]))
            places = places[np.isin(places, reach.near(self.shapes[at]))]
        rows = self.rows if rows is None else rows
        ground = reach.ground(places)
        left = ground.uncovered(rows.polygons, rows.plane, progress)
        return Served(rows, left, rows.fraction(ground, left))

    def gains(self, one: Served, other: Served, outlines: Geometries | None = None) -> Gains:
        """Compare two answers about the same rows: in outlines, in degrees; in all as area 0."""
        if outlines is None:
            change = self._known * (other.fraction - one.fraction)
            row = np.flatnonzero(np.nan_to_num(change))
            return Gains(row, np.zeros(len(row), dtype=np.int64), change[row])
        before, after = (
            each.rows.within(outlines, each.left, each.fraction) for each in (one, other)
        )
        change = self._known[before.row] * (after.covered - before.covered)
        return Gains(before.row, before.area, change)

    @cached_property
    def _known(self) -> Floats:
        """(n,) people; an unknown number counts for nobody, and is told apart."""
        return np.nan_to_num(self.people)

    def totals(self, served: Served) -> tuple[float, float]:
        """Give the people covered, and those with a place in all."""
        placed = ~np.isnan(served.fraction)
        return float(self._known[placed] @ served.fraction[placed]), float(
            self._known[placed].sum()
        )

    def by_area(self, served: Served, outlines: Geometries) -> tuple[Floats, Floats, Floats]:
        """Give the people of areas, those of them covered, and the rows whose number is unknown."""
        held = served.rows.within(outlines, served.left, served.fraction)
        of_row, unknown = self._known[held.row], self.unknown[held.row]
        found = [of_row * held.share, of_row * held.covered, unknown.astype(np.float64)]
        sums = np.array([np.bincount(held.area, each, minlength=len(outlines)) for each in found])
        sums[:, shapely.is_missing(outlines)] = np.nan
        return sums[0], sums[1], sums[2]
