"""A still map of a few homes, each with its letter, as the table beside it names them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from geomap.maps.drawing import (
    FONTS,
    INK,
    LEGEND_HEIGHT,
    MAP_HEIGHT,
    SYMBOL_PX,
    WHITE,
    WIDTH,
    Box,
    Canvas,
    around,
    draw_legend,
    draw_north,
    draw_scale,
    draw_symbol,
    furniture,
    metres_per_px,
)
from geomap.maps.still_map import Frame, Spot, cut_tiles, draw_ground, draw_points
from geomap.maps.tilemath import TILE_PX
from geomap.model.mercator import to_degrees, to_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geomap.maps.context import ContextIndex

LETTERS = "ABCD"
#: Nearer is of no use without streets; farther is the world.
_NEAREST, _FARTHEST = 14, 3
#: Kept free around the homes: a symbol, its letter and some ground.
_EDGE_PX = 64
_LETTER_PX = 20
_STEP_PX = SYMBOL_PX + 18
_TOLD_PX = 6
_RING_PX = 20

Place = tuple[float, float]


def lettered_map(
    index: ContextIndex,
    spots: Mapping[str, Spot],
    *,
    language: str,
    searched: Place | None = None,
) -> bytes:
    """Draw a few homes on one map.

    Parameters
    ----------
    index : what orients.
    spots : the homes by their letters; at least one.
    language : "zh" or "en", of the symbols and the words; `index` holds the names in it.
    searched : longitude and latitude from where distances count, degrees.

    Returns
    -------
    An SVG document of WIDTH by MAP_HEIGHT + LEGEND_HEIGHT px, UTF-8.
    """
    places = [(each.lon, each.lat) for each in spots.values()]
    worlds = [_world(lon, lat) for lon, lat in [*places, *([searched] if searched else [])]]
    middle = tuple((min(axis) + max(axis)) / 2 for axis in zip(*worlds, strict=True))
    zoom = fitting_zoom(worlds)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {MAP_HEIGHT + LEGEND_HEIGHT}",
            "font-family": FONTS,
        },
    )
    canvas = Canvas(root, language)
    lon, lat = (float(each) for each in to_degrees(*middle))
    frame = Frame(zoom, tuple(cut_tiles(index, lon, lat, zoom)))
    shown = draw_ground(canvas, frame)
    at = [_on_picture(each, middle, zoom) for each in worlds]
    drawn = apart(at[: len(spots)])
    canvas.taken += [*furniture()[1:], *(_home_box(each) for each in drawn)]
    canvas.taken += [Box(*around(*each, _RING_PX)) for each in at[len(spots) :]]
    shown |= draw_points(canvas, frame)
    if searched:
        _draw_searched(canvas, *at[-1])
    for (letter, spot), true, there in zip(spots.items(), at, drawn, strict=False):
        _draw_home(canvas, letter, spot, true, there)
    draw_scale(canvas, metres_per_px(lat, TILE_PX << zoom))
    draw_north(canvas)
    draw_legend(canvas, shown)
    picture: bytes = ET.tostring(root, encoding="utf-8")
    return picture


def fitting_zoom(worlds: Sequence[Place]) -> int:
    """Choose the nearest zoom at which all places stand on the picture.

    Parameters
    ----------
    worlds : (n,) world coordinates, 0 to 1; n at least 1.

    Examples
    --------
    >>> fitting_zoom([(0.5, 0.5)]), fitting_zoom([(0.1, 0.5), (0.9, 0.5)])
    (14, 3)
    """
    room = WIDTH - 2 * _EDGE_PX, MAP_HEIGHT - 2 * _EDGE_PX
    spans = [max(axis) - min(axis) for axis in zip(*worlds, strict=True)]
    fits = [
        math.floor(math.log2(free / (span * TILE_PX)))
        for free, span in zip(room, spans, strict=True)
        if span > 0
    ]
    return max(_FARTHEST, min([_NEAREST, *fits]))


def apart(places: Iterable[Place]) -> list[Place]:
    """Move symbols that would cover another one aside, to the middle; the first ones stay.

    Examples
    --------
    >>> apart([(100.0, 100.0), (100.0, 100.0), (300.0, 100.0)])
    [(100.0, 100.0), (166.0, 100.0), (300.0, 100.0)]
    """
    found: list[Place] = []
    for x, y in places:
        there, step = x, -_STEP_PX if x > WIDTH / 2 else _STEP_PX
        while any(abs(there - a) < _STEP_PX and abs(y - b) < _STEP_PX for a, b in found):
            there += step
        found.append((there, y))
    return found


def _draw_home(canvas: Canvas, letter: str, spot: Spot, true: Place, there: Place) -> None:
    """Draw a home's symbol and letter, joined to its place where they stand beside it."""
    (x, y), away = there, math.dist(true, there)
    if away > _TOLD_PX:
        line = {"d": f"M{true[0]:.1f} {true[1]:.1f}L{x:.1f} {y:.1f}", "stroke": INK}
        canvas.add("path", {**line, "stroke-width": 2})
        canvas.add("circle", {"cx": true[0], "cy": true[1], "r": 4, "fill": INK})
    draw_symbol(canvas, spot.kind, closed=spot.closed, at=there)
    disc = {"cx": x + SYMBOL_PX / 2, "cy": y - SYMBOL_PX / 2, "r": 14}
    canvas.add("circle", {**disc, "fill": WHITE, "stroke": INK, "stroke-width": 2})
    middle = {"text-anchor": "middle", "font-weight": 700}
    canvas.text(x + SYMBOL_PX / 2, y - SYMBOL_PX / 2 + 7, letter, _LETTER_PX, **middle)


def _draw_searched(canvas: Canvas, x: float, y: float) -> None:
    """Draw the ring, cross-hair and dot of the place that was searched."""
    for colour, width in ((WHITE, 6), (INK, 2.5)):
        ring = {"cx": x, "cy": y, "r": 11, "fill": "none", "stroke": colour}
        canvas.add("circle", {**ring, "stroke-width": width})
        hairs = f"M{x - 18:.1f} {y:.1f}h8m20 0h8M{x:.1f} {y - 18:.1f}v8m0 20v8"
        canvas.add("path", {"d": hairs, "stroke": colour, "stroke-width": width})
    canvas.add("circle", {"cx": x, "cy": y, "r": 3, "fill": INK})


def _home_box(place: Place) -> Box:
    """Give the ground that a symbol and its letter take."""
    left, top, right, bottom = around(*place, SYMBOL_PX / 2 + 4)
    return Box(left, top - 12, right + 12, bottom)


def _on_picture(world: Place, middle: Sequence[float], zoom: int) -> Place:
    """Tell where a place stands on the picture, px."""
    side = TILE_PX << zoom
    x, y = (
        (own - other) * side + half
        for own, other, half in zip(world, middle, (WIDTH / 2, MAP_HEIGHT / 2), strict=True)
    )
    return x, y


def _world(lon: float, lat: float) -> Place:
    x, y = to_world(lon, lat)
    return float(x), float(y)
