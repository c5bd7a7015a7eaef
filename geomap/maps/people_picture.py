"""A map of people for paper, drawn here as SVG: who is reached and who is not, and by what.

People are circles by number, told apart by fill and edge, so that they are in grey too.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from geomap.maps.area_frame import (
    GAP,
    MARK_PX,
    NOTHING,
    REACH,
    SMALL_MARK_PX,
    SMALL_RING_PX,
    Frame,
    Sign,
    begin,
    draw_dots,
    draw_mark,
    draw_names,
    draw_shapes,
    end,
    mark_width,
    points_of,
)
from geomap.maps.drawing import EDGE, INK, WHITE, WIDTH, Box, Canvas, metres_per_px, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.maps.area_frame import Shapes

#: How people look: as on the planners' maps on the screen.
LOOKS: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType({
    "reached": {"stroke": REACH, "stroke-width": 0.8, "fill": WHITE, "fill-opacity": 0.55},
    "before": {"stroke": EDGE, "stroke-width": 0.6, "fill": WHITE, "fill-opacity": 0.5},
    "newly": {"stroke": REACH, "stroke-width": 1.8, "fill": "#86CDFA", "fill-opacity": 0.9},
    "lost": {"stroke": INK, "stroke-width": 1.8, "fill": "#F5C82E", "fill-opacity": 0.95},
    "beyond": {"stroke": GAP, "stroke-width": 0.8, "fill": GAP, "fill-opacity": 0.5},
})  # fmt: skip
_HATCH: Final = {"fill": "url(#hatch)", "fill-opacity": 0.45, "stroke": GAP, "stroke-width": 0.8}
_RING: Final = {"fill": "none", "stroke": REACH, "stroke-width": 1.4, "stroke-dasharray": "6 4"}
#: The largest circle, the smallest that is largest, and the smallest, px.
_LARGEST_PX, _SMALL_PX, _LEAST_PX = 8.0, 3.0, 0.9
#: More facilities than this are small dots: large ones would hide the people.
_LARGE_DOTS: Final = 40
#: Looks of people whose state changes: they are few, and seen even where they are few people.
_CHANGED: Final = ("newly", "lost")
#: Circles cover this share of the ground at most.
_COVERED: Final = 0.2
#: With more marks than this, numbers would hide the map: they are small squares.
MOST_NUMBERED: Final = 60
#: A number stands beside its place, which it would hide: so far away, in eight directions.
_AWAY: Final = (22.0, 34.0, 48.0)


@dataclass(frozen=True)
class People:
    """People in one state.

    Parameters
    ----------
    look : of :data:`LOOKS`.
    words : of the legend.
    spots : (n, 3) longitude and latitude in degrees, and people; those with the most first.
    """

    look: str
    words: str
    spots: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Mark:
    """A chosen place: longitude and latitude in degrees, and its number."""

    lon: float
    lat: float
    words: str


def people_picture(  # noqa: PLR0913 (what the picture is made of)
    areas: Shapes,
    *,
    names: Sequence[str],
    people: Sequence[People],
    facilities: Shapes,
    words: Mapping[str, str],
    language: str,
    marks: Sequence[Mark] = (),
    ring_m: float | None = None,
    gaps: Shapes = NOTHING,
    most: float | None = None,
    fit: Shapes = NOTHING,
    width: int = WIDTH,
) -> bytes | None:
    """Draw who is reached and who is not, with the facilities and the places that are marked.

    Parameters
    ----------
    areas, facilities, gaps : shapes in degrees; `facilities` are points.
    names : of the areas, written where there is room.
    people : by state; later ones are drawn over earlier ones.
    words : of the picture and its legend: title, facility, area, mark, ring, gap.
    marks : numbered, unless there are more than :data:`MOST_NUMBERED`.
    ring_m : straight-line metres around each mark; left out where too small to be seen.
    most : the people of the largest circle; of those drawn where None.
    fit : what the picture is to show where no area has a shape; else all that is drawn.
    width : of the picture, px.

    Returns
    -------
    An SVG document, UTF-8; None where there is nothing to draw.
    """
    spots = [spot for each in people for spot in each.spots]
    seen = points_of([*(spot[:2] for spot in spots), *((each.lon, each.lat) for each in marks)])
    grounds = (areas, fit, seen)
    frame = next((found for each in grounds if (found := Frame.around(each, width=width))), None)
    if frame is None:
        return None
    canvas, ground = begin(frame, words["title"], language)
    draw_shapes(ground, frame, areas, {"fill": WHITE, "stroke": "none"})
    draw_shapes(ground, frame, gaps, _HATCH)
    draw_shapes(ground, frame, areas, {"fill": "none", "stroke": EDGE, "stroke-width": 0.9})
    largest = most or max((float(spot[2]) for spot in spots), default=1.0)
    radius = _radius(frame, areas, people, largest)
    drawn = [each for each in people if _circles(ground, frame, each, largest, radius)]
    signs = [Sign(each.words, LOOKS[each.look], "circle") for each in drawn]
    if draw_dots(ground, frame, facilities, large=_LARGE_DOTS):
        signs.append(Sign(words["facility"], shape="dot"))
    if ring_m is not None and _rings(ground, frame, marks, ring_m):
        signs.insert(0, Sign(words["ring"], _RING | {"fill": WHITE}))
    if tags := _tags(canvas, frame, marks):
        signs.insert(0, Sign(words["mark"], shape="mark"))
    draw_names(canvas, frame, areas, [[each] for each in names])
    _draw_marks(canvas, tags)
    if len(gaps):
        signs.append(Sign(words["gap"], _HATCH))
    if len(areas):
        signs.append(Sign(words["area"], {"fill": WHITE, "stroke": EDGE}))
    return end(canvas, frame, signs)


def _radius(frame: Frame, areas: Shapes, people: Sequence[People], most: float) -> float:
    """Choose the largest circle, px, so that all circles together leave most of the ground free."""
    ground = float(np.nansum(shapely.area(frame.place(areas)))) if len(areas) else 0.0
    ground = ground or frame.width * frame.height
    parts = [float(spot[2]) / most for each in people for spot in each.spots]
    widest = float(np.sqrt(_COVERED * ground / (np.pi * max(sum(parts), 1e-9))))
    return min(_LARGEST_PX, max(_SMALL_PX, widest))


def _circles(ground: ET.Element, frame: Frame, people: People, most: float, largest: float) -> bool:
    """Draw the people of one state; tell whether there are any."""
    if not len(people.spots):
        return False
    group = ET.SubElement(ground, "g", written(LOOKS[people.look]))
    table = np.asarray(people.spots, dtype=np.float64)
    at = shapely.get_coordinates(frame.place(points_of(table[:, :2])))
    least = _LEAST_PX if people.look not in _CHANGED else _SMALL_PX
    radii = np.maximum(least, largest * np.sqrt(table[:, 2] / most))
    for (x, y), radius in zip(at.tolist(), radii.tolist(), strict=True):
        if -radius <= x <= frame.width + radius and -radius <= y <= frame.height + radius:
            ET.SubElement(group, "circle", written({"cx": x, "cy": y, "r": radius}))
    return True


def _rings(ground: ET.Element, frame: Frame, marks: Sequence[Mark], ring_m: float) -> bool:
    """Draw a straight circle around each mark, in the scale of its place."""
    if not marks or ring_m / frame.metres_per_px < SMALL_RING_PX:
        return False
    group = ET.SubElement(ground, "g", written(_RING))
    for each, (x, y) in zip(marks, _places(frame, marks), strict=True):
        radius = ring_m / metres_per_px(each.lat, frame.side)
        ET.SubElement(group, "circle", written({"cx": x, "cy": y, "r": radius}))
    return True


def _places(frame: Frame, marks: Sequence[Mark]) -> list[tuple[float, float]]:
    at = frame.place(points_of([(each.lon, each.lat) for each in marks]))
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(at)]


@dataclass(frozen=True)
class _Tag:
    """A mark on the picture: where it is, where its number stands, and the number."""

    x: float
    y: float
    left: float
    top: float
    words: str


def _tags(canvas: Canvas, frame: Frame, marks: Sequence[Mark]) -> list[_Tag]:
    """Place the marks so that their numbers do not hide each other; take their ground."""
    tags: list[_Tag] = []
    if not marks:
        return tags
    many = len(marks) > MOST_NUMBERED
    for each, (x, y) in zip(marks, _places(frame, marks), strict=True):
        if many:
            tags.append(_Tag(x, y, x, y, ""))
            continue
        wide = mark_width(each.words)
        at = next((spot for spot in _around(x, y) if canvas.free(_box(*spot, wide))), (x, y))
        canvas.taken.append(_box(*at, wide))
        tags.append(_Tag(x, y, *at, each.words))
    return tags


def _around(x: float, y: float) -> list[tuple[float, float]]:
    """List where a number may stand: above to the right of its place first, near it first."""
    turns = np.arange(8) * np.pi / 4 - np.pi / 4
    return [
        (x + away * float(np.cos(turn)), y + away * float(np.sin(turn)))
        for away in _AWAY
        for turn in turns
    ]


def _box(x: float, y: float, wide: float) -> Box:
    return Box(x - wide / 2, y - MARK_PX / 2, x + wide / 2, y + MARK_PX / 2)


def _draw_marks(canvas: Canvas, tags: Sequence[_Tag]) -> None:
    """Draw the marks, the first over the others; one away from its place has a line to it."""
    for each in reversed(tags):
        if (each.x, each.y) != (each.left, each.top):
            line = f"M{each.x:.1f} {each.y:.1f}L{each.left:.1f} {each.top:.1f}"
            canvas.add("path", {"d": line, "stroke": INK, "stroke-width": 1.4})
            spot = {"cx": each.x, "cy": each.y, "r": SMALL_MARK_PX / 2, "fill": INK}
            canvas.add("circle", spot | {"stroke": WHITE, "stroke-width": 0.8})
        draw_mark(canvas, each.left, each.top, each.words)
