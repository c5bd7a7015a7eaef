"""What else an answer says: money, beds that fit, types, and candidates that took no part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from geomap.model.facility import TYPES
from geomap.web.plan.page import people
from geomap.web.siting.ground import IN_EXCLUSION, TOO_SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.web.siting.ask import SiteAsk

_MOST_STRUCK: Final = 100
_WAN: Final = 10_000
_CENTS_BELOW: Final = 10


def yuan(number: float) -> str:
    """Write an amount in yuan; small ones with their cents.

    Examples
    --------
    >>> yuan(1234567.8), yuan(3.456)
    ('1,234,568', '3.46')
    """
    return f"{number:,.2f}" if 0 < number < _CENTS_BELOW else f"{number:,.0f}"


def money_lines(found: Mapping[str, Any], ask: SiteAsk) -> list[str]:
    """Say what the sites cost in all, for each person newly covered, and their yearly subsidy."""
    told, lines = found["money"], []
    if told["yuan"] is not None and not told["unknown"]:
        words = {"money": yuan(told["yuan"])}
        if told["yuan_per_person"] is None:
            lines.append(_("一共要 %(money)s 元。", **words))
        else:
            words["each"] = yuan(told["yuan_per_person"])
            said = (
                _("一共要 %(money)s 元，每新够得到一人次 %(each)s 元。") if ask.by_type
                else _("一共要 %(money)s 元，每新够得到一人 %(each)s 元。")
            )  # fmt: skip
            lines.append(said % words)
    elif told["yuan"] is not None:
        lines.append(_("知道费用的一共 %(money)s 元；另有 %(n)s 处费用未知，所以每人多少元也未知。",
                       money=yuan(told["yuan"]), n=f"{told['unknown']:,}"))  # fmt: skip
    return [str(each) for each in [*lines, *_subsidy(told, ask)]]


def _subsidy(told: Mapping[str, Any], ask: SiteAsk) -> list[str]:
    """Say the yearly subsidy as a range, and for how many sites it is not known."""
    if "subsidy_low" not in told or ask.occupancy is None:
        return []
    if told["subsidy_low"] is None:
        return [_("床位未知，算不出每年的补贴：请填每处计划几张床。")]
    said = _(
        "每年运营补贴约 %(low)s 到 %(high)s 元：床位住 %(share)s%%，都是失能老人，按枣庄的标准。"
    ) % {"low": yuan(told["subsidy_low"]), "high": yuan(told["subsidy_high"]),
         "share": f"{ask.occupancy * 100:.4g}"}  # fmt: skip
    if not told["subsidy_unknown"]:
        return [said]
    lost = _("%(n)s 处床位未知，没有算在里面。", n=f"{told['subsidy_unknown']:,}")
    return [said, lost]


def type_lines(found: Mapping[str, Any], language: str) -> list[str]:
    """Say of each type how many there are and whom they newly cover."""
    lines = []
    for each in found["by_type"]:
        words = {"type": TYPES[each["type"]].of(language), "n": f"{each['p']:,}",
                 "people": people(each["newly_covered"])}  # fmt: skip
        if each["standard_m"] is None:
            lines.append(_("%(type)s %(n)s 处。") % words)
        else:
            far = f"{each['standard_m']:,.0f}"
            lines.append(_("%(type)s %(n)s 处：%(metres)s 米之内新够得到 %(people)s 人。")
                         % {**words, "metres": far})  # fmt: skip
    return lines


def limit_lines(found: Mapping[str, Any], ask: SiteAsk) -> list[str]:
    """Say what was limited, weighed or left out, so that the numbers are read rightly."""
    told, lines = found["struck"], struck_lines(found)
    if told["kept_unknown"]:
        n = f"{told['kept_unknown']:,}"
        lines.append(_("有 %(n)s 处不知道面积，没有排除；选中的在表里标“未知”。", n=n))
    if told["kept_small"]:
        n = f"{told['kept_small']:,}"
        lines.append(_("有 %(n)s 处放不下计划的床位，没有排除；选中的在表里标“太小”。", n=n))
    if ask.capacity:
        lines.append(_("每处最多服务的人数有限，一张床算一个人。"))
        if found["existing_without_beds"]:
            n = f"{found['existing_without_beds']:,}"
            lines.append(_("现有机构里 %(n)s 家床位未知，按没有床位算。", n=n))
    if ask.equity:
        lines.append(_("这次先顾服务最差的地方，总数可能比不顾时少。"))
    return [str(each) for each in lines]


def struck_lines(found: Mapping[str, Any]) -> list[str]:
    """Say how many candidates took no part, by reason."""
    told = found["struck"]
    words = (
        ("exclusions", _("%(n)s 处候选地点在禁建区里，没有参加。")),
        ("small", _("%(n)s 处候选地点放不下计划的床位，没有参加。")),
        ("unknown_size", _("%(n)s 处候选地点不知道能放多少床，没有参加。")),
    )
    lines = [str(said % {"n": f"{told[name]:,}"}) for name, said in words if told[name]]
    if told["exclusion_areas"] and not told["exclusions"]:
        n = f"{told['exclusion_areas']:,}"
        lines.append(str(_("禁建区 %(n)s 处，里面没有候选地点。", n=n)))
    return lines


def struck_rows(found: Mapping[str, Any]) -> dict[str, Any]:
    """List the candidates that took no part, and why."""
    told, words = found["struck"], {IN_EXCLUSION: _("在禁建区里"), TOO_SMALL: _("放不下计划的床位")}
    count = told["exclusions"] + told["small"] + told["unknown_size"]
    rows = [
        {"name": each["name"] or each["id"], "why": words.get(each["why"], _("不知道能放多少床")),
         "beds": beds(each["beds_fit"])}
        for each in told["rows"][:_MOST_STRUCK]
    ]  # fmt: skip
    sized = any(each["beds_fit"] is not None for each in told["rows"])
    return {"count": count, "rows": rows, "more": count - len(rows), "sized": sized}


def beds(number: float | None) -> str:
    """Write how many beds fit; unknown in its own word."""
    return str(_("未知")) if number is None else f"{number:,.0f}"


def more_heads(found: Mapping[str, Any], ask: SiteAsk) -> list[str]:
    """Name the columns of the reasons that only some questions have."""
    return [str(head) for head, _cells in _more(found, ask)]


def more_cells(found: Mapping[str, Any], ask: SiteAsk) -> list[list[str]]:
    """Write these columns, site by site."""
    columns = [cells for _head, cells in _more(found, ask)]
    return [list(each) for each in zip(*columns, strict=True)]


def _more(found: Mapping[str, Any], ask: SiteAsk) -> list[tuple[str, list[str]]]:
    """Write the columns that a question has: cost, yuan a person, beds that fit, subsidy."""
    told = [each["properties"] for each in found["features"]]
    unknown, columns = str(_("未知")), []
    if any(each.get("cost") is not None for each in told):
        numbers = [each.get("cost") for each in told]
        columns.append((_("费用（元）"), [unknown if n is None else yuan(n) for n in numbers]))
        if ask.covers:
            numbers = [each["yuan_per_person"] for each in told]
            cells = [unknown if n is None else yuan(n) for n in numbers]
            columns.append((_("每新够得到一人（元）"), cells))
    if any("beds_fit" in each for each in told):
        columns.append((_("放得下的床位"), [_fit(each, ask) for each in told]))
    if any("subsidy_low" in each for each in told):
        spans = [(each["subsidy_low"], each["subsidy_high"]) for each in told]
        cells = [unknown if low is None else f"{yuan(low)}–{yuan(high)}" for low, high in spans]
        columns.append((_("每年补贴（元）"), cells))
    return columns


def _fit(told: Mapping[str, Any], ask: SiteAsk) -> str:
    """Write how many beds fit; where fewer than are planned, that it is too small."""
    said = beds(told.get("beds_fit"))
    small = ask.beds is not None and told.get("enough") is False
    return str(_("%(n)s（太小）", n=said)) if small else said


def money_curve(found: Mapping[str, Any], ask: SiteAsk, language: str) -> dict[str, Any] | None:
    """Write the trade-off against money: what so many yuan give, and what each step adds.

    What a budget leaves over buys nothing: a choice stands once, at what it costs.
    """
    bought = {each["spent"]: each for each in found["money_curve"] if each["value"] is not None}
    points = [bought[cost] for cost in sorted(bought)]
    if len(points) <= 1:
        return None
    zh = language == "zh"
    unit, per = (_("万元"), _WAN) if zh else (_("千元"), 1_000)
    own = found["money"]["yuan"]
    rows, last = [], None
    for each in points:
        value = each["value"]
        share = f"{value / found['people'] * 100:.1f}%" if ask.covers and found["people"] else ""
        rows.append({
            "x": each["spent"] / per, "money": yuan(each["spent"]), "value": value,
            "text": f"{value:,.0f}", "step": "" if last is None else f"{value - last:+,.0f}",
            "share": share, "sites": f"{each['p']:,}", "proven": each["proven"],
            "own": own is not None and abs(each["spent"] - own) < 1e-6 * max(1.0, own),
        })  # fmt: skip
        last = value
    label = {
        "p_median": _("平均距离（米）"), "p_center": _("最远的人的距离（米）"),
    }.get(ask.model, _("够得到的人"))  # fmt: skip
    return {"label": str(label), "rows": rows, "share": ask.covers,
            "across": str(_("花多少钱（%(unit)s）", unit=unit)),
            "most": "" if ask.p is None else f"{ask.p:,}"}  # fmt: skip
