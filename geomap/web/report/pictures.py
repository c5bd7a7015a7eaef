"""The maps of a report, each as the address that holds it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np
from flask_babel import gettext as _

from geomap.maps.area_picture import coverage_picture, measure_picture
from geomap.maps.people_picture import People, people_picture
from geomap.model.facility import NOT_OPEN
from geomap.web.plan.classes import class_of, class_text, classes_of, nodata_text
from geomap.web.plan.demand_spots import HALF, demand_spots
from geomap.web.plan.form import WHOM
from geomap.web.plan.measures import COUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.plan.review import PlanReview
    from geomap.web.plan.measures import Measure


def in_service(facilities: gpd.GeoDataFrame, types: Sequence[str]) -> NDArray[np.object_]:
    """Give the places of the facilities that serve: of some types, or of all."""
    if types:
        facilities = facilities[facilities["type"].isin(types)]
    if "status" in facilities:
        facilities = facilities[~facilities["status"].isin(NOT_OPEN)]
    return shapes_of(facilities)


def coverage_map(found: PlanReview, facilities: gpd.GeoDataFrame, language: str) -> str | None:
    """Draw the ground within reach and what is not; None where no area has a shape."""
    walked = found.question.minutes is not None
    metres = f"{found.question.reach_m:,.0f}"
    words = {
        "title": _("够得到的地方和空白区"), "facility": _("在营机构"), "area": _("地区界线"),
        "gap": _("空白区：标准距离内没有机构"),
        "reach": _("沿街道走 %(n)s 米之内", n=metres) if walked
        else _("直线 %(n)s 米之内", n=metres),
    }  # fmt: skip
    drawn = coverage_picture(
        found.areas.geometry.to_numpy(), names=names_of(found.areas), walked=walked,
        service=shapes_of(found.service), gaps=shapes_of(found.gaps),
        facilities=in_service(facilities, found.question.types),
        reach_m=found.question.reach_m, words=words, language=language,
    )  # fmt: skip
    return inline(drawn)


def people_map(found: PlanReview, facilities: gpd.GeoDataFrame, language: str) -> str | None:
    """Draw where people live, those within reach and those who are not; None without demand."""
    spots = np.array(demand_spots(found.demand))
    if found.evenly or not len(spots):
        return None
    reached = spots[:, 3] >= HALF
    words = {"title": _("谁够得到，谁够不到"), "facility": _("在营机构"), "area": _("地区界线")}
    drawn = people_picture(
        found.areas.geometry.to_numpy(), names=names_of(found.areas),
        people=[People("reached", _("够得到的人（圆越大人越多）"), spots[reached, :3].tolist()),
                People("beyond", _("够不到的人"), spots[~reached, :3].tolist())],
        facilities=in_service(facilities, found.question.types), words=words, language=language,
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
              zip(names_of(found.areas), values, strict=True)]  # fmt: skip
    drawn = measure_picture(
        found.areas.geometry.to_numpy(), labels=labels, legend=legend, language=language,
        title=measure.titled(language),
        colours=[None if each is None else ramp[each] for each in numbers],
    )  # fmt: skip
    return inline(drawn)


def whom_text(found: PlanReview, language: str) -> str:
    """Say whom the counts are of."""
    return WHOM[found.question.weight].of(language)


def inline(picture: bytes | None) -> str | None:
    """Give the address that holds a picture itself."""
    if picture is None:
        return None
    return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"


def names_of(areas: gpd.GeoDataFrame) -> list[str]:
    """Give the names of areas; "" for what has none."""
    return [each if isinstance(each, str) else "" for each in areas["name"]]


def shapes_of(frame: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    """Give the shapes of a frame; none of none."""
    if frame is None:
        return np.array([], dtype=object)
    shapes: NDArray[np.object_] = frame.geometry.to_numpy()
    return shapes
