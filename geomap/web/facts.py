"""What is known of a facility, line by line in words, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geomap.model.chinese import simplify_text
from geomap.model.facility import (
    FACILITIES,
    LOCATION_PRECISION,
    OWNERSHIP,
    SERVICES,
    STATUS,
)
from geomap.model.table import Label
from geomap.web import wording
from geomap.web.contacts import web_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from geomap.model.facility import ValueSource
    from geomap.web.wording import BedChip

    Record = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """For whom and when words are chosen."""

    language: str
    today: date


@dataclass(frozen=True)
class Fact:
    """One line: what is asked, what is known, and who says so as of when."""

    label: str
    value: str
    known: bool
    lang: str | None = None
    source: str | None = None
    verified: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Risk:
    """A listing on the risk list, or that it was put right."""

    rectified: bool
    text: str
    detail: str | None = None


def beds(record: Record, reader: Reader) -> BedChip:
    """Say how many beds are free, and as of when."""
    return wording.beds(
        record["beds_available"],
        record["beds_updated"],
        reader.language,
        today=reader.today,
        reachable=bool(record["phone"]),
    )


def risk(record: Record, reader: Reader) -> Risk | None:
    """Say soberly that a facility is, or was, on the risk list; None where that is not known."""
    if not record["risk_listed"]:
        return None
    on = record["rectified_on"]
    if on is not None:
        day = wording.day(on, reader.language, today=reader.today)
        said = Label(f"曾列入关注名单，{day}已整改", f"Was on the risk list; put right on {day}")
        return Risk(rectified=True, text=said.of(reader.language))
    said = Label("已列入关注名单", "This home is on the risk list")
    checked = record["inspected_on"]
    if checked is not None:
        day = wording.day(checked, reader.language, today=reader.today)
        said = Label(f"{day}检查，已列入关注名单", f"On the risk list; inspected on {day}")
    return Risk(rectified=False, text=said.of(reader.language), detail=record["inspection_result"])


def place_name(record: Record, division: str | None) -> str | None:
    """Write where a facility is: its address, else its township, after the division's names."""
    exact = record["address"] or record["township"]
    if not exact or not division:
        return exact or division
    province, county, said = division[:2], division[-3:], simplify_text(exact)
    return exact if said.startswith(province) or county in said else f"{division} {exact}"


def fact_groups(
    record: Record,
    reader: Reader,
    *,
    division: str | None,
    source_of: Callable[[str], ValueSource],
) -> list[tuple[str, list[Fact]]]:
    """Say, in groups, what is known of a facility and what is not known of the chief things.

    Parameters
    ----------
    record : as by :func:`geomap.web.records.records`.
    reader : language and date.
    division : the names of province, city and county, where known.
    source_of : gives who said a column's value and when.

    Returns
    -------
    (heading, facts) pairs. Chief facts are listed even where unknown, lesser ones only if known.
    """
    said = Says(record, reader, division)
    groups: list[tuple[str, list[Fact]]] = []
    for heading, lines in _GROUPS:
        facts = []
        for line in lines:
            value = line.say(said)
            if value is None and not line.chief:
                continue
            facts.append(_fact(line, value, said, source_of(line.column)))
        if facts:
            groups.append((heading.of(reader.language), facts))
    return groups


@dataclass(frozen=True)
class Says:
    """A record and how its values are put into words; None where unknown."""

    record: Record
    reader: Reader
    division: str | None

    def place(self) -> str | None:
        """Say where it is."""
        return place_name(self.record, self.division)

    def accepts(self) -> str | None:
        """Say whom it accepts."""
        kinds = self.record["accepts"]
        return wording.accepts(kinds, self.reader.language) if kinds else None

    def beds(self) -> str | None:
        """Say how many beds and residents there are."""
        names = ("beds_total", "beds_nursing", "residents")
        words = {
            "beds_total": Label("共 {} 张", "{} in all"),
            "beds_nursing": Label("护理型 {} 张", "{} nursing beds"),
            "residents": Label("入住 {} 人", "{} residents"),
        }
        known = [
            words[name].of(self.reader.language).format(f"{self.record[name]:,}")
            for name in names
            if self.record[name] is not None
        ]
        return Label("，", ", ").of(self.reader.language).join(known) or None

    def price(self) -> str | None:
        """Say what a month costs."""
        low, high = self.record["price_min"], self.record["price_max"]
        if low is None and high is None:
            return None
        return wording.price(low, high, self.reader.language)

    def medical(self) -> str | None:
        """Say what medical care there is."""
        kind = self.record["medical"]
        return wording.medical(kind, self.reader.language) if kind else None

    def services(self) -> str | None:
        """List the services."""
        kinds = self.record["services"]
        return wording.listed(kinds, SERVICES, self.reader.language) if kinds else None

    def rating(self) -> str | None:
        """Say how it is rated and by which scheme."""
        level, scheme = self.record["rating"], self.record["rating_scheme"]
        if level is None and scheme is None:
            return None
        return wording.rating(level, scheme, self.reader.language)

    def inspection(self) -> str | None:
        """Say when it was inspected and with what result."""
        on, result = self.record["inspected_on"], self.record["inspection_result"]
        day = wording.day(on, self.reader.language, today=self.reader.today) if on else None
        return Label("，", ", ").of(self.reader.language).join(filter(None, (day, result))) or None

    def risk(self) -> str | None:
        """Say whether it is on the risk list."""
        found = risk(self.record, self.reader)
        if found:
            return found.text
        if self.record["risk_listed"] is None:
            return None
        return Label("没有列入", "Not listed").of(self.reader.language)

    def yes_no(self, column: str) -> str | None:
        """Say yes or no."""
        value = self.record[column]
        return None if value is None else wording.yes_no(value, self.reader.language)

    def choice(self, column: str, labels: Mapping[str, Label]) -> str | None:
        """Name a choice."""
        value = self.record[column]
        return labels[value].of(self.reader.language) if value else None

    def amount(self, column: str) -> str | None:
        """Write a number with its unit."""
        value = self.record[column]
        unit = FACILITIES.by_name[column].unit
        return None if value is None else wording.amount(value, unit, self.reader.language)

    def day(self, column: str) -> str | None:
        """Write a date."""
        value = self.record[column]
        if value is None:
            return None
        return wording.day(value, self.reader.language, today=self.reader.today)

    def text(self, column: str) -> str | None:
        """Repeat what the data says."""
        value = self.record[column]
        return str(value) if value else None


@dataclass(frozen=True)
class _Line:
    """One line of the facility page: its column, label and words."""

    column: str
    say: Callable[[Says], str | None]
    label: Label
    chief: bool = False
    data: bool = False


def _text(column: str) -> _Line:
    """Make a line that repeats what the data says."""
    label = FACILITIES.by_name[column].label
    return _Line(column, lambda says: says.text(column), label, data=True)


def _chief_yes_no(column: str) -> _Line:
    """Make a line for a yes, a no or an unknown that matters."""
    return _Line(
        column, lambda says: says.yes_no(column), FACILITIES.by_name[column].label, chief=True
    )


def _amount(column: str) -> _Line:
    """Make a line for a number with its unit."""
    return _Line(column, lambda says: says.amount(column), FACILITIES.by_name[column].label)


def _day(column: str) -> _Line:
    """Make a line for a date."""
    return _Line(column, lambda says: says.day(column), FACILITIES.by_name[column].label)


_GROUPS: tuple[tuple[Label, tuple[_Line, ...]], ...] = (
    (
        Label("能不能住", "Can one move in?"),
        (
            _Line("accepts", Says.accepts, Label("可接收", "Accepts"), chief=True),
            _Line("beds_total", Says.beds, Label("床位", "Beds"), chief=True),
            _Line(
                "admits_private",
                lambda says: says.yes_no("admits_private"),
                Label("接收自费老人", "Admits paying residents"),
                chief=True,
            ),
            _Line("status", lambda says: says.choice("status", STATUS), Label("状态", "Status")),
        ),
    ),
    (
        Label("费用", "Costs"),
        (
            _Line("price_min", Says.price, Label("每月", "A month"), chief=True),
            _chief_yes_no("prepay_escrow"),
            _Line(
                "inclusive_price",
                lambda says: says.yes_no("inclusive_price"),
                FACILITIES.by_name["inclusive_price"].label,
            ),
        ),
    ),
    (
        Label("医疗和服务", "Medical care and services"),
        (
            _Line("medical", Says.medical, Label("医疗", "Medical care"), chief=True),
            _Line("services", Says.services, Label("服务", "Services"), chief=True),
            _amount("caregivers"),
        ),
    ),
    (
        Label("评级和检查", "Rating and inspections"),
        (
            _Line("rating", Says.rating, Label("评级", "Rating"), chief=True, data=True),
            _Line(
                "inspected_on", Says.inspection, Label("检查", "Inspected"), chief=True, data=True
            ),
            _Line("risk_listed", Says.risk, Label("关注名单", "Risk list"), chief=True),
            _chief_yes_no("fire_cert"),
            _Line(
                "fire_station",
                lambda says: says.yes_no("fire_station"),
                FACILITIES.by_name["fire_station"].label,
            ),
            _text("demo_tag"),
        ),
    ),
    (
        Label("地址和联系", "Address and contact"),
        (
            _Line("address", Says.place, Label("地址", "Address"), chief=True, data=True),
            _Line("phone", lambda says: says.text("phone"), Label("电话", "Telephone"), chief=True),
            _text("website"),
            _Line(
                "location_precision",
                lambda says: says.choice("location_precision", LOCATION_PRECISION),
                FACILITIES.by_name["location_precision"].label,
            ),
            _text("name_en"),
        ),
    ),
    (
        Label("机构情况", "About the home"),
        (
            _Line(
                "ownership",
                lambda says: says.choice("ownership", OWNERSHIP),
                FACILITIES.by_name["ownership"].label,
            ),
            _text("operator"),
            _text("operator_model"),
            _text("brand"),
            _day("opened_on"),
            _amount("land_m2"),
            _amount("floor_m2"),
            _text("steward_name"),
            _text("steward_phone"),
        ),
    ),
)


def _fact(line: _Line, value: str | None, says: Says, source: ValueSource) -> Fact:
    """Put a line, its value and its source together."""
    language = says.reader.language
    return Fact(
        line.label.of(language),
        value or wording.unknown(language),
        known=value is not None,
        lang=wording.text_language(value) if line.data and value else None,
        source=source_name(source, says.reader.language) if value is not None else None,
        verified=_verified(source, says.reader) if value is not None else None,
        link=web_address(value) if line.column == "website" else None,
    )


def source_name(source: ValueSource, language: str) -> str:
    """Say who said a value."""
    return source.source or Label("没有来源", "No source").of(language)


def _verified(source: ValueSource, reader: Reader) -> str | None:
    """Say on which day a value was verified."""
    if source.source is None or source.verified_on is None:
        return None
    return wording.day(source.verified_on, reader.language, today=reader.today)
