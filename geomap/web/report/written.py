"""A report as plain values: cover, key figures, tables, methods and sources, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.model.facility import TYPES
from geomap.web.plan.demand_spots import MOST_SPOTS
from geomap.web.plan.measures import MEASURES, number_text, ratio_text
from geomap.web.plan.page import people, without_ground
from geomap.web.report import methods
from geomap.web.report.curves import share_curve
from geomap.web.report.pictures import (
    coverage_map,
    inline,
    measure_map,
    names_of,
    people_map,
    whom_text,
)
from geomap.web.report.wordings import standard_text
from geomap.web.wording import day as day_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.plan.page import Writer
    from geomap.web.report.comparison import Comparison

#: Rows of a table, bars of a chart, columns of a table of indicators.
MOST_ROWS: Final = 60
_SOURCES: Final = ("facilities", "demand", "areas", "candidates", "exclusions")
_MOST_BARS, _COLUMNS, _MOST_NAMED = 20, 6, 20
_PER_CENT = 100


@dataclass(frozen=True)
class Told:
    """Everything a report is written from.

    Parameters
    ----------
    ask, review, inputs : the question, its answer, and the data it stands on.
    writer : puts the answer into words.
    names : of divisions, in full, by code.
    made_on : the day of the report.
    show : the measure that the map shows.
    by : who made it; a line to write on where empty.
    comparison : with an earlier state, where one was asked for.
    """

    ask: Ask
    review: PlanReview
    inputs: PlanInputs
    writer: Writer
    names: Mapping[str, str]
    language: str
    made_on: date
    show: str = "share"
    by: str = ""
    comparison: Comparison | None = None

    @property
    def place(self) -> str:
        """What the report is on: an area, or all of them."""
        row = self.review.whole.iloc[0]
        code = row.get("adcode") or self.ask.area
        named = row.get("name")
        if isinstance(named, str) and named:
            return self.names.get(str(code), named)
        if isinstance(code, str) and code in self.names:
            return self.names[code]
        if self.inputs.has_one_ground:
            return str(_("全部需求点所在的地方"))
        size = len(self.review.areas)
        return str(ngettext("全部 %(num)s 个地区", "全部 %(num)s 个地区", size))

    def day(self, value: date) -> str:
        """Write a day in full, as papers do."""
        return day_text(value, self.language, today=date.max)


def cover(told: Told) -> list[tuple[str, str]]:
    """List what the cover says."""
    asked, found = told.review.question, told.review
    kinds = [TYPES[each].of(told.language) for each in asked.types]
    layers = [told.inputs.layer(n) for n in ("facilities", "demand", "areas")]
    dates = [f"{each.title.of(told.language)} {each.data_date}" for each in layers if each]
    rows = [
        (_("范围"), _range(told)),
        (_("覆盖标准"), standard_text(told.review.question)),
        (_("看哪些人"), whom_text(found, told.language)),
        (_("机构类型"), _("、").join(kinds) if kinds else _("全部")),
        (_("数据日期"), _("；").join(dates)),
    ]  # fmt: skip
    if found.on is not None:
        rows.append((_("“今年”算到"), told.day(found.on)))
    if told.comparison is not None:
        rows.append((_("变化从哪天算"), told.day(told.comparison.since)))
    rows.append((_("制作日期"), told.day(told.made_on)))
    if told.by:
        rows.append((_("制作"), told.by))
    return [(str(label), str(value)) for label, value in rows]


def _range(told: Told) -> str:
    """Name the areas where they are few, else count them."""
    names = [str(each) for each in told.review.areas["name"]]
    if len(names) == 1:
        return told.place
    if len(names) <= _MOST_NAMED:
        return str(_("、")).join(names)
    return str(ngettext("%(num)s 个地区", "%(num)s 个地区", len(names)))


def gaps(told: Told) -> dict[str, Any]:
    """List the gaps, each with the name of the nearest facility."""
    found: dict[str, Any] = told.writer.gaps()
    homes = told.inputs.facilities
    wanted = [each["nearest"] for each in found["rows"] if each["nearest"]]
    there = homes[homes["id"].isin(wanted)]
    names = dict(zip(there["id"].tolist(), there["name"].tolist(), strict=True))
    rows = [each | {"nearest": str(names.get(each["nearest"], ""))} for each in found["rows"]]
    return found | {"rows": rows}


def unbuilt(told: Told) -> dict[str, Any]:
    """Name the areas without a facility, and count them."""
    found = told.review.unbuilt
    if found is None:
        return {"count": 0, "names": []}
    names = [each or str(_("没有名称")) for each in names_of(found.head(MOST_ROWS))]
    return {"count": len(found), "names": names}


def key_figures(told: Told) -> list[tuple[str, str, str]]:
    """List the few figures that matter: label, value, and what else to know."""
    found, whole = told.review, told.review.whole.iloc[0]
    rows: list[tuple[str, str, str]] = []
    if np.isfinite(found.share):
        rows = [
            (_("够得到的人占比"), f"{found.share * _PER_CENT:.1f}%",
             _("%(n)s 人", n=people(found.covered))),
            (_("够不到的人"), people(found.uncovered), _("共 %(n)s 人", n=people(found.people))),
        ]  # fmt: skip
    counts = found.counts
    shut = counts.get("not_in_service", 0)
    inside = counts.get("inside", counts.get("serving", 0))
    note = _("另有停办、在建、规划的 %(n)s 家没有算", n=f"{shut:,}") if shut else ""
    rows.append((_("在营机构"), f"{inside:,}", note))
    same = found.question.weight == "aged_60"
    for key in ("beds", "beds_per_1000", *(() if same else ("beds_per_1000_aged_60",))):
        value = float(whole.get(key, np.nan))
        if np.isfinite(value):
            label = _("床位") if key == "beds" else MEASURES[key].label.of(told.language)
            unit = "" if key == "beds" else MEASURES[key].unit.of(told.language)
            rows.append((label, number_text(value) if key == "beds" else ratio_text(value), unit))
    if found.gaps is not None:
        rows.append(_gap_figure(found))
    return [(str(a), str(b), str(c)) for a, b, c in rows]


def _gap_figure(found: PlanReview) -> tuple[str, str, str]:
    """Count the gaps; unknown where no area has a ground that they could be cut from."""
    label, undrawn = _("空白区"), without_ground(found)
    if undrawn == len(found.areas):
        return label, _("未知"), _("各地区都没有界线")
    notes = [_("%(n)s 平方公里", n=ratio_text(float(found.whole["gap_km2"].iloc[0])))]
    if undrawn:
        notes.append(_("另有 %(n)s 个地区没有界线", n=f"{undrawn:,}"))
    count = "" if found.gaps is None else f"{len(found.gaps):,}"
    return label, _("%(n)s 处", n=count), str(_("；")).join(map(str, notes))


def maps(told: Told) -> list[dict[str, str]]:
    """Draw the maps, each with what it says in words."""
    measure = MEASURES[told.show]
    drawn: list[tuple[str | None, str]] = [
        (coverage_map(told.review, told.inputs.facilities, told.language),
         _("够得到的地方和空白区（%(standard)s）", standard=standard_text(told.review.question))),
        (people_map(told.review, told.inputs.facilities, told.language), _people_caption(told)),
    ]  # fmt: skip
    if len(told.review.areas) > 1:  # one area has one colour: the figure says as much
        label = told.writer.column_label(told.show)
        drawn.append((measure_map(told.review, measure, told.language), label))
    return [{"src": src, "caption": str(words)} for src, words in drawn if src]


def _people_caption(told: Told) -> str:
    """Say of whom the map of people is, and where one circle stands for several places."""
    demand = told.review.demand
    whom = whom_text(told.review, told.language)
    if demand is not None and len(demand) > MOST_SPOTS:
        return str(_("谁够得到，谁够不到（%(whom)s）；需求点太多，相邻的合成一个圆", whom=whom))
    return str(_("谁够得到，谁够不到（%(whom)s）；每处需求点一个圆", whom=whom))


def charts(told: Told) -> list[dict[str, Any]]:
    """Write the charts as tables whose rows hold their bars: (area, texts, lengths of bars)."""
    found = [_bars(told, told.show)] if told.show != "uncovered" else []
    areas = told.review.areas
    if "covered" in areas and len(areas) > 1:
        worst = areas[areas["people"] > 0].nlargest(_MOST_BARS, "uncovered")
        top = float(worst["people"].max()) if len(worst) else 0.0
        if top > 0:
            found.append({
                "label": _("够得到和够不到的人"), "kind": "two", "note": "",
                "heads": [_("地区"), _("够得到"), _("够不到")],
                "rows": [
                    {"name": str(row["name"]),
                     "texts": [people(row["covered"]), people(row["uncovered"])],
                     "bars": [_length(row["covered"], top), _length(row["uncovered"], top)]}
                    for row in worst.to_dict("records")
                ],
            })  # fmt: skip
    return [each for each in found if each and len(each["rows"]) > 1]


def _bars(told: Told, key: str) -> dict[str, Any]:
    """Write a measure of the areas as bars, the largest first."""
    areas, measure = told.review.areas, MEASURES[key]
    values = measure.values(areas)
    order = [n for n in np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
             if np.isfinite(values[n])]  # fmt: skip
    top = 100.0 if measure.unit.en == "%" else max([*values[order], 0.0])
    top = max(top, *values[order]) if order else top
    shown = (
        order if len(order) <= _MOST_BARS else order[: _MOST_BARS // 2] + order[-_MOST_BARS // 2 :]
    )
    return {
        "label": told.writer.column_label(key), "kind": "one",
        "heads": [_("地区"), measure.unit.of(told.language)],
        "note": "" if len(shown) == len(order) else str(
            _("只列最高和最低的各 %(n)s 个，全部见“各地区”。", n=_MOST_BARS // 2)),
        "rows": [{"name": str(areas["name"].iloc[n]), "texts": [measure.text(float(values[n]))],
                  "bars": [_length(values[n], top)]} for n in shown],
    }  # fmt: skip


def _length(value: float, top: float) -> str:
    """Give a bar's length, of 100; what is negative has none."""
    return f"{max(0.0, float(value)) / top * _PER_CENT:.1f}" if top > 0 else "0"


def curve(told: Told) -> dict[str, Any] | None:
    """Draw how evenly the beds within reach are shared, with its table and its sentences."""
    lines = told.writer.equity()
    if not lines or told.review.lorenz is None:
        return None
    drawn, rows = share_curve(told.review.lorenz, whom_text(told.review, told.language))
    return {"src": inline(drawn), "rows": rows, "lines": lines}


def indicator_tables(told: Told) -> list[dict[str, Any]]:
    """Write the indicators of the areas, some columns at a time; those known nowhere are left."""
    areas = told.review.areas.head(MOST_ROWS)
    if "uncovered" in areas:
        areas = told.review.areas.nlargest(MOST_ROWS, "uncovered", keep="first")
    before = told.writer.columns()
    known = [key for key in MEASURES
             if key not in before and np.isfinite(MEASURES[key].values(areas)).any()]  # fmt: skip
    parts = -(-len(known) // _COLUMNS)
    groups = [known[n * len(known) // parts : (n + 1) * len(known) // parts] for n in range(parts)]
    return [
        {
            "heads": [told.writer.column_label(key) for key in group],
            "rows": [{"name": name or str(_("全部")), "cells": cells} for name, cells in zip(
                areas["name"].astype("str"), _cells(areas, group), strict=True)],
            "whole": _cells(told.review.whole, group)[0],
        }
        for group in groups
    ]  # fmt: skip


def _cells(areas: Any, keys: list[str]) -> list[list[tuple[str, str]]]:  # noqa: ANN401 (a frame)
    """Write each area's values, each with how many were left out as unknown."""
    columns = []
    for key in keys:
        unknown = areas.get(f"{key}_unknown")
        left = np.zeros(len(areas)) if unknown is None else unknown.to_numpy(dtype=np.float64)
        values = MEASURES[key].values(areas)
        columns.append([
            (MEASURES[key].text(float(value)), number_text(float(n)) if n > 0 else "")
            for value, n in zip(values, left, strict=True)
        ])  # fmt: skip
    return [list(each) for each in zip(*columns, strict=True)]


def sources(told: Told) -> list[dict[str, str]]:
    """List the data: what, whose, of which day, how many rows, under which licence."""
    found = []
    for name in told.inputs.published.layers:
        layer = told.inputs.layer(name)
        if layer is None or name not in _SOURCES:
            continue
        found.append({
            "title": layer.title.of(told.language), "source": layer.source, "day": layer.data_date,
            "rows": f"{layer.rows:,}", "licence": layer.licence or str(_("没有注明")),
            "attribution": layer.attribution, "sum": layer.sha256[:12],
        })  # fmt: skip
    return found


def caveats(told: Told) -> list[str]:
    """List what to keep in mind: of the data, and of how it was worked out."""
    layers = told.inputs.published.layers.values()
    said = [each.of(told.language) for layer in layers for each in layer.caveats]
    if told.inputs.has_one_ground:
        said.insert(0, _("没有导入行政区：地区是全部需求点外围的地面，空白区的面积只能看个大概。"))
    return [*methods.caveats(told.review), *map(str, said)]


def program() -> str:
    """Name what made the report."""
    try:
        return f"geomap {version('geomap')}"
    except PackageNotFoundError:
        return "geomap"
