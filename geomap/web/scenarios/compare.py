"""Several scenarios side by side: figures as rows, scenarios as columns, today first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from geomap.web.scenarios.answer_page import Line, lines, signed, whole_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.model.scenario import Scenario

    Told = Mapping[str, Any]

#: More columns than this nobody reads.
MOST: Final = 6


@dataclass(frozen=True)
class Column:
    """A scenario with what it changes."""

    scenario: Scenario
    told: Told


@dataclass(frozen=True)
class Row:
    """A figure of every column; the first column is today.

    Parameters
    ----------
    values : of the scenarios, after today's; None where unknown.
    good : 1 where more is better, -1 where less is, 0 where neither.
    of_today : whether today has such a figure.
    is_money : whether the least is called the lowest, and not the best.
    """

    label: str
    texts: tuple[str, ...]
    values: tuple[float | None, ...]
    good: int
    of_today: bool = True
    is_money: bool = False

    def written(self) -> dict[str, Any]:
        """Write the row, and which columns stand out among the scenarios."""
        marks = best(self.values, self.good)
        word = self.word()
        cells = [
            {"text": text, "best": word if mark else ""}
            for text, mark in zip(self.texts, marks, strict=True)
        ]
        return {"label": self.label, "cells": cells}

    def word(self) -> str:
        """Say how the best one stands out."""
        unknown = None in (self.values if self.of_today else self.values[1:])
        if self.is_money:
            return str(_("已知的里最低") if unknown else _("最低"))
        return str(_("已知的里最好") if unknown else _("最好"))


def best(values: Sequence[float | None], good: int) -> list[bool]:
    """Mark the best of the known values; none where all that are known are alike.

    What is unknown is never marked, and never counts as better or worse than the others.

    Examples
    --------
    >>> best([10, 30, None, 20], 1), best([10, 30], -1), best([5, 5], 1), best([1, 2], 0)
    ([False, True, False, False], [True, False], [False, False], [False, False])
    """
    known = {each for each in values if each is not None}
    if not good or len(known) < 2:  # noqa: PLR2004 (one to be better than)
        return [False] * len(values)
    top = max(known) if good > 0 else min(known)
    return [each is not None and each == top for each in values]


def rows(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Write the comparison; figures that are unknown everywhere are left out."""
    found = [_changes(columns), *_people(columns), *(_line(each, columns) for each in lines())]
    found += [_closed(columns), *_money(columns)]
    return [each.written() for each in found if any(v is not None for v in each.values)]


def _changes(columns: Sequence[Column]) -> Row:
    """Count the changes."""
    counts = [0, *(len(each.scenario.changes) for each in columns)]
    return Row(_("改动（项）"), tuple(f"{n:,}" for n in counts), tuple(map(float, counts)), 0)


def _people(columns: Sequence[Column]) -> list[Row]:
    """Tell who is newly covered, and who is lost."""
    found = []
    for key, label, good in (
        ("newly_covered", _("新够得到的人"), 1),
        ("lost", _("变得够不到的人"), -1),
    ):
        values = [each.told[key] for each in columns]
        texts = [str(_("未知")) if each is None else whole_text(each) for each in values]
        found.append(Row(label, ("", *texts), (None, *values), good, of_today=False))
    return found


def _line(line: Line, columns: Sequence[Column]) -> Row:
    """Tell one figure of today and of every scenario; what looks alike is alike."""
    today = line.value(columns[0].told["before"])
    values = [line.value(each.told["after"]) for each in columns]
    texts = [f"{line.text(each)}{_changed(line, today, each)}" for each in values]
    shown = tuple(line.shown(each) for each in (today, *values))
    return Row(line.label, (line.text(today), *texts), shown, line.good)


def _changed(line: Line, before: float | None, after: float | None) -> str:
    """Write a change in brackets; "" where there is none."""
    more = line.change(before, after)
    return "" if not more or more.startswith("0") else str(_("（%(what)s）", what=more))


def _closed(columns: Sequence[Column]) -> Row:
    """Count the gaps that close."""
    closed = [each.told["gaps_closed"] for each in columns]
    values = [None if each is None else float(each["count"]) for each in closed]
    texts = [str(_("未知")) if each is None else whole_text(each) for each in values]
    return Row(_("整个补上的空白区（处）"), ("", *texts), (None, *values), 1, of_today=False)


def _money(columns: Sequence[Column]) -> list[Row]:
    """Tell what the changes cost in all, and each person newly covered."""
    costs = [cost_of(each.scenario) for each in columns]
    if not any(known for _sum, known, _all in costs):
        return []
    totals = [total if known == size else None for total, known, size in costs]
    texts = [
        str(_("未知")) if not known and size else whole_text(total) if known == size
        else str(_("%(sum)s 以上（%(n)s 项费用未知）", sum=whole_text(total), n=size - known))
        for total, known, size in costs
    ]  # fmt: skip
    money = {"of_today": False, "is_money": True}
    found = [Row(_("费用（元）"), ("", *texts), (None, *totals), -1, **money)]
    each_costs = [
        None if total is None or not column.told["newly_covered"]
        else total / column.told["newly_covered"]
        for total, column in zip(totals, columns, strict=True)
    ]  # fmt: skip
    texts = [str(_("未知")) if each is None else whole_text(each) for each in each_costs]
    label = _("每新够得到一个人（元）")
    return [*found, Row(label, ("", *texts), (None, *each_costs), -1, **money)]


def cost_of(scenario: Scenario) -> tuple[float, int, int]:
    """Add up what changes cost: the sum, of how many changes it is known, and of how many."""
    costs = [each.cost for each in scenario.changes]
    known = [each for each in costs if each is not None]
    return sum(known), len(known), len(costs)


def verdict(columns: Sequence[Column]) -> str:
    """Say in a sentence which scenario reaches the most people more than it loses."""
    told = [(each.told["newly_covered"], each.told["lost"]) for each in columns]
    nets = [None if newly is None or lost is None else newly - lost for newly, lost in told]
    marks = best(nets, 1)
    if not any(marks) or marks.count(True) > 1:
        return ""
    at = marks.index(True)
    return str(_("“%(name)s”够得到的人增加最多：%(n)s 人。",
                 name=columns[at].scenario.name, n=signed(nets[at] or 0)))  # fmt: skip
