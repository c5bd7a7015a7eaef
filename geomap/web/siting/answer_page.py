"""A siting answer as the page says it: the key sentence, the reasons, the curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from flask_babel import gettext as _

from geomap.model.facility import TYPES
from geomap.web import wording
from geomap.web.plan.form import WHOM
from geomap.web.plan.page import people
from geomap.web.siting.answer_more import (
    limit_lines,
    money_curve,
    money_lines,
    more_cells,
    more_heads,
    struck_rows,
    type_lines,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.web.siting.ask import SiteAsk

_PER_CENT: Final = 100
_MOST_LISTED: Final = 200


@dataclass(frozen=True)
class SiteWriter:
    """Writes an answer for one reader.

    Parameters
    ----------
    found : as :func:`geomap.web.siting.document.document` wrote it.
    """

    found: Mapping[str, Any]
    ask: SiteAsk
    language: str

    def figure(self) -> dict[str, Any]:
        """Write the key figure, the key sentence, and what else must be said."""
        strong, said = self._covering() if self.ask.covers else self._distant()
        lines = [*type_lines(self.found, self.language), self.proof(), *self._left(),
                 *money_lines(self.found, self.ask)]  # fmt: skip
        return {"strong": strong, "said": said, "lines": lines, "notes": self._notes()}

    def _whom(self) -> str:
        label = WHOM.get(self.found["weight"])
        said = "" if label is None else label.of(self.language)
        digit = self.language == "zh" and said[:1].isdigit()  # 的是 65 岁及以上老人
        return f" {said}" if digit else said

    def _covering(self) -> tuple[str, str]:
        found, n = self.found, self.found["p"]
        shares = [self._share(found[name]) for name in ("covered_before", "covered")]
        words = {
            "n": f"{n:,}", "people": people(found["newly_covered"]), "before": shares[0],
            "after": shares[1], "whom": self._whom(),
            "metres": f"{self.ask.standard_m or 0:,.0f}",
        }  # fmt: skip
        if n == 0:
            return shares[1], str(_("已经够得到，不用再建。"))
        if self.ask.by_type:
            said = _("人次够得到：几类一起新建 %(n)s 处，从 %(before)s 到 %(after)s。")
        elif self.ask.model != "lscp":
            said = _("人够得到：新建 %(n)s 处，从 %(before)s 到 %(after)s。")
        elif found["status"] == "optimal":
            said = _("人够得到：够到所有能够到的人，最少建 %(n)s 处，从 %(before)s 到 %(after)s。")
        else:
            said = _("人够得到：够到所有能够到的人，建 %(n)s 处就行，从 %(before)s 到 %(after)s。")
        over = (
            _("看的是%(whom)s；一个人每有一类够得到算一次。")
            if self.ask.by_type
            else _("看的是%(whom)s，沿街道走 %(metres)s 米之内。")
            if self.ask.walks
            else _("看的是%(whom)s，直线 %(metres)s 米之内。")
        )
        space = "" if self.language == "zh" else " "
        return f"+{words['people']}", f"{said % words}{space}{over % words}"

    def _share(self, number: float) -> str:
        whole = self.found["people"]
        return f"{number / whole * _PER_CENT:.1f}%" if whole else str(_("未知"))

    def _distant(self) -> tuple[str, str]:
        told, n = self.found["distance"], f"{self.found['p']:,}"
        mean = self.ask.model == "p_median"
        before, after = (
            (told["mean_before_m"], told["mean_m"])
            if mean
            else (told["farthest_before_m"], told["farthest_m"])
        )
        words = {"n": n, "before": self._far(before), "after": self._far(after)}
        if before is None:
            said = (
                _("是平均到最近一处的距离，新建 %(n)s 处。")
                if mean
                else _("是离得最远的人到最近一处的距离，新建 %(n)s 处。")
            )
        else:
            said = (
                _("是平均到最近一处的距离；新建这 %(n)s 处之前是 %(before)s。")
                if mean
                else _("是离得最远的人到最近一处的距离；新建这 %(n)s 处之前是 %(before)s。")
            )
        way = _("都是沿街道走的距离。") if self.ask.walks else _("都是直线距离。")
        space = "" if self.language == "zh" else " "
        return words["after"], f"{said % words}{space}{way}"

    def _far(self, metres: float | None) -> str:
        return str(_("未知")) if metres is None else wording.distance(metres, self.language)

    def proof(self) -> str:
        """Say whether it is proven the best, else how far from it at most."""
        if self.found["status"] == "optimal":
            return str(_("已证明是最好的：没有别的选法比它更好。"))
        gap = self.found["gap"]
        if gap is None:
            return str(_("时间用完，没有证明是最好的；离最好的差多少，还不知道。"))
        return str(_("时间用完，没有证明是最好的；离最好的至多差 %(gap)s。",
                     gap=f"{np.ceil(gap * 10_000) / 100:.2f}%"))  # fmt: skip

    def _left(self) -> list[str]:
        """Say who stays out of reach, and whom no candidate could reach."""
        found, lines = self.found, []
        lost = found["unreachable"]
        if self.ask.covers and round(found["still_uncovered"]):
            left = people(found["still_uncovered"])
            several, one = _("仍有 %(people)s 人次够不到。"), _("仍有 %(people)s 人够不到。")
            said = several if self.ask.by_type else one
            lines.append(str(said % {"people": left}))
        if lost["rows"]:
            said = _("%(people)s 人（%(rows)s 处）离现有机构和所有候选地点都太远，选哪里都够不到。")
            lines.append(said % {"people": people(lost["people"]), "rows": f"{lost['rows']:,}"})
        return lines

    def _notes(self) -> list[str]:
        """Say what the numbers stand on."""
        counts = {name: f"{self.found[name]:,}" for name in ("candidates", "existing")}
        return [
            _("候选地点 %(candidates)s 处，现有机构 %(existing)s 家。") % counts,
            *limit_lines(self.found, self.ask),
            *self.found["notes" if self.language == "en" else "notes_zh"],
            _("每处需求点（如一个村或一个里）按里面的一点算，和按面积算的比例会有出入。"),
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Write why each chosen site is there."""
        found = []
        more = more_cells(self.found, self.ask)
        for nth, each in enumerate(self.found["features"][:_MOST_LISTED]):
            told = each["properties"]
            found.append({
                "rank": str(told["rank"]), "name": told.get("name") or told["id"],
                "people": people(told["new_people"]),
                "other": told["next_best_name"] or told["next_best_id"] or "",
                "loses": self._loses(told), "more": more[nth] if more else [],
                "type": TYPES[told["type"]].of(self.language) if self.ask.by_type else "",
            })  # fmt: skip
        return found

    def _loses(self, told: Mapping[str, Any]) -> str:
        """Write what the next best would lose."""
        if told["next_best_id"] is None:
            return ""
        unit = next(name for name in told if name.startswith("next_best_loses_"))
        loss = told[unit]
        if loss is None:
            return str(_("有人会够不到"))
        if unit.endswith("_people"):
            if round(loss) < 0:  # more people, but not those who are served worst
                return str(_("多 %(n)s 人，但不先顾服务最差的", n=people(-loss)))
            return str(_("少 %(n)s 人", n=people(loss)) if round(loss) > 0 else _("一样好"))
        metres = loss / self.found["people"] if unit.endswith("person_metres") else loss
        if metres <= 0:
            return str(_("近些，但不先顾服务最差的") if metres < 0 < self.ask.equity
                       else _("一样好"))  # fmt: skip
        far = f"{metres:,.1f}"
        return str(
            _("平均每人多 %(n)s 米", n=far)
            if unit.endswith("person_metres")
            else _("最远的人多 %(n)s 米", n=far)
        )

    def heads(self) -> list[str]:
        """Name the columns of the reasons."""
        served = _("新够得到的人") if self.ask.covers else _("由它就近服务的人")
        return [_("序号"), _("地点"), served, _("换成次好的地点"), _("会怎样")]

    def more_heads(self) -> list[str]:
        """Name the columns that only some questions have: they stand after the people."""
        return more_heads(self.found, self.ask)

    def struck(self) -> dict[str, Any]:
        """List the candidates that took no part."""
        return struck_rows(self.found)

    def money_curve(self) -> dict[str, Any] | None:
        """Write the trade-off against money."""
        return money_curve(self.found, self.ask, self.language)

    def curve(self) -> dict[str, Any] | None:
        """Write the trade-off: what so many sites give, and what one step more adds."""
        points = [each for each in self.found["curve"] if each["value"] is not None]
        if len(points) <= 1:
            return None
        values = [self._point(each["value"]) for each in points]
        steps = [b - a for a, b in zip([None, *values], values, strict=False) if a is not None]
        rows = []
        for nth, (each, value) in enumerate(zip(points, values, strict=True)):
            step = f"{steps[nth - 1]:+,.0f}" if nth else ""
            rows.append({
                "p": each["p"], "value": value, "text": f"{value:,.0f}", "step": step,
                "share": self._share(each["value"]) if self.ask.covers else "",
                "proven": each["proven"], "own": each["p"] == self.found["p"],
            })  # fmt: skip
        label = {
            "p_median": _("平均距离（米）"), "p_center": _("最远的人的距离（米）"),
        }.get(self.ask.model, _("够得到的人"))  # fmt: skip
        return {"label": str(label), "rows": rows, "share": self.ask.covers}

    def _point(self, value: float) -> float:
        """Give a value of the curve as it is shown."""
        if self.ask.model != "p_median":
            return float(value)
        served = self.found["people"] - self.found["unreachable"]["people"]
        return float(value) / served if served else 0.0
