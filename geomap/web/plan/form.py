"""The planner's form: what an address asks, what is wrong with it, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from geomap.errors import GeomapError, ParameterError
from geomap.model.area import LEVELS
from geomap.model.demand import DEMAND
from geomap.model.facility import TYPES
from geomap.model.table import Label
from geomap.plan.discs import MOST_M
from geomap.web.plan.ask import (
    DEFAULT_M,
    DEFAULT_RULE,
    FASTEST_MPS,
    LINE,
    MOST_BEDS,
    SPEED_MPS,
    WALK,
    Ask,
    settled,
)
from geomap.web.query import decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from geomap.model.standards import RulePack
    from geomap.web.plan.inputs import PlanInputs

#: More areas than this are not offered one by one: their code is written in.
MOST_OFFERED: Final = 500
#: Whom a count is of, in the words of sentences.
WHOM: Final = {
    "aged_60": Label("60 岁及以上老人", "people aged 60 and over"),
    "aged_65": Label("65 岁及以上老人", "people aged 65 and over"),
    "aged_80": Label("80 岁及以上老人", "people aged 80 and over"),
    "population": Label("常住人口", "inhabitants"),
    "disabled": Label("失能老人", "disabled seniors"),
}
_ORDERS = ("asc", "desc")


@dataclass(frozen=True)
class View:
    """How an answer is looked at.

    Parameters
    ----------
    show : the measure that the map and the first chart show.
    sort, order : of the table of areas.
    since, until : names of two snapshots to be compared; the last two where empty.
    """

    show: str = "share"
    sort: str = "uncovered"
    order: str = "desc"
    since: str = ""
    until: str = ""

    def parameters(self, **changed: str) -> dict[str, str]:
        """Write it as parameters of an address; what is as usual is left out."""
        usual = View()
        own = {name: getattr(self, name) for name in self.__dataclass_fields__} | changed
        return {name: value for name, value in own.items() if value != getattr(usual, name)}


@dataclass(frozen=True)
class PlanForm:
    """What was read: a question, or what is wrong with it; and the texts as they came."""

    ask: Ask | None
    view: View
    faults: Mapping[str, str]
    values: Mapping[str, Any]
    asked: bool = field(default=False)


def read_form(args: MultiDict[str, str], packs: Mapping[str, RulePack]) -> PlanForm:
    """Read a question from an address; unknown parameters are ignored."""
    faults: dict[str, str] = {}
    values: dict[str, Any] = {
        "area": args.get("area", "").strip(),
        "level": args.get("level", ""),
        "types": tuple(each for each in args.getlist("type") if each in TYPES),
        "rule": args.get("rule", "" if "standard_m" in args else DEFAULT_RULE),
        "method": args.get("method", LINE),
        "weight": args.get("weight", ""),
        "pack": args.get("pack", "national"),
        "standard_m": read_number(args, "standard_m", (1, MOST_M), DEFAULT_M, faults),
        "speed_mps": read_number(args, "speed_mps", (0.1, FASTEST_MPS), SPEED_MPS, faults),
        "beds": read_number(args, "beds", (0.1, MOST_BEDS), None, faults),
    }
    show, sort, order = (args.get(n, d) for n, d in (("show", "share"), ("sort", "uncovered"),
                                                     ("order", "desc")))  # fmt: skip
    view = View(
        show, sort, order if order in _ORDERS else "desc", args.get("since", ""),
        args.get("until", ""),
    )  # fmt: skip
    ask = None
    if not faults:
        try:
            ask = settled(Ask(**values), packs)
        except GeomapError as error:
            faults["rule"] = _said(error)
    texts = {"standard_m", "speed_mps", "beds"}
    shown = values | {n: args.get(n, _plain(values[n])) for n in texts}
    if ask is not None:
        shown["standard_m"] = _plain(ask.standard_m)
    return PlanForm(ask, view, faults, shown, asked=any(n in args for n in _ASKED))


_ASKED: Final = (
    "area", "level", "type", "rule", "method", "weight", "pack", "standard_m", "speed_mps", "beds",
    "go",
)  # fmt: skip


def choices(
    inputs: PlanInputs, packs: Mapping[str, RulePack], names: Mapping[str, str], language: str
) -> dict[str, Any]:
    """List what the form offers.

    Parameters
    ----------
    names : of divisions, in full, by code.
    """
    walks = [
        (pack.label.of(language), [
            (f"{pack.key}.{rule.key}",
             _("%(n)s 米 · %(rule)s", n=f"{rule.number:,.0f}", rule=rule.label.of(language)))
            for rule in pack.rules.values() if rule.measure == "walk_m"
        ])
        for pack in packs.values()
    ]  # fmt: skip
    return common_choices(inputs, names, language) | {
        "levels": [(key, label.of(language)) for key, label in LEVELS.items()
                   if key in _levels(inputs)],
        "rules": [each for each in walks if each[1]],
        "packs": [(pack.key, pack.label.of(language)) for pack in packs.values()],
    }  # fmt: skip


def common_choices(inputs: PlanInputs, names: Mapping[str, str], language: str) -> dict[str, Any]:
    """List what every form of the planner offers.

    Parameters
    ----------
    names : of divisions, in full, by code.
    """
    areas = area_choices(inputs, names)
    labels = {each.name: each.label for each in DEMAND.fields}
    return {
        "areas": areas if len(areas) <= MOST_OFFERED else None,
        "types": [(key, label.of(language)) for key, label in TYPES.items()],
        "methods": [(LINE, _("直线")), (WALK, _("沿街道步行"))],
        "network": inputs.has_network,
        "weights": [(key, labels[key].of(language)) for key in inputs.weights],
    }


def area_choices(inputs: PlanInputs, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """List the areas that may be asked about: divisions above the rows, then the rows."""
    areas = inputs.areas
    found: dict[str, str] = {}
    codes = areas["adcode"].dropna().astype("str").tolist() if "adcode" in areas else []
    for digits in (2, 4):
        for head in dict.fromkeys(each[:digits] for each in codes):
            code = head.ljust(6, "0")
            if code in names and code not in codes:
                found[code] = names[code]
    for row in areas[["id", "name", "adcode"]].itertuples():
        code = row.adcode if isinstance(row.adcode, str) else None
        if code is None or len(code) <= 6 or len(areas) <= MOST_OFFERED:  # noqa: PLR2004 (a county's digits)
            found[code or str(row.id)] = names.get(code or "", str(row.name))
    return list(found.items())


def _levels(inputs: PlanInputs) -> set[str]:
    return set(inputs.areas["level"].dropna()) if "level" in inputs.areas else set()


def read_number(
    args: MultiDict[str, str],
    name: str,
    span: tuple[float, float],
    usual: float | None,
    faults: dict[str, str],
) -> float | None:
    """Read a number; what is wrong with it is told at its field."""
    text = args.get(name, "").strip().replace("，", "").replace(",", "")
    if not text:
        return usual
    try:
        return decimal(text, minimum=span[0], maximum=span[1])
    except ValueError:
        faults[name] = _("请填 %(least)s 到 %(most)s 之间的数。",
                         least=f"{span[0]:g}", most=f"{span[1]:,.16g}")  # fmt: skip
        return usual


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _said(error: GeomapError) -> str:
    from geomap.web.language import current_language

    if isinstance(error, ParameterError) and error.zh is None:
        return str(_("这样的选择没有；请重新选。"))
    return error.said(current_language())
