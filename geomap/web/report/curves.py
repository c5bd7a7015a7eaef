"""Curves of a report, drawn as SVG: how beds are shared, and what more or fewer sites give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import numpy as np
from flask_babel import gettext as _

from geomap.maps.drawing import FONTS, INK, QUIET, WHITE, text_width, writable, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LINE: Final = "#0B5C80"
#: The curve of shares: its box and the room for words left of and below it, px.
_SIDE, _LEFT, _BELOW, _GAP = 300, 56, 46, 10
_WORD_PX: Final = 13
_TENTHS: Final = tuple(n / 10 for n in range(11))
#: The trade-off: its box, and how many marks its axes have at most.
_WIDE, _HIGH, _RIGHT, _MOST_TICKS = 520, 240, 24, 6
_EDGE_TICKS: Final = "#D5DCDF"


@dataclass(frozen=True)
class Step:
    """One point of a trade-off: so many sites, or so much money, and what they give."""

    x: float
    y: float
    is_own: bool = False


def share_curve(curve: Any, whom: str) -> tuple[bytes, list[tuple[str, str]]]:  # noqa: ANN401 (a frame)
    """Draw how the beds within reach are shared; give the picture and its table, tenth by tenth."""
    x, y = (curve.iloc[:, place].to_numpy(dtype=np.float64) for place in (0, 1))
    at = np.interp(_TENTHS, x, y)
    rows = [(f"{n:.0%}", f"{value:.1%}") for n, value in zip(_TENTHS, at, strict=True)]
    return _shares(x, y, whom), rows


def trade_off(steps: Sequence[Step], *, title: str, across: str, up: str) -> bytes:
    """Draw what more or fewer sites would give: a point each, the own one filled.

    Parameters
    ----------
    steps : at least two, in the order of x.
    title, across, up : what the picture and its axes are called.

    Returns
    -------
    An SVG document, UTF-8.
    """
    xs, ys = [each.x for each in steps], [each.y for each in steps]
    ups, acrosses = ticks(min(ys), max(ys)), ticks(min(xs), max(xs), whole=True)
    left = max(text_width(_number(each), _WORD_PX) for each in ups) + 14
    top = 34.0
    root = _picture(left + _WIDE + _RIGHT, top + _HIGH + _BELOW, title)

    def place(x: float, y: float) -> tuple[float, float]:
        wide = (x - acrosses[0]) / ((acrosses[-1] - acrosses[0]) or 1)
        high = (y - ups[0]) / ((ups[-1] - ups[0]) or 1)
        return left + wide * _WIDE, top + (1 - high) * _HIGH

    for value in ups:
        y = place(acrosses[0], value)[1]
        _path(root, f"M{left:.1f} {y:.1f}h{_WIDE}", stroke=_EDGE_TICKS)
        _text(root, left - 8, y + 4, _number(value), "end")
    for value in acrosses:
        x = place(value, ups[0])[0]
        _path(root, f"M{x:.1f} {top + _HIGH}v5", stroke=QUIET)
        _text(root, x, top + _HIGH + 19, _number(value), "middle")
    _path(root, f"M{left:.1f} {top}v{_HIGH}h{_WIDE}", stroke=QUIET)
    _text(root, left, 16, up, "start")
    _text(root, left + _WIDE / 2, top + _HIGH + 39, across, "middle")
    spots = [place(each.x, each.y) for each in steps]
    line = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
    _path(root, line, stroke=_LINE, **{"stroke-width": 2.4})
    for each, (x, y) in zip(steps, spots, strict=True):
        radius, fill = (6.5, INK) if each.is_own else (4, WHITE)
        dot = {"cx": x, "cy": y, "r": radius, "fill": fill, "stroke": _LINE, "stroke-width": 2}
        ET.SubElement(root, "circle", written(dot))
    picture: bytes = ET.tostring(root, encoding="utf-8")
    return picture


def ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Choose round marks of an axis, from below `low` to above `high`.

    Parameters
    ----------
    whole : of things that are counted one by one.

    Examples
    --------
    >>> ticks(183_000, 197_500)
    [180000.0, 185000.0, 190000.0, 195000.0, 200000.0]
    >>> ticks(0, 10, whole=True)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    >>> ticks(3, 3)
    [3.0, 4.0]
    """
    if high <= low:
        return [float(low), float(low) + 1]
    rough = (high - low) / (_MOST_TICKS - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough * (1 - 1e-9))
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def _picture(wide: float, high: float, title: str) -> ET.Element:
    """Begin a picture."""
    size = {
        "viewBox": f"0 0 {wide:.0f} {high:.0f}",
        "width": f"{wide:.0f}",
        "height": f"{high:.0f}",
    }
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONTS, **size})
    ET.SubElement(root, "title").text = writable(title)
    return root


def _path(root: ET.Element, line: str, **look: object) -> None:
    ET.SubElement(root, "path", written({"d": line, "fill": "none", **look}))


def _text(root: ET.Element, x: float, y: float, words: str, anchor: str) -> None:
    place = {"x": x, "y": y, "font-size": _WORD_PX, "fill": INK, "text-anchor": anchor}
    ET.SubElement(root, "text", written(place)).text = writable(words)


def _shares(x: NDArray[np.float64], y: NDArray[np.float64], whom: str) -> bytes:
    """Draw the curve beside the line on which all would have the same."""
    root = _picture(
        _LEFT + _SIDE + 16, _GAP + _SIDE + _BELOW, str(_("够得到的床位怎么分（洛伦兹曲线）"))
    )
    frame = {"x": _LEFT, "y": _GAP, "width": _SIDE, "height": _SIDE, "fill": WHITE, "stroke": QUIET}
    ET.SubElement(root, "rect", written(frame))
    even = f"M{_LEFT} {_GAP + _SIDE}L{_LEFT + _SIDE} {_GAP}"
    _path(root, even, stroke=QUIET, **{"stroke-dasharray": "6 4"})
    fine = np.linspace(0, 1, 101)
    spots = [(_LEFT + a * _SIDE, _GAP + (1 - b) * _SIDE)
             for a, b in zip(fine, np.interp(fine, x, y), strict=True)]  # fmt: skip
    line = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
    _path(root, line, stroke=_LINE, **{"stroke-width": 2.4})
    foot = _GAP + _SIDE
    for left, top, words, anchor in (
        (_LEFT - 6, foot, "0", "end"), (_LEFT - 6, _GAP + 10, "100%", "end"),
        (_LEFT, foot + 17, "0", "middle"), (_LEFT + _SIDE, foot + 17, "100%", "middle"),
        (_LEFT + _SIDE / 2, foot + 36, whom, "middle"),
        (_LEFT + 10, _GAP + 20, str(_("占有的床位")), "start"),
    ):  # fmt: skip
        _text(root, left, top, words, anchor)
    picture: bytes = ET.tostring(root, encoding="utf-8")
    return picture
