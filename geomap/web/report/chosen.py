"""What else a report is to hold: a siting question and a scenario, as an address names them."""

from __future__ import annotations

from dataclasses import fields
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.datastructures import MultiDict

from geomap.errors import ParameterError
from geomap.web.plan.ask import LINE, SPEED_MPS, Ask
from geomap.web.siting.ask import DEFAULT_M, SiteAsk
from geomap.web.siting.site_form import read_site_form

_LONGEST, _MOST_FIELDS = 8_000, 100
#: What a siting question takes from the report's own where it does not say it.
_SHARED: Final = ("area", "method", "speed_mps", "weight", "standard_m", "type")
#: Names of an address that are no part of the question.
_ASIDE: Final = ("go", "lang")
#: Beginnings of the names of what is asked of one type among several.
_OF_TYPE: Final = ("p_", "standard_m_")


def site_query(ask: SiteAsk) -> str:
    """Write a siting question so that nothing of it is left to the report's own question."""
    told: dict[str, object] = {"area": "", "weight": "", "type": "", "method": LINE,
                               "speed_mps": f"{SPEED_MPS:g}"}  # fmt: skip
    if ask.covers and not ask.by_type:
        told["standard_m"] = f"{DEFAULT_M:g}"
    return urlencode({**told, **ask.parameters()}, doseq=True)


def report_of_site(ask: SiteAsk) -> dict[str, object]:
    """Give the parameters of the report that holds a siting answer and asks the same besides."""
    own = Ask(
        area=ask.area, types=ask.types, rule="", standard_m=ask.standard_m or DEFAULT_M,
        method=ask.method, speed_mps=ask.speed_mps, weight=ask.weight,
    )  # fmt: skip
    return {**own.parameters(), "site": site_query(ask)}


def read_site(text: str, ask: Ask) -> SiteAsk:
    """Read a siting question: an address of ``/plan/site``, or what stands in it after ``?``.

    Parameters
    ----------
    text : such as ``p=5&standard_m=500``.
    ask : the report's own question, which says of area, distance, types and people what `text`
        does not.

    Raises
    ------
    ParameterError : naming what cannot be asked.

    Examples
    --------
    >>> read_site("p=3", Ask(rule="", standard_m=500)).standard_m
    500.0
    """
    args = _arguments(text)
    own = {**ask.parameters(rule=""), "standard_m": f"{ask.standard_m:.12g}"}
    several = any(name.startswith(_OF_TYPE) and args[name].strip() for name in args)
    for name in _SHARED:
        if name in own and name not in args and not (several and name == "standard_m"):
            value = own[name]
            args.setlist(name, list(value) if isinstance(value, list) else [str(value)])
    form = read_site_form(args)
    if form.ask is None:
        said = "; ".join(f"{name}: {each}" for name, each in form.faults.items())
        raise ParameterError(f"the siting question cannot be asked: {said}", zh=said)
    return form.ask


def _arguments(text: str) -> MultiDict[str, str]:
    """Take an address apart; what no siting question has is refused, for it may be a slip."""
    query = urlsplit(text[:_LONGEST]).query if "?" in text else text[:_LONGEST]
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True,
                          max_num_fields=_MOST_FIELDS)  # fmt: skip
    except ValueError as error:
        raise ParameterError(
            f"a siting question is written like p=5&standard_m=500, got {text[:80]!r}",
            zh=f"选址问题写成 p=5&standard_m=500 这样，这里是 {text[:80]!r}",
        ) from error
    known = {each.name for each in fields(SiteAsk)} - {"types", "by_type"} | {"type"}
    names = [name for name, _value in pairs if not name.startswith(_OF_TYPE)]
    foreign = [name for name in names if name not in known and name not in _ASIDE]
    if foreign:
        wrong, right = ", ".join(foreign)[:80], ", ".join(sorted(known))
        raise ParameterError(
            f"a siting question has no {wrong}; it has {right}",
            zh=f"选址问题里没有 {wrong}；有：{right}",
        )
    return MultiDict(pairs)
