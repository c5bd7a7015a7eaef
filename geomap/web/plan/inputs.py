"""What the planner works on: areas, demand, facilities and streets of what is published."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomap.data.network_files import load_network, network_files
from geomap.data.published import bundled, read_published
from geomap.data.standards import read_packs
from geomap.errors import NotFoundError
from geomap.model.crs import GEOGRAPHIC
from geomap.model.facility import FACILITIES
from geomap.plan.review import WEIGHTS
from geomap.plan.scope import scope_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.data.layers import Layer
    from geomap.data.published import Published
    from geomap.model.network import Network
    from geomap.model.standards import RulePack
    from geomap.plan.scope import Scope
    from geomap.web.plan.ask import Ask

    Floats = NDArray[np.float64]

#: Without areas of its own, a workspace is reported by the counties that ship.
_SHIPPED_LEVEL: Final = "county"
#: The id of the one area that stands for the ground around the demand, and how far that ground
#: reaches beyond what has no extent of its own, degrees.
GROUND: Final = "ground"
_AROUND: Final = 0.01


@dataclass(frozen=True, eq=False)
class PlanInputs:
    """One published state, as the planner needs it; frames are read when first used.

    Parameters
    ----------
    published : the layers.
    folder : the workspace; None for the layers that ship.
    facilities : the facility frame, if it is in memory already.
    """

    published: Published
    folder: Path | None
    held: gpd.GeoDataFrame | None = None

    @cached_property
    def facilities(self) -> gpd.GeoDataFrame:
        """(m,) facility frame."""
        if self.held is not None:
            return self.held
        if "facilities" in self.published.layers:
            return self.published.read("facilities")
        return FACILITIES.empty()

    @cached_property
    def demand(self) -> gpd.GeoDataFrame | None:
        """(n,) demand frame; None where none was imported."""
        return self.published.read("demand") if "demand" in self.published.layers else None

    @property
    def has_areas(self) -> bool:
        """Whether the workspace brought areas of its own."""
        return "areas" in self.published.layers

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """Area frame: the workspace's own, else the counties that ship where anything is.

        Where nothing lies in any of these, it is one area without a name: the ground around the
        demand, or around the facilities where there is no demand.
        """
        from geomap.data.divisions import read_areas

        if self.has_areas:
            return self.published.read("areas")
        counties = read_areas(_SHIPPED_LEVEL)
        there = counties[_touched(counties, [self.facilities, self.demand])]
        return there if len(there) else _ground_around([self.demand, self.facilities])

    @cached_property
    def has_one_ground(self) -> bool:
        """Whether the only area is the ground around the demand."""
        return not self.has_areas and self.areas["id"].tolist() == [GROUND]

    @cached_property
    def candidates(self) -> gpd.GeoDataFrame | None:
        """(c,) candidate sites; None where none were imported."""
        return self.published.read("candidates") if "candidates" in self.published.layers else None

    @cached_property
    def exclusions(self) -> gpd.GeoDataFrame | None:
        """(x,) ground on which nothing may be built; None where none was imported."""
        return self.published.read("exclusions") if "exclusions" in self.published.layers else None

    @cached_property
    def packs(self) -> Mapping[str, RulePack]:
        """The rule packs that ship."""
        return read_packs()

    @property
    def has_network(self) -> bool:
        """Whether streets to walk were imported."""
        return self.folder is not None and bool(network_files(self.folder))

    @cached_property
    def network(self) -> Network:
        """The walking network.

        Raises
        ------
        NotFoundError : if none was imported.
        """
        if self.folder is None:
            raise NotFoundError("the layers that ship have no walking network: import one")
        return load_network(self.folder)

    @cached_property
    def weights(self) -> tuple[str, ...]:
        """Which counts of people the data know, in the order in which one is taken."""
        frames = [each for each in (self.demand, self.areas) if each is not None]
        for frame in frames:
            known = [w for w in WEIGHTS if w in frame and frame[w].notna().any()]
            if known:
                return tuple(known)
        return ()

    def scope(self, ask: Ask) -> Scope:
        """Choose the areas of a question.

        Raises
        ------
        NotFoundError : if there are none.
        """
        from geomap.data.divisions import read_areas

        areas = self.areas
        if areas.empty and not ask.area:
            raise NotFoundError(
                "nothing is here yet: import facilities, demand or areas",
                zh="这里还没有数据：请先导入机构、需求点或行政区",
            )
        if ask.area.isdigit() and not self.has_areas:
            areas = read_areas(_SHIPPED_LEVEL)
        return scope_of(areas, area=ask.area or None, level=ask.level or None)

    def layer(self, name: str) -> Layer | None:
        """Give what a layer says of itself; None where there is none."""
        return self.published.layers.get(name)


def inputs_of(folder: Path | None, held: gpd.GeoDataFrame | None = None) -> PlanInputs:
    """Find what is published in a workspace, or what ships.

    Raises
    ------
    DataError, NotFoundError : if nothing is, or it cannot be read.
    """
    return PlanInputs(bundled() if folder is None else read_published(folder), folder, held)


def _touched(counties: gpd.GeoDataFrame, frames: list[gpd.GeoDataFrame | None]) -> Any:  # noqa: ANN401 (a mask)
    """Mark the counties in which any row of some frames lies, by a point inside."""
    marked = np.zeros(len(counties), dtype=bool)
    polygons = counties.geometry.to_numpy()
    for each in frames:
        if each is not None and len(each):
            marked[~marked] = _hold_any(polygons[~marked], *spots_of(each))
    return marked


def _hold_any(polygons: NDArray[np.object_], x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Mark the polygons in which any of some points lies: the first found in each is enough.

    Points as shapes would take twenty times the room and the time of their numbers.
    """
    import shapely

    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    boxes = shapely.bounds(polygons)
    first = np.searchsorted(x, boxes[:, 0])
    last = np.searchsorted(x, boxes[:, 2], side="right")
    marked = np.zeros(len(polygons), dtype=bool)
    for row, polygon in enumerate(polygons):
        own = slice(first[row], last[row])
        near = (y[own] >= boxes[row, 1]) & (y[own] <= boxes[row, 3])
        shapely.prepare(polygon)
        marked[row] = shapely.contains_xy(polygon, x[own][near], y[own][near]).any()
        shapely.destroy_prepared(polygon)
    return marked


def spots_of(frame: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Give the longitudes and latitudes of the rows that have a place: of points, or inside."""
    import shapely

    from geomap.model.point_array import PointArray

    if isinstance(points := frame.geometry.array, PointArray):
        there = ~points.isna()
        return points.lon[there], points.lat[there]
    shapes = frame.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    x, y = shapely.get_coordinates(shapely.point_on_surface(shapes)).T
    return x, y


def _ground_around(frames: list[gpd.GeoDataFrame | None]) -> gpd.GeoDataFrame:
    """Make one area of the convex ground around the first frame that has places; none without."""
    import geopandas as gpd
    import shapely

    from geomap.model.area import AREAS

    for each in frames:
        if each is None:
            continue
        spots = shapely.get_coordinates(each.geometry.to_numpy())
        if len(spots):
            hull = shapely.MultiPoint(spots).convex_hull
            ground = hull if hull.geom_type == "Polygon" else hull.buffer(_AROUND)
            row = {"id": [GROUND], "name": [""], "geometry": [ground]}
            return AREAS.conform(gpd.GeoDataFrame(row, crs=GEOGRAPHIC))
    return AREAS.empty()
