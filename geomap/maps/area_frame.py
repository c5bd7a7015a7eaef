"""The frame of a map of areas for paper: where it stands, its ground, names, dots and legend.

The maps need neither scripts nor network, and say the same in grey: gaps are hatched, circles are
dashed, classes go from light to dark, and what is unknown has a hatch of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import numpy as np
import shapely
from shapely.ops import polylabel

from geomap.maps.drawing import (
    FONTS,
    INK,
    LAND,
    QUIET,
    SCALE_PX,
    SMALL_PX,
    WHITE,
    WIDTH,
    WORD_PX,
    Box,
    Canvas,
    Size,
    draw_north,
    draw_scale,
    finished,
    metres_per_px,
    text_width,
    writable,
    written,
)
from geomap.model.mercator import to_degrees, to_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]

#: Colours of UX: gap, straight circle or walking reach, no data.
GAP, REACH, REACH_FILL, NO_DATA = "#7A1350", "#0B5C80", "#2A7FB0", "#74808A"
_LEAST_HEIGHT, _MOST_HEIGHT, _MARGIN = 300, 560, 14
#: Finer than what is seen, px; parts smaller than a fraction of a square px are left out.
_DETAIL, _SPECK = 0.35, 0.3
_ROW, _SWATCH = 26, 34
_MOST_DOTS = 6_000
#: Facilities are large dots where they are no more than this.
LARGE_DOTS = 300
_NAME_SPILL = 1.15
_DEEP_PX = 4.0
#: A numbered mark, and one without a number.
MARK_PX, SMALL_MARK_PX = 20.0, 7.0
#: Circles of a smaller radius on the picture are too small for dashes, px.
SMALL_RING_PX = 5.0


#: No shapes at all.
NOTHING: Final = np.empty(0, dtype=object)


@dataclass(frozen=True)
class Sign:
    """One line of a legend: how it is drawn, and its words.

    Parameters
    ----------
    shape : box, circle, dot, or mark, a numbered square.
    """

    words: str
    style: Mapping[str, object] = field(default_factory=dict)
    shape: str = "box"


@dataclass(frozen=True)
class Frame:
    """Where the world stands on a picture: its corner, px for the world's side, and its size."""

    left: float
    top: float
    side: float
    height: float
    width: int = WIDTH

    @classmethod
    def around(cls, shapes: Shapes, *, width: int = WIDTH) -> Frame | None:
        """Fit shapes in degrees; None where there is nothing to draw."""
        drawn = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
        if not len(drawn):
            return None
        west, south, east, north = shapely.total_bounds(drawn)
        (left, right), (bottom, top) = (
            [float(each) for each in axis] for axis in to_world([west, east], [south, north])
        )
        wide, high = max(right - left, 1e-7), max(bottom - top, 1e-7)
        room = width - 2 * _MARGIN
        side = min(room / wide, (_MOST_HEIGHT - 2 * _MARGIN) / high)
        height = max(_LEAST_HEIGHT, high * side + 2 * _MARGIN)
        middle = (left + right) / 2, (top + bottom) / 2
        left, top = middle[0] - width / 2 / side, middle[1] - height / 2 / side
        return cls(left, top, side, height, width)

    def place(self, shapes: Shapes) -> Shapes:
        """Put shapes on the picture, no finer than can be seen."""

        def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
            x, y = to_world(degrees[:, 0], degrees[:, 1])
            return np.column_stack([(x - self.left) * self.side, (y - self.top) * self.side])

        placed = shapely.transform(shapes, project)
        simple: Shapes = shapely.simplify(placed, _DETAIL, preserve_topology=True)
        return simple

    @property
    def metres_per_px(self) -> float:
        """The scale in the middle of the picture."""
        _lon, lat = to_degrees(0.5, self.top + self.height / 2 / self.side)
        return metres_per_px(float(lat), self.side)


def points_of(places: npt.ArrayLike) -> Shapes:
    """Make points of (n, 2) longitudes and latitudes; none of none."""
    table = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    made: Shapes = np.asarray(shapely.points(table[:, 0], table[:, 1]), dtype=object)
    return made


def begin(frame: Frame, title: str, language: str) -> tuple[Canvas, ET.Element]:
    """Begin a picture: its size is set at the end, when the legend's height is known."""
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONTS})
    ET.SubElement(root, "title").text = writable(title)
    defs = ET.SubElement(root, "defs")
    for name, colour in (("hatch", GAP), ("unknown", NO_DATA)):
        box = {"id": name, "width": 8, "height": 8, "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(defs, "pattern", written(box))
        if name == "unknown":
            ET.SubElement(pattern, "rect", written({"width": 8, "height": 8, "fill": WHITE}))
        line = {"d": "M-2 2L2 -2M0 8L8 0M6 10L10 6", "stroke": colour, "stroke-width": 1.4}
        ET.SubElement(pattern, "path", written(line))
    clip = ET.SubElement(defs, "clipPath", {"id": "map"})
    ET.SubElement(clip, "rect", written({"width": frame.width, "height": frame.height}))
    canvas = Canvas(root, language, size=Size(frame.width, int(frame.height)))
    canvas.taken += [Box(0, 0, SCALE_PX + 24, 40), Box(frame.width - 40, 0, frame.width, 64)]
    canvas.add("rect", {"width": frame.width, "height": frame.height, "fill": LAND})
    return canvas, canvas.add("g", {"clip-path": "url(#map)"})


def draw_shapes(
    ground: ET.Element, frame: Frame, shapes: Shapes, style: Mapping[str, object]
) -> None:
    """Draw polygons as one path."""
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    path = "".join(map(_path, shapely.get_parts(frame.place(there)))) if len(there) else ""
    if path:
        own = {"d": path, "fill-rule": "evenodd", "stroke-linejoin": "round"}
        ET.SubElement(ground, "path", written(own | dict(style)))


def _path(shape: shapely.Geometry) -> str:
    """Write a polygon as path data; a speck, or what is no polygon, is nothing."""
    if not isinstance(shape, shapely.Polygon) or shape.area < _SPECK:
        return ""
    rings = [shape.exterior, *(each for each in shape.interiors if shapely.Polygon(each).area > 1)]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z"
        for ring in rings
    )


def draw_dots(
    ground: ET.Element, frame: Frame, facilities: Shapes, *, large: int = LARGE_DOTS
) -> bool:
    """Draw facilities as dots, the smaller the more there are; tell whether any is seen."""
    there = facilities[~(shapely.is_missing(facilities) | shapely.is_empty(facilities))]
    spots = shapely.get_coordinates(frame.place(there))
    seen = (spots >= 0).all(axis=1) & (spots <= (frame.width, frame.height)).all(axis=1)
    spots = np.unique(spots[seen].round(1), axis=0)
    if not len(spots) or len(spots) > _MOST_DOTS:
        return False
    radius, rim = (3.6, 1.0) if len(spots) <= large else (1.6, 0.4)
    group = ET.SubElement(ground, "g", written({"fill": INK, "stroke": WHITE, "stroke-width": rim}))
    for x, y in spots.tolist():
        ET.SubElement(group, "circle", written({"cx": x, "cy": y, "r": radius}))
    return True


def draw_names(
    canvas: Canvas, frame: Frame, areas: Shapes, labels: Sequence[Sequence[str]]
) -> None:  # fmt: skip
    """Write lines of words in the areas that are wide enough, the largest first."""
    placed = frame.place(areas)
    for number in np.argsort(-np.nan_to_num(shapely.area(placed)), kind="stable").tolist():
        shape, lines = placed[number], [each for each in labels[number] if each]
        if shape is None or shape.is_empty or not lines:
            continue
        middle = _middle(shape)
        half = max(text_width(each, SMALL_PX) for each in lines) / 2
        high = len(lines) * (SMALL_PX + 2) / 2
        west, _north, east, _south = shape.bounds
        box = Box(middle.x - half, middle.y - high, middle.x + half, middle.y + high)
        fits = 2 * half <= (east - west) * _NAME_SPILL and box.left > 0 and box.right < frame.width
        if not fits or any(box.meets(each) for each in canvas.taken):
            continue
        canvas.taken.append(box)
        for place, words in enumerate(lines):
            y = box.top + SMALL_PX * 0.9 + place * (SMALL_PX + 2)
            style = {"text-anchor": "middle", "font-weight": 700 if place == 0 else 400}
            canvas.text(middle.x, y, words, SMALL_PX, **style)


def _middle(shape: shapely.Geometry) -> shapely.Point:
    """Find where words stand best: the centroid, or deep inside where that is too near the rim."""
    largest = max(shapely.get_parts(shape).tolist(), key=lambda part: float(part.area))
    centre: shapely.Point = largest.centroid
    if largest.contains(centre.buffer(SMALL_PX)):
        return centre
    try:
        deep: shapely.Point = polylabel(largest, tolerance=_DEEP_PX)
    except shapely.errors.TopologicalError:
        return largest.point_on_surface()  # type: ignore[no-any-return]  # shapely states none
    return deep


def end(canvas: Canvas, frame: Frame, signs: Sequence[Sign]) -> bytes:
    """Put scale, north and legend on the picture, and give it its size."""
    draw_scale(canvas, frame.metres_per_px)
    draw_north(canvas)
    height = _legend(canvas, frame.height, signs)
    return finished(canvas, height)


def _legend(canvas: Canvas, top: float, signs: Sequence[Sign]) -> float:
    """Name what is drawn, in as many lines as it takes; give the height of the picture."""
    x, y = 10.0, top + _ROW / 2 + 4
    placed: list[tuple[float, float, Sign]] = []
    for sign in signs:
        wide = _SWATCH + 8 + text_width(sign.words, WORD_PX) + 18
        if x + wide > canvas.size.width and x > 10:  # noqa: PLR2004 (the left edge)
            x, y = 10.0, y + _ROW
        placed.append((x, y, sign))
        x += wide
    height = y + _ROW / 2 + 4
    canvas.add(
        "rect", {"y": top, "width": canvas.size.width, "height": height - top, "fill": WHITE}
    )
    for left, middle, sign in placed:
        _swatch(canvas, sign, left, middle)
        words = {"x": left + _SWATCH + 8, "y": middle + 5, "font-size": WORD_PX, "fill": QUIET}
        canvas.add("text", words).text = writable(sign.words)
    return height


def _swatch(canvas: Canvas, sign: Sign, left: float, middle: float) -> None:
    """Draw what a line of the legend names."""
    centre = left + _SWATCH / 2
    if sign.shape in {"dot", "circle"}:
        radius = 4 if sign.shape == "dot" else 7
        spot = {"cx": centre, "cy": middle, "r": radius, "fill": INK}
        canvas.add("circle", spot | dict(sign.style))
    elif sign.shape == "mark":
        draw_mark(canvas, centre, middle, "1")
    else:
        box = {"x": left, "y": middle - 8, "width": _SWATCH, "height": 16}
        canvas.add("rect", box | dict(sign.style))


def draw_mark(canvas: Canvas, x: float, y: float, words: str) -> None:
    """Draw a chosen place as UX has it: a square of ink with its number; smaller without one."""
    half = (mark_width(words) if words else SMALL_MARK_PX) / 2
    high = MARK_PX / 2 if words else half
    box = {"x": x - half, "y": y - high, "width": 2 * half, "height": 2 * high}
    canvas.add("rect", {**box, "fill": INK, "stroke": WHITE, "stroke-width": 1.2})
    if words:
        place = {"x": x, "y": y + SMALL_PX * 0.36, "text-anchor": "middle", "fill": WHITE}
        told = canvas.add("text", {**place, "font-size": SMALL_PX, "font-weight": 700})
        told.text = writable(words)


def mark_width(words: str) -> float:
    """Give how wide a mark is: a square, but for long numbers."""
    return max(MARK_PX, text_width(words, SMALL_PX) + 6)
