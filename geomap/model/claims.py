"""Published figures to be checked: what was said, of which place, by which formula and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: Which part of an indicator a figure states.
PARTS: Final[Mapping[str, Label]] = {
    "value": Label("指标值", "value"),
    "numerator": Label("分子", "numerator"),
    "denominator": Label("分母", "denominator"),
    "all": Label("总数（含未知）", "all, the unknown ones included"),
}
RELATIONS: Final[Mapping[str, Label]] = {
    "equals": Label("等于", "equals"),
    "at_least": Label("不低于", "is at least"),
    "at_most": Label("不超过", "is at most"),
}


@dataclass(frozen=True)
class Figure:
    """One number of a claim.

    Attributes
    ----------
    part : of the indicator, of :data:`PARTS`.
    published : the number; None where a rule of a pack gives it.
    relation : how the data must stand to it, of :data:`RELATIONS`.
    tolerance : how far off a rounded number may be, in the unit of the part.
    pack, rule : where the number comes from instead.
    """

    part: str
    published: float | None = None
    relation: str = "equals"
    tolerance: float = 0.0
    pack: str | None = None
    rule: str | None = None


@dataclass(frozen=True)
class Claim:
    """A published figure, or several that belong together.

    Attributes
    ----------
    key : name.
    said : what was published, in words.
    place, adcode : of which division.
    on : as of which day; None where it was not said.
    indicator : the formula, of :mod:`geomap.plan.indicators`.
    figures : the numbers.
    inputs : published numbers that the figures are worked out from, by part.
    sureness : how sure the source is, as of rules.
    source_url : where it was read.
    note : what to mind when it is compared: of whom it speaks, what it leaves out.
    lacks : what would have to be known to check it, but has no place in these data.
    """

    key: str
    said: Label
    place: Label
    adcode: str
    indicator: str
    figures: tuple[Figure, ...]
    sureness: str
    on: date | None = None
    inputs: Mapping[str, float] = field(default_factory=dict)
    source_url: str | None = None
    lacks: tuple[str, ...] = ()
    note: Label | None = None
