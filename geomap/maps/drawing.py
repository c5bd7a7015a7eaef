"""Drawing a still map as SVG: what holds its parts, and its signs, scale, north and legend.

Texts become text nodes of an XML writer: a name of the data can never become markup.
"""

from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from geomap.maps.symbols import SPRITE, symbol_id
from geomap.maps.tilemath import TILE_PX
from geomap.maps.words import map_words
from geomap.settings import static_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: The map of a picture, and one line of the legend under it, px.
WIDTH, MAP_HEIGHT, LEGEND_HEIGHT = 640, 360, 34
_LINE_PX = 24
INK, WHITE, QUIET, WATER, LAND = "#14212B", "#FFFFFF", "#3D4954", "#C3DCE6", "#E9EEEC"
EDGE = "#5B6670"
_EQUATOR_M = 40_075_016.686
FONTS = (
    "-apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'HarmonyOS Sans SC', MiSans,"
    " 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', 'WenQuanYi Micro Hei',"
    " sans-serif"
)
SYMBOL_PX = 48
NAME_PX, SMALL_PX, WORD_PX = 15, 13, 14
SCALE_PX = 130
_CREDIT, _CREDIT_PX = "© OpenStreetMap · 天地图 · GeoNames", 11
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLOUR = re.compile(r"#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")


class Size(NamedTuple):
    """How large a map is, px: signs and words stay as large, so a smaller map shows less."""

    width: int
    height: int


#: The maps by name: on a wide page; on a phone; on paper, where it is 56 mm high.
SIZES: Mapping[str, Size] = MappingProxyType(
    {"wide": Size(WIDTH, MAP_HEIGHT), "small": Size(400, 320), "sheet": Size(400, 176)}
)


class Box(NamedTuple):
    """A rectangle of the picture, px."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes share any ground."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def inside(self, size: Size) -> bool:
        """Tell whether a box lies in a map."""
        across = self.left >= 0 and self.right <= size.width
        return across and self.top >= 0 and self.bottom <= size.height


@dataclass
class Canvas:
    """The document being drawn, and the ground that is taken."""

    root: ET.Element
    language: str
    taken: list[Box] = field(default_factory=list)
    size: Size = SIZES["wide"]

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the map, px."""
        return self.size.width / 2, self.size.height / 2

    def add(self, name: str, attributes: Mapping[str, object]) -> ET.Element:
        """Put an element on top of the others."""
        return ET.SubElement(self.root, name, written(attributes))

    def text(self, x: float, y: float, words: str, size: int, **more: object) -> None:
        """Write words that can be read on any ground: over a white edge of their own.

        The edge is a text of its own, since not all who draw SVG know ``paint-order``.
        """
        place: dict[str, object] = {"x": x, "y": y, "font-size": size, **more}
        edge = {"fill": WHITE, "stroke": WHITE, "stroke-width": 3, "stroke-linejoin": "round"}
        self.add("text", place | edge | {"aria-hidden": "true"}).text = writable(words)
        self.add("text", {"fill": INK, **place}).text = writable(words)

    def free(self, box: Box) -> bool:
        """Tell whether nothing stands in a box and it lies in the map."""
        return box.inside(self.size) and not any(box.meets(each) for each in self.taken)


def text_width(name: str, size: int) -> float:
    """Estimate how wide a text is: Chinese signs are square, others some half as wide."""
    return sum(size if each > "\u2e7f" else size * 0.6 for each in name)


def draw_hospital(canvas: Canvas, x: float, y: float) -> None:
    """Draw the sign of a hospital: a cross in a square."""
    frame = {"x": x - 6, "y": y - 6, "width": 12, "height": 12, "rx": 2}
    canvas.add("rect", {**frame, "fill": WHITE, "stroke": "#9C1B1B", "stroke-width": 1.2})
    cross = f"M{x:.1f} {y - 4:.1f}v8M{x - 4:.1f} {y:.1f}h8"
    canvas.add("path", {"d": cross, "stroke": "#9C1B1B", "stroke-width": 2.4})


def draw_house(canvas: Canvas, x: float, y: float) -> None:
    """Draw the sign of housing: a small house."""
    roof = f"M{x - 5:.1f} {y + 4:.1f}v-4.5l5-4.5 5 4.5v4.5z"
    canvas.add("path", {"d": roof, "fill": WHITE, "stroke": QUIET, "stroke-width": 1.2})


def draw_symbol(
    canvas: Canvas,
    kind: str,
    *,
    closed: bool,
    at: tuple[float, float] | None = None,
) -> None:
    """Put a facility's symbol in the middle, or elsewhere."""
    side, at = SYMBOL_PX, at or canvas.middle
    frame = {"x": at[0] - side / 2, "y": at[1] - side / 2, "width": side, "height": side}
    inner = canvas.add("svg", {**frame, "viewBox": "0 0 44 44", "overflow": "visible"})
    inner.extend(copy.deepcopy(list(_symbol(symbol_id(kind, canvas.language, closed=closed)))))


def symbol_svg(kind: str, language: str, *, closed: bool = False) -> str:
    """Write a facility's symbol as a picture by itself, for pages that stand alone."""
    root = ET.Element("svg", {"class": "symbol", "viewBox": "0 0 44 44", "aria-hidden": "true"})
    root.extend(copy.deepcopy(list(_symbol(symbol_id(kind, language, closed=closed)))))
    return ET.tostring(root, encoding="unicode")


@cache
def _symbol(name: str) -> ET.Element:
    """Find a symbol in the sprite, its elements without their namespace."""
    sprite = ET.fromstring(static_text(SPRITE))  # noqa: S314 (our own sprite)
    for element in sprite.iter():
        element.tag = element.tag.rpartition("}")[2]
    found = next(each for each in sprite.iter("symbol") if each.get("id") == name)
    for element in found.iter():
        element.attrib.pop("id", None)
    return found


def scale_m(metres_per_px: float, *, most_px: float = SCALE_PX) -> int:
    """Choose the length of a scale bar: 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> scale_m(16.3), scale_m(33), scale_m(0.5, most_px=100)
    (2000, 2000, 50)
    """
    longest = metres_per_px * most_px
    power = 10 ** math.floor(math.log10(longest))
    return int(max(step * power for step in (1, 2, 5) if step * power <= longest))


def metres_per_px(lat: float, side_px: float) -> float:
    """Give the scale at a latitude, where the whole world is so many pixels wide."""
    return _EQUATOR_M * math.cos(math.radians(lat)) / side_px


def draw_scale(canvas: Canvas, metre: float) -> None:
    """Draw the scale, true where a pixel is so many metres."""
    length = scale_m(metre)
    words = map_words(canvas.language)
    kilometres = length >= 1000  # noqa: PLR2004 (metres in a kilometre)
    label = words["kilometres" if kilometres else "metres"]
    label = label.replace("{n}", str(length // 1000 if kilometres else length))
    end = 12 + length / metre
    bar = f"M12 14v8H{end:.1f}v-8"
    for stroke, width in ((WHITE, 5), (INK, 2)):
        canvas.add("path", {"d": bar, "fill": "none", "stroke": stroke, "stroke-width": width})
    canvas.text(16, 17, label, WORD_PX)


def draw_north(canvas: Canvas) -> None:
    """Draw the arrow to the north: the map is not turned."""
    x = canvas.size.width - 22
    arrow = f"M{x} 8l8 22-8-6-8 6z"
    canvas.add("path", {"d": arrow, "fill": INK, "stroke": WHITE, "stroke-width": 1.5})
    north = "N" if canvas.language == "en" else "北"
    canvas.text(x, 46, north, WORD_PX, **{"text-anchor": "middle", "font-weight": 700})


def draw_furniture(canvas: Canvas, lat: float, zoom: int) -> None:
    """Draw the scale, true at a latitude, the arrow to the north, and whose data it is."""
    draw_scale(canvas, metres_per_px(lat, TILE_PX << zoom))
    draw_north(canvas)
    canvas.text(6, canvas.size.height - 6, _CREDIT, _CREDIT_PX, fill=QUIET)


def draw_legend(canvas: Canvas, shown: Collection[str]) -> float:
    """Name the signs that are drawn, in as many lines as it takes; give the picture's height."""
    width, top = canvas.size
    words = map_words(canvas.language)
    x, y = 14.0, top + LEGEND_HEIGHT / 2
    placed: list[tuple[str, float, float]] = []
    for kind in (each for each in _SIGNS if each in shown):
        wide = 50 + text_width(words[_SIGNS[kind]], WORD_PX)
        if placed and x + wide - 12 > width:
            x, y = 14.0, y + _LINE_PX
        placed.append((kind, x, y))
        x += wide
    height = y + LEGEND_HEIGHT / 2 if placed else float(top)
    canvas.add("rect", {"y": top, "width": width, "height": height - top, "fill": WHITE})
    for kind, left, middle in placed:
        _draw_sign(canvas, kind, left, middle)
        canvas.text(left + 18, middle + 5, words[_SIGNS[kind]], WORD_PX)
    return height


#: What a legend can name, in its order, by the key of its words.
_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "hospitals": "hospital",
        "residential": "residential",
        "boundary": "boundary",
        "beyond": "beyond",
    }
)


def _draw_sign(canvas: Canvas, kind: str, x: float, y: float) -> None:
    """Draw one sign of the legend."""
    if kind == "hospitals":
        draw_hospital(canvas, x, y)
    elif kind == "residential":
        draw_house(canvas, x, y)
    elif kind == "boundary":
        line = {"d": f"M{x - 8:.1f} {y:.1f}h20", "stroke": EDGE, "stroke-width": 2}
        canvas.add("path", {**line, "stroke-dasharray": "5 3"})
    else:
        swatch = {"x": x - 8, "y": y - 7, "width": 20, "height": 14}
        canvas.add("rect", {**swatch, "fill": WATER, "stroke": EDGE})


def new_picture(language: str, size: Size) -> Canvas:
    """Begin a picture."""
    names = {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONTS}
    return Canvas(ET.Element("svg", names), language, size=size)


def finished(canvas: Canvas, height: float) -> bytes:
    """End a picture that is so high: an SVG document, UTF-8."""
    width = str(canvas.size.width)
    own = {"viewBox": f"0 0 {width} {height:.0f}", "width": width, "height": f"{height:.0f}"}
    canvas.root.attrib.update(own)
    picture: bytes = ET.tostring(canvas.root, encoding="utf-8")
    return picture


def turn_grey(root: ET.Element) -> None:
    """Turn every colour into the grey of the same lightness (ITU-R BT.601)."""
    for element in root.iter():
        for name in ("fill", "stroke"):
            found = _COLOUR.fullmatch(element.get(name, ""))
            if found:
                red, green, blue = (int(each, 16) for each in found.groups())
                level = round(0.299 * red + 0.587 * green + 0.114 * blue)
                element.set(name, f"#{level:02X}{level:02X}{level:02X}")


def around(x: float, y: float, half: float) -> tuple[float, float, float, float]:
    """Give the ends of a square around a point: left, top, right, bottom."""
    return x - half, y - half, x + half, y + half


def written(attributes: Mapping[str, object]) -> dict[str, str]:
    """Write numbers short."""
    return {
        name: f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
        for name, value in attributes.items()
    }


def writable(text: str) -> str:
    r"""Leave out what XML cannot write, such as control characters.

    Examples
    --------
    >>> writable("a\x0bb")
    'ab'
    """
    return _UNWRITABLE.sub("", text)


def furniture(size: Size) -> list[Box]:
    """Give the ground that what :func:`draw_furniture` draws takes."""
    credit = text_width(_CREDIT, _CREDIT_PX) + 10
    return [
        Box(0, 0, SCALE_PX + 20, 40),
        Box(size.width - 40, 0, size.width, 64),
        Box(0, size.height - 20, credit, size.height),
    ]


def symbol_box(x: float, y: float) -> Box:
    """Give the ground that a symbol takes."""
    return Box(*around(x, y, SYMBOL_PX / 2 + 4))
