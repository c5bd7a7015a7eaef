"""The changes of a scenario as lists: what each is, and what it alone adds or loses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from geomap.model.facility import TYPES
from geomap.model.geodesy import geodesic_m
from geomap.model.geojson import METRE_DECIMALS
from geomap.model.scenario import KIND_LABELS
from geomap.web import wording
from geomap.web.language import page_url
from geomap.web.scenarios.answer_page import signed, whole_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.model.scenario import Change
    from geomap.web.scenarios.listed import Listed


def change_rows(
    found: Sequence[Listed], effects: Sequence[Mapping[str, Any]] | None, language: str
) -> list[dict[str, Any]]:
    """Write the changes in their order.

    Parameters
    ----------
    effects : of each change, what it alone does; None where that is not worked out.
    """
    told = effects or [{}] * len(found)
    return [
        {
            "n": each.n, "kind": KIND_LABELS[each.change.kind].of(language), "name": each.name,
            "type": TYPES[each.type].of(language) if each.type in TYPES else "",
            "href": _href(each), "what": str(_("，")).join(what(each, language)),
            "lost": "" if each.is_there else str(_("数据里已经没有这一家：请去掉这一项。")),
            "newly": _people(own.get("newly"), 1, known=effects is not None),
            "loses": _people(own.get("lost"), -1, known=effects is not None),
            "cost": str(_("未知")) if each.change.cost is None else whole_text(each.change.cost),
            "yuan": _yuan(own, known=effects is not None),
        }
        for each, own in zip(found, told, strict=False)
    ]  # fmt: skip


def _href(each: Listed) -> str:
    """Link to the facility's page; "" where it has none."""
    if not each.is_there or each.is_own or each.change.kind == "add":
        return ""
    return page_url("pages.facility", facility_id=each.change.facility_id)


def _people(number: float | None, sign: int, *, known: bool) -> str:
    """Write people that a change alone adds or loses."""
    if not known:
        return str(_("没有算"))
    return str(_("未知")) if number is None else signed(sign * number)


def _yuan(own: Mapping[str, Any], *, known: bool) -> str:
    """Write what each newly covered person costs; "" where nobody is."""
    if not known:
        return str(_("没有算"))
    value = own.get("yuan_per_person")
    if value is not None:
        return whole_text(value)
    newly = own.get("newly")
    return "" if newly is not None and round(newly) <= 0 else str(_("未知"))


def what(each: Listed, language: str) -> list[str]:
    """Say what a change does, in parts."""
    kind = each.change.kind
    if kind == "add":
        beds = (
            _("%(n)s 张床位", n=whole_text(each.beds)) if each.beds is not None else _("床位未知")
        )
        return [str(beds), _spot(each.at)]
    if kind == "move":
        return [_moved(each, language), _spot(each.at)]
    if kind == "enlarge":
        return [_enlarged(each)]
    return [str(_("原有床位 %(n)s", n=_beds(each.beds_were)))]


def _enlarged(each: Listed) -> str:
    """Say how many beds there were and are."""
    said = str(_("床位 %(was)s → %(now)s", was=_beds(each.beds_were), now=_beds(each.beds)))
    if each.beds_were is None or each.beds is None:
        return said
    return said + str(_("（%(n)s 张）", n=signed(each.beds - each.beds_were)))


def _beds(number: float | None) -> str:
    return str(_("未知")) if number is None else whole_text(number)


def _spot(spot: tuple[float, float] | None) -> str:
    """Write a place."""
    if spot is None:
        return str(_("位置未知"))
    return f"{spot[0]:.{METRE_DECIMALS}f}, {spot[1]:.{METRE_DECIMALS}f}"


def _moved(each: Listed, language: str) -> str:
    """Say how far a facility moves."""
    if each.was is None or each.at is None:
        return str(_("原来位置未知"))
    metres = float(geodesic_m(*each.was, *each.at))
    return str(_("直线搬了 %(far)s", far=wording.distance(metres, language)))


def described(change: Change, name: str, language: str) -> str:
    """Say a change in one line, for who must choose between two versions."""
    parts = [KIND_LABELS[change.kind].of(language), name or change.facility_id]
    if change.lon is not None and change.lat is not None:
        parts.append(_spot((change.lon, change.lat)))
    if change.beds is not None:
        parts.append(str(_("%(n)s 张床位", n=whole_text(change.beds))))
    return " · ".join(each for each in parts if each)


def moment(text: str, language: str) -> str:
    """Write a time of ISO 8601 as people in China read it."""
    at = datetime.fromisoformat(text).astimezone(ZoneInfo("Asia/Shanghai"))
    today = datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()
    return f"{wording.day(at.date(), language, today=today)} {at:%H:%M}"
