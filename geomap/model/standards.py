"""Provision standards: versioned packs of rules, each with its clause, number and sureness.

A rule says what is measured, which number it is held against and where that number stands. What
is measured is an indicator of :mod:`geomap.plan.indicators` for areas, ``walk_m`` for the
coverage standard, or ``facility_floor_m2`` for each facility by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from geomap.errors import NotFoundError, ParameterError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: What a rule may measure, and the unit its number is in.
MEASURES: Final[Mapping[str, str]] = {
    "walk_m": "m",
    "beds_per_1000_aged_60": "beds/1000",
    "land_m2_per_inhabitant": "m2/person",
    "floor_m2_per_bed": "m2/bed",
    "land_m2_per_bed": "m2/bed",
    "floor_m2_per_100_households": "m2/100 households",
    "nursing_bed_share": "%",
    "inspected_share": "%",
    "built_rate_township": "%",
    "facility_floor_m2": "m2",
}
UNITS: Final[Mapping[str, Label]] = {
    "m": Label("米", "m"),
    "beds/1000": Label("张/千名老人", "beds per 1,000 aged 60+"),
    "m2/person": Label("平方米/人", "m² an inhabitant"),
    "m2/bed": Label("平方米/床", "m² a bed"),
    "m2/100 households": Label("平方米/百户", "m² per 100 households"),
    "%": Label("%", "%"),
    "m2": Label("平方米", "m²"),
}
DIRECTIONS: Final[Mapping[str, Label]] = {
    "at_least": Label("不低于", "at least"),
    "at_most": Label("不超过", "at most"),
    "below": Label("小于", "below"),
    "between": Label("介于", "between"),
}
AREA_TYPES: Final[Mapping[str, Label]] = {
    "any": Label("各类地区", "Anywhere"),
    "urban": Label("城镇", "Urban"),
    "rural": Label("农村", "Rural"),
    "new_district": Label("新建居住区", "New residential districts"),
    "built_district": Label("已建成居住区", "Existing residential districts"),
}
SURENESS: Final[Mapping[str, Label]] = {
    "official": Label("见发布机关原文", "Read in the issuing authority's own publication"),
    "reported": Label("见他处转载或报道", "Read in a copy or a report of it"),
    "unverified": Label("数字流传，条文未核", "The number is in use; its clause was not read"),
    "changed": Label("使用者改动", "Changed by the user"),
}


@dataclass(frozen=True)
class Rule:
    """One rule of a pack.

    Attributes
    ----------
    key : name within the pack.
    label : what it is called.
    measure, unit : what is measured, of :data:`MEASURES`, and the unit of the number.
    direction : how it is held against the number, of :data:`DIRECTIONS`.
    number, number_to : the number, and the upper one of "between".
    area_type : where it applies, of :data:`AREA_TYPES`.
    clause : where it stands, as one would cite it.
    since, until : in force from, and up to but without; None has no end.
    due : the day by which it is to be met, where it is a target.
    sureness : how sure its source is, of :data:`SURENESS`.
    source_url : where it was read.
    facility_types : which facilities are measured; all where empty.
    changed_from : the pack's own number, where the user changed it.
    """

    key: str
    label: Label
    measure: str
    unit: str
    direction: str
    number: float
    area_type: str
    clause: Label
    since: date
    sureness: str
    number_to: float | None = None
    until: date | None = None
    due: date | None = None
    source_url: str | None = None
    facility_types: tuple[str, ...] = ()
    changed_from: float | None = None

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on a day.

        Examples
        --------
        >>> from datetime import date
        >>> rule = Rule("a", Label("", ""), "walk_m", "m", "at_most", 500, "any", Label("", ""),
        ...             date(2018, 12, 1), "official", until=date(2020, 1, 1))
        >>> [rule.in_force(date(year, 1, 1)) for year in (2018, 2019, 2020)]
        [False, True, False]
        """
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True)
class RulePack:
    """Rules of one authority, in one version.

    Attributes
    ----------
    key, version : name, and which edition of the pack this is.
    label : what it is called.
    adcode : the division it holds in; None for the nation.
    updated : when its numbers were last looked at.
    rules : by their key.
    """

    key: str
    version: str
    label: Label
    adcode: str | None
    updated: date
    rules: Mapping[str, Rule]

    def rule(self, key: str) -> Rule:
        """Give a rule by its key.

        Raises
        ------
        NotFoundError : if the pack has no such rule.
        """
        if key not in self.rules:
            raise NotFoundError(
                f"rule pack {self.key} has no rule {key!r}, but {', '.join(self.rules)}"
            )
        return self.rules[key]

    def changed(self, key: str, number: float) -> RulePack:
        """Give the pack with another number in one rule, which says that it was changed.

        Raises
        ------
        NotFoundError : if the pack has no such rule.
        ParameterError : if the number is not positive and finite, or above the upper one.
        """
        rule = self.rule(key)
        above = rule.number_to is not None and number > rule.number_to
        if isinstance(number, bool) or not 0 < number < float("inf") or above:
            raise ParameterError(
                f"the number of rule {key} must be positive"
                + (f" and at most {rule.number_to}" if rule.number_to is not None else "")
                + f", got {number!r}"
            )
        first = rule.number if rule.changed_from is None else rule.changed_from
        other = replace(rule, number=float(number), sureness="changed", changed_from=first)
        version = self.version if self.version.endswith("*") else f"{self.version}*"
        return replace(self, version=version, rules={**self.rules, key: other})
