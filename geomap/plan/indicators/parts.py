"""What an indicator is: a formula with its source, worked out into parts that can be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from geomap.plan.indicators.study import Study

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

PERCENT: Final = Label("%", "%")


@dataclass(frozen=True, eq=False)
class Parts:
    """An indicator of (k,) areas, taken apart.

    Parameters
    ----------
    numerator, denominator : what is divided by what.
    base : how many facilities, areas or people it rests on.
    unknown : how many more there are whose value is unknown; they are left out.
    lost : how many of these are rows of people, who would be below the line.
    more, more_of : what the unknown ones could add to the numerator and to the denominator.
    bounded : whether these two say all; if not, the unknown ones could make it anything.
    counted : whether the base has the unknown ones in it all the same, or counts other things.
    unsure : where it could be anything, whatever is counted as unknown.
    """

    numerator: Floats
    denominator: Floats
    base: Floats
    unknown: Floats
    more: Floats | float = 0.0
    more_of: Floats | float = 0.0
    bounded: bool = True
    counted: bool = False
    lost: Floats | float = 0.0
    unsure: Mask | bool = False

    @property
    def all(self) -> Floats:
        """How many there are, the unknown ones included."""
        return self.base if self.counted else self.base + self.unknown - self.lost

    @property
    def sure(self) -> Mask:
        """Where the unknown ones leave bounds at all."""
        told: Mask = ((self.unknown == 0) | self.bounded) & ~np.asarray(self.unsure, dtype=bool)
        return told


@dataclass(frozen=True)
class Indicator:
    """A formula, and what it is called; calling it works the parts out.

    Attributes
    ----------
    key : the column's name.
    label, unit, formula : in Chinese and English.
    source : who defined it so.
    scale : the value is scale × numerator ÷ denominator.
    needs : the columns it is worked out from, as table.column.
    """

    key: str
    label: Label
    unit: Label
    formula: Label
    source: Label
    scale: float
    needs: tuple[str, ...]
    work_out: Callable[[Study], Parts]

    def __call__(self, study: Study) -> Parts:
        """Work the parts out, for every area.

        Where facilities may lie in the area and none is known to, nothing is said of them.
        """
        parts = self.work_out(study)
        of_homes = [each for each in self.needs if each.startswith("facilities.")]
        if not of_homes or "facilities.geometry" in of_homes:  # what is near may be next door
            return parts
        numerator = np.where(study.undecided.silent, np.nan, parts.numerator)
        return replace(parts, numerator=numerator)

    def value(self, parts: Parts) -> Floats:
        """Give scale × numerator ÷ denominator; NaN where there is nothing to divide by."""
        return self.scale * quotient(parts.numerator, parts.denominator)

    def bounds(self, parts: Parts) -> tuple[Floats, Floats]:
        """Give the least and the greatest value that the unknown ones leave possible."""
        of = parts.denominator + parts.more_of
        low = self.scale * quotient(parts.numerator, of)
        high = self.scale * quotient(parts.numerator + parts.more, of)
        low = np.where(np.asarray(parts.lost) > 0, np.fmin(low, 0.0), low)  # more people, less each
        return np.where(parts.sure, low, -np.inf), np.where(parts.sure, high, np.inf)


def indicator(  # noqa: PLR0913 (what every formula has to say of itself)
    *,
    zh: str,
    en: str,
    formula: tuple[str, str],
    source: tuple[str, str],
    needs: str,
    unit: Label = PERCENT,
    scale: float = 1.0,
) -> Callable[[Callable[[Study], Parts]], Indicator]:
    """Make a function that works parts out the indicator of its name.

    Its documentation, which the page and the report show too, is put together from what stands
    here: nothing is written twice.

    Parameters
    ----------
    zh, en : what it is called.
    formula, source : in Chinese and in English.
    needs : the columns it is worked out from, ``table.column``, separated by spaces.
    unit, scale : of the value; a share in % has scale 100.
    """

    def of(work_out: Callable[[Study], Parts]) -> Indicator:
        made = Indicator(
            work_out.__name__, Label(zh, en), unit, Label(*formula), Label(*source), scale,
            tuple(needs.split()), work_out,
        )  # fmt: skip
        said = f"{work_out.__doc__}\n\nFormula: {formula[1]}\n\nSource: {source[1]}"
        object.__setattr__(made, "__doc__", said)
        return made

    return of


def table_of(*indicators: Indicator) -> Mapping[str, Indicator]:
    """Give indicators by their key."""
    return {each.key: each for each in indicators}


def quotient(numerator: Floats, denominator: Floats) -> Floats:
    """Divide where there is something to divide by, NaN elsewhere."""
    result = np.full(np.shape(numerator), np.nan)
    can = np.isfinite(numerator) & (denominator > 0)
    np.divide(numerator, denominator, out=result, where=can)
    return result


def share(study: Study, yes: Mask, known: Mask) -> Parts:
    """Take the facilities that do among those of which it is known."""
    count = study.count(known)
    unknown = study.count(~known)
    more = unknown + study.undecided.may
    return Parts(study.count(yes & known), count, count, unknown, more=more, more_of=more)


def stated(study: Study, numbers: Floats, denominator: Floats | None = None) -> Parts:
    """Divide what facilities state to have by all of them, or by something else.

    Of a column that is a list of those that have something (a rating, a title, an official) an
    empty place says that none is known: the value is the least that it can be. Where nobody in
    the area filled it in, nothing is said.

    Parameters
    ----------
    numbers : (m,) what each facility states to have, 0 where it states nothing.
    denominator : (k,) of the areas; all facilities where None.
    """
    every, some = study.count(study.every), study.count(numbers > 0)
    unknown, may = every - some, study.undecided.may
    total = np.where((some == 0) & (unknown > 0), np.nan, study.total(numbers))
    most = max(1.0, float(numbers.max(initial=0.0)))
    more = (unknown + may) * most
    if denominator is None:
        return Parts(total, every, every, unknown, more=more, counted=True, unsure=may > 0)
    unknown = unknown + ~np.isfinite(denominator)
    return Parts(total, denominator, every, unknown, more=more, counted=True)


def sums_ratio(study: Study, over: Floats, under: Floats) -> Parts:
    """Divide one sum by another, over the facilities that state both."""
    known = np.isfinite(over) & np.isfinite(under)
    return Parts(
        study.total(np.where(known, over, np.nan)),
        study.total(np.where(known, under, np.nan)),
        study.count(known),
        study.count(~known),
        bounded=False,
        unsure=study.undecided.may > 0,
    )


def sum_over(
    study: Study, values: Floats, denominator: Floats, lost: Floats | float = 0.0
) -> Parts:
    """Divide what the facilities have together by something of the area.

    Where no facility states it, though there are some, nothing is said. What the unknown ones
    could add supposes that none has more than the most that any facility of the study states.

    Parameters
    ----------
    values : (m,) of the facilities, NaN where unknown.
    denominator : (k,) of the areas.
    lost : (k,) how many rows of people it lacks.
    """
    known = np.isfinite(values)
    base, unknown = study.count(known), study.count(~known)
    total = np.where((base == 0) & (unknown > 0), np.nan, study.total(values))
    most = float(np.nanmax(values)) if known.any() else np.inf
    silent = unknown + study.undecided.may
    more = np.multiply(silent, most, out=np.zeros_like(silent), where=silent > 0)
    return Parts(total, denominator, base, unknown + lost, more=more, lost=lost)
