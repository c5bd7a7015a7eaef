"""The planner's map: folium's document, with areas, gaps, service areas and demand as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from flask_babel import gettext as _

from geomap.model.geojson import METRE_DECIMALS
from geomap.model.table import Label
from geomap.web import wording
from geomap.web.finder.answer import FinderQuery
from geomap.web.maps.map import map_config
from geomap.web.pages import current_reader
from geomap.web.plan.classes import class_of, class_text, classes_of, nodata_text
from geomap.web.plan.demand_spots import MOST_SPOTS, demand_spots
from geomap.web.plan.form import WHOM
from geomap.web.plan.measures import COUNTS, MEASURES, ratio_text
from geomap.web.plan.outlines import (
    Outlines,
    feature,
    finest_seen,
    light,
    light_coverage,
    simple,
    simple_coverage,
)
from geomap.web.plan.page import distance, people

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.classes import Class
    from geomap.web.plan.form import View
    from geomap.web.plan.measures import Measure
    from geomap.web.state import Snapshot

#: So many gaps are drawn, of which nobody could tell more apart.
MOST_GAPS: Final = 300
_MOST_CORNERS, _MOST_CANDIDATES = 60_000, 2_000
#: The areas of a light map have so many corners, and its gaps too: some 12 kB each as sent.
_LIGHT_CORNERS: Final = 4_000
#: Readers of a light map are told how far its lines are off where that is more, metres.
_TOLD_M, _DEGREE_M = 100.0, 111_320.0
_WORDS: Final = {
    "layers": Label("图上显示", "Show on the map"),
    "areas": Label("按指标着色", "Colours by the measure"),
    "gaps": Label("空白区", "Gaps"),
    "service": Label("服务范围", "Service areas"),
    "demand": Label("需求点", "Demand"),
    "facilities": Label("机构", "Facilities"),
    "candidates": Label("候选地点", "Candidate sites"),
    "circle": Label("直线范围", "In a straight line"),
    "walk": Label("沿街道走得到", "Within the walk"),
    "gap": Label("空白区：标准距离内没有机构", "Gap: no facility within the standard"),
    "reached": Label("够得到的人（圆越大人越多）", "People within reach (by size)"),
    "unreached": Label("够不到的人", "People out of reach"),
    "straight": Label("直线会高估能走到的范围。", "A straight line overstates what can be walked."),
    "people": Label("{n} 人", "{n} people"),
    "km2": Label("{n} 平方公里", "{n} km²"),
    "nearest": Label("最近的机构：{distance}", "Nearest facility: {distance}"),
    "uncovered": Label("够不到 {n} 人", "{n} out of reach"),
    "fewer": Label(
        "图上只画了人最多的 {n} 处空白区。", "Only the {n} gaps with the most people are drawn."
    ),
    "gap_within": Label(
        "空白区：直线 {n} 米内没有机构", "Gap: no facility within {n} m in a straight line"
    ),
    "rough": Label(
        "为了打开得快，线条画得粗，可能差 {distance}；数字不受影响。",
        "To open fast, lines are drawn roughly: off by up to {distance}. The figures are not.",
    ),
    "joined": Label(
        "需求点太多，相邻的合成一个圆。", "Demand is dense: neighbours are drawn as one circle."
    ),
    "fewer_candidates": Label(
        "图上只画了前 {n} 个候选地点。", "Only the first {n} candidate sites are drawn."
    ),
}

_LIGHT_AREAS: Final = Label("各地有多少人够得到", "Share of people within reach")


def plan_script(  # noqa: PLR0913, PLR0917 (everything that the map is of)
    found: PlanReview,
    ask: Ask,
    view: View,
    data: Snapshot,
    candidates: gpd.GeoDataFrame | None,
    language: str,
) -> str:
    """Write the script of the planner's map."""
    from geomap.maps.document import map_document  # folium takes most of a second to import

    config = map_config(data, FinderQuery(types=ask.types), current_reader())
    west, south, east, north = found.areas.total_bounds
    if np.isfinite(west):
        config["bounds"] = [[float(south), float(west)], [float(north), float(east)]]
    plan = plan_layers(found, ask, view, language)
    plan["candidates"] = _candidates(candidates)
    if candidates is not None and len(candidates) > _MOST_CANDIDATES:
        plan["notes"].append(_text("fewer_candidates", language, n=f"{_MOST_CANDIDATES:,}"))
    config |= {"pick": False, "page": "part", "plan": plan}
    return map_document(config, [])


def plan_layers(found: PlanReview, ask: Ask, view: View, language: str) -> dict[str, Any]:
    """Write what the map draws, as plain data."""
    tolerance = finest_seen(found.areas)
    areas = Outlines(simple_coverage(found.areas.geometry.to_numpy(), tolerance))
    drawn = _drawn(found, ask, MEASURES.get(view.show) or MEASURES["share"], areas, language)
    gaps = None if found.gaps is None else found.gaps.head(MOST_GAPS)
    if gaps is not None:
        drawn["gaps"] = _gaps(gaps, Outlines(simple(gaps.geometry.to_numpy(), tolerance)), language)
    if found.demand is not None and len(found.demand) > MOST_SPOTS:
        drawn["notes"].append(drawn["words"]["joined"])
    return drawn | {
        "service": _service(found.service, tolerance, found.areas),
        "demand": demand_spots(found.demand),
    }


def light_layers(
    found: PlanReview, ask: Ask, language: str, *, gaps: bool, coverage: bool
) -> dict[str, Any]:
    """Write what a map draws that must be light: areas and gaps only, no finer than is allowed.

    Their figures are those of the answer, however roughly they are drawn.
    """
    tolerance = finest_seen(found.areas)
    areas = light_coverage(found.areas.geometry.to_numpy(), tolerance, most=_LIGHT_CORNERS)
    drawn = _drawn(found, ask, MEASURES["share"], areas, language)
    worst = areas.tolerance
    if gaps and found.gaps is not None:
        some = found.gaps.head(MOST_GAPS)
        outlines = light(some.geometry.to_numpy(), tolerance, most=_LIGHT_CORNERS)
        drawn["gaps"] = _gaps(some, outlines, language)
        worst = max(worst, outlines.tolerance)
    if not coverage:
        drawn["ramp"] |= {"classes": [], "nodata": ""}
    if worst * _DEGREE_M > _TOLD_M:
        off = wording.distance(worst * _DEGREE_M, language)
        drawn["notes"].append(_text("rough", language, distance=off))
    south_west, north_east = found.areas.total_bounds.reshape(2, 2).tolist()
    return drawn | {
        "bounds": [south_west[::-1], north_east[::-1]],
        "words": drawn["words"] | {
            "areas": _LIGHT_AREAS.of(language),
            "gap": _text("gap_within", language, n=f"{ask.standard_m:,.0f}"),
        },
    }  # fmt: skip


def _drawn(
    found: PlanReview, ask: Ask, measure: Measure, outlines: Outlines, language: str
) -> dict[str, Any]:
    """Write what every such map says, and the areas."""
    areas = found.areas.reset_index(drop=True)
    values = measure.values(areas)
    classes = () if measure.key in COUNTS else classes_of(values)
    many = found.gaps is not None and len(found.gaps) > MOST_GAPS
    return {
        "words": {name: label.of(language) for name, label in _WORDS.items()},
        "notes": [_text("fewer", language, n=f"{MOST_GAPS:,}")] if many else [],
        "ramp": _ramp(measure, classes, values, language),
        "areas": _areas(areas, measure, classes, outlines),
        "gaps": [], "service": [], "demand": [], "candidates": [],
        "walk": ask.walks,
        "facilities": found.counts.get("inside", found.counts["serving"]),
        "whom": WHOM[found.question.weight].of(language),
    }  # fmt: skip


def _ramp(
    measure: Measure, classes: tuple[Class, ...], values: NDArray[np.float64], language: str
) -> dict[str, Any]:
    """Write the legend: each class with its range and how many areas it has."""
    missing = int((~np.isfinite(values)).sum()) if classes else 0
    return {
        "label": measure.titled(language),
        "colours": measure.ramp(len(classes)),
        "classes": [class_text(each) for each in classes],
        "nodata": nodata_text(missing) if missing else "",
    }


def _areas(
    areas: gpd.GeoDataFrame, measure: Measure, classes: tuple[Class, ...], outlines: Outlines
) -> list[dict[str, Any]]:
    """Write the areas."""
    values = measure.values(areas)
    features = []
    for row, (shape, value) in enumerate(zip(outlines.shapes, values, strict=True)):
        if shape is None or shape.is_empty:
            continue
        uncovered = areas["uncovered"].iloc[row] if "uncovered" in areas else np.nan
        features.append(feature(shape, {
            "name": str(areas["name"].iloc[row] or _("全部")),
            "class": class_of(float(value), classes),
            "value": measure.text(float(value)),
            "uncovered": people(uncovered) if np.isfinite(uncovered) else "",
        }, outlines.decimals))  # fmt: skip
    return features


def _gaps(gaps: gpd.GeoDataFrame, outlines: Outlines, language: str) -> list[dict[str, Any]]:
    """Write the gaps, the ones with the most people first; those too small to be seen are not."""
    found = []
    for shape, row in zip(outlines.shapes, gaps.itertuples(), strict=True):
        if shape.is_empty:
            continue
        lines = [_text("km2", language, n=ratio_text(float(row.area_km2)))]
        if np.isfinite(row.population):
            lines.insert(0, _text("people", language, n=people(row.population)))
        if np.isfinite(row.distance_m):
            far = distance(row.distance_m, language)
            lines.append(_text("nearest", language, distance=far))
        name = str(getattr(row, "area_name", "") or "")
        found.append(feature(shape, {"name": name, "lines": lines}, outlines.decimals))
    return found


def _service(
    service: gpd.GeoDataFrame | None, tolerance: float, areas: gpd.GeoDataFrame
) -> list[dict[str, Any]]:
    """Write the service areas in view; none where they have too many corners to be drawn."""
    if service is None or service.empty:
        return []
    box = shapely.box(*areas.total_bounds)
    shapes = simple(shapely.intersection(service.geometry.to_numpy(), box), tolerance)
    shapes = shapes[~shapely.is_empty(shapes)]
    if shapely.get_num_coordinates(shapes).sum() > _MOST_CORNERS:
        return []
    return [feature(each, {}) for each in shapes]


def _candidates(candidates: gpd.GeoDataFrame | None) -> list[list[Any]]:
    """Write candidate sites that have a place: longitude, latitude, name and kind."""
    if candidates is None:
        return []
    there = candidates[~(candidates.geometry.isna() | candidates.geometry.is_empty)]
    there = there.head(_MOST_CANDIDATES)
    spots = shapely.get_coordinates(shapely.point_on_surface(there.geometry.to_numpy()))
    named = there["name"].fillna(there["id"]).astype("str")
    kinds = there["kind"].fillna("").astype("str")
    return [[lon, lat, name, kind] for (lon, lat), name, kind in
            zip(spots.round(METRE_DECIMALS).tolist(), named, kinds, strict=True)]  # fmt: skip


def _text(word: str, language: str, **holes: str) -> str:
    """Write a sentence of the map with its numbers."""
    text = _WORDS[word].of(language)
    for name, value in holes.items():
        text = text.replace(f"{{{name}}}", value)
    return text
