"""The form of siting: what an address asks, what is wrong with it, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from geomap.errors import NotFoundError
from geomap.model.facility import TYPES
from geomap.plan.review import WEIGHTS
from geomap.plan.siting.answer import COVERING
from geomap.web.language import current_language
from geomap.web.plan.ask import FASTEST_MPS, LINE, SPEED_MPS, WALK
from geomap.web.plan.form import common_choices, read_number
from geomap.web.query import whole
from geomap.web.siting.ask import (
    CANDIDATES,
    COUNTED,
    DEFAULT_M,
    DEFAULT_P,
    DEFAULT_S,
    DEMAND,
    IGNORE,
    KEEP,
    MOST_M,
    MOST_MONEY,
    MOST_P,
    MOST_S,
    SiteAsk,
)
from geomap.web.siting.ground import faults_of, sites_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from geomap.web.plan.inputs import PlanInputs

_MODELS: Final = ("mclp", "lscp", "p_median", "p_center")
_TEXTS: Final = ("p", "standard_m", "speed_mps", "budget", "time_limit_s", "required", "excluded")


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
    budget = read.number("budget", (0, MOST_MONEY), None)
    p = read.count("p", None if "p" in args else DEFAULT_P)
    standard = read.number("standard_m", (1, MOST_M), DEFAULT_M)
    ask = SiteAsk(
        model=model, p=p if model in COUNTED else None,
        standard_m=standard if model in COVERING else None,
        method=read.one_of("method", (LINE, WALK)),
        speed_mps=read.number("speed_mps", (0.1, FASTEST_MPS), SPEED_MPS) or SPEED_MPS,
        weight=read.one_of("weight", ("", *WEIGHTS, "disabled")),
        area=args.get("area", "").strip(), sites=read.one_of("sites", ("", CANDIDATES, DEMAND)),
        existing=read.one_of("existing", (KEEP, IGNORE)),
        types=tuple(each for each in TYPES if each in args.getlist("type")),
        required=_ids(args.get("required", "")), excluded=_ids(args.get("excluded", "")),
        budget=budget,
        time_limit_s=read.number("time_limit_s", (1, MOST_S), DEFAULT_S) or DEFAULT_S,
    )  # fmt: skip
    usual = {"p": str(DEFAULT_P), "standard_m": f"{DEFAULT_M:g}", "speed_mps": f"{SPEED_MPS:g}",
             "time_limit_s": f"{DEFAULT_S:g}"}  # fmt: skip
    values = ask.as_dict() | {n: args.get(n, usual.get(n, "")) for n in _TEXTS}
    return SiteForm(None if faults else ask, faults, values, asked="go" in args)


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
    rows = {
        CANDIDATES: 0 if inputs.candidates is None else len(inputs.candidates),
        DEMAND: 0 if inputs.demand is None else len(inputs.demand),
    }
    places = {CANDIDATES: _("导入的候选地点（%(n)s 处）"),
              DEMAND: _("有人住的地方都可以（需求点 %(n)s 处）")}  # fmt: skip
    return common_choices(inputs, names, language) | {
        "models": [(key, *said) for key, said in model_words().items()],
        "sites": [(key, places[key] % {"n": f"{rows[key]:,}"}, rows[key] > 0) for key in places],
        "from": sites_of(ask or SiteAsk(), inputs),
        "existing": [(KEEP, _("保留，新的补它们的缺")), (IGNORE, _("不算，从头布点"))],
    }


def model_words() -> dict[str, tuple[str, str]]:
    """Name the models in plain words, each with what it does."""
    return {
        "mclp": (_("服务最多的人"), _("处数定了，让标准距离内的人最多。")),
        "lscp": (_("全部够得到，最少几处"), _("距离定了，找出最少要建几处。")),
        "p_median": (_("平均距离最短"), _("处数定了，让大家平均走得最少。")),
        "p_center": (_("最远的人最近"), _("处数定了，让最远的人也尽量近。")),
    }
