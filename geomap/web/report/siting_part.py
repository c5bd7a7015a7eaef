"""The part of a report on where the next ones should go: question, map, reasons, trade-off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely
from flask_babel import gettext as _

from geomap.maps.people_picture import Mark, People, people_picture
from geomap.model.facility import TYPES
from geomap.web.plan.ask import Ask
from geomap.web.plan.form import WHOM
from geomap.web.plan.page import people
from geomap.web.report.curves import Step, trade_off
from geomap.web.report.pictures import in_service, inline, names_of
from geomap.web.report.wordings import straight_or_walk
from geomap.web.siting.answer_page import SiteWriter
from geomap.web.siting.ask import CANDIDATES, DEMAND, GRID, IGNORE
from geomap.web.siting.ground import sites_of
from geomap.web.siting.site_form import model_words, site_choices
from geomap.web.siting.site_map import site_layers
from geomap.web.siting.working import BEFORE, BEYOND, NEWLY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.siting.ask import SiteAsk

_MOST_LISTED, _MOST_ROWS = 20, 60
_MOST_MARKED: Final = 2_000


@dataclass(frozen=True)
class SitingAnswer:
    """A siting question and its answer.

    Parameters
    ----------
    found : as :func:`geomap.web.siting.document.document` writes it.
    spots : as :func:`geomap.web.siting.document.spots` gives them.
    """

    ask: SiteAsk
    found: Mapping[str, Any]
    spots: Sequence[Sequence[float]]


def siting_part(answer: SitingAnswer, inputs: PlanInputs, language: str) -> dict[str, Any]:
    """Write the part as plain values."""
    writer = SiteWriter(answer.found, answer.ask, language)
    areas = inputs.scope(Ask(area=answer.ask.area)).areas
    heads, rows = _reasons(writer, typed=bool(answer.ask.by_type))
    states = site_layers(answer.found, [], answer.ask, language)["words"]
    return {
        "question": question(answer, inputs, areas, language),
        "figure": writer.figure(),
        "map": _map(answer, inputs, areas, language),
        "heads": heads,
        "rows": rows,
        "more": max(0, len(answer.found["features"]) - len(rows)),
        "struck": writer.struck(),
        "from_demand": sites_of(answer.ask, inputs) == DEMAND,
        "curves": _curves(writer),
        "states": states,
        "areas": _by_area(answer, areas),
        "beyond": _unreachable(answer, inputs),
        "methods": _methods(answer),
    }


def question(
    answer: SitingAnswer, inputs: PlanInputs, areas: gpd.GeoDataFrame, language: str
) -> list[tuple[str, str]]:
    """Say what was asked, a line each."""
    ask, found = answer.ask, answer.found
    name, what = model_words()[ask.model]
    colon = "：" if language == "zh" else ": "
    rows = [(_("为了什么"), f"{name}{colon}{what}"), (_("选几处"), _count(ask))]
    rows += _standards(ask, language)
    rows += [
        (_("看哪些人"), WHOM[found["weight"]].of(language)),
        (_("范围"), _range(areas)),
        (_("从哪里选"), _source(ask, inputs, found)),
        (_("现有的机构"), _existing(ask, found, language)),
    ]
    if ask.budget is not None:
        rows.append((_("总费用不超过"), _("%(money)s 元", money=f"{ask.budget:,.0f}")))
    rows += _limits(ask, inputs, language)
    names = _names_of_places(found)
    for label, ids in ((_("一定要选的"), ask.required), (_("不能选的"), ask.excluded)):
        if ids:
            rows.append((label, _("、").join(names.get(each, each) for each in ids)))
    return [(str(label), str(value)) for label, value in rows]


def _limits(ask: SiteAsk, inputs: PlanInputs, language: str) -> list[tuple[str, str]]:
    """Say what else limits the choice: beds, whom a site can serve, who comes first, forbidden."""
    words = site_choices(inputs, {}, ask, language)
    rows = []
    if ask.beds is not None:
        rows.append((_("每处计划几张床"), f"{ask.beds:,.0f}"))
    if ask.capacity:
        rows.append((_("每处最多服务几人"), dict(words["capacity"])[ask.capacity]))
    if ask.equity:
        rows.append((_("先顾服务最差的地方"), dict(words["equity"])[f"{ask.equity:g}"]))
    if words["exclusions"]:
        rows.append((_("禁建区"), dict(words["exclusions"])[ask.exclusions]))
    return [(str(label), str(value)) for label, value in rows]


def _count(ask: SiteAsk) -> str:
    if ask.model == "lscp":
        return str(_("越少越好"))
    if ask.number is None:
        return str(_("不限，只看总费用"))
    return str(_("%(n)s 处", n=f"{ask.number:,}"))


def _standards(ask: SiteAsk, language: str) -> list[tuple[str, str]]:
    """Say within which distance people are covered; of each type where they are several."""
    if ask.by_type:
        said = [
            TYPES[each.type].of(language)
            + ("" if each.p is None else str(_("（%(n)s 处）", n=f"{each.p:,}")))
            + ("" if each.standard_m is None else " " + straight_or_walk(each.standard_m, ask))
            for each in ask.by_type
        ]
        return [(str(_("机构类型")), str(_("；")).join(said))]
    if ask.standard_m is None:
        return [(str(_("怎么算距离")), str(_("沿街道") if ask.walks else _("直线")))]
    return [(str(_("覆盖标准")), straight_or_walk(ask.standard_m, ask))]


def _range(areas: gpd.GeoDataFrame) -> str:
    names = [each for each in names_of(areas) if each]
    if 0 < len(names) <= _MOST_LISTED:
        return str(_("、")).join(names)
    return str(_("全部"))


def _source(ask: SiteAsk, inputs: PlanInputs, found: Mapping[str, Any]) -> str:
    """Say where the candidates come from, and how many took part."""
    words = {
        CANDIDATES: _("导入的候选地点（%(n)s 处）"),
        DEMAND: _("有人住的地方都可以（需求点 %(n)s 处）"),
        GRID: _("每 %(metres)s 米一个格点（%(n)s 处）"),
    }
    n, metres = f"{found['candidates']:,}", f"{ask.grid_m:,.0f}"
    return str(words[sites_of(ask, inputs)] % {"n": n, "metres": metres})


def _existing(ask: SiteAsk, found: Mapping[str, Any], language: str) -> str:
    if ask.existing == IGNORE:
        return str(_("不算，从头布点"))
    kinds = str(_("、")).join(TYPES[each].of(language) for each in ask.types)
    said = _("保留 %(n)s 家，新的补它们的缺", n=f"{found['existing']:,}")
    return f"{said}{_('（%(what)s）', what=kinds) if kinds else ''}"


def _names_of_places(found: Mapping[str, Any]) -> dict[str, str]:
    told = [each["properties"] for each in found["features"]]
    return {each["id"]: each["name"] for each in told if each.get("name")}


def _map(
    answer: SitingAnswer, inputs: PlanInputs, areas: gpd.GeoDataFrame, language: str
) -> str | None:
    """Draw the chosen sites among the people and what stands."""
    ask = answer.ask
    drawn = site_layers(answer.found, [list(each) for each in answer.spots], ask, language)
    words = drawn["words"]
    groups = [People(look, words[name], drawn["spots"][name]) for look, name in
              (("before", "before"), ("beyond", "beyond"), ("newly", "newly"))]  # fmt: skip
    facilities: NDArray[np.object_] = np.array([], dtype=object)
    if ask.existing != IGNORE:
        facilities = in_service(inputs.facilities, ask.types)
    at = ((each["geometry"]["coordinates"], each["properties"]["rank"])
          for each in answer.found["features"][:_MOST_MARKED])  # fmt: skip
    marks = [Mark(spot[0], spot[1], str(rank)) for spot, rank in at]
    return inline(people_picture(
        areas.geometry.to_numpy(), names=names_of(areas), people=groups, facilities=facilities,
        marks=marks, ring_m=drawn["radius"], language=language,
        words={"title": str(_("下一家建在哪里")), "facility": words["facilities"],
               "area": str(_("地区界线")), "mark": words["chosen"], "ring": words["circle"]},
    ))  # fmt: skip


def _reasons(
    writer: SiteWriter, *, typed: bool
) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """Write why each site is there: heads, and rows of cells; what is known of none is left."""
    rank, place, served, other, loses = writer.heads()
    more, lacks = writer.more_heads(), str(_("没有算"))
    rows = [
        [_cell(row["rank"]), _cell(row["name"], name=True),
         *([_cell(row["type"])] if typed else []), _cell(row["people"], number=True),
         *(_cell(text, number=True) for text in row["more"]),
         _cell(row["other"] or lacks), _cell(row["loses"] or lacks)]
        for row in writer.rows()
    ]  # fmt: skip
    heads = [(rank, False), (place, False), *([(str(_("机构类型")), False)] if typed else []),
             (served, True), *((each, True) for each in more), (other, False),
             (loses, False)]  # fmt: skip
    return [{"label": label, "number": number} for label, number in heads], rows


def _cell(text: str, *, number: bool = False, name: bool = False) -> dict[str, Any]:
    return {"text": text, "number": number, "name": name}


def _curves(writer: SiteWriter) -> list[dict[str, Any]]:
    """Draw what more or fewer sites, and more or less money, would give, each with its table."""
    found, sites, money = [], writer.curve(), writer.money_curve()
    if sites is not None:
        own = _Axis(str(_("新建几处")), "p", str(_("新建几处")), "p")
        found.append(_curve(str(_("多几处、少几处会怎样")), sites, own))
    if money is not None:
        own = _Axis(money["across"], "x", str(_("总费用（元）")), "money")
        found.append(_curve(str(_("钱多、钱少会怎样")), money, own) | {"most": money["most"]})
    return found


class _Axis(NamedTuple):
    """What a trade-off is against: its words and key in the picture, and in the table."""

    drawn: str
    drawn_key: str
    told: str
    told_key: str


def _curve(title: str, told: Mapping[str, Any], axis: _Axis) -> dict[str, Any]:
    """Write one trade-off with its picture."""
    steps = [Step(row[axis.drawn_key], row["value"], row["own"]) for row in told["rows"]]
    drawn = trade_off(steps, title=title, across=axis.drawn, up=told["label"])
    shares = [_("占比")] if told["share"] else []
    sites = [_("建几处")] if axis.told_key == "money" else []
    heads = [axis.told, told["label"], *shares, _("比上一行"), *sites, _("证明是最好的")]
    return {
        "title": title, "caption": told["label"], "heads": [str(each) for each in heads],
        "src": inline(drawn), "most": "",
        "rows": [
            {"x": row[axis.told_key], "own": row["own"],
             "cells": [row["text"], *([row["share"]] if shares else []), row["step"],
                       *([row["sites"]] if sites else []),
                       str(_("是") if row["proven"] else _("还没有"))]}
            for row in told["rows"]
        ],
    }  # fmt: skip


def _by_area(answer: SitingAnswer, areas: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """Count who is reached by area; nothing where the answer keeps only some of the people."""
    import geopandas as gpd

    from geomap.model.crs import GEOGRAPHIC
    from geomap.plan.placing import place

    if not len(answer.spots) or len(areas) <= 1:
        return []
    lon, lat, number, state = np.array(answer.spots, dtype=np.float64)[:, :4].T
    if not np.isclose(number.sum(), answer.found["people"]):
        return []
    placed = place(gpd.GeoDataFrame(geometry=shapely.points(lon, lat), crs=GEOGRAPHIC), areas)
    before, newly, beyond = (placed.sums(np.where(state == each, number, 0.0))
                             for each in (BEFORE, NEWLY, BEYOND))  # fmt: skip
    order = np.argsort(-beyond, kind="stable")[:_MOST_ROWS]
    names = names_of(areas)
    return [
        {"name": names[n], "before": people(before[n]), "newly": people(newly[n]),
         "beyond": people(beyond[n])}
        for n in order.tolist() if before[n] + newly[n] + beyond[n] > 0
    ]  # fmt: skip


def _unreachable(answer: SitingAnswer, inputs: PlanInputs) -> dict[str, Any]:
    """List the places that no candidate could reach, those with the most people first."""
    told, demand = answer.found["unreachable"], inputs.demand
    weight = answer.found["weight"]
    if demand is None or not told["ids"] or weight not in demand:
        return {"rows": [], "count": 0}
    some = demand[demand["id"].isin(told["ids"])]
    some = some.sort_values(weight, ascending=False, kind="stable").head(_MOST_LISTED)
    rows = [
        {"name": name if isinstance(name, str) and name else key,
         "people": people(number) if np.isfinite(number) else str(_("未知"))}
        for key, name, number in zip(
            some["id"].astype("str"), some["name"].tolist(),
            some[weight].to_numpy(dtype=np.float64, na_value=np.nan), strict=True)
    ]  # fmt: skip
    return {"rows": rows, "count": told["rows"]}


def _methods(answer: SitingAnswer) -> list[str]:
    """Say how the sites were chosen, and what that cannot say."""
    names = {
        "lscp": _("集合覆盖模型（LSCP，Toregas 等 1971）：地点最少，让能够到的人都够得到。"),
        "mclp": _("最大覆盖模型（MCLP，Church、ReVelle 1974）：处数定了，让够得到的人最多。"),
        "p_median": _("p-中位模型（Hakimi 1964）：处数定了，让人到最近一处的距离之和最小。"),
        "p_center": _("p-中心模型（Hakimi 1964）：处数定了，让最远的人到最近一处的距离最小。"),
    }
    return [
        str(names[answer.ask.model]),
        str(_("先求好的选法，再求界：界和选法一样好，才写“已证明”；否则写明至多差多少。")),
        str(_("“换成次好的地点”：别的几处不变，只换这一处。取舍表里每一行都是单独求解的。")),
    ]
