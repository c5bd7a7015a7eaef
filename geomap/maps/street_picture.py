"""Streets, water and green under a still map, from the street maps of the workspace.

They look as on the moving map (``static/js/map-streets.js``), with fewer things: no houses and no
footpaths. Lines are cut at the rim, simplified and written in half pixels, since a booklet holds
two hundred such pictures.
"""

from __future__ import annotations

import gzip
import math
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from geomap.data.basemap.kinds import LAST_ZOOM
from geomap.errors import DataError
from geomap.maps.drawing import LAND, QUIET, SMALL_PX, WATER, WHITE, Box, text_width, written
from geomap.maps.mvt_reader import Feature, read_layers
from geomap.maps.tilemath import TILE_PX
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.maps.drawing import Canvas, Size

    #: Gives a tile of the street maps by zoom, column and row, gzip-compressed; None for nothing.
    Tiles = Callable[[int, int, int], bytes | None]
    Shapes = NDArray[np.object_]

_SIDE = 4096
_LAYERS = ("ground", "green", "water", "waterways", "roads")
_AREAS: Mapping[str, str] = MappingProxyType({"ground": LAND, "green": "#D6E4CF", "water": WATER})
_WATERWAY, _RAIL = "#A9CBDA", "#A9B4B8"
_CASING, _STRONG_CASING = "#B4C0C2", "#96A4A8"
_STRONG = frozenset({"primary", "trunk", "motorway"})
Widths = tuple[tuple[int, float], ...]
#: Widths in pixels at some zooms, in between in proportion; the narrow drawn first.
ROADS: Mapping[str, Widths] = MappingProxyType(
    {
        "service": ((14, 0.8), (15, 1.8), (16, 3.2), (17, 5), (18, 8)),
        "pedestrian": ((14, 1.6), (16, 4), (18, 9)),
        "minor": ((13, 0.9), (14, 2), (15, 4), (16, 6), (17, 9), (18, 13)),
        "link": ((12, 1.2), (14, 2.6), (16, 5), (18, 10)),
        "tertiary": ((12, 1.2), (13, 2.2), (15, 5), (17, 10), (18, 14)),
        "secondary": ((11, 1.3), (13, 3), (15, 6), (17, 11), (18, 16)),
        "primary": ((9, 1.1), (11, 1.9), (13, 3.8), (15, 7.5), (17, 13), (18, 18)),
        "trunk": ((8, 1.2), (11, 2.2), (13, 4.2), (15, 8), (17, 14), (18, 20)),
        "motorway": ((7, 1.2), (9, 1.8), (11, 2.6), (13, 4.6), (15, 8.5), (17, 14), (18, 20)),
    }
)
_WATERWAYS: Mapping[str, Widths] = MappingProxyType(
    {
        "river": ((9, 1), (12, 2.2), (14, 4), (16, 8), (18, 14)),
        "canal": ((11, 0.8), (14, 2.4), (16, 5), (18, 8)),
        "stream": ((13, 0.8), (16, 1.8), (18, 3)),
    }
)
_RAILS: Widths = ((10, 0.8), (14, 1.4), (16, 2.6), (18, 4))
_SIMPLER_PX, _RIM_PX, _CASING_PX = 0.5, 8, 1.6
_LEAST_AREA_PX = 12
_MOST_NAMES = 10
#: A run along which a name can stand: hardly longer than its straight line.
_STRAIGHT = 1.012
_MOST_TILES_HELD = 64


class Line(NamedTuple):
    """Lines of one kind, cut to the picture, px."""

    kind: str
    name: str
    en: str
    shapes: Shapes


@dataclass(frozen=True)
class Streets:
    """What of the street maps is in a picture.

    Parameters
    ----------
    zoom : of the picture.
    areas : polygons by layer, px.
    lines : roads, rails and waterways.
    """

    zoom: int
    areas: Mapping[str, Shapes] = field(default_factory=dict)
    lines: Sequence[Line] = ()

    def __bool__(self) -> bool:
        """Tell whether there are any streets."""
        return any(each.kind in ROADS for each in self.lines)


def width_at(widths: Widths, zoom: float) -> float:
    """Give the width at a zoom, in proportion between those that are stated; 0 before the first.

    Examples
    --------
    >>> width_at(((14, 2), (16, 6)), 15), width_at(((14, 2), (16, 6)), 13)
    (4.0, 0.0)
    """
    if zoom < widths[0][0]:
        return 0.0
    zooms, widest = np.array(widths, dtype=float).T
    return float(np.interp(zoom, zooms, widest))


def cut_streets(tiles: Tiles, lon: float, lat: float, zoom: int, size: Size) -> Streets:
    """Cut the streets of a picture around a place out of the street maps.

    Parameters
    ----------
    tiles : gives the tiles; where one is damaged, there are no streets at all.
    lon, lat : the middle of the picture, degrees.
    zoom, size : of the picture.
    """
    at = min(zoom, LAST_ZOOM)
    side = TILE_PX << (zoom - at)
    x, y = (float(each) * (side << at) for each in to_world(lon, lat))
    left, top = x - size.width / 2, y - size.height / 2
    areas: dict[str, list[Shapes]] = {}
    lines: list[Line] = []
    try:
        for row in range(int(top // side), int((top + size.height) // side) + 1):
            for column in range(int(left // side), int((left + size.width) // side) + 1):
                layers = _read(tiles(at, column % (1 << at), row))
                move = _Move(side / _SIDE, column * side - left, row * side - top, size)
                for name in _AREAS:
                    areas.setdefault(name, []).extend(map(move.areas, layers.get(name, ())))
                lines.extend(filter(_any, map(move.line, _lines(layers))))
    except DataError:
        return Streets(zoom)
    return Streets(
        zoom, {name: np.concatenate(each) for name, each in areas.items() if each}, lines
    )


def _any(line: Line) -> bool:
    return len(line.shapes) > 0


def _lines(layers: Mapping[str, list[Feature]]) -> Iterator[Feature]:
    yield from layers.get("waterways", ())
    yield from layers.get("roads", ())


def _read(tile: bytes | None) -> Mapping[str, list[Feature]]:
    return {} if tile is None else _layers(tile)


@lru_cache(maxsize=_MOST_TILES_HELD)  # the homes of a booklet lie close together
def _layers(tile: bytes) -> Mapping[str, list[Feature]]:
    """Read a tile.

    Raises
    ------
    DataError : if it is damaged.
    """
    try:
        return read_layers(gzip.decompress(tile), _LAYERS)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"a street map is damaged ({error})") from error


@dataclass(frozen=True)
class _Move:
    """Brings what is in a tile to its place in the picture, and cuts it there."""

    scale: float
    left: float
    top: float
    size: Size

    def areas(self, feature: Feature) -> Shapes:
        cut = self._cut(shapely.make_valid(feature.parts))
        large: Shapes = cut[shapely.area(cut) >= _LEAST_AREA_PX]  # a touched rim has no area
        return large

    def line(self, feature: Feature) -> Line:
        said = feature.properties
        kind = "below" if said.get("tunnel") else str(said.get("kind", ""))
        name = str(said.get("name", ""))
        return Line(kind, name, str(said.get("en", "")) or name, self._cut(feature.parts))

    def _cut(self, shapes: Shapes) -> Shapes:
        width, height = self.size
        moved = shapely.transform(shapes, lambda xy: xy * self.scale + (self.left, self.top))
        rim = (-_RIM_PX, -_RIM_PX, width + _RIM_PX, height + _RIM_PX)
        parts = shapely.get_parts(shapely.clip_by_rect(moved, *rim))
        simple: Shapes = shapely.simplify(parts, _SIMPLER_PX)
        return simple[~shapely.is_empty(simple)]


def draw_streets(group: ET.Element, streets: Streets) -> None:
    """Draw what lies on the ground into a group of the picture, which is clipped to the map."""
    pen = ET.SubElement(group, "g", {"transform": "scale(.5)", "fill": "none"})
    pen.attrib.update({"stroke-linecap": "round", "stroke-linejoin": "round"})
    for name, colour in _AREAS.items():
        path = _areas_path(streets.areas.get(name, np.array([], dtype=object)))
        if path:
            ET.SubElement(pen, "path", {"d": path, "fill": colour})
    paths: dict[str, str] = {}
    for line in streets.lines:
        paths[line.kind] = paths.get(line.kind, "") + "".join(map(_path, line.shapes))
    zoom = streets.zoom
    for kind, widths in _WATERWAYS.items():
        _stroke(pen, paths.get(kind), _WATERWAY, width_at(widths, zoom))
    roads = [(kind, width_at(widths, zoom)) for kind, widths in ROADS.items()]
    for kind, width in roads:
        colour = _STRONG_CASING if kind in _STRONG else _CASING
        _stroke(pen, paths.get(kind), colour, width and width + _CASING_PX)
    for kind, width in roads:
        _stroke(pen, paths.get(kind), WHITE, width)
    _stroke(pen, paths.get("rail"), _RAIL, width_at(_RAILS, zoom))


def _stroke(pen: ET.Element, path: str | None, colour: str, width: float) -> None:
    """Draw lines so wide; `pen` counts in half pixels."""
    if path and width:
        own = {"d": path, "stroke": colour, "stroke-width": 2 * width}
        ET.SubElement(pen, "path", written(own))


def _areas_path(areas: Shapes) -> str:
    """Write polygons, their holes the other way round."""
    rings = shapely.get_rings(shapely.orient_polygons(areas))
    return "".join(f"{path}z" for path in map(_path, rings) if path)


def _path(line: shapely.Geometry) -> str:
    """Write a line as SVG path data in half pixels: its start, then whole steps."""
    xy = np.rint(2 * shapely.get_coordinates(line)).astype(int)
    steps = np.diff(xy, axis=0)
    steps = steps[steps.any(axis=1)]
    if not len(steps):
        return ""
    text = " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")
    return f"M{xy[0, 0]} {xy[0, 1]}l{text}"


class _Run(NamedTuple):
    """A nearly straight stretch of a road: its length and middle, px, and its turn, degrees."""

    length: float
    x: float
    y: float
    turn: float


def draw_street_names(canvas: Canvas, streets: Streets) -> None:
    """Write the names of roads along them where there is room, those of wide roads first."""
    order = list(ROADS)
    named: dict[str, tuple[int, list[shapely.Geometry]]] = {}
    for line in streets.lines:
        name = line.en if canvas.language == "en" else line.name
        if name and line.kind in ROADS and width_at(ROADS[line.kind], streets.zoom):
            rank, shapes = named.get(name, (0, []))
            named[name] = max(rank, order.index(line.kind)), [*shapes, *line.shapes]
    written_names = 0
    for name, (_rank, shapes) in sorted(named.items(), key=lambda each: (-each[1][0], each[0])):
        if written_names < _MOST_NAMES and _draw_along(canvas, name, shapes):
            written_names += 1


def _draw_along(canvas: Canvas, name: str, shapes: Sequence[shapely.Geometry]) -> bool:
    """Write a name along the longest stretch that has room; tell whether there is one."""
    wide = text_width(name, SMALL_PX)
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapes)))
    runs = (run for each in joined for run in _runs(shapely.get_coordinates(each)))
    for run in sorted((each for each in runs if each.length > wide + SMALL_PX), reverse=True):
        turn = math.radians(run.turn)
        places = np.linspace(-wide / 2, wide / 2, max(2, math.ceil(wide / SMALL_PX)))
        boxes = [
            Box(x - 8, y - 8, x + 8, y + 8)
            for x, y in zip(
                run.x + places * math.cos(turn), run.y + places * math.sin(turn), strict=True
            )
        ]
        if all(map(canvas.free, boxes)):
            canvas.taken.extend(boxes)
            turned = f"rotate({run.turn:.0f} {run.x:.1f} {run.y:.1f})"
            style = {"text-anchor": "middle", "fill": QUIET, "transform": turned}
            canvas.text(run.x, run.y + SMALL_PX * 0.36, name, SMALL_PX, **style)
            return True
    return False


def _runs(points: NDArray[np.float64]) -> Iterator[_Run]:
    """Cut a line into nearly straight stretches."""
    start, along = 0, 0.0
    for end in range(1, len(points)):
        along += math.dist(points[end - 1], points[end])
        last = end == len(points) - 1
        if last or along + math.dist(points[end], points[end + 1]) > _STRAIGHT * math.dist(
            points[start], points[end + 1]
        ):
            yield _run(points[start], points[end])
            start, along = end, 0.0


def _run(a: NDArray[np.float64], b: NDArray[np.float64]) -> _Run:
    """Measure a stretch, turned so that a name along it reads from left to right."""
    x, y = (a + b) / 2
    turn = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    upright = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn  # noqa: PLR2004
    return _Run(math.dist(a, b), float(x), float(y), upright)
