"""Read one column name: what it may mean, and the unit or datum that it states."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from geomap.data.files.columns.aliases import (
    IGNORED,
    NAMES,
    OTHERS,
    PERCENTS,
    PLACES,
    PREFIXES,
    STATED,
)
from geomap.model.chinese import simplify_text
from geomap.model.facility import FACILITIES
from geomap.model.table import Label
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Ends a name that a shapefile cut off after ten bytes.
CUT_OFF = "…"
#: A reading of this rank or a better one is as good as the name itself.
SURE_RANK = 2
#: Exact, unit in brackets, year, word before it, last part of a longer name.
RANKS = 5

#: Names whose readings are kept: many more than one file has, but not all that anybody ever sent.
_REMEMBERED = 16_384
_LEAST_LETTERS = 2
_BRACKETS = re.compile(r"[(\[（【〔「][^)\]）】〕」]*[)\]）】〕」]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年?[末底]?(?!\d)")
_PARTS = re.compile(r"[-_/·:：>—－]+")
_SHARE = re.compile(r"[%％]|占比|比重|percent", re.IGNORECASE)
_DATUM_IN_UNIT = re.compile(r"gcj|bd-?09|wgs|cgcs|epsg|twd")
_DATUM_WORDS = {
    "gcj02": re.compile(r"gcj|高德|amap|火星", re.IGNORECASE),
    "bd09": re.compile(r"bd-?_?09|\bbd_|百度|baidu", re.IGNORECASE),
}
_PROVENANCE = (
    ("_source", re.compile(r"(?:数据)?来源$|source$")),
    ("_verified_on", re.compile(r"核实日期$|verifiedon$")),
)
#: Units that a header may state: what they measure, and how many of the field's unit they are.
_UNITS: Mapping[str, tuple[str, float]] = {
    "亩": ("area", 2000 / 3),
    "公顷": ("area", 10_000.0),
    "ha": ("area", 10_000.0),
    "坪": ("area", 400 / 121),
    "平方公里": ("area", 1_000_000.0),
    "km2": ("area", 1_000_000.0),
    "千人": ("people", 1_000.0),
    "万人": ("people", 10_000.0),
    "万户": ("people", 10_000.0),
    "元/年": ("price", 1 / 12),
    "元/天": ("price", 30.0),
    "元/日": ("price", 30.0),
    "万元/年": ("price", 10_000 / 12),
    "万元": ("cost", 10_000.0),
    "亿元": ("cost", 100_000_000.0),
}
_MEASURED = {
    "area": ("land_m2", "floor_m2"),
    "people": ("population", "aged_60", "aged_65", "aged_80", "disabled", "households", "enrolled"),
    "price": ("price", "price_min", "price_max"),
    "cost": ("cost",),
}
_MONEY = (*_MEASURED["price"], *_MEASURED["cost"])
_FOREIGN_MONEY = re.compile(
    r"円|日元|新台币|台币|港元|港币|澳门元|美元|欧元|[$€£]|\b(?:ntd?|usd|eur|hkd|twd|jpy)\b"
)


class Reading(NamedTuple):
    """One way to read a header; smaller is better."""

    rank: int
    order: int
    recent: int
    target: str


@lru_cache(maxsize=_REMEMBERED)
def normal(text: str) -> str:
    """Write a header in the one way in which headers are compared.

    Examples
    --------
    >>> normal("機構名稱 "), normal("Provider_Name"), normal("床位數（張）")
    ('机构名称', 'providername', '床位数张')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    simplified = simplify_text(plain)
    return "".join(char for char in simplified if char.isalnum() or char in "%#")


@cache
def targets(table_name: str) -> tuple[str, ...]:
    """Everything that a column may be mapped to: fields, places, stated divisions, percentages."""
    table = TABLES[table_name]
    own = [*table.names, *(name for name in NAMES[table_name] if name not in table.by_name)]
    percents = [name for name in PERCENTS if name.removesuffix("_percent") in table.by_name]
    return (*own, *PLACES, *(name for name in STATED if name not in own), *percents)


def is_provenance(target: str, table_name: str) -> bool:
    """Whether a target is the source or the verification date of one value."""
    base = target.removesuffix("_source").removesuffix("_verified_on")
    return (
        table_name == "facilities"
        and base != target
        and base in FACILITIES.by_name
        and target not in FACILITIES.by_name
    )


def is_row_number(header: str) -> bool:
    """Whether a column only numbers the rows: 序号, No."""
    return normal(header) in ("序号", "序", "no", "行号", "number", "#")


@lru_cache(maxsize=_REMEMBERED)
def is_known_header(cell: str) -> bool:
    """Whether a cell is a name that some table knows, and more than one letter."""
    plain = normal(cell)
    return len(plain) > 1 and any(plain in _known(table) for table in NAMES)


@lru_cache(maxsize=_REMEMBERED)
def readings(header: str, table_name: str) -> tuple[Reading, ...]:
    """Give all ways to read a header, each target by its best rank.

    Examples
    --------
    >>> [(each.target, each.rank) for each in readings("核定床數-核定总床位數", "facilities")]
    [('beds_total', 4)]
    >>> readings("法人電話", "facilities"), readings("人口(60岁以上)", "areas")
    ((), ())
    >>> [each.target for each in readings("联系电…", "facilities")]
    ['phone']
    """
    full = normal(header)
    if not full or full in _ignored():
        return ()
    known = _known(table_name)
    if header.endswith(CUT_OFF):
        return _completed(full, known)
    year = _YEAR.search(header)
    found: dict[str, Reading] = {}
    for rank, forms in enumerate(_forms(header, full)):
        for form in forms:
            for order, target in known.get(form, ()):
                if rank == RANKS - 1 and target in STATED:
                    continue
                name = _as_share(target, header)
                recent = -int(year[1]) if year else 0
                found.setdefault(name, Reading(rank, order, recent, name))
    return (*found.values(), *(_provenance(full, known) if table_name == "facilities" else ()))


def stated_factor(header: str, target: str) -> tuple[str, float | None] | None:
    """Give the unit that a header states and its factor, where it is not the field's own.

    Returns
    -------
    The unit and what to multiply by; None instead of a factor where it cannot be converted.

    Examples
    --------
    >>> stated_factor("占地面积（公顷）", "land_m2"), stated_factor("月額(円)", "price")
    (('公顷', 10000.0), ('円', None))
    >>> stated_factor("床位数（张）", "beds_total") is None
    True
    """
    for bracketed in _BRACKETS.findall(header) or [f"[{part}]" for part in header.split("_")[1:]]:
        unit = simplify_text(unicodedata.normalize("NFKC", bracketed)[1:-1].strip().casefold())
        unit = unit.removeprefix("单位:").replace("每", "/").replace("人/", "").replace("/床", "")
        kind, factor = _UNITS.get(unit, ("", None))
        if kind and target in _MEASURED[kind]:
            return unit, factor
        if (kind or _FOREIGN_MONEY.search(unit)) and target in _MONEY:
            return unit, None
    return None


def stated_datum(header: str) -> str | None:
    """Give the shifted datum that a header names, if it does.

    Examples
    --------
    >>> stated_datum("经度(高德)"), stated_datum("lng_bd09"), stated_datum("经度")
    ('gcj02', 'bd09', None)
    """
    return next((name for name, word in _DATUM_WORDS.items() if word.search(header)), None)


def _forms(header: str, full: str) -> list[list[str]]:
    """Write a header ever shorter, one list of forms for each rank."""
    bare = _BRACKETS.sub(lambda match: "" if _is_unit(match.group()) else match.group(), header)
    plain, timeless = normal(bare), normal(_YEAR.sub("", bare))
    forms = [[full], [plain], [timeless]]
    if full.endswith("footnote") or full.startswith(_others()):
        return forms
    forms.append([_shortened(plain), _shortened(timeless)])
    last = normal(_PARTS.split(bare.strip("-_/·:： "))[-1])
    # The last part of an English name is mostly a bare noun: TM2_MAX_X is no X, PERF_ID no id.
    return forms if last.isascii() else [*forms, [last, _shortened(last)]]


def _completed(start: str, known: Mapping[str, tuple[tuple[int, str], ...]]) -> tuple[Reading, ...]:
    """Read a name of which the end is missing, if all names that begin so mean one thing."""
    found = [columns[0] for name, columns in known.items() if name.startswith(start)]
    if len(start) < _LEAST_LETTERS or len({target for _, target in found}) != 1:
        return ()
    return (Reading(SURE_RANK, min(order for order, _ in found), 0, found[0][1]),)


def _is_unit(bracketed: str) -> bool:
    """Whether brackets hold a unit or a remark, not which numbers are meant: 人口(60岁以上)."""
    plain = unicodedata.normalize("NFKC", bracketed)[1:-1].casefold().strip()
    return bool(_DATUM_IN_UNIT.search(plain)) or plain in _UNITS or not re.search(r"\d", plain[:-1])


def _shortened(form: str) -> str:
    """Leave out a word before the name that changes nothing, if something remains."""
    for prefix in _prefixes():
        if form.startswith(prefix) and len(form) > len(prefix):
            return form.removeprefix(prefix)
    return form


def _as_share(target: str, header: str) -> str:
    """Tell shares from people where the header says so: 60岁以上人口(%)."""
    share = f"{target}_percent"
    return share if share in PERCENTS and _SHARE.search(header) else target


def _provenance(full: str, known: Mapping[str, tuple[tuple[int, str], ...]]) -> tuple[Reading, ...]:
    """Read 电话来源 or phone_verified_on: the source or the date of one value."""
    for suffix, pattern in _PROVENANCE:
        base = pattern.sub("", full)
        if base != full and base in known and full not in known:
            return tuple(Reading(0, order, 0, target + suffix) for order, target in known[base][:1])
    return ()


@cache
def _known(table_name: str) -> Mapping[str, tuple[tuple[int, str], ...]]:
    """Every known name of a table, normalised, with its place among the names and its target."""
    labels = {each.name: each.label for each in TABLES[table_name].fields}
    found: dict[str, list[tuple[int, str]]] = {}
    for target in targets(table_name):
        label = labels.get(target, Label(target, target))
        names = [target]
        for aliases in (NAMES[table_name], PLACES, STATED, PERCENTS):
            names.extend(aliases.get(target, ()))
        stated = dict.fromkeys(normal(each) for each in (*names, label.zh, label.en))
        for order, name in enumerate(stated):
            found.setdefault(name, []).append((order, target))
    return {name: tuple(columns) for name, columns in found.items()}


@cache
def _ignored() -> frozenset[str]:
    return frozenset(normal(name) for name in IGNORED)


@cache
def _others() -> tuple[str, ...]:
    return tuple(normal(each) for each in OTHERS)


@cache
def _prefixes() -> tuple[str, ...]:
    return tuple(sorted((normal(each) for each in PREFIXES), key=len, reverse=True))
