"""The lines of a facility's page, in groups: every column of the table has its place here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from geomap.model.facility import FACILITIES, LOCATION_PRECISION, OWNERSHIP, STATUS
from geomap.model.table import Label
from geomap.web import wording
from geomap.web.facility.contacts import dial, web_address
from geomap.web.facility.facts import Fact, Says, source_name, verified_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geomap.model.facility import ValueSource

    Say = Callable[[Says], str | None]


@dataclass(frozen=True)
class Group:
    """Some lines under a heading.

    Parameters
    ----------
    key : names the group in the page.
    heading : in words.
    facts : the lines; chief ones are listed even where unknown.
    not_known : the labels of lesser things that are not known.
    source, verified : who said all that is known here and when, if it is the same for all.
    """

    key: str
    heading: str
    facts: tuple[Fact, ...]
    not_known: tuple[str, ...] = ()
    source: str | None = None
    verified: str | None = None


@dataclass(frozen=True)
class _Line:
    """One line: its column, label and words.

    Chief lines are listed even where nothing is known; those that are not `asked_for` go unsaid.
    """

    column: str
    say: Say
    label: Label
    chief: bool = False
    data: bool = False
    asked_for: bool = True


def fact_groups(says: Says, source_of: Callable[[str], ValueSource]) -> list[Group]:
    """Say, in groups, what is known of a facility and what is not.

    Parameters
    ----------
    says : puts the values of one facility into words.
    source_of : gives who said a column's value and when.
    """
    return [
        _group(key, heading.of(says.reader.language), lines, says, source_of)
        for key, heading, lines in _GROUPS
    ]


def gathered(group: Group) -> Group:
    """Name in one line what is not known, where nothing is known of a whole group."""
    if any(each.known for each in group.facts):
        return group
    labels = tuple(each.label for each in group.facts)
    return replace(group, facts=(), not_known=(*labels, *group.not_known))


def _group(
    key: str,
    heading: str,
    lines: Iterable[_Line],
    says: Says,
    source_of: Callable[[str], ValueSource],
) -> Group:
    """Fill one group."""
    facts, not_known = [], []
    for line in lines:
        value = line.say(says)
        if value is not None or line.chief:
            facts.append(_fact(line, value, says, source_of(line.column)))
        elif line.asked_for:
            not_known.append(line.label.of(says.reader.language))
    said = [(each.source, each.verified) for each in facts if each.known]
    shared = said[0] if len(said) > 1 and len(set(said)) == 1 else (None, None)
    return Group(key, heading, tuple(facts), tuple(not_known), *shared)


def _fact(line: _Line, value: str | None, says: Says, source: ValueSource) -> Fact:
    """Put a line, its value and its source together."""
    language = says.reader.language
    if value is None:
        return Fact(
            line.label.of(language), wording.unknown(language), known=False, column=line.column
        )
    link = _LINKS[line.column](says) if line.column in _LINKS else None
    unsaid = says.record["source"] is None and not says.record.get("provenance")
    return Fact(
        line.label.of(language),
        value,
        known=True,
        lang=wording.text_language(value) if line.data else None,
        source=None if unsaid else source_name(source, language),  # said once, on top
        verified=verified_day(source, says.reader),
        link=link,
        external=link is not None and link.startswith("http"),
        column=line.column,
    )


def _label(column: str) -> Label:
    return FACILITIES.by_name[column].label


def _text(column: str, label: Label | None = None, *, asked_for: bool = True) -> _Line:
    """Make a line that repeats what the data says."""
    say = partial(_say_text, column=column)
    return _Line(column, say, label or _label(column), data=True, asked_for=asked_for)


def _say_text(says: Says, *, column: str) -> str | None:
    return says.text(column)


def _yes_no(column: str, *, chief: bool = False) -> _Line:
    """Make a line for a yes, a no or an unknown."""
    return _Line(column, lambda says: says.yes_no(column), _label(column), chief=chief)


def _choice(column: str, labels: Mapping[str, Label]) -> _Line:
    """Make a line for one of a closed set."""
    return _Line(column, lambda says: says.choice(column, labels), _label(column))


def _amount(column: str) -> _Line:
    """Make a line for a number with its unit."""
    return _Line(column, lambda says: says.amount(column), _label(column))


def _day(column: str, *, asked_for: bool = True) -> _Line:
    """Make a line for a date."""
    return _Line(column, lambda says: says.day(column), _label(column), asked_for=asked_for)


def _picture(column: str, *, asked_for: bool = True) -> _Line:
    """Make a line that leads to a picture elsewhere; an address that cannot be linked is shown."""

    def say(says: Says) -> str | None:
        address = says.text(column)
        if address is None or web_address(address) is None:
            return address
        return Label("看照片", "See the photo").of(says.reader.language)

    return _Line(column, say, _label(column), asked_for=asked_for)


def _web(column: str) -> Callable[[Says], str | None]:
    return lambda says: web_address(says.text(column))


def _call(column: str) -> Callable[[Says], str | None]:
    def link(says: Says) -> str | None:
        number = dial(says.text(column) or "")
        return f"tel:{number}" if number else None

    return link


#: Where the values of some columns lead.
_LINKS: Mapping[str, Callable[[Says], str | None]] = {
    "website": _web("website"),
    "photo": _web("photo"),
    "steward_photo": _web("steward_photo"),
    "source_url": _web("source_url"),
    "phone": _call("phone"),
    "steward_phone": _call("steward_phone"),
    "parent_id": lambda says: says.parent.href if says.parent else None,
}

_GROUPS: tuple[tuple[str, Label, tuple[_Line, ...]], ...] = (
    (
        "stay",
        Label("能不能住", "Can one move in?"),
        (
            _Line("accepts", Says.accepts, Label("可接收", "Accepts"), chief=True),
            _Line("beds_available", Says.free_beds, Label("空床", "Free beds"), chief=True),
            _Line("beds_total", Says.beds, Label("床位", "Beds"), chief=True),
            _yes_no("admits_private", chief=True),
            _choice("status", STATUS),
        ),
    ),
    (
        "costs",
        Label("费用", "Costs"),
        (
            _Line("price_min", Says.price, Label("每月", "A month"), chief=True),
            _yes_no("prepay_escrow", chief=True),
            _yes_no("inclusive_price"),
        ),
    ),
    (
        "care",
        Label("医疗和服务", "Medical care and services"),
        (
            _Line("medical", Says.medical, Label("医疗", "Medical care"), chief=True),
            _Line("services", Says.services, Label("服务", "Services"), chief=True),
            _amount("caregivers"),
        ),
    ),
    (
        "checks",
        Label("评级和检查", "Rating and inspections"),
        (
            _Line("rating", Says.rating, Label("评级", "Rating"), chief=True, data=True),
            _Line(
                "inspected_on", Says.inspection, Label("检查", "Inspected"), chief=True, data=True
            ),
            _Line("risk_listed", Says.risk, Label("关注名单", "Risk list"), chief=True),
            _day("rectified_on", asked_for=False),
            _yes_no("fire_cert", chief=True),
            _yes_no("fire_station"),
            _text("demo_tag"),
        ),
    ),
    (
        "contact",
        Label("地址和联系", "Address and contact"),
        (
            _Line("address", Says.place, Label("地址", "Address"), chief=True, data=True),
            _text("township"),
            _choice("location_precision", LOCATION_PRECISION),
            _Line("phone", lambda says: says.text("phone"), Label("电话", "Telephone"), chief=True),
            _text("website"),
            _picture("photo"),
            _text("steward_name", asked_for=False),
            _text("steward_phone", asked_for=False),
            _picture("steward_photo", asked_for=False),
        ),
    ),
    (
        "home",
        Label("机构情况", "About the home"),
        (
            _choice("ownership", OWNERSHIP),
            _text("operator"),
            _text("operator_model"),
            _text("brand"),
            _Line(
                "parent_id", Says.belongs_to, Label("上级机构", "Belongs to"), data=True,
                asked_for=False,
            ),
            _day("opened_on"),
            _amount("land_m2"),
            _amount("floor_m2"),
            _text("name_en"),
        ),
    ),
)  # fmt: skip

#: What a facility's row says of itself, in the list of sources.
_ROW: tuple[_Line, ...] = (
    _text("source", Label("主要来源", "Main source")),
    _text("source_url"),
    _day("verified_on"),
    _text("licence"),
    _text("id"),
    _text("adcode"),
)


def row_facts(says: Says) -> list[Fact]:
    """Say where a facility's row comes from, under which licence, and what it is filed under."""
    language = says.reader.language
    facts = []
    for line in _ROW:
        value = line.say(says)
        link = _LINKS[line.column](says) if line.column in _LINKS else None
        facts.append(
            Fact(
                line.label.of(language),
                value or wording.unknown(language),
                known=value is not None,
                lang=wording.text_language(value) if value else None,
                link=link,
                external=link is not None,
                column=line.column,
            )
        )
    return facts


def columns_shown() -> frozenset[str]:
    """Name the columns that the page says something of."""
    lines = [line for _, _, lines in _GROUPS for line in lines]
    return frozenset(each.column for each in (*lines, *_ROW))
