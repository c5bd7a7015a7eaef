"""The planner's page as plain values: figures, tables, lists and charts of a review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from flask_babel import gettext as _

from geomap.model.facility import TYPES
from geomap.model.standards import DIRECTIONS, SURENESS, UNITS
from geomap.plan.sites import has_geometry
from geomap.web import wording
from geomap.web.language import page_url
from geomap.web.plan.beyond import beyond_streets
from geomap.web.plan.form import WHOM
from geomap.web.plan.inputs import GROUND
from geomap.web.plan.measures import MEASURES, number_text, ratio_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from geomap.model.standards import Rule, RulePack
    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.form import View

_MOST_ROWS, _MOST_LISTED, _MOST_CHARTED = 200, 20, 20
#: Columns of the table of areas, besides the name and the shown measure.
_COLUMNS: Final = ("people", "uncovered", "share", "beds", "beds_per_1000", "access", "gap_km2")
_PER_CENT = 100
_DIRECTIONS: Final = {"asc": "ascending", "desc": "descending"}
_ENDS = 2
_TENTHS: Final = tuple(n / 10 for n in range(11))
#: Columns of whole numbers.
_WHOLE: Final = ("people", "uncovered", "beds")


@dataclass(frozen=True)
class Writer:
    """Writes a review for one reader."""

    review: PlanReview
    ask: Ask
    view: View
    language: str
    names: Mapping[str, str]

    def figure(self) -> dict[str, Any]:
        """Write the key figure, and the sentences under it."""
        found = self.review
        whom = WHOM[found.question.weight].of(self.language)
        if self.language == "zh" and whom[0].isdigit():  # 的 60 岁及以上老人
            whom = f" {whom}"
        beyond = beyond_streets(found)
        if not np.isfinite(found.share):
            late = any(each.step == "coverage" for each in found.cut)  # said below, with the rest
            none = [] if late or beyond else [_("没有人口数据，算不出多少人够得到。")]
            return {"share": None, "lines": [*none, *beyond]}
        lines = [
            _("%(covered)s 人够得到，%(uncovered)s 人够不到。",
              covered=people(found.covered), uncovered=people(found.uncovered)),
        ]  # fmt: skip
        if found.unknown_rows:
            lines.append(
                _("另有 %(rows)s 处的人数未知，没有算进去。", rows=f"{found.unknown_rows:,}")
            )
        if found.without_place_rows:
            lines.append(_("另有 %(people)s 人（%(rows)s 处）没有位置，没有算进去。",
                           people=people(found.without_place),
                           rows=f"{found.without_place_rows:,}"))  # fmt: skip
        lines += beyond
        if found.evenly:
            lines.append(_("没有需求点数据：按各地区的人口平均分布估算，只能看个大概。"))
        said = (
            _("的%(whom)s沿街道走 %(metres)s 米之内有机构（约 %(minutes)s 分钟，每秒 %(speed)s 米）")  # noqa: E501 (one sentence)
            if self.ask.walks
            else _("的%(whom)s在直线 %(metres)s 米距离内有机构")
        ) % {
            "whom": whom, "metres": f"{self.ask.standard_m:,.0f}",
            "minutes": f"{np.ceil(self.ask.minutes):.0f}", "speed": f"{self.ask.speed_mps:g}",
        }  # fmt: skip
        return {"share": f"{found.share * _PER_CENT:.1f}%", "said": said, "lines": lines}

    def table(self) -> dict[str, Any]:
        """Write the areas, sorted; columns with nothing known are left out."""
        areas, columns = self.review.areas, self.columns()
        key = self.view.sort if self.view.sort in (*columns, "name") else "uncovered"
        rows = self.rows(areas, self.ordered(areas, key)[:_MOST_ROWS], columns)
        return {
            "columns": [self.heading(each, key) for each in columns],
            "name": self.heading("name", key),
            "rows": rows,
            "whole": self.rows(self.review.whole, [0], columns)[0] if len(rows) > 1 else None,
            "more": max(0, len(areas) - _MOST_ROWS),
        }

    def columns(self) -> list[str]:
        """Choose the columns of the table of areas: those that anything is known of."""
        shown = [self.view.show] if self.view.show in MEASURES else []
        wanted = dict.fromkeys((*_COLUMNS, *shown))
        return [e for e in wanted if np.isfinite(self.values(e, self.review.areas)).any()]

    def values(self, key: str, areas: gpd.GeoDataFrame) -> Any:  # noqa: ANN401 (an array)
        """Give a column as it is shown."""
        if key in MEASURES:
            return MEASURES[key].values(areas)
        if key not in areas:
            return np.full(len(areas), np.nan)
        return areas[key].to_numpy(dtype=np.float64)

    def ordered(self, areas: gpd.GeoDataFrame, key: str) -> list[int]:
        """Give the positions of areas in order; unknown ones come last."""
        if key == "name":
            names = [str(each) for each in areas["name"]]
            return sorted(range(len(names)), key=lambda n: names[n])
        values = self.values(key, areas)
        sign = 1 if self.view.order == "asc" else -1
        order: list[int] = np.argsort(np.where(np.isfinite(values), sign * values, np.inf),
                                      kind="stable").tolist()  # fmt: skip
        return order

    def heading(self, key: str, sorted_by: str) -> dict[str, Any]:
        """Write a heading: a link that sorts by it, and the other way round when pressed again."""
        is_own = key == sorted_by
        order = "asc" if is_own and self.view.order == "desc" else "desc"
        return {
            "key": key, "label": self.column_label(key), "href": self.link(sort=key, order=order),
            "sorted": _DIRECTIONS[self.view.order] if is_own else None,
        }  # fmt: skip

    def column_label(self, key: str) -> str:
        """Name a column."""
        whom = WHOM[self.review.question.weight].of(self.language)
        plain = {
            "name": _("地区"), "people": whom[:1].upper() + whom[1:],
            "uncovered": _("够不到的人"), "beds": _("床位"), "gap_km2": _("空白区（平方公里）"),
        }  # fmt: skip
        if key in plain:
            return str(plain[key])
        return MEASURES[key].titled(self.language)

    def rows(
        self, areas: gpd.GeoDataFrame, places: list[int], columns: Iterable[str]
    ) -> list[dict[str, Any]]:
        """Write areas at some places: each a link that asks about it alone, and its cells."""
        told = {each: self.values(each, areas) for each in columns}
        named = areas[[each for each in ("id", "name", "adcode") if each in areas]].iloc[places]
        found = []
        for place, area in zip(places, named.to_dict("records"), strict=True):
            code = area.get("adcode")
            key = code if isinstance(code, str) and code else area.get("id")
            name = area.get("name")
            if not isinstance(name, str) or not name:
                name = self.names.get(str(code)) or (_("全部") if key == GROUND else _("合计"))
            cells = [{"text": cell(each, float(told[each][place]))} for each in told]
            found.append({"name": str(name), "href": self.area_link(key), "cells": cells})
        return found

    def area_link(self, key: object) -> str | None:
        """Ask the same of one area; None where it is asked about already."""
        if not isinstance(key, str) or key in (self.ask.area, "whole", GROUND):
            return None
        return page_url("plan_pages.plan", **self.ask.parameters(area=key, level=""),
                        **self.view.parameters())  # fmt: skip

    def link(self, **changed: str) -> str:
        """Look at the same answer another way."""
        parameters = {**self.ask.parameters(), **self.view.parameters(**changed)}
        return page_url("plan_pages.plan", **parameters) + "#areas"

    def gaps(self) -> dict[str, Any]:
        """Write the gaps, the most people first."""
        gaps = self.review.gaps
        if gaps is None:
            return {"rows": [], "count": 0, "undrawn": ""}
        names = [self.gap_name(each) for each in gaps.head(_MOST_LISTED).itertuples()]
        rows = [
            {
                "name": name,
                "people": number_or_unknown(row.population, people),
                "km2": ratio_text(float(row.area_km2)),
                "nearest": None if not isinstance(row.nearest_id, str) else row.nearest_id,
                "distance": distance(float(row.distance_m), self.language),
            }
            for name, row in zip(names, gaps.head(_MOST_LISTED).itertuples(), strict=True)
        ]
        undrawn = without_ground(self.review)
        said = _("%(n)s 个地区没有界线，里面的空白区未知。", n=f"{undrawn:,}") if undrawn else ""
        return {"rows": rows, "count": len(gaps), "undrawn": said}

    def gap_name(self, row: Any) -> str:  # noqa: ANN401 (a named tuple)
        """Name the area a gap lies in."""
        named = (getattr(row, each, None) for each in ("area_name", "adcode"))
        return next((each for each in named if isinstance(each, str) and each), str(_("全部")))

    def far(self) -> list[dict[str, Any]]:
        """Write the areas that count as built though few of their people can get there."""
        rows = self.review.far
        if rows is None:
            return []
        return [
            {"name": str(row.name_ or _("全部")), "share": f"{row.share * _PER_CENT:.1f}%",
             "people": people(row.people), "uncovered": people(row.uncovered)}
            for row in rows.rename(columns={"name": "name_"}).head(_MOST_LISTED).itertuples()
        ]  # fmt: skip

    def indicators(self) -> list[dict[str, Any]]:
        """Write every measure of the whole: base, what is unknown, formula and source."""
        whole = self.review.whole
        found = []
        for key, each in MEASURES.items():
            value = float(each.values(whole)[0])
            base, unknown = (
                float(whole[f"{key}{end}"].iloc[0]) if f"{key}{end}" in whole else np.nan
                for end in ("_base", "_unknown")
            )
            found.append({
                "key": key, "label": each.label.of(self.language),
                "known": bool(np.isfinite(value)),
                "value": each.text(value), "unit": each.unit.of(self.language),
                "base": number_text(base), "unknown": number_text(unknown),
                "formula": each.formula.of(self.language), "source": each.source.of(self.language),
                "href": self.link(show=key),
            })  # fmt: skip
        return found

    def verdicts(self, pack: RulePack) -> list[dict[str, Any]]:
        """Write the pack's rules, held against the whole and counted over the areas."""
        found = self.review.verdicts
        if found is None or found.empty:
            return []
        size = len(self.review.areas)
        rows = []
        for key, group in found.groupby("rule", sort=False):
            whole = group[group.index >= size].iloc[0]
            met = group[group.index < size]["met"]
            rule = pack.rule(str(key))
            yes = int(met.fillna(value=False).sum())
            counts = (yes, int(met.notna().sum()) - yes, int(met.isna().sum()))
            rows.append({
                "label": rule.label.of(self.language), "asked": self.asked_text(rule),
                "value": number_text(float(whole["value"])) or _("未知"),
                "met": None if pd.isna(whole["met"]) else bool(whole["met"]),
                "short": number_text(float(whole["short"])),
                "areas": counts,
                **clause(rule, self.language),
            })  # fmt: skip
        return rows

    def asked_text(self, rule: Rule) -> str:
        """Write what a rule asks: 不低于 40 张/千名老人."""
        upper = "" if rule.number_to is None else f"–{rule.number_to:g}"
        unit = UNITS[rule.unit].of(self.language)
        space = "" if unit == "%" else " "
        asked = DIRECTIONS[rule.direction].of(self.language)
        return f"{asked} {rule.number:g}{upper}{space}{unit}"

    def claims(self) -> list[dict[str, Any]]:
        """Write published figures with their verdicts and the working."""
        found, lang = self.review.claims, self.language
        if found is None or found.empty:
            return []
        return [
            {"said": row[f"said_{lang}"], "place": row[f"place_{lang}"],
             "verdict": row["verdict"], "verdict_text": row[f"verdict_{lang}"],
             "working": row[f"working_{lang}"].split("\n"), "url": row["source_url"],
             "sure": SURENESS[row["sureness"]].of(lang)}
            for row in found.to_dict("records")
        ]  # fmt: skip

    def facilities(self) -> list[dict[str, Any]]:
        """Write lists of facilities to act on; each with its number and its first rows."""
        named = (
            ("overdue", _("今年没有检查记录的机构"), "inspected_on"),
            ("crowding", _("入住率高于 95% 或低于 50% 的机构"), "occupancy"),
            ("unpaired", _("没有结对干部的机构"), "township"),
        )
        found = []
        for key, label, column in named:
            rows = getattr(self.review, key)
            if rows is not None and len(rows):
                first = [
                    self.facility(each, column)
                    for each in rows.head(_MOST_LISTED).to_dict("records")
                ]
                found.append({"key": key, "label": label, "count": len(rows), "rows": first})
        return found

    def facility(self, row: Mapping[Any, Any], column: str) -> dict[str, str]:
        """Write one facility of a list."""
        value = row.get(column)
        text = "" if value is None or pd.isna(value) else str(value)
        if column == "inspected_on":
            text = text[:10] or _("未知")
        if column == "occupancy":
            text = f"{float(row['occupancy']):.0f}%"
        kind = TYPES[row["type"]].of(self.language) if row.get("type") in TYPES else ""
        return {"name": str(row["name"]), "kind": kind, "value": text,
                "href": page_url("pages.facility", facility_id=row["id"])}  # fmt: skip

    def charts(self) -> list[dict[str, Any]]:
        """Write what is drawn, each as the table that it is drawn from."""
        shown = MEASURES[self.view.show]
        areas = self.review.areas
        values = shown.values(areas)
        ranked = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
        order = ranked[np.isfinite(values[ranked])][:_MOST_CHARTED].tolist()
        names, told = areas["name"].astype("str").tolist(), values.tolist()
        bars = {
            "kind": "bar",
            "label": self.column_label(self.view.show),
            "heads": [_("地区"), shown.unit.of(self.language)],
            "rows": [(names[n], told[n], shown.text(told[n])) for n in order],
        }
        return ([bars] if len(order) > 1 else []) + self.curve()

    def curve(self) -> list[dict[str, Any]]:
        """Write the Lorenz curve by tenths of the people."""
        curve = self.review.lorenz
        even = self.review.equity.get("gini", np.nan)
        if curve is None or len(curve) <= _ENDS or not np.isfinite(even):
            return []
        x, y = (curve.iloc[:, place].to_numpy(dtype=float) for place in (0, 1))
        at = np.interp(_TENTHS, x, y)
        rows = [
            (f"{share:.0%}", float(value) * _PER_CENT, f"{value:.1%}")
            for share, value in zip(_TENTHS, at, strict=True)
        ]
        heads = [_("从够得到最少的人起"), _("占有的床位")]
        label = _("够得到的床位怎么分（洛伦兹曲线）")
        return [{"kind": "line", "label": label, "heads": heads, "rows": rows}]

    def equity(self) -> list[str]:
        """Say how evenly the beds within reach are shared."""
        told = self.review.equity
        if not np.isfinite(told.get("gini", np.nan)):
            return []
        palma = told["palma"]
        lines = [
            _("基尼系数 %(gini)s（0 是人人一样，1 是一人独有）。", gini=f"{told['gini']:.2f}"),
            _("够得到最少的十分之一的人，平均每千人够得到 %(beds)s 张床位；全体平均 %(mean)s 张。",
              beds=number_text(told["worst_mean"] * 1_000), mean=number_text(told["mean"] * 1_000)),
        ]  # fmt: skip
        if np.isfinite(palma):
            lines.append(_("最好的十分之一占有的，是最差的四成的 %(times)s 倍（帕尔马比值）。",
                           times=number_text(palma)))  # fmt: skip
        return lines

    def cut(self) -> list[str]:
        """Name what the time budget left out."""
        words = {
            "service": _("服务范围"), "coverage": _("覆盖人数"), "gaps": _("空白区"),
            "indicators": _("指标"), "access": _("够得到的床位"), "claims": _("公布数字的核对"),
        }  # fmt: skip
        return [
            _("%(step)s：算完 %(done)s 个，%(left)s 个没算", step=words[each.step],
              done=f"{each.done:,}", left=f"{each.of - each.done:,}")
            if each.of > 1 else _("%(step)s：没有算", step=words[each.step])
            for each in self.review.cut
        ]  # fmt: skip


def without_ground(found: PlanReview) -> int:
    """Count the areas that are not drawn: their gaps are unknown."""
    return int((~has_geometry(found.areas)).sum())


def clause(rule: Rule, language: str) -> dict[str, Any]:
    """Say where a rule stands, and how sure that is."""
    return {"clause": rule.clause.of(language), "sure": SURENESS[rule.sureness].of(language),
            "url": rule.source_url or ""}  # fmt: skip


def people(number: float) -> str:
    """Write a number of people in full."""
    return f"{number:,.0f}"


def number_or_unknown(value: float, write: Any) -> str:  # noqa: ANN401 (a function of a number)
    """Write a number, or that it is unknown."""
    return str(write(value)) if np.isfinite(value) else str(_("未知"))


def distance(metres: float, language: str) -> str:
    """Write a straight-line distance: 直线 320 米."""
    if not np.isfinite(metres):
        return str(_("没有机构"))
    return str(_("直线 %(far)s", far=wording.distance(metres, language)))


def cell(column: str, value: float) -> str:
    """Write a value of a column of areas; "" where unknown."""
    if column in _WHOLE:
        return people(value) if np.isfinite(value) else ""
    return MEASURES[column].text(value) if column in MEASURES else ratio_text(value)
