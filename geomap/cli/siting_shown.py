"""What ``geomap site`` says of an answer, and the rows that it writes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from geomap.model.facility import TYPES
from geomap.plan.siting.answer import COVERING

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.cli.shown import Screen
    from geomap.web.siting.working import Solved

    Told = dict[str, Any]

#: Columns that are added to those of the candidates, where there is anything to tell.
_ADDED = (
    "rank", "type", "new_people", "yuan_per_person", "subsidy_low", "subsidy_high",
    "next_best_id", "next_best_name", "next_best_loses_people", "next_best_loses_person_metres",
    "next_best_loses_metres",
)  # fmt: skip


def chosen_frame(solved: Solved, answer: Told) -> gpd.GeoDataFrame:
    """Give the chosen sites, those that serve the most people first, with what is told of each."""
    import pandas as pd

    told = pd.DataFrame([each["properties"] for each in answer["features"]])
    rows = solved.ground.places.index.get_indexer_for(solved.siting.chosen)
    frame = solved.ground.places.iloc[rows]
    frame = frame.set_index(frame.index.astype("str"))
    if told.empty:
        return frame.reset_index()
    frame = frame.loc[told["id"]].reset_index()
    added = {each: told[each] for each in _ADDED if each in told and told[each].notna().any()}
    if "yuan_per_person" in added and "cost" not in frame:
        del added["yuan_per_person"]
    return frame.assign(**added)


def say_answer(screen: Screen, solved: Solved, told: Told) -> None:
    """Say what came of it, how good it is, what it costs and what it leaves."""
    _say_struck(screen, told["struck"])
    _say_people(screen, told)
    _say_types(screen, told)
    _say_bound(screen, told)
    _say_beds(screen, solved)
    _say_money(screen, told)
    _say_curves(screen, solved, told)
    _say_left_out(screen, told)


def _say_struck(screen: Screen, struck: Told) -> None:
    """Say which candidates took no part."""
    reasons = (
        ("exclusions", "{} 处在禁建区里", "{} in exclusion areas"),
        ("small", "{} 处放不下计划的床位", "{} too small for the beds planned"),
        ("unknown_size", "{} 处不知道能放多少床", "{} of which nobody knows how many beds fit"),
    )
    said = [
        screen.say(zh, en).format(f"{struck[name]:,}") for name, zh, en in reasons if struck[name]
    ]
    if said:
        zh, en = "、".join(said), ", ".join(said)
        screen.print(screen.say(f"没有参加的候选地点：{zh}", f"Candidates that take no part: {en}"))


def _say_people(screen: Screen, told: Told) -> None:
    """Say whom the chosen sites serve."""
    count, weight = told["p"], told["weight"]
    people = f"{sum(each['properties']['new_people'] for each in told['features']):,.0f}"
    if told["model"] in COVERING:
        total, before = f"{told['covered']:,.0f}", f"{told['covered_before']:,.0f}"
        zh = f"选出 {count} 处：新覆盖 {people} 人（{weight}），共覆盖 {total} 人，原来 {before} 人"
        en = (
            f"{count} sites chosen: {people} people newly covered ({weight}),"
            f" {total} in all, {before} before"
        )
    else:
        value = f"{told['objective']:,.0f}"
        zh = f"选出 {count} 处：{people} 人由新址就近服务（{weight}）；目标值 {value}"
        en = f"{count} sites chosen: nearest for {people} people ({weight}); objective {value}"
    screen.print(screen.say(zh, en))
    far = told["distance"]
    if far is not None and far["mean_m"] is not None:
        mean, most = _metres(far["mean_m"]), _metres(far["farthest_m"])
        was, was_most = _metres(far["mean_before_m"]), _metres(far["farthest_before_m"])
        screen.print(
            screen.say(
                f"平均 {mean} 米（原来 {was}），最远 {most} 米（原来 {was_most}）",
                f"Mean distance {mean} m ({was} before), farthest {most} m ({was_most} before)",
            )
        )


def _metres(value: float | None) -> str:
    return "?" if value is None else f"{value:,.0f}"


def _say_types(screen: Screen, told: Told) -> None:
    """Say it of each type, where several were sited at once."""
    for each in told["by_type"]:
        label = TYPES[each["type"]].of(screen.language)
        newly, total = f"{each['newly_covered']:,.0f}", f"{each['covered']:,.0f}"
        screen.print(
            screen.say(
                f"  {label}：{each['p']} 处，新覆盖 {newly} 人，共覆盖 {total} 人",
                f"  {label}: {each['p']} sites, {newly} people newly covered, {total} in all",
            )
        )


def _say_bound(screen: Screen, told: Told) -> None:
    """Say whether that is proven the best, else how far from it at most."""
    if told["status"] == "optimal":
        screen.print(screen.say("已证明最优", "Proven the best"))
        return
    gap = "?" if told["gap"] is None else f"{told['gap']:.2%}"
    bound = "?" if told["bound"] is None else f"{told['bound']:,.0f}"
    screen.print(
        screen.say(
            f"时间用完，尚未证明最优：离最优至多差 {gap}（界 {bound}）",
            f"Out of time, not proven the best: within {gap} of it (bound {bound})",
        )
    )


def _say_beds(screen: Screen, solved: Solved) -> None:
    """Say of how many chosen sites it is not known, or not so, that the planned beds fit."""
    rows = solved.ground.places.loc[solved.siting.chosen]
    if "enough" not in rows or solved.ask.beds is None:
        return
    beds = f"{solved.ask.beds:g}"
    unknown, small = rows["enough"].isna().sum(), rows["enough"].eq(other=False).sum()
    if small:
        screen.print(
            screen.say(
                f"选出的有 {small} 处放不下 {beds} 张床",
                f"{small} of the chosen have no room for {beds} beds",
            )
        )
    if unknown:
        screen.print(
            screen.say(
                f"选出的有 {unknown} 处不知道放不放得下 {beds} 张床",
                f"Whether {beds} beds fit is not known of {unknown} of the chosen",
            )
        )


def _say_money(screen: Screen, told: Told) -> None:
    """Say what the sites cost, by the person, and what subsidy they bring."""
    money = told["money"]
    if money["yuan"] is not None:
        yuan, each = f"{money['yuan']:,.0f}", money["yuan_per_person"]
        zh, en = f"费用 {yuan} 元", f"Cost: {yuan} yuan"
        if each is not None:
            zh, en = (
                f"{zh}，每新覆盖一人 {each:,.0f} 元",
                f"{en}, {each:,.0f} a person newly covered",
            )
        if money["unknown"]:
            zh, en = (
                f"{zh}，另有 {money['unknown']} 处费用未知",
                f"{en}; of {money['unknown']} sites it is not known",
            )
        screen.print(screen.say(zh, en))
    if money.get("subsidy_low") is not None:
        least, most = f"{money['subsidy_low']:,.0f}", f"{money['subsidy_high']:,.0f}"
        screen.print(
            screen.say(
                f"运营补贴每年 {least}–{most} 元（枣庄标准，按等级）",
                f"Operating subsidy a year: {least}–{most} yuan (Zaozhuang's rates, by rating)",
            )
        )
    if money.get("subsidy_unknown"):
        count = money["subsidy_unknown"]
        screen.print(
            screen.say(
                f"有 {count} 处床位未知，没有算补贴", f"No subsidy for {count} sites: beds unknown"
            )
        )


def _say_curves(screen: Screen, solved: Solved, told: Told) -> None:
    """Write the trade-off curves: what so many sites, and so much money, would give."""
    covers = solved.ask.covers
    what = screen.say("覆盖的人", "people covered") if covers else screen.say("目标值", "objective")
    if told["curve"]:
        screen.print(screen.say(f"处数：{what}", f"Sites: {what}"))
    for each in told["curve"]:
        screen.print(f"  {each['p']}: {_value(each, covers=covers)}")
    if not covers:
        mean = solved.ask.model == "p_median"
        what = screen.say("平均米数" if mean else "最远米数",
                          "mean metres" if mean else "metres of the farthest")  # fmt: skip
    if told["money_curve"]:
        screen.print(screen.say(f"花多少元：{what}", f"Yuan: {what}"))
    for each in told["money_curve"]:
        screen.print(f"  {each['budget']:,.0f}: {_value(each, covers=covers)}")


def _value(point: Told, *, covers: bool) -> str:
    """Write a point of a curve; one that is not proven is about so much."""
    value = point["value"]
    if value is None or not math.isfinite(value):
        return "?"
    text = f"{value:,.0f}"
    if point["proven"]:
        return text
    return f"≥ {text}" if covers else f"≤ {text}"


def _say_left_out(screen: Screen, told: Told) -> None:
    """Say whom nobody could reach, and which rows could not take part."""
    lost = told["unreachable"]
    if lost["rows"]:
        rows, beyond = f"{lost['rows']:,}", f"{lost['people']:,.0f}"
        screen.print(
            screen.say(
                f"任何候选地点都够不到：{rows} 处需求点，{beyond} 人",
                f"Out of reach of every candidate: {rows} demand rows, {beyond} people",
            )
        )
    for zh, en in zip(told["notes_zh"], told["notes"], strict=True):
        screen.print(screen.say(zh, en))
