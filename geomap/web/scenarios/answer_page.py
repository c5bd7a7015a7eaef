"""What a scenario changes as its page says it: the key sentence, before and after, by area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.web.plan.form import WHOM
from geomap.web.plan.inputs import GROUND
from geomap.web.plan.measures import number_text, ratio_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geomap.web.plan.ask import Ask

    Told = Mapping[str, Any]

_PER_CENT, _PER_1000 = 100, 1_000
_MOST_ROWS: Final = 200
_HALF: Final = 0.5


@dataclass(frozen=True)
class Line:
    """A figure of both states: how it is called and written, and which way is better.

    Parameters
    ----------
    good : 1 where more is better, -1 where less is, 0 where neither.
    """

    key: str
    label: str
    write: Callable[[float], str]
    good: int = 0
    scale: float = 1.0
    unit: str = ""

    def value(self, figures: Told) -> float | None:
        """Give the figure of a state as it is shown; None where unknown."""
        found = figures.get(self.key)
        return None if found is None else self.scale * float(found)

    def text(self, value: float | None) -> str:
        """Write a value."""
        return str(_("未知")) if value is None else f"{self.write(value)}{self.unit}"

    def shown(self, value: float | None) -> float | None:
        """Round a value as it is written: what looks alike is alike."""
        return None if value is None else float(self.write(value).replace(",", ""))

    def change(self, before: float | None, after: float | None) -> str:
        """Write what changed; "" where that is unknown."""
        if before is None or after is None:
            return ""
        return signed(after - before, self.write) + self.unit.replace("%", str(_(" 个百分点")))


def whole_text(value: float) -> str:
    """Write a count in full."""
    return f"{value:,.0f}"


def share_text(value: float) -> str:
    """Write a percentage."""
    return f"{value:.1f}"


def fine_text(value: float) -> str:
    """Write a coefficient between 0 and 1."""
    return f"{value:.3f}"


def signed(value: float, write: Callable[[float], str] = whole_text) -> str:
    """Write a change with its sign; no change is a plain 0.

    Examples
    --------
    >>> signed(1234.4), signed(-12), signed(-0.2), signed(0.04, share_text)
    ('+1,234', '−12', '0', '0')
    """
    text = write(abs(value))
    if not text.strip("0.,"):
        return "0"
    return f"{'+' if value > 0 else '−'}{text}"


def lines() -> list[Line]:
    """List the figures that are told of both states."""
    return [
        Line("covered", _("够得到的人"), whole_text, 1),
        Line("uncovered", _("够不到的人"), whole_text, -1),
        Line("share", _("够得到的人占比"), share_text, 1, _PER_CENT, "%"),
        Line("gaps", _("空白区（处）"), whole_text, -1),
        Line("gap_people", _("住在空白区里的人"), whole_text, -1),
        Line("gap_km2", _("空白区（平方公里）"), number_text, -1),
        Line("facilities", _("在营机构（家）"), whole_text),
        Line("beds", _("床位（张，只算已知的）"), whole_text, 1),
        Line("beds_per_1000", _("每千人床位（张）"), ratio_text, 1),
        Line(
            "worst_mean",
            _("够得到最少的一成人，每千人够得到的床位（张）"),
            ratio_text,
            1,
            _PER_1000,
        ),
        Line("gini", _("床位分得均不均（基尼系数：0 是人人一样，1 是一人独有）"), fine_text, -1),
    ]


@dataclass(frozen=True)
class EffectWriter:
    """Writes what a scenario changes for one reader.

    Parameters
    ----------
    told : as :func:`geomap.web.scenarios.document.written` wrote it.
    """

    told: Told
    ask: Ask
    language: str

    def figure(self) -> dict[str, Any]:
        """Write the key figure, the key sentence, and what else must be said."""
        strong, said = self._sentence()
        return {"strong": strong, "said": said, "by": self.standard(), "lines": self._lines(),
                "notes": self._notes(), "cut": self.cut()}  # fmt: skip

    def _sentence(self) -> tuple[str, str]:
        newly, lost = (self.told[each] for each in ("newly_covered", "lost"))
        if newly is None or lost is None:
            return "", str(_("没有人口数据，算不出多少人够得到。"))
        words = {"newly": whole_text(newly), "lost": whole_text(lost)}
        if newly < _HALF and lost < _HALF:
            return "", str(_("够得到的还是那些人：没有人新够得到，也没有人变得够不到。"))
        if lost < _HALF:
            return f"+{words['newly']}", str(_("人变得够得到，没有人变得够不到。"))
        if newly < _HALF:
            return f"−{words['lost']}", str(_("人变得够不到，没有人新够得到。"))
        said = _("人新够得到，%(lost)s 人变得够不到。", lost=words["lost"])
        return f"+{words['newly']}", str(said)

    def standard(self) -> str:
        """Say by which standard, and of whom."""
        label = WHOM.get(self.told["weight"])
        whom = "" if label is None else label.of(self.language)
        if self.language == "zh" and whom[:1].isdigit():
            whom = f" {whom}"  # 的是 65 岁及以上老人
        words = {"whom": whom, "metres": f"{self.ask.standard_m:,.0f}",
                 "speed": f"{self.ask.speed_mps:g}"}  # fmt: skip
        return str(
            _("看的是%(whom)s，沿街道走 %(metres)s 米之内（每秒 %(speed)s 米）。", **words)
            if self.ask.walks else _("看的是%(whom)s，直线 %(metres)s 米之内。", **words)
        )  # fmt: skip

    def _lines(self) -> list[str]:
        """Say what becomes of the shares, the gaps, and how evenly beds are shared."""
        found = []
        shares = [self.told[side]["share"] for side in ("before", "after")]
        if None not in shares:
            before, after = (f"{each * _PER_CENT:.1f}%" for each in shares)
            found.append(_("够得到的人从 %(before)s 到 %(after)s。", before=before, after=after))
        closed = self.told["gaps_closed"]
        if closed and closed["count"]:
            said = ngettext("整个补上的空白区有 %(num)s 处，", "整个补上的空白区有 %(num)s 处，",
                            closed["count"])  # fmt: skip
            found.append(f"{said}{_inside(closed['people'])}")
        return [str(each) for each in found]

    def _notes(self) -> list[str]:
        """Say what the numbers leave out."""
        told, found = self.told, []
        if told["unknown_rows"]:
            found.append(_("另有 %(rows)s 处的人数未知，没有算进去。",
                           rows=f"{told['unknown_rows']:,}"))  # fmt: skip
        if told["without_place_rows"]:
            found.append(_("另有 %(people)s 人（%(rows)s 处）没有位置，没有算进去。",
                           people=whole_text(told["without_place"] or 0),
                           rows=f"{told['without_place_rows']:,}"))  # fmt: skip
        if told["people_off_network"]:
            found.append(_("另有 %(people)s 人附近没有路网数据，够不够得到未知，没有算进去。",
                           people=whole_text(told["people_off_network"])))  # fmt: skip
        if unknown := told["after"]["beds_unknown"]:
            found.append(_("%(n)s 家在营机构的床位未知，没有算进床位。", n=f"{unknown:,}"))
        own = [each["en" if self.language == "en" else "zh"] for each in told["notes"]]
        return [*map(str, found), *(f"{each}{_('。')}" for each in own)]

    def cut(self) -> list[str]:
        """Name what the time budget left out."""
        words = step_words()
        return [
            str(_("%(step)s：没有算", step=words.get(each["step"], "")))
            for each in self.told["cut"]
        ]  # fmt: skip

    def table(self) -> list[dict[str, str]]:
        """Write before beside after; figures that are unknown in both states are left out."""
        rows = []
        for line in lines():
            before, after = (line.value(self.told[side]) for side in ("before", "after"))
            if before is None and after is None:
                continue
            change = line.change(before, after)
            rows.append({
                "label": line.label, "before": line.text(before), "after": line.text(after),
                "change": change or str(_("未知")),
                "better": "" if change.startswith("0") else _better(line.good, before, after),
            })  # fmt: skip
        return rows


def _inside(people: float | None) -> str:
    """Say how many people live in the gaps that close."""
    if people is None:
        return str(_("里面住多少人未知。"))
    return str(_("里面住着 %(people)s 人。", people=whole_text(people)))


def _better(good: int, before: float | None, after: float | None) -> str:
    """Say whether a change is for the better."""
    if not good or before is None or after is None:
        return ""
    return str(_("变好") if (after > before) == (good > 0) else _("变差"))


def step_words() -> dict[str, str]:
    """Name the steps of the work."""
    return {
        "service": _("服务范围"), "coverage": _("数够得到的人"), "changes": _("逐项看改动"),
        "beds": _("数床位"), "gaps": _("找空白区"), "access": _("算够得到的床位"),
    }  # fmt: skip


@dataclass(frozen=True)
class AreaTable:
    """Writes the areas, the most changed first.

    Parameters
    ----------
    rows : of ``by_area``.
    link : gives the address that sorts by a column in an order.
    """

    rows: Sequence[Told]
    whom: str
    sort: str
    order: str
    link: Callable[[str, str], str]

    def columns(self) -> list[Line]:
        """List the columns of which anything is known."""
        people = f"{self.whom[:1].upper()}{self.whom[1:]}"
        wanted = [
            Line("people", people or _("人数"), whole_text),
            Line("newly", _("新够得到"), whole_text),
            Line("lost", _("变得够不到"), whole_text),
            Line("before_share", _("现在够得到"), share_text, 0, _PER_CENT, "%"),
            Line("after_share", _("改后够得到"), share_text, 0, _PER_CENT, "%"),
            Line("before_beds", _("现在的床位"), whole_text),
            Line("after_beds", _("改后的床位"), whole_text),
            Line("before_beds_per_1000", _("现在每千人床位"), ratio_text),
            Line("after_beds_per_1000", _("改后每千人床位"), ratio_text),
            Line("before_gap_people", _("现在空白区里的人"), whole_text),
            Line("after_gap_people", _("改后空白区里的人"), whole_text),
        ]
        return [each for each in wanted if any(row.get(each.key) is not None for row in self.rows)]

    def written(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Write the table.

        Parameters
        ----------
        names : of divisions, in full, by code.
        """
        columns = self.columns()
        key = self.sort if self.sort in {"name", *(each.key for each in columns)} else "moved"
        rows = [
            {"name": _name(row, names), "moved": _moved(row) > 0,
             "cells": [each.text(each.value(row)) for each in columns]}
            for row in self._ordered(key)[:_MOST_ROWS]
        ]  # fmt: skip
        heads = [self._head("name", str(_("地区")), key)]
        heads += [self._head(each.key, each.label, key) for each in columns]
        return {"heads": heads, "rows": rows, "more": max(0, len(self.rows) - _MOST_ROWS),
                "by": "" if key == "moved" else self.link("moved", "desc")}  # fmt: skip

    def _ordered(self, key: str) -> list[Told]:
        """Order the rows; unknown ones come last."""
        if key == "moved":
            return sorted(self.rows, key=_moved, reverse=True)
        if key == "name":
            return sorted(self.rows, key=lambda row: str(row.get("name") or ""))
        sign = 1 if self.order == "asc" else -1
        return sorted(self.rows, key=lambda row: (row.get(key) is None, sign * (row.get(key) or 0)))

    def _head(self, key: str, label: str, sorted_by: str) -> dict[str, Any]:
        """Write a heading: a link that sorts by it, and the other way round when pressed again."""
        own = key == sorted_by
        order = "asc" if own and self.order == "desc" else "desc"
        direction = "ascending" if self.order == "asc" else "descending"
        return {"label": label, "href": self.link(key, order), "sorted": direction if own else None}


def _moved(row: Told) -> float:
    """Tell how much changes in an area: people first, then beds."""
    people = (row.get("newly") or 0) + (row.get("lost") or 0)
    beds = abs(row.get("change_beds") or 0)
    return float(people + beds / 1_000_000)


def _name(row: Told, names: Mapping[str, str]) -> str:
    """Name an area."""
    name = row.get("name") or names.get(str(row.get("adcode"))) or ""
    return str(name or (_("全部") if row.get("id") == GROUND else _("合计")))
