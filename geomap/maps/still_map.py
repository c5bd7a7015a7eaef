"""A still map around one facility, drawn here as SVG: it needs neither scripts nor network.

It shows what the moving map shows: land, boundaries, place names, hospitals and housing, the
facility's symbol, a scale and north; and streets where the workspace has a street map of the
place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import shapely
from shapely import LineString

from geomap.maps.context import UNITS
from geomap.maps.drawing import (
    EDGE,
    LAND,
    NAME_PX,
    QUIET,
    SIZES,
    SMALL_PX,
    WATER,
    Box,
    Canvas,
    Size,
    around,
    draw_furniture,
    draw_hospital,
    draw_house,
    draw_legend,
    draw_symbol,
    finished,
    furniture,
    new_picture,
    symbol_box,
    text_width,
    turn_grey,
    writable,
    written,
)
from geomap.maps.street_picture import Streets, cut_streets, draw_street_names, draw_streets
from geomap.maps.tilemath import TILE_PX, Tile
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from geomap.maps.context import ContextIndex, ContextTile
    from geomap.maps.street_picture import Tiles

#: Tried from near to far until enough names orient.
ZOOMS = (13, 12, 11, 10)
ROUGH_ZOOMS = (11, 10)
#: Where streets are known, some ten minutes' walk around a place.
STREET_ZOOM = 15
_ENOUGH_NAMES = 5
#: Ground for each name of a place, square px: more names are a thicket.
_NAME_ROOM = 7000
_APART_PX = 10

#: Width and dashes of boundaries, the most important drawn last.
_LINES: Mapping[str, tuple[float, str]] = {
    "county": (1.2, "5 3"),
    "city": (1.6, "8 3 2 3"),
    "province": (2.2, "10 3 2 3"),
    "nation": (2.4, ""),
}
_MOST_HOSPITALS, _MOST_HOUSING = 12, 10
_COUNTY_RANK = 3
_SIDE = TILE_PX * UNITS


@dataclass(frozen=True)
class Spot:
    """What the picture is of.

    Parameters
    ----------
    lon, lat : degrees, WGS-84.
    kind, closed : choose the symbol, see :mod:`geomap.maps.symbols`.
    name : what it is called.
    rough : the place is known to the township or county only: the picture shows more around it.
    """

    lon: float
    lat: float
    kind: str
    name: str
    closed: bool = False
    rough: bool = False


def still_map(  # noqa: PLR0913 (a picture is of something, in a language, a size and a look)
    index: ContextIndex,
    spot: Spot,
    *,
    language: str,
    size: Size = SIZES["wide"],
    grey: bool = False,
    streets: Tiles | None = None,
) -> bytes:
    """Draw the map around a facility.

    Parameters
    ----------
    index : what orients.
    spot : what the picture is of; it stands in the middle.
    language : "zh" or "en", of the symbol and the words; `index` holds the names in it.
    size : of the map; the legend comes under it.
    grey : for printers: no colours, the same shapes.
    streets : gives the tiles of street maps.

    Returns
    -------
    An SVG document, UTF-8.
    """
    frame = _frame(index, spot, size, streets)
    canvas = new_picture(language, size)
    ET.SubElement(canvas.root, "title").text = writable(spot.name)
    shown = draw_ground(canvas, frame)
    canvas.taken += [symbol_box(*canvas.middle), *furniture(size)]
    shown |= draw_points(canvas, frame)
    draw_symbol(canvas, spot.kind, closed=spot.closed)
    draw_furniture(canvas, spot.lat, frame.zoom)
    height = draw_legend(canvas, shown)
    if grey:
        turn_grey(canvas.root)
    return finished(canvas, height)


@dataclass(frozen=True)
class Frame:
    """The tiles under a picture at one zoom, each with the place of its corner, px."""

    zoom: int
    tiles: tuple[tuple[ContextTile, float, float], ...]
    size: Size
    streets: Streets

    def points(self, kind: str) -> list[tuple[float, float, int, str]]:
        """List points inside the map, each once, the most important first."""
        found = {
            (round(left + x / UNITS, 1), round(top + y / UNITS, 1), rank, name)
            for tile, left, top in self.tiles
            for x, y, rank, name in _rows(tile, kind)
        }
        width, height = self.size
        inside = [each for each in found if 0 <= each[0] <= width and 0 <= each[1] <= height]
        return sorted(inside, key=self._by_rank)

    def _by_rank(self, point: tuple[float, float, int, str]) -> tuple[int, float, float, str]:
        x, y, rank, name = point
        return rank, math.hypot(x - self.size.width / 2, y - self.size.height / 2), x, name


def _rows(tile: ContextTile, kind: str) -> Iterator[tuple[int, int, int, str]]:
    for x, y, rank, name in tile["points"].get(kind, ()):
        yield int(x), int(y), int(rank), str(name)


def _frame(index: ContextIndex, spot: Spot, size: Size, streets: Tiles | None) -> Frame:
    """Take the zoom of streets where they are known, else the nearest at which enough is named."""
    if streets and not spot.rough:
        frame = frame_at(index, (spot.lon, spot.lat), STREET_ZOOM, size, streets)
        if frame.streets:
            return frame
    *nearer, farthest = ROUGH_ZOOMS if spot.rough else ZOOMS
    for zoom in nearer:
        frame = frame_at(index, (spot.lon, spot.lat), zoom, size, streets)
        names = [each for kind in ("places", "hospitals") for each in frame.points(kind) if each[3]]
        if len(names) >= _ENOUGH_NAMES:
            return frame
    return frame_at(index, (spot.lon, spot.lat), farthest, size, streets)


def frame_at(
    index: ContextIndex,
    middle: tuple[float, float],
    zoom: int,
    size: Size,
    streets: Tiles | None = None,
) -> Frame:
    """Cut what lies under a picture around a place, given in degrees."""
    tiles = tuple(_cut_tiles(index, middle, zoom, size))
    cut = cut_streets(streets, *middle, zoom, size) if streets else Streets(zoom)
    return Frame(zoom, tiles, size, cut)


def _cut_tiles(
    index: ContextIndex, middle: tuple[float, float], zoom: int, size: Size
) -> Iterator[tuple[ContextTile, float, float]]:
    """Cut the tiles of what orients."""
    x, y = (float(each) * (TILE_PX << zoom) for each in to_world(*middle))
    left, top = x - size.width / 2, y - size.height / 2
    side = 1 << zoom
    for row in range(int(top // TILE_PX), int((top + size.height) // TILE_PX) + 1):
        for column in range(int(left // TILE_PX), int((left + size.width) // TILE_PX) + 1):
            if 0 <= row < side:
                tile = index.tile(Tile(zoom, column % side, row))
                yield tile, column * TILE_PX - left, row * TILE_PX - top


def draw_ground(canvas: Canvas, frame: Frame) -> set[str]:
    """Draw land, streets, then boundaries, clipped to the map; tell which ground is seen."""
    clip = ET.SubElement(ET.SubElement(canvas.root, "defs"), "clipPath", {"id": "map"})
    whole = {"width": canvas.size.width, "height": canvas.size.height}
    ET.SubElement(clip, "rect", written(whole))
    canvas.add("rect", {**whole, "fill": WATER})
    group = canvas.add("g", {"clip-path": "url(#map)"})
    shown = set()
    for tile, left, top in frame.tiles:
        if tile["land"] is True:
            rings = [[0, 0, _SIDE, 0, _SIDE, _SIDE, 0, _SIDE]]
        else:
            rings = list(tile["land"] or [])
            shown.add("beyond")
        path = " ".join(f"{_path(_points(ring, left, top))}Z" for ring in rings)
        if path:
            shape = {"d": path, "fill": LAND, "fill-rule": "evenodd", "stroke": LAND}
            ET.SubElement(group, "path", shape)
    draw_streets(group, frame.streets)
    view = shapely.box(0, 0, *canvas.size)
    for kind, (width, dashes) in _LINES.items():
        lines = [
            _points(line, left, top)
            for tile, left, top in frame.tiles
            for line in tile["lines"].get(kind, ())
        ]
        seen = [each for each in lines if len(each) > 1 and view.intersects(LineString(each))]
        if seen:
            style = {"fill": "none", "stroke": EDGE, "stroke-width": width}
            dashed = {"stroke-dasharray": dashes} if dashes else {}
            path = " ".join(map(_path, seen))
            ET.SubElement(group, "path", written({"d": path, **style, **dashed}))
            shown.add("boundary")
    return shown


def _points(flat: list[int], left: float, top: float) -> list[tuple[float, float]]:
    """Bring a line of a tile to its place in the picture, px."""
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return [(left + x / UNITS, top + y / UNITS) for x, y in pairs]


def _path(points: list[tuple[float, float]]) -> str:
    """Write a line as SVG path data."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def draw_points(canvas: Canvas, frame: Frame) -> set[str]:
    """Draw names, hospitals and housing where there is room; tell which kinds are seen."""
    shown = set()
    draw_street_names(canvas, frame.streets)
    _draw_names(canvas, frame.points("places"))
    for kind, most, draw in (
        ("hospitals", _MOST_HOSPITALS, draw_hospital),
        ("residential", _MOST_HOUSING, draw_house),
    ):
        drawn = 0
        for x, y, _rank, name in frame.points(kind):
            box = Box(*around(x, y, 7))
            if drawn >= most or not canvas.free(box):
                continue
            canvas.taken.append(box)
            draw(canvas, x, y)
            _draw_label(canvas, x, y, name)
            shown.add(kind)
            drawn += 1
    return shown


def _draw_names(canvas: Canvas, places: Iterable[tuple[float, float, int, str]]) -> None:
    """Write the names of places over their spots where there is room, some way from each other."""
    most = canvas.size.width * canvas.size.height // _NAME_ROOM
    kept: list[Box] = []
    for x, y, rank, name in places:
        chief = rank <= _COUNTY_RANK
        size = NAME_PX if chief else SMALL_PX
        half = text_width(name, size) / 2
        box = Box(x - half, y - size / 2 - 2, x + half, y + size / 2 + 2)
        if not name or not canvas.free(box) or any(map(box.meets, kept)) or len(kept) >= most:
            continue
        canvas.taken.append(box)
        left, top, right, bottom = box
        kept.append(Box(left - _APART_PX, top - _APART_PX, right + _APART_PX, bottom + _APART_PX))
        style = {"text-anchor": "middle", "font-weight": 700 if chief else 400, "fill": QUIET}
        canvas.text(x, y + size * 0.36, name, size, **style)


def _draw_label(canvas: Canvas, x: float, y: float, name: str) -> None:
    """Write a name beside a sign, to the right or else to the left, if there is room."""
    if not name:
        return
    width = text_width(name, SMALL_PX)
    right = Box(x + 9, y - 8, x + 11 + width, y + 8)
    left = Box(x - 11 - width, y - 8, x - 9, y + 8)
    for box, anchor, start in ((right, "start", x + 11), (left, "end", x - 11)):
        if canvas.free(box):
            canvas.taken.append(box)
            canvas.text(start, y + 5, name, SMALL_PX, **{"text-anchor": anchor})
            return
