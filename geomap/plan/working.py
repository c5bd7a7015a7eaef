"""The working of a checked claim, step by step, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geomap.model.claims import PARTS, RELATIONS
from geomap.model.standards import SURENESS
from geomap.model.table import Label
from geomap.plan.indicators.answer import INDICATORS

if TYPE_CHECKING:
    import pandas as pd

    from geomap.model.claims import Claim
    from geomap.plan.claims import Finding
    from geomap.plan.indicators.parts import Indicator
    from geomap.plan.indicators.study import Study

_LARGE, _MIDDLE = 1_000, 10


def told_working(
    claim: Claim, findings: tuple[Finding, ...], row: pd.Series, study: Study,
    missing: tuple[str, ...],
) -> tuple[Label, ...]:  # fmt: skip
    """Tell how the verdict came about."""
    which = INDICATORS[claim.indicator]
    steps = [
        Label(f"{which.label.zh} = {which.formula.zh}", f"{which.label.en} = {which.formula.en}")
    ]
    if missing:
        steps.append(_lacking(claim, missing))
    else:
        steps += [_division(which, row), _basis(row)]
    steps += [_compared(each, which) for each in findings]
    steps += _of_published(claim, which)
    steps += [claim.note] if claim.note is not None else []
    if study.parameters.on is not None:
        on = study.parameters.on.isoformat()
        steps.append(Label(f"数据截至 {on}", f"Data as of {on}"))
    return tuple(steps)


def number(value: float) -> str:
    """Write a number as people read it: no more digits than matter.

    Examples
    --------
    >>> [number(each) for each in (17180000.0, 80.876494, 17.9, 0.147553, float("nan"))]
    ['17,180,000', '80.88', '17.9', '0.1476', '?']
    """
    if not math.isfinite(value):
        return "?"
    if value == round(value) or abs(value) >= _LARGE:
        return f"{value:,.0f}"
    said = f"{value:.2f}" if abs(value) >= _MIDDLE else f"{value:.4f}"
    return said.rstrip("0").rstrip(".")


def _lacking(claim: Claim, missing: tuple[str, ...]) -> Label:
    place = claim.place
    if missing == ("facilities",):
        return Label(f"数据中没有{place.zh}的机构", f"The data have no facility in {place.en}")
    names = "、".join(missing), ", ".join(missing)
    return Label(f"数据缺：{names[0]}", f"The data lack {names[1]}")


def _division(which: Indicator, row: pd.Series) -> Label:
    times = "" if which.scale == 1 else f" × {which.scale:,.0f}"
    if which.scale == 100:  # noqa: PLR2004 (percent)
        times = " × 100"
    said = (
        f"{number(row['numerator'])} ÷ {number(row['denominator'])}{times} = {number(row['value'])}"
    )
    return Label(f"{said} {which.unit.zh}", f"{said} {which.unit.en}")


def _basis(row: pd.Series) -> Label:
    base, unknown = number(row["base"]), number(row["unknown"])
    zh, en = f"依据 {base} 项，另有 {unknown} 项未知", f"Based on {base}; {unknown} more unknown"
    room = row["high"] - row["low"]
    if row["unknown"] and math.isfinite(room) and room > 0:
        between = f"{number(row['low'])}–{number(row['high'])}"
        zh += f"；未知项可使结果在 {between} 之间"
        en += f", which leave {between} possible"
    return Label(zh, en)


def _compared(each: Finding, which: Indicator) -> Label:
    figure = each.figure
    part, relation = PARTS[figure.part], RELATIONS[figure.relation]
    name = which.label if figure.part == "value" else part
    within = f" ± {number(figure.tolerance)}" if figure.tolerance else ""
    expected = f"{number(each.expected)}{within}"
    ends = {
        "holds": Label("成立", "holds"),
        "not_checkable": Label(
            "未知的值足以改变结论，无法核对", "the unknown values could turn it"
        ),
    }
    if not math.isfinite(each.found):
        ends["not_checkable"] = Label("无法核对", "cannot be checked")
    off = number(abs(each.off_by))
    end = ends.get(each.verdict, Label(f"不成立，差 {off}", f"does not hold, off by {off}"))
    zh = f"{name.zh} {number(each.found)}，公布为{relation.zh} {expected}：{end.zh}"
    en = f"{name.en} {number(each.found)}, said: {relation.en} {expected}: {end.en}"
    if each.short and each.verdict == "does_not_hold":
        zh, en = f"{zh}；分子还缺 {number(each.short)}", f"{en}; {number(each.short)} short"
    if each.rule is not None:
        sure = SURENESS[each.rule.sureness]
        zh = f"{zh}（{each.rule.clause.zh}；{sure.zh}）"
        en = f"{en} ({each.rule.clause.en}; {sure.en.lower()})"
    return Label(zh, en)


def _of_published(claim: Claim, which: Indicator) -> list[Label]:
    """Tell what the published numbers give by themselves."""
    over, under = claim.inputs.get("numerator"), claim.inputs.get("denominator")
    if over is None or not under:
        return []
    gives = number(which.scale * over / under)
    said = f"{number(over)} ÷ {number(under)}"
    return [
        Label(f"按公布的数：{said}，得 {gives} {which.unit.zh}",
              f"By the published numbers: {said} gives {gives} {which.unit.en}")
    ]  # fmt: skip
