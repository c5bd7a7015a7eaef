"""A still map around one facility, drawn here as SVG: it needs neither scripts nor network.

It shows what the moving map shows without streets: land, boundaries, place names, hospitals and
housing, the facility's symbol, a scale and north.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from geomap.maps.context import UNITS
from geomap.maps.drawing import (
    EDGE,
    FONTS,
    LAND,
    LEGEND_HEIGHT,
    MAP_HEIGHT,
    NAME_PX,
    QUIET,
    SMALL_PX,
    WATER,
    WIDTH,
    Box,
    Canvas,
    around,
    draw_hospital,
    draw_house,
    draw_legend,
    draw_north,
    draw_scale,
    draw_symbol,
    furniture,
    metres_per_px,
    text_width,
    turn_grey,
    writable,
    written,
)
from geomap.maps.tilemath import TILE_PX, Tile
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geomap.maps.context import ContextIndex, ContextTile

#: Tried from near to far until enough names orient.
ZOOMS = (13, 12, 11, 10)
ROUGH_ZOOMS = (11, 10)
_ENOUGH_NAMES = 5

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


def still_map(index: ContextIndex, spot: Spot, *, language: str, grey: bool = False) -> bytes:
    """Draw the map around a facility.

    Parameters
    ----------
    index : what orients.
    spot : what the picture is of; it stands in the middle.
    language : "zh" or "en", of the symbol and the words; `index` holds the names in it.
    grey : for printers: no colours, the same shapes.

    Returns
    -------
    An SVG document of WIDTH by MAP_HEIGHT + LEGEND_HEIGHT px, UTF-8.
    """
    frame = _frame(index, spot)
    height = MAP_HEIGHT + LEGEND_HEIGHT
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": str(WIDTH),
            "height": str(height),
            "font-family": FONTS,
        },
    )
    ET.SubElement(root, "title").text = writable(spot.name)
    canvas = Canvas(root, language)
    shown = draw_ground(canvas, frame)
    canvas.taken += furniture()
    shown |= draw_points(canvas, frame)
    draw_symbol(canvas, spot.kind, closed=spot.closed)
    draw_scale(canvas, metres_per_px(spot.lat, TILE_PX << frame.zoom))
    draw_north(canvas)
    draw_legend(canvas, shown)
    if grey:
        turn_grey(root)
    picture: bytes = ET.tostring(root, encoding="utf-8")
    return picture


@dataclass(frozen=True)
class Frame:
    """The tiles under the picture at one zoom, each with the place of its corner, px."""

    zoom: int
    tiles: tuple[tuple[ContextTile, float, float], ...]

    def points(self, kind: str) -> list[tuple[float, float, int, str]]:
        """List points inside the map, each once, the most important first."""
        found = {
            (round(left + x / UNITS, 1), round(top + y / UNITS, 1), rank, name)
            for tile, left, top in self.tiles
            for x, y, rank, name in _rows(tile, kind)
        }
        inside = [each for each in found if 0 <= each[0] <= WIDTH and 0 <= each[1] <= MAP_HEIGHT]
        return sorted(inside, key=_by_rank)


def _by_rank(point: tuple[float, float, int, str]) -> tuple[int, float, float, str]:
    x, y, rank, name = point
    return rank, math.hypot(x - WIDTH / 2, y - MAP_HEIGHT / 2), x, name


def _rows(tile: ContextTile, kind: str) -> Iterator[tuple[int, int, int, str]]:
    for x, y, rank, name in tile["points"].get(kind, ()):
        yield int(x), int(y), int(rank), str(name)


def _frame(index: ContextIndex, spot: Spot) -> Frame:
    """Choose the nearest zoom at which enough names are seen, and cut its tiles."""
    zooms = ROUGH_ZOOMS if spot.rough else ZOOMS
    frame = Frame(zooms[-1], ())
    for zoom in zooms:
        frame = Frame(zoom, tuple(cut_tiles(index, spot.lon, spot.lat, zoom)))
        names = [each for kind in ("places", "hospitals") for each in frame.points(kind) if each[3]]
        if len(names) >= _ENOUGH_NAMES:
            break
    return frame


def cut_tiles(
    index: ContextIndex, lon: float, lat: float, zoom: int
) -> Iterator[tuple[ContextTile, float, float]]:
    """Cut the tiles under a picture around a place."""
    x, y = (float(each) * (TILE_PX << zoom) for each in to_world(lon, lat))
    left, top = x - WIDTH / 2, y - MAP_HEIGHT / 2
    side = 1 << zoom
    for row in range(int(top // TILE_PX), int((top + MAP_HEIGHT) // TILE_PX) + 1):
        for column in range(int(left // TILE_PX), int((left + WIDTH) // TILE_PX) + 1):
            if 0 <= row < side:
                tile = index.tile(Tile(zoom, column % side, row))
                yield tile, column * TILE_PX - left, row * TILE_PX - top


def draw_ground(canvas: Canvas, frame: Frame) -> set[str]:
    """Draw land, then boundaries, clipped to the map; tell which kinds of ground are seen."""
    clip = ET.SubElement(ET.SubElement(canvas.root, "defs"), "clipPath", {"id": "map"})
    ET.SubElement(clip, "rect", written({"width": WIDTH, "height": MAP_HEIGHT}))
    canvas.add("rect", {"width": WIDTH, "height": MAP_HEIGHT, "fill": WATER})
    group = canvas.add("g", {"clip-path": "url(#map)"})
    shown = set()
    for tile, left, top in frame.tiles:
        if tile["land"] is True:
            rings = [[0, 0, _SIDE, 0, _SIDE, _SIDE, 0, _SIDE]]
        else:
            rings = list(tile["land"] or [])
            shown.add("beyond")
        path = " ".join(f"{_path(ring, left, top)}Z" for ring in rings)
        if path:
            shape = {"d": path, "fill": LAND, "fill-rule": "evenodd", "stroke": LAND}
            ET.SubElement(group, "path", shape)
    for kind, (width, dashes) in _LINES.items():
        parts = [
            _path(line, left, top)
            for tile, left, top in frame.tiles
            for line in tile["lines"].get(kind, ())
        ]
        if parts:
            style = {"fill": "none", "stroke": EDGE, "stroke-width": width}
            dashed = {"stroke-dasharray": dashes} if dashes else {}
            ET.SubElement(group, "path", written({"d": " ".join(parts), **style, **dashed}))
            shown.add("boundary")
    return shown


def _path(flat: list[int], left: float, top: float) -> str:
    """Write a line of a tile as SVG path data."""
    spots = (
        f"{left + x / UNITS:.1f} {top + y / UNITS:.1f}"
        for x, y in zip(flat[::2], flat[1::2], strict=True)
    )
    return "M" + "L".join(spots)


def draw_points(canvas: Canvas, frame: Frame) -> set[str]:
    """Draw names, hospitals and housing where there is room; tell which kinds are seen."""
    shown = set()
    for x, y, rank, name in frame.points("places"):
        size = NAME_PX if rank <= _COUNTY_RANK else SMALL_PX
        if name:
            _draw_name(canvas, x, y, name, size, weight=700 if rank <= _COUNTY_RANK else 400)
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


def _draw_name(  # noqa: PLR0913 (where, what and how large)
    canvas: Canvas, x: float, y: float, name: str, size: int, *, weight: int
) -> None:
    """Write a place's name over its spot, if there is room."""
    half = text_width(name, size) / 2
    box = Box(x - half, y - size / 2 - 2, x + half, y + size / 2 + 2)
    if canvas.free(box):
        canvas.taken.append(box)
        style = {"text-anchor": "middle", "font-weight": weight, "fill": QUIET}
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
