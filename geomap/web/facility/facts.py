"""What is known of a facility, line by line in words, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geomap.model.chinese import simplify_text
from geomap.model.facility import FACILITIES, SERVICES
from geomap.model.table import Label
from geomap.web import wording

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """One line: what is asked, what is known, and who says so as of when.

    Parameters
    ----------
    label, value : in words; the value of what is not known is the word for that.
    known : whether anything is known.
    lang : the language of a value that the data states.
    source, verified : who said it, and the day it was verified.
    link : where the value leads: a telephone number, a page of ours or, if `external`, a web site.
    column : of the facility table.
    """

    label: str
    value: str
    known: bool
    lang: str | None = None
    source: str | None = None
    verified: str | None = None
    link: str | None = None
    external: bool = False
    column: str = ""


@dataclass(frozen=True)
class Parent:
    """The facility that another one belongs to: what it is called and where its page is."""

    name: str
    href: str | None = None


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


@dataclass(frozen=True)
class Says:
    """A record and how its values are put into words; None where unknown."""

    record: Record
    reader: Reader
    division: str | None
    parent: Parent | None = None

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

    def free_beds(self) -> str | None:
        """Say how many beds are free, and as of when."""
        if self.record["beds_available"] is None:
            return None
        chip = beds(self.record, self.reader)
        return Label("{}，{}", "{}, {}").of(self.reader.language).format(chip.text, chip.day)

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

    def belongs_to(self) -> str | None:
        """Name the facility that it belongs to."""
        return self.parent.name if self.parent else None

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


def source_name(source: ValueSource, language: str) -> str:
    """Say who said a value."""
    return source.source or Label("没有来源", "No source").of(language)


def verified_day(source: ValueSource, reader: Reader) -> str | None:
    """Say on which day a value was verified."""
    if source.source is None or source.verified_on is None:
        return None
    return wording.day(source.verified_on, reader.language, today=reader.today)
