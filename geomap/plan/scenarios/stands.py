"""Where each facility serves from: before, after, and without each change; and whom that reaches.

Places are numbered once, whoever stands there, so that one facility closed and another opened at
the same place are no change to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geomap.model.crs import GEOGRAPHIC
from geomap.plan.ground import Circles, Shapes
from geomap.plan.nearby import TURNS, degrees_of
from geomap.plan.sites import out_of_service, point_places
from geomap.plan.union import Discs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.scenario import Change
    from geomap.plan.ground import Ground
    from geomap.plan.scenarios.applying import Matched

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

_PLACING: Final = ("add", "move")


@dataclass(frozen=True, eq=False)
class Stands:
    """Places, and who serves from which.

    Parameters
    ----------
    lon, lat : (s,) degrees, each place once.
    before, after : (f,) the place of each facility of the changed frame, -1 where it serves
        nobody.
    facility : (c,) the facility of each change.
    without : (c,) the place that it would serve from if that change alone were not made, -1 for
        none.
    """

    lon: Floats
    lat: Floats
    before: Ints
    after: Ints
    facility: Ints
    without: Ints

    @classmethod
    def of(cls, after: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, matched: Matched) -> Stands:
        """Find the places.

        Parameters
        ----------
        after, facilities : the frame with the changes, and without them.
        matched : the changes.
        """
        size = len(after)
        was = np.full((2, size), np.nan)
        was[:, : len(facilities)] = _serving(facilities)
        lone = np.reshape(_left_out(matched, was, out_of_service(facilities)), (-1, 2)).T
        every = np.concatenate([was, _serving(after), lone], axis=1)
        known = np.isfinite(every).all(axis=0)
        places, number = np.unique(every[0, known] + 1j * every[1, known], return_inverse=True)
        numbers = np.full(every.shape[1], -1, dtype=np.int64)
        numbers[known] = number
        return cls(
            places.real.copy(), places.imag.copy(), numbers[:size], numbers[size : 2 * size],
            np.array(matched.rows, dtype=np.int64), numbers[2 * size :],
        )  # fmt: skip

    def only(self, kept: Mask) -> Stands:
        """Keep some facilities; those left out serve nobody, whatever is done to them."""
        states = [
            np.where(kept, self.before, -1), np.where(kept, self.after, -1),
            np.where(kept[self.facility], self.without, -1),
        ]  # fmt: skip
        used = _some(np.concatenate(states))
        numbers = np.full(len(self.lon) + 1, -1, dtype=np.int64)  # the last is for nowhere
        numbers[used] = np.arange(len(used))
        before, after, without = (numbers[each] for each in states)
        return Stands(self.lon[used], self.lat[used], before, after, self.facility, without)

    def but(self, changes: Iterable[int]) -> Ints:
        """Give the places with all changes but some, no two of which are of one facility."""
        some = np.array(list(changes), dtype=np.int64)
        places = self.after.copy()
        places[self.facility[some]] = self.without[some]
        return places

    def touched(self, nth: int) -> Ints:
        """Give the places that one change alone takes up or gives up."""
        pair = np.array([self.after[self.facility[nth]], self.without[nth]])
        return pair[pair >= 0] if pair[0] != pair[1] else pair[:0]

    @property
    def gained(self) -> Ints:
        """Places that are taken up."""
        return np.setdiff1d(_some(self.after), _some(self.before))

    @property
    def given_up(self) -> Ints:
        """Places that are given up."""
        return np.setdiff1d(_some(self.before), _some(self.after))

    def frame(self) -> gpd.GeoDataFrame:
        """Give the places as points."""
        import geopandas as gpd

        return gpd.GeoDataFrame(geometry=gpd.points_from_xy(self.lon, self.lat), crs=GEOGRAPHIC)


@dataclass(frozen=True, eq=False)
class Reach:
    """How far people go: to each place of some stands.

    Parameters
    ----------
    stands : the places.
    standard_m : straight-line metres.
    walked : instead, (s,) the ground on foot about each place, EPSG:4326, None for none.
    """

    stands: Stands
    standard_m: float
    walked: Geometries | None = None

    def ground(self, places: Ints) -> Ground:
        """Give the ground that is served from places; -1 is none."""
        some = _some(places)
        if self.walked is not None:
            shapes = self.walked[some]
            return Shapes(shapes[~shapely.is_missing(shapes)])
        return Circles(Discs(self.stands.lon[some], self.stands.lat[some], self.standard_m))

    def frame(self, places: Ints) -> gpd.GeoDataFrame:
        """Give the ground on foot about places as service areas."""
        import geopandas as gpd

        if self.walked is None:
            raise ValueError("there is no ground on foot by a straight line")
        shapes = self.walked[_some(places)]
        return gpd.GeoDataFrame(geometry=shapes[~shapely.is_missing(shapes)], crs=GEOGRAPHIC)

    def boxes(self, places: Ints) -> Geometries:
        """Give boxes that hold all that places reach, each thrice: a turn back, as is, a turn on.

        Boxes count longitudes as they come: what lies across the antimeridian is met by one that
        is turned.
        """
        box = self._bounds[places]
        west, south, east, north = box[np.isfinite(box[:, 0])].T
        return np.concatenate(
            [shapely.box(west + turn, south, east + turn, north) for turn in TURNS]
        )

    def near(self, shapes: Geometries) -> Ints:
        """Give the places whose box meets that of one of some geometries, in degrees."""
        west, south, east, north = shapely.bounds(shapes).T
        some = np.isfinite(west)
        west, south, east, north = (each[some] for each in (west, south, east, north))
        met = [
            self._tree.query(shapely.box(west + turn, south, east + turn, north))[1]
            for turn in TURNS
        ]
        found: Ints = self._reaching[np.unique(np.concatenate(met))]
        return found

    @cached_property
    def _reaching(self) -> Ints:
        """Places that reach anything."""
        return np.flatnonzero(np.isfinite(self._bounds[:, 0]))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        west, south, east, north = self._bounds[self._reaching].T
        return shapely.STRtree(shapely.box(west, south, east, north))

    @cached_property
    def _bounds(self) -> Floats:
        """(s, 4) west, south, east, north of what each place reaches; NaN for nothing."""
        if self.walked is not None:
            bounds: Floats = shapely.bounds(self.walked)
            return bounds
        lon, lat = self.stands.lon, self.stands.lat
        wide, high = degrees_of(self.standard_m, lat)
        return np.column_stack([lon - wide, lat - high, lon + wide, lat + high])


def _some(places: Ints) -> Ints:
    return np.unique(places[places >= 0])


def _serving(frame: gpd.GeoDataFrame) -> Floats:
    """Give longitude and latitude of each facility, (2, m); NaN where it serves nobody."""
    (lon, lat), _ = point_places(frame)
    shut = out_of_service(frame)
    return np.array([np.where(shut, np.nan, lon), np.where(shut, np.nan, lat)])


def _left_out(matched: Matched, was: Floats, shut: Mask) -> list[tuple[float, float]]:
    """Give the place of each change's facility if that change were not made; NaN for none."""
    found = []
    for nth, row in enumerate(matched.rows):
        others = [matched.changes[n] for n in matched.of_row[row] if n != nth]
        gone = matched.changes[nth].kind == "add" or any(each.kind == "close" for each in others)
        if gone or (row < len(shut) and shut[row]):
            found.append((np.nan, np.nan))
            continue
        own = (float(was[0, row]), float(was[1, row]))
        found.append([own, *(_at(each) for each in others if each.kind in _PLACING)][-1])
    return found


def _at(change: Change) -> tuple[float, float]:
    if change.lon is None or change.lat is None:
        raise ValueError(f"a change of kind {change.kind} has no place")
    return change.lon, change.lat
