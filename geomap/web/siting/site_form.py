"""The form of siting: what an address asks, what is wrong with it, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from geomap.errors import NotFoundError
from geomap.model.facility import TYPES
from geomap.plan.discs import MOST_M
from geomap.plan.review import WEIGHTS
from geomap.plan.siting.answer import COVERING
from geomap.web.language import current_language
from geomap.web.plan.ask import FASTEST_MPS, LINE, SPEED_MPS, WALK
from geomap.web.plan.form import common_choices, read_number
from geomap.web.query import whole
from geomap.web.siting.ask import (
    CANDIDATES,
    COUNTED,
    DEFAULT_GRID_M,
    DEFAULT_M,
    DEFAULT_P,
    DEFAULT_S,
    DEMAND,
    EQUITY,
    FIT,
    GRID,
    IGNORE,
    KEEP,
    LEAST_GRID_M,
    MARK,
    MOST_BEDS,
    MOST_EQUITY,
    MOST_GRID_M,
    MOST_MONEY,
    MOST_P,
    MOST_S,
    PLANNED,
    STRIKE,
    USE,
    OneType,
    SiteAsk,
)
from geomap.web.siting.faults import faults_of
from geomap.web.siting.ground import sites_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from geomap.web.plan.inputs import PlanInputs

_MODELS: Final = ("mclp", "lscp", "p_median", "p_center")
_PER_CENT: Final = 100
#: Fields that are shown as they came, and what stands in them where nothing did.
_TEXTS: Final = {
    "p": str(DEFAULT_P), "standard_m": f"{DEFAULT_M:g}", "speed_mps": f"{SPEED_MPS:g}",
    "grid_m": f"{DEFAULT_GRID_M:g}", "budget": "", "beds": "", "occupancy": "",
    "time_limit_s": f"{DEFAULT_S:g}", "required": "", "excluded": "",
}  # fmt: skip


@dataclass(frozen=True)
class SiteForm:
    """What was read: a question, or what is wrong with it; and the texts as they came."""

    ask: SiteAsk | None
    faults: Mapping[str, str]
    values: Mapping[str, Any]
    asked: bool


def read_site_form(args: MultiDict[str, str]) -> SiteForm:
    """Read a question from an address; unknown parameters and choices are ignored."""
    faults: dict[str, str] = {}
    read = _Reader(args, faults)
    model = read.one_of("model", _MODELS)
    by_type = read.by_type(model)
    p = read.count("p", None if "p" in args else DEFAULT_P)
    standard = read.number("standard_m", (1, MOST_M), DEFAULT_M)
    share = read.number("occupancy", (1, _PER_CENT), None)
    ask = SiteAsk(
        model=model, p=p if model in COUNTED and not by_type else None,
        standard_m=standard if model in COVERING and not by_type else None,
        method=read.one_of("method", (LINE, WALK)),
        speed_mps=read.number("speed_mps", (0.1, FASTEST_MPS), SPEED_MPS) or SPEED_MPS,
        weight=read.one_of("weight", ("", *WEIGHTS)),
        area=args.get("area", "").strip(),
        sites=read.one_of("sites", ("", CANDIDATES, GRID, DEMAND)),
        grid_m=read.number("grid_m", (LEAST_GRID_M, MOST_GRID_M), DEFAULT_GRID_M)
        or DEFAULT_GRID_M,
        exclusions=read.one_of("exclusions", (USE, IGNORE)),
        existing=read.one_of("existing", (KEEP, IGNORE)),
        types=tuple(each for each in TYPES if each in args.getlist("type")),
        by_type=by_type,
        required=_ids(args.get("required", "")), excluded=_ids(args.get("excluded", "")),
        budget=read.number("budget", (0, MOST_MONEY), None),
        beds=read.number("beds", (1, MOST_BEDS), None), room=read.one_of("room", (STRIKE, MARK)),
        pack=args.get("pack", "").strip() or "national",
        capacity=args.get("capacity", "").strip(),
        equity=read.number("equity", (0, MOST_EQUITY), 0.0) or 0.0,
        occupancy=None if share is None else share / _PER_CENT,
        time_limit_s=read.number("time_limit_s", (1, MOST_S), DEFAULT_S) or DEFAULT_S,
    )  # fmt: skip
    values = ask.as_dict() | {name: args.get(name, usual) for name, usual in _TEXTS.items()}
    values["of_type"] = {name: args.get(name, "") for name in _type_fields()}
    values |= {"equity_text": f"{ask.equity:g}", "clear_not": ask.exclusions == IGNORE,
               "by_type": by_type or any(name in faults for name in _type_fields())}  # fmt: skip
    return SiteForm(None if faults else ask, faults, values, asked="go" in args)


def _type_fields() -> list[str]:
    """Name the fields of the table of types."""
    return [f"{what}_{each}" for each in TYPES for what in ("p", "standard_m")]


def _ids(text: str) -> tuple[str, ...]:
    """Read ids, separated by commas of either script, spaces or lines."""
    for mark in ("，", "、", ","):
        text = text.replace(mark, " ")
    return tuple(dict.fromkeys(text.split()))


@dataclass(frozen=True)
class _Reader:
    """Reads fields; what is wrong with one is told at it."""

    args: MultiDict[str, str]
    faults: dict[str, str]

    def one_of(self, name: str, known: tuple[str, ...]) -> str:
        """Read a choice; the first where it is none of them."""
        given = self.args.get(name, "")
        return given if given in known else known[0]

    def number(self, name: str, span: tuple[float, float], usual: float | None) -> float | None:
        """Read a number."""
        return read_number(self.args, name, span, usual, self.faults)

    def by_type(self, model: str) -> tuple[OneType, ...]:
        """Read the table of types: the rows that say anything, complete for the model."""
        found = []
        for each in TYPES:
            p = self.count(f"p_{each}", None)
            standard = self.number(f"standard_m_{each}", (1, MOST_M), None)
            said = any(self.args.get(f"{what}_{each}", "").strip() for what in ("p", "standard_m"))
            if not said:
                continue
            if model in COVERING and standard is None:
                self.faults.setdefault(f"standard_m_{each}", _("请填多远算够得到"))
            if model in COUNTED and p is None and not self.args.get("budget", "").strip():
                self.faults.setdefault(f"p_{each}", _("请填要选几处"))
            found.append(OneType(each, p if model in COUNTED else None,
                                 standard if model in COVERING else None))  # fmt: skip
        return tuple(found)

    def count(self, name: str, usual: int | None) -> int | None:
        """Read how many."""
        text = self.args.get(name, "").strip().replace("，", "").replace(",", "")
        if not text:
            return usual
        try:
            return whole(text, minimum=1, maximum=MOST_P)
        except ValueError:
            said = _("请填 %(least)s 到 %(most)s 之间的数。", least="1", most=f"{MOST_P:,}")
            self.faults[name] = said
            return usual


def told_faults(ask: SiteAsk, inputs: PlanInputs) -> dict[str, str]:
    """Tell what cannot be asked of these data, by field."""
    language = current_language()
    try:
        return {name: error.said(language) for name, error in faults_of(ask, inputs).items()}
    except NotFoundError as error:
        return {"area" if ask.area else "sites": error.said(language)}


def site_choices(
    inputs: PlanInputs, names: Mapping[str, str], ask: SiteAsk | None, language: str
) -> dict[str, Any]:
    """List what the form offers.

    Parameters
    ----------
    names : of divisions, in full, by code.
    """
    rows = {CANDIDATES: inputs.candidates, DEMAND: inputs.demand}
    counts = {name: 0 if frame is None else len(frame) for name, frame in rows.items()}
    many = {name: f"{count:,}" for name, count in counts.items()}
    clear = 0 if inputs.exclusions is None else len(inputs.exclusions)
    asked = ask or SiteAsk()
    return common_choices(inputs, names, language) | {
        "models": [(key, *said) for key, said in model_words().items()],
        "sites": [
            (CANDIDATES, _("导入的候选地点（%(n)s 处）", n=many[CANDIDATES]),
             counts[CANDIDATES] > 0),
            (DEMAND, _("有人住的地方都可以（需求点 %(n)s 处）", n=many[DEMAND]),
             counts[DEMAND] > 0),
            (GRID, _("哪里都可以：按格点选"), True),
        ],
        "from": sites_of(asked, inputs),
        "existing": [(KEEP, _("保留，新的补它们的缺")), (IGNORE, _("不算，从头布点"))],
        "exclusions": [(USE, _("避开（%(n)s 处）", n=f"{clear:,}")), (IGNORE, _("不管"))]
        if clear else [],
        "room": [(STRIKE, _("不选")), (MARK, _("照样可选，只标出来"))],
        "capacity": _capacities(asked),
        "equity": _equities(asked),
        "packs": [(key, pack.label.of(language)) for key, pack in inputs.packs.items()
                  if any(rule.measure in _A_BED for rule in pack.rules.values())],
    }  # fmt: skip


_A_BED: Final = ("floor_m2_per_bed", "land_m2_per_bed")


def _capacities(ask: SiteAsk) -> list[tuple[str, str]]:
    """List how many people a site can serve."""
    found = [("", _("不限")), (PLANNED, _("按计划的床位数")), (FIT, _("按放得下的床位数"))]
    if ask.capacity and ask.capacity not in (PLANNED, FIT):
        found.append((ask.capacity, _("按候选地点的“%(column)s”一列", column=ask.capacity)))
    return found


def _equities(ask: SiteAsk) -> list[tuple[str, str]]:
    """List how much the worst served come first."""
    words = {"no": _("不"), "some": _("一些"), "much": _("很")}
    found = [(f"{EQUITY[key]:g}", said) for key, said in words.items()]
    if ask.equity not in EQUITY.values():
        found.append((f"{ask.equity:g}", _("权重 %(n)s", n=f"{ask.equity:g}")))
    return found


def model_words() -> dict[str, tuple[str, str]]:
    """Name the models in plain words, each with what it does."""
    return {
        "mclp": (_("服务最多的人"), _("处数定了，让标准距离内的人最多。")),
        "lscp": (_("全部够得到，最少几处"), _("距离定了，找出最少要建几处。")),
        "p_median": (_("平均距离最短"), _("处数定了，让大家平均走得最少。")),
        "p_center": (_("最远的人最近"), _("处数定了，让最远的人也尽量近。")),
    }
