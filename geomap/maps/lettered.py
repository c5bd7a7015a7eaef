"""A still map of a few homes, each with its letter, as the table beside it names them."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from geomap.maps.drawing import (
    INK,
    SIZES,
    SYMBOL_PX,
    WHITE,
    Box,
    Canvas,
    Size,
    around,
    draw_furniture,
    draw_legend,
    draw_symbol,
    finished,
    furniture,
    new_picture,
)
from geomap.maps.still_map import Spot, draw_ground, draw_points, frame_at
from geomap.maps.tilemath import TILE_PX
from geomap.model.mercator import to_degrees, to_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geomap.maps.context import ContextIndex
    from geomap.maps.street_picture import Tiles

LETTERS = "ABCD"
#: Nearer is of no use, without streets and with them; farther is the world.
_NEAREST, _NEAREST_STREETS, _FARTHEST = 14, 16, 3
#: Kept free around the homes: a symbol, its letter and some ground.
_EDGE_PX = 64
_LETTER_PX = 20
#: Symbols that must give way stand on a lattice of this width around their place.
_STEP_PX = 6
_TOLD_PX = 6
_RING_PX = 20

Place = tuple[float, float]


def lettered_map(  # noqa: PLR0913 (a picture is of something, in a language and a size)
    index: ContextIndex,
    spots: Mapping[str, Spot],
    *,
    language: str,
    searched: Place | None = None,
    size: Size = SIZES["wide"],
    streets: Tiles | None = None,
) -> bytes:
    """Draw a few homes on one map.

    Parameters
    ----------
    index : what orients.
    spots : the homes by their letters; at least one.
    language : "zh" or "en", of the symbols and the words; `index` holds the names in it.
    searched : longitude and latitude from where distances count, degrees.
    size : of the map; the legend comes under it.
    streets : gives the tiles of street maps.

    Returns
    -------
    An SVG document, UTF-8.
    """
    places = [(each.lon, each.lat) for each in spots.values()]
    worlds = [_world(lon, lat) for lon, lat in [*places, *([searched] if searched else [])]]
    middle = tuple((min(axis) + max(axis)) / 2 for axis in zip(*worlds, strict=True))
    lon, lat = (float(each) for each in to_degrees(*middle))
    zoom = fitting_zoom(worlds, size=size, nearest=_NEAREST_STREETS if streets else _NEAREST)
    frame = frame_at(index, (lon, lat), zoom, size, streets)
    if zoom > _NEAREST and not frame.streets:
        frame = frame_at(index, (lon, lat), _NEAREST, size)
    canvas = new_picture(language, size)
    shown = draw_ground(canvas, frame)
    at = [_on_picture(each, middle, frame.zoom, size) for each in worlds]
    taken = [*furniture(size), *(Box(*around(*each, _RING_PX)) for each in at[len(spots) :])]
    drawn = apart(at[: len(spots)], size=size, taken=taken)
    canvas.taken += [*taken, *(_home_box(each) for each in drawn)]
    shown |= draw_points(canvas, frame)
    for true, there in zip(at, drawn, strict=False):
        _draw_way(canvas, true, there)
    if searched:
        _draw_searched(canvas, *at[-1])
    for (letter, spot), there in zip(spots.items(), drawn, strict=True):
        _draw_home(canvas, letter, spot, there)
    draw_furniture(canvas, lat, frame.zoom)
    return finished(canvas, draw_legend(canvas, shown))


def fitting_zoom(
    worlds: Sequence[Place], *, size: Size = SIZES["wide"], nearest: int = _NEAREST
) -> int:
    """Choose the nearest zoom at which all places stand on the picture.

    Parameters
    ----------
    worlds : (n,) world coordinates, 0 to 1; n at least 1.
    size : of the map.
    nearest : the zoom of a single place.

    Examples
    --------
    >>> fitting_zoom([(0.5, 0.5)]), fitting_zoom([(0.1, 0.5), (0.9, 0.5)])
    (14, 3)
    """
    spans = [max(axis) - min(axis) for axis in zip(*worlds, strict=True)]
    fits = [
        math.floor(math.log2((free - 2 * _EDGE_PX) / (span * TILE_PX)))
        for free, span in zip(size, spans, strict=True)
        if span > 0
    ]
    return max(_FARTHEST, min([nearest, *fits]))


def apart(
    places: Sequence[Place], *, size: Size = SIZES["wide"], taken: Iterable[Box] = ()
) -> list[Place]:
    """Move symbols that would cover another one, or what is taken, to the nearest free place.

    Those that can stay do so before others move; where nothing is free, a symbol stays as well.

    Parameters
    ----------
    places : (n,) where the symbols belong, px.
    size : of the map, in which they are kept with their letters.
    taken : what they keep off.

    Examples
    --------
    >>> apart([(100.0, 100.0), (100.0, 100.0), (300.0, 100.0)])
    [(100.0, 100.0), (100.0, 172.0), (300.0, 100.0)]
    """
    boxes, found = list(taken), dict[int, Place]()
    for steps in ([(0, 0)], _lattice(size)):
        for n, place in enumerate(places):
            if n in found:
                continue
            ways = ((place[0] + x, place[1] + y) for x, y in steps)
            free = (each for each in ways if _is_free(_home_box(each), size, boxes))
            there = next(free, None)
            if there is not None:
                found[n] = there
                boxes.append(_home_box(there))
    return [found.get(n, place) for n, place in enumerate(places)]


def _is_free(box: Box, size: Size, taken: Iterable[Box]) -> bool:
    return box.inside(size) and not any(box.meets(each) for each in taken)


@cache
def _lattice(size: Size) -> list[tuple[int, int]]:
    """List steps away from a place, the nearest first: down, right, left and up of one length."""
    reach = [range(-side // _STEP_PX * _STEP_PX, side + 1, _STEP_PX) for side in size]
    steps = [(x, y) for x in reach[0] for y in reach[1]]
    return sorted(steps, key=lambda each: (math.hypot(*each), -each[1], -each[0]))


def _draw_way(canvas: Canvas, true: Place, there: Place) -> None:
    """Join a symbol to its place where it stands beside it."""
    if math.dist(true, there) <= _TOLD_PX:
        return
    way = f"M{true[0]:.1f} {true[1]:.1f}L{there[0]:.1f} {there[1]:.1f}"
    for colour, width in ((WHITE, 5), (INK, 2)):
        canvas.add("path", {"d": way, "stroke": colour, "stroke-width": width})
    spot = {"cx": true[0], "cy": true[1], "r": 5, "fill": INK, "stroke": WHITE}
    canvas.add("circle", {**spot, "stroke-width": 2})


def _draw_home(canvas: Canvas, letter: str, spot: Spot, there: Place) -> None:
    """Draw a home's symbol and letter."""
    x, y = there
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


def _on_picture(world: Place, middle: Sequence[float], zoom: int, size: Size) -> Place:
    """Tell where a place stands on the picture, px."""
    side = TILE_PX << zoom
    x, y = (
        (own - other) * side + whole / 2
        for own, other, whole in zip(world, middle, size, strict=True)
    )
    return x, y


def _world(lon: float, lat: float) -> Place:
    x, y = to_world(lon, lat)
    return float(x), float(y)
