"""Pictures of a view of the map, drawn here as SVG: for links that are shared, and for posters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from geomap.maps.clusters import disc_px
from geomap.maps.drawing import (
    INK,
    LAND,
    QUIET,
    SYMBOL_PX,
    WHITE,
    Box,
    Size,
    around,
    draw_furniture,
    draw_legend,
    draw_symbol,
    finished,
    furniture,
    new_picture,
    text_width,
    writable,
)
from geomap.maps.still_map import draw_ground, draw_points, frame_at
from geomap.maps.tilemath import TILE_PX, Tile
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geomap.maps.clusters import Cluster
    from geomap.maps.context import ContextIndex
    from geomap.maps.drawing import Canvas
    from geomap.maps.still_map import Frame
    from geomap.maps.street_picture import Tiles

#: What a link's picture is drawn in: half of the pixels that it is shown in, 1200 × 630.
SHARE = Size(600, 315)
_PANEL_PX, _EDGE_PX = 250, 18
#: The part of it that is map.
SHARE_MAP: Final = Size(SHARE.width - _PANEL_PX, SHARE.height)
_TITLE_PX, _LINE_PX, _NUMBER_PX = 25, 15, 17
_MOST_TITLE, _MOST_LINES = 4, 4
_DEEPEST, _WIDEST = 15, 3
_RIM = 0.12
_WORD = re.compile(r"[\x21-\u2e7f]+\s*|.", re.DOTALL)


@dataclass(frozen=True)
class View:
    """What of the world is seen: the middle, degrees, and the zoom."""

    lon: float
    lat: float
    zoom: int


@dataclass(frozen=True)
class Facilities:
    """The facilities to draw.

    Parameters
    ----------
    tile : groups those of a tile.
    symbol : gives the type of the facility at a position, and whether it is drawn hollow.
    """

    tile: Callable[[Tile], Sequence[Cluster]]
    symbol: Callable[[int], tuple[str, bool]]


def view_of(bounds: Sequence[Sequence[float]], size: Size) -> View:
    """Choose the deepest view in which bounds, south-west and north-east in degrees, fit.

    Examples
    --------
    >>> view_of([[31.0, 121.0], [31.4, 121.8]], Size(600, 400))
    View(lon=121.4, lat=31.2, zoom=9)
    """
    (south, west), (north, east) = bounds
    (left, right), (bottom, top) = (
        each.tolist() for each in to_world([west, east], [south, north])
    )
    zoom = _WIDEST
    for deeper in range(_WIDEST, _DEEPEST + 1):
        side = (TILE_PX << deeper) * (1 + _RIM)
        if (right - left) * side <= size.width and (bottom - top) * side <= size.height:
            zoom = deeper
    return View(round((west + east) / 2, 6), round((south + north) / 2, 6), zoom)


def view_picture(  # noqa: PLR0913 (a picture is of something, in a language and a size)
    index: ContextIndex,
    view: View,
    facilities: Facilities,
    *,
    title: str,
    language: str,
    size: Size,
    streets: Tiles | None = None,
) -> bytes:
    """Draw a view with its legend: an SVG document, UTF-8."""
    canvas, shown = _drawn(index, view, facilities, language=language, size=size, streets=streets)
    ET.SubElement(canvas.root, "title").text = writable(title)
    return finished(canvas, draw_legend(canvas, shown))


def share_picture(  # noqa: PLR0913 (a picture is of something, in a language)
    index: ContextIndex,
    view: View | None,
    facilities: Facilities,
    *,
    title: str,
    lines: Sequence[str],
    site: str,
    language: str,
    streets: Tiles | None = None,
) -> bytes:
    """Draw the picture of a link: the map, and beside it what the page is of.

    Parameters
    ----------
    index : what orients.
    view : of the map; None where the place is not known.
    facilities : what stands there.
    title, lines : of the page; what is too long is cut.
    site : what the site is called.

    Returns
    -------
    An SVG document of the size `SHARE`, UTF-8.
    """
    canvas = new_picture(language, SHARE)
    canvas.add("rect", {"width": SHARE.width, "height": SHARE.height, "fill": WHITE})
    if view is not None:
        size = SHARE_MAP
        map_, _shown = _drawn(
            index, view, facilities, language=language, size=size, streets=streets
        )
        place = {"x": _PANEL_PX, "y": 0, "width": size.width, "height": size.height}
        frame = canvas.add("svg", {**place, "viewBox": f"0 0 {size.width} {size.height}"})
        frame.extend(list(map_.root))
    wide = (_PANEL_PX if view else SHARE.width) - 2 * _EDGE_PX
    _write_panel(canvas, title, lines, site, wide)
    return finished(canvas, SHARE.height)


def _write_panel(canvas: Canvas, title: str, lines: Sequence[str], site: str, wide: float) -> None:
    """Write what the page is of, and whose it is."""
    canvas.add("rect", {"width": 8, "height": SHARE.height, "fill": "#0B5563"})
    y = 54.0
    for each in fitted(title, _TITLE_PX, wide, most=_MOST_TITLE):
        canvas.text(_EDGE_PX + 4, y, each, _TITLE_PX, **{"font-weight": 700})
        y += _TITLE_PX * 1.35
    written = [part for each in lines for part in fitted(each, _LINE_PX, wide, most=2)]
    for part in written[:_MOST_LINES]:
        canvas.text(_EDGE_PX + 4, y + 4, part, _LINE_PX, fill=QUIET)
        y += _LINE_PX * 1.6
    canvas.text(
        _EDGE_PX + 4, SHARE.height - 22, site, _LINE_PX, **{"font-weight": 700, "fill": "#0B5563"}
    )


def fitted(text: str, size: int, width: float, *, most: int) -> list[str]:
    """Break a text into lines that fit, at most so many; the last ends in … where it is cut.

    Examples
    --------
    >>> fitted("江宁路颐养院 Home", 10, 40, most=3)
    ['江宁路颐', '养院', 'Home']
    >>> fitted("Zhonghuarenmin", 10, 40, most=3)
    ['Zhongh', 'uarenm', 'in']
    >>> fitted("江宁路颐养院", 10, 40, most=1)
    ['江宁路…']
    """
    found = [""]
    for word in _unbroken(text.strip(), size, width):
        if found[-1] and text_width(found[-1] + word.rstrip(), size) > width:
            found.append("")
        found[-1] += word if found[-1] else word.lstrip()
    if len(found) > most:
        last = found[most - 1]
        while last and text_width(last, size) + size > width:
            last = last[:-1]
        found = [*found[: most - 1], f"{last.rstrip()}…"]
    return [each.strip() for each in found if each.strip()]


def _unbroken(text: str, size: int, width: float) -> Iterator[str]:
    """Give what lines are made of: words, and the single signs of a word that no line holds."""
    for word in _WORD.findall(text):
        if text_width(word.rstrip(), size) <= width:
            yield word
        else:
            yield from word


def _drawn(  # noqa: PLR0913 (as above)
    index: ContextIndex,
    view: View,
    facilities: Facilities,
    *,
    language: str,
    size: Size,
    streets: Tiles | None,
) -> tuple[Canvas, set[str]]:
    """Draw a map; tell what a legend may name."""
    frame = frame_at(index, (view.lon, view.lat), view.zoom, size, streets)
    canvas = new_picture(language, size)
    shown = draw_known_ground(canvas, frame)
    placed = list(_placed(view, facilities, size))
    canvas.taken += [Box(*around(x, y, SYMBOL_PX / 2 + 2)) for x, y, _ in placed]
    canvas.taken += furniture(size)
    shown |= draw_points(canvas, frame)
    for x, y, each in placed:
        if each.count == 1:
            kind, closed = facilities.symbol(each.rows[0])
            draw_symbol(canvas, kind, closed=closed, at=(x, y))
        else:
            draw_disc(canvas, x, y, each.count)
    draw_furniture(canvas, view.lat, view.zoom)
    return canvas, shown


def draw_known_ground(canvas: Canvas, frame: Frame) -> set[str]:
    """Draw the ground as :func:`draw_ground` does; as land where it is not known what is sea."""
    shown = draw_ground(canvas, frame)
    ground = canvas.root.find("rect")
    if ground is not None and not any(tile["land"] for tile, _, _ in frame.tiles):
        ground.set("fill", LAND)  # of whole countries no land is kept
        shown.discard("beyond")
    return shown


def draw_disc(canvas: Canvas, x: float, y: float, count: int) -> None:
    """Draw a group of facilities: a disc with their number."""
    ring = {"cx": x, "cy": y, "r": disc_px(count) / 2 - 2, "fill": WHITE, "stroke": INK}
    canvas.add("circle", {**ring, "stroke-width": 3})
    style = {"text-anchor": "middle", "font-weight": 700}
    canvas.text(x, y + _NUMBER_PX * 0.36, short(count), _NUMBER_PX, **style)


def short(count: int) -> str:
    """Write a number below a million with no more than four signs, cut and never rounded up.

    Examples
    --------
    >>> short(999), short(1_240), short(9_999), short(40_000), short(399_999)
    ('999', '1.2k', '9.9k', '40k', '399k')
    """
    thousand, hundred = 1_000, 100
    if count < thousand:
        return str(count)
    return f"{count // hundred / 10}k" if count < 10 * thousand else f"{count // thousand}k"


def signs_in(view: View, facilities: Facilities, size: Size) -> tuple[set[str], bool]:
    """Name the types whose symbol stands in a view, and tell whether there are discs."""
    groups = [each for _x, _y, each in _placed(view, facilities, size)]
    kinds = {facilities.symbol(each.rows[0])[0] for each in groups if each.count == 1}
    return kinds, any(each.count > 1 for each in groups)


def _placed(
    view: View, facilities: Facilities, size: Size
) -> Iterator[tuple[float, float, Cluster]]:
    """Give the groups that stand in a view, with their places in px."""
    side = TILE_PX << view.zoom
    x, y = (float(each) * side for each in to_world(view.lon, view.lat))
    left, top = x - size.width / 2, y - size.height / 2
    columns = range(int(left // TILE_PX), int((left + size.width) // TILE_PX) + 1)
    lines = range(int(top // TILE_PX), int((top + size.height) // TILE_PX) + 1)
    most = 1 << view.zoom
    for tile in (Tile(view.zoom, c, r) for r in lines for c in columns if 0 <= r < most > c >= 0):
        for each in facilities.tile(tile):
            at_x, at_y = (float(value) * side for value in to_world(each.lon, each.lat))
            if left <= at_x <= left + size.width and top <= at_y <= top + size.height:
                yield at_x - left, at_y - top, each
