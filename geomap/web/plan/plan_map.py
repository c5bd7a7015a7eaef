"""The planner's map: folium's document, with areas, gaps, service areas and demand as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geomap.model.table import Label
from geomap.web.finder.answer import FinderQuery
from geomap.web.maps.map import map_config
from geomap.web.pages import current_reader
from geomap.web.plan.form import WHOM
from geomap.web.plan.measures import COUNTS, MEASURES, class_of, classes_of, ratio_text
from geomap.web.plan.page import distance, people

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.form import View
    from geomap.web.plan.measures import Class, Measure
    from geomap.web.state import Snapshot

_DECIMALS, _DETAIL = 5, 1_500
_MOST_GAPS, _MOST_DEMAND, _MOST_CORNERS = 300, 5_000, 60_000
_WORDS: Final = {
    "layers": Label("图上显示", "Show on the map"),
    "areas": Label("按指标着色", "Colours by the measure"),
    "gaps": Label("空白区", "Gaps"),
    "service": Label("服务范围", "Service areas"),
    "demand": Label("需求点", "Demand"),
    "facilities": Label("机构", "Facilities"),
    "circle": Label("直线范围", "In a straight line"),
    "walk": Label("沿街道走得到", "Within the walk"),
    "gap": Label("空白区：标准距离内没有机构", "Gap: no facility within the standard"),
    "nodata": Label("没有数据：{n} 个地区", "No data: {n} areas"),
    "class": Label("{range}：{n} 个地区", "{range}: {n} areas"),
    "reached": Label("够得到的人（圆越大人越多）", "People within reach (by size)"),
    "unreached": Label("够不到的人", "People out of reach"),
    "straight": Label("直线会高估能走到的范围。", "A straight line overstates what can be walked."),
    "people": Label("{n} 人", "{n} people"),
    "km2": Label("{n} 平方公里", "{n} km²"),
    "nearest": Label("最近的机构：{distance}", "Nearest facility: {distance}"),
    "uncovered": Label("够不到 {n} 人", "{n} out of reach"),
    "fewer": Label("图上只画了最大的 {n} 处空白区。", "Only the {n} largest gaps are drawn."),
}


def plan_script(found: PlanReview, ask: Ask, view: View, data: Snapshot, language: str) -> str:
    """Write the script of the planner's map."""
    from geomap.maps.document import map_document  # folium takes most of a second to import

    config = map_config(data, FinderQuery(types=ask.types), current_reader())
    west, south, east, north = found.areas.total_bounds
    if np.isfinite(west):
        config["bounds"] = [[float(south), float(west)], [float(north), float(east)]]
    config |= {"pick": False, "page": "part", "plan": plan_layers(found, ask, view, language)}
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
    note = ""
    if found.gaps is not None and len(found.gaps) > _MOST_GAPS:
        note = words["fewer"].replace("{n}", f"{_MOST_GAPS:,}")
    return {
        "words": words,
        "note": note,
        "ramp": _ramp(measure, classes, values, language),
        "areas": _areas(areas, measure, classes, tolerance),
        "gaps": drawn_gaps,
        "service": _service(found.service, tolerance, found.areas),
        "walk": ask.walks,
        "facilities": found.counts.get("inside", found.counts["serving"]),
        "demand": _demand(found.demand),
        "whom": WHOM[found.question.weight].of(language),
    }


def _ramp(
    measure: Measure, classes: tuple[Class, ...], values: NDArray[np.float64], language: str
) -> dict[str, Any]:
    """Write the legend: each class with its range and how many areas it has."""
    word = _WORDS["class"].of(language)
    unit = measure.unit.of(language)
    return {
        "label": f"{measure.label.of(language)} ({unit})",
        "colours": measure.ramp(len(classes)),
        "classes": [
            word.replace("{range}", c.text).replace("{n}", str(c.count)) for c in classes
        ],
        "nodata": int((~np.isfinite(values)).sum()) if classes else 0,
    }  # fmt: skip


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
            "name": str(areas["name"].iloc[row]),
            "class": class_of(float(value), classes),
            "value": measure.text(float(value)),
            "uncovered": people(uncovered) if np.isfinite(uncovered) else "",
        }))  # fmt: skip
    return features


def _gaps(
    gaps: gpd.GeoDataFrame, tolerance: float, words: dict[str, str], language: str
) -> list[dict[str, Any]]:
    """Write the gaps, the ones with the most people first."""
    shapes = shapely.simplify(gaps.geometry.to_numpy(), tolerance)
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
    shapes = shapely.simplify(shapely.intersection(service.geometry.to_numpy(), box), tolerance)
    shapes = shapes[~shapely.is_empty(shapes)]
    if shapely.get_num_coordinates(shapes).sum() > _MOST_CORNERS:
        return []
    return [_feature(each, {}) for each in shapes]


def _demand(demand: gpd.GeoDataFrame | None) -> list[list[float]]:
    """Write the demand as longitude, latitude, people and covered share; none where too many."""
    if demand is None or len(demand) > _MOST_DEMAND:
        return []
    known = demand[demand["people"].gt(0) & demand["fraction"].notna()]
    spots = shapely.get_coordinates(shapely.point_on_surface(known.geometry.to_numpy()))
    columns = np.column_stack([
        spots.round(_DECIMALS), known["people"].to_numpy(), known["fraction"].to_numpy().round(3)
    ])  # fmt: skip
    rows: list[list[float]] = columns[np.argsort(-columns[:, 2], kind="stable")].tolist()
    return rows


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 (a shape)
    """Write a GeoJSON feature with coordinates of a metre."""
    rounded = shapely.set_precision(shape, 10**-_DECIMALS, mode="pointwise")
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded),
            "properties": properties}  # fmt: skip


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
