"""The pictures of a report, each as the address that holds it: two maps and a curve."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import numpy as np
from flask_babel import gettext as _

from geomap.maps.area_picture import coverage_picture, measure_picture
from geomap.maps.drawing import FONTS, INK, QUIET, WHITE, writable, written
from geomap.model.facility import NOT_OPEN
from geomap.web.plan.classes import class_of, class_text, classes_of, nodata_text
from geomap.web.plan.form import WHOM
from geomap.web.plan.measures import COUNTS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.review import PlanReview
    from geomap.web.plan.measures import Measure

#: The curve: its box and the room for words left of and below it, px.
_SIDE, _LEFT, _BELOW, _GAP = 300, 56, 46, 10
_TENTHS: Final = tuple(n / 10 for n in range(11))
_WORD_PX = 13


def coverage_map(found: PlanReview, facilities: gpd.GeoDataFrame, language: str) -> str | None:
    """Draw who is within reach and who is not; None where no area has a shape."""
    if found.question.types:
        facilities = facilities[facilities["type"].isin(found.question.types)]
    if "status" in facilities:
        facilities = facilities[~facilities["status"].isin(NOT_OPEN)]
    walked = found.question.minutes is not None
    metres = f"{found.question.reach_m:,.0f}"
    words = {
        "title": _("够得到的地方和空白区"), "facility": _("在营机构"), "area": _("地区界线"),
        "gap": _("空白区：标准距离内没有机构"),
        "reach": _("沿街道走 %(n)s 米之内", n=metres) if walked
        else _("直线 %(n)s 米之内", n=metres),
    }  # fmt: skip
    drawn = coverage_picture(
        found.areas.geometry.to_numpy(), names=_names(found.areas), service=_shapes(found.service),
        gaps=_shapes(found.gaps), facilities=facilities.geometry.to_numpy(), walked=walked,
        reach_m=found.question.reach_m, words=words, language=language,
    )  # fmt: skip
    return inline(drawn)


def measure_map(found: PlanReview, measure: Measure, language: str) -> str | None:
    """Draw a figure of each area; None where no area has a shape, or none has a figure."""
    values = measure.values(found.areas)
    classes = classes_of(values)
    if not classes or measure.key in COUNTS:
        return None
    ramp = measure.ramp(len(classes))
    legend: list[tuple[str, str | None]] = [
        (class_text(each), colour) for each, colour in zip(classes, ramp, strict=True)
    ]
    missing = int((~np.isfinite(values)).sum())
    if missing:
        legend.append((nodata_text(missing), None))
    numbers = [class_of(float(each), classes) for each in values]
    labels = [[name, measure.text(float(each))] for name, each in
              zip(_names(found.areas), values, strict=True)]  # fmt: skip
    drawn = measure_picture(
        found.areas.geometry.to_numpy(), labels=labels, legend=legend, language=language,
        title=measure.titled(language),
        colours=[None if each is None else ramp[each] for each in numbers],
    )  # fmt: skip
    return inline(drawn)


def lorenz_curve(curve: Any, whom: str) -> tuple[str, list[tuple[str, str]]]:  # noqa: ANN401 (a frame)
    """Draw how the beds within reach are shared; give the picture and its table, tenth by tenth."""
    x, y = (curve.iloc[:, place].to_numpy(dtype=np.float64) for place in (0, 1))
    at = np.interp(_TENTHS, x, y)
    picture = inline(_curve(x, y, whom)) or ""
    return picture, [(f"{n:.0%}", f"{value:.1%}") for n, value in zip(_TENTHS, at, strict=True)]


def whom_text(found: PlanReview, language: str) -> str:
    """Say whom the counts are of."""
    return WHOM[found.question.weight].of(language)


def inline(picture: bytes | None) -> str | None:
    """Give the address that holds a picture itself."""
    if picture is None:
        return None
    return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"


def _names(areas: gpd.GeoDataFrame) -> list[str]:
    return [str(each) for each in areas["name"]]


def _shapes(frame: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    if frame is None:
        return np.array([], dtype=object)
    shapes: NDArray[np.object_] = frame.geometry.to_numpy()
    return shapes


def _curve(x: NDArray[np.float64], y: NDArray[np.float64], whom: str) -> bytes:
    """Draw the curve beside the line on which all would have the same."""
    wide, high = _LEFT + _SIDE + 16, _GAP + _SIDE + _BELOW
    size = {"viewBox": f"0 0 {wide} {high}", "width": str(wide), "height": str(high)}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONTS, **size})
    ET.SubElement(root, "title").text = writable(str(_("够得到的床位怎么分（洛伦兹曲线）")))
    frame = {"x": _LEFT, "y": _GAP, "width": _SIDE, "height": _SIDE, "fill": WHITE, "stroke": QUIET}
    ET.SubElement(root, "rect", written(frame))
    even = f"M{_LEFT} {_GAP + _SIDE}L{_LEFT + _SIDE} {_GAP}"
    dashed = {"d": even, "stroke": QUIET, "stroke-dasharray": "6 4", "fill": "none"}
    ET.SubElement(root, "path", written(dashed))
    fine = np.linspace(0, 1, 101)
    spots = [(_LEFT + a * _SIDE, _GAP + (1 - b) * _SIDE)
             for a, b in zip(fine, np.interp(fine, x, y), strict=True)]  # fmt: skip
    line = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
    ET.SubElement(root, "path", written({"d": line, "stroke": "#0B5C80", "stroke-width": 2.4,
                                         "fill": "none"}))  # fmt: skip
    foot = _GAP + _SIDE
    marks = [(_LEFT - 6, foot, "0", "end"), (_LEFT - 6, _GAP + 10, "100%", "end"),
             (_LEFT, foot + 17, "0", "middle"), (_LEFT + _SIDE, foot + 17, "100%", "middle"),
             (_LEFT + _SIDE / 2, foot + 36, whom, "middle"),
             (_LEFT + 10, _GAP + 20, _("占有的床位"), "start")]  # fmt: skip
    for left, top, words, anchor in marks:
        place = {"x": left, "y": top, "font-size": _WORD_PX, "fill": INK, "text-anchor": anchor}
        ET.SubElement(root, "text", written(place)).text = writable(str(words))
    picture: bytes = ET.tostring(root, encoding="utf-8")
    return picture
