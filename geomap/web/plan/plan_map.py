"""The planner's map: folium's document, with areas, gaps, service areas and demand as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from flask_babel import gettext as _

from geomap.model.table import Label
from geomap.web.finder.answer import FinderQuery
from geomap.web.maps.map import map_config
from geomap.web.pages import current_reader
from geomap.web.plan.classes import class_of, class_text, classes_of, nodata_text
from geomap.web.plan.demand_spots import MOST_SPOTS, demand_spots
from geomap.web.plan.form import WHOM
from geomap.web.plan.measures import COUNTS, MEASURES, ratio_text
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

_DECIMALS, _DETAIL = 5, 1_500
_MOST_GAPS, _MOST_CORNERS, _MOST_CANDIDATES = 300, 60_000, 2_000
#: So few corners may be drawn as much finer than the first view shows.
_FEW_CORNERS, _FINER = 20_000, 6
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
    "joined": Label(
        "需求点太多，相邻的合成一个圆。", "Demand is dense: neighbours are drawn as one circle."
    ),
    "fewer_candidates": Label(
        "图上只画了前 {n} 个候选地点。", "Only the first {n} candidate sites are drawn."
    ),
}


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
    measure = MEASURES.get(view.show) or MEASURES["share"]
    areas = found.areas.reset_index(drop=True)
    values = measure.values(areas)
    classes = () if measure.key in COUNTS else classes_of(values)
    tolerance = _tolerance(areas)
    gaps = None if found.gaps is None else found.gaps.head(_MOST_GAPS)
    words = {name: label.of(language) for name, label in _WORDS.items()}
    drawn_gaps = [] if gaps is None else _gaps(gaps, tolerance, words, language)
    notes = []
    if found.gaps is not None and len(found.gaps) > _MOST_GAPS:
        notes.append(_text("fewer", language, n=f"{_MOST_GAPS:,}"))
    if found.demand is not None and len(found.demand) > MOST_SPOTS:
        notes.append(words["joined"])
    return {
        "words": words,
        "notes": notes,
        "ramp": _ramp(measure, classes, values, language),
        "areas": _areas(areas, measure, classes, tolerance),
        "gaps": drawn_gaps,
        "service": _service(found.service, tolerance, found.areas),
        "walk": ask.walks,
        "facilities": found.counts.get("inside", found.counts["serving"]),
        "demand": demand_spots(found.demand),
        "whom": WHOM[found.question.weight].of(language),
    }


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
    areas: gpd.GeoDataFrame, measure: Measure, classes: tuple[Class, ...], tolerance: float
) -> list[dict[str, Any]]:
    """Write the areas, simplified together so that borders still meet."""
    values = measure.values(areas)
    shapes = _simple_coverage(areas.geometry.to_numpy(), tolerance)
    features = []
    for row, (shape, value) in enumerate(zip(shapes, values, strict=True)):
        if shape is None or shape.is_empty:
            continue
        uncovered = areas["uncovered"].iloc[row] if "uncovered" in areas else np.nan
        features.append(_feature(shape, {
            "name": str(areas["name"].iloc[row] or _("全部")),
            "class": class_of(float(value), classes),
            "value": measure.text(float(value)),
            "uncovered": people(uncovered) if np.isfinite(uncovered) else "",
        }))  # fmt: skip
    return features


def _gaps(
    gaps: gpd.GeoDataFrame, tolerance: float, words: dict[str, str], language: str
) -> list[dict[str, Any]]:
    """Write the gaps, the ones with the most people first."""
    shapes = _simple(gaps.geometry.to_numpy(), tolerance)
    found = []
    for shape, row in zip(shapes, gaps.itertuples(), strict=True):
        lines = [words["km2"].replace("{n}", ratio_text(float(row.area_km2)))]
        if np.isfinite(row.population):
            lines.insert(0, words["people"].replace("{n}", people(row.population)))
        if np.isfinite(row.distance_m):
            lines.append(words["nearest"].replace("{distance}", distance(row.distance_m, language)))
        name = str(getattr(row, "area_name", "") or "")
        found.append(_feature(shape, {"name": name, "lines": lines}))
    return found


def _service(
    service: gpd.GeoDataFrame | None, tolerance: float, areas: gpd.GeoDataFrame
) -> list[dict[str, Any]]:
    """Write the service areas in view; none where they have too many corners to be drawn."""
    if service is None or service.empty:
        return []
    box = shapely.box(*areas.total_bounds)
    shapes = _simple(shapely.intersection(service.geometry.to_numpy(), box), tolerance)
    shapes = shapes[~shapely.is_empty(shapes)]
    if shapely.get_num_coordinates(shapes).sum() > _MOST_CORNERS:
        return []
    return [_feature(each, {}) for each in shapes]


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
            zip(spots.round(_DECIMALS).tolist(), named, kinds, strict=True)]  # fmt: skip


def _text(word: str, language: str, **holes: str) -> str:
    """Write a sentence of the map with its numbers."""
    text = _WORDS[word].of(language)
    for name, value in holes.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 (a shape)
    """Write a GeoJSON feature with coordinates of a metre."""
    rounded = shapely.set_precision(shape, 10**-_DECIMALS, mode="pointwise")
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded),
            "properties": properties}  # fmt: skip


def _simple(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    """Simplify polygons; finely, so that circles are round when one comes closer, where few."""
    for each in (tolerance / _FINER, tolerance):
        simple: NDArray[np.object_] = shapely.simplify(shapes, each)
        if shapely.get_num_coordinates(simple).sum() <= _FEW_CORNERS:
            break
    return simple


def _simple_coverage(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    """Simplify polygons that share borders, borders and all; each by itself where that fails."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    simple: NDArray[np.object_] = shapes.copy()
    try:
        simple[there] = shapely.coverage_simplify(shapes[there], tolerance)
    except (shapely.errors.GEOSException, shapely.errors.UnsupportedGEOSVersionError):
        simple[there] = shapely.simplify(shapes[there], tolerance)
    return simple


def _tolerance(areas: gpd.GeoDataFrame) -> float:
    """Give the degrees below which nobody sees a difference in the first view."""
    west, south, east, north = areas.total_bounds
    span = max(east - west, north - south)
    return float(span / _DETAIL) if np.isfinite(span) else 0.0
