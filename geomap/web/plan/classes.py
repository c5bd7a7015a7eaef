"""Values of areas in classes: at most five, of about as many areas each, at round numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from flask_babel import ngettext

from geomap.web.plan.measures import number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CLASSES: Final = 5
#: Numbers are round where they are a multiple of one of these, times a power of ten.
_ROUND: Final = (5.0, 2.0, 1.0)


@dataclass(frozen=True)
class Class:
    """One step of a ramp: from `low` (included) to `high` (not, but in the last)."""

    low: float
    high: float
    count: int

    @property
    def text(self) -> str:
        """Write its span; one number where it is one.

        Examples
        --------
        >>> Class(0.5, 2500.0, 3).text, Class(61.5, 61.5, 1).text
        ('0.5–2,500', '61.5')
        """
        if self.low == self.high:
            return number_text(self.low)
        return f"{_edge_text(self.low)}–{_edge_text(self.high)}"


def classes_of(values: NDArray[np.float64]) -> tuple[Class, ...]:
    """Cut values into classes; the edges are round, the outer ones too.

    Examples
    --------
    >>> [(c.low, c.high, c.count) for c in classes_of(np.array([1.0, 2, 3, 4, 50]))]
    [(1.0, 2.0, 1), (2.0, 2.5, 1), (2.5, 3.5, 1), (3.5, 15.0, 1), (15.0, 60.0, 1)]
    >>> [c.text for c in classes_of(np.array([29.9, 55.8, 65.7, 65.9, 73.9, 79.2, 95.5, 100]))]
    ['20–65', '65–75', '75–90', '90–100']
    >>> classes_of(np.array([np.nan]))
    ()
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return ()
    if known.min() == known.max():
        return (Class(float(known[0]), float(known[0]), known.size),)
    wanted = np.unique(np.quantile(known, np.arange(_CLASSES + 1) / _CLASSES))
    gaps = np.diff(wanted)
    inner = [
        _nearest(float(each), float(min(before, after)))
        for each, before, after in zip(wanted[1:-1], gaps[:-1], gaps[1:], strict=True)
    ]
    first = _below(float(wanted[0]), float(gaps[0]))
    last = -_below(-float(wanted[-1]), float(gaps[-1]))
    edges = np.unique([first, *inner, last])
    counts = np.histogram(known, edges)[0]
    edges = np.append(edges[:-1][counts > 0], last)  # an empty class joins the one before it
    return tuple(
        Class(float(low), float(high), int(count))
        for low, high, count in zip(edges[:-1], edges[1:], counts[counts > 0], strict=True)
    )


def class_of(value: float, classes: tuple[Class, ...]) -> int | None:
    """Give the number of a value's class, from 0; None where it is unknown."""
    if not np.isfinite(value) or not classes:
        return None
    for number, each in enumerate(classes[:-1]):
        if value < each.high:
            return number
    return len(classes) - 1


def class_text(each: Class) -> str:
    """Write a class for a legend: its span, and how many areas it has."""
    return str(
        ngettext("%(range)s：%(num)s 个地区", "%(range)s：%(num)s 个地区", each.count,
                 range=each.text)
    )  # fmt: skip


def nodata_text(count: int) -> str:
    """Write for a legend how many areas have no data."""
    return str(ngettext("没有数据：%(num)s 个地区", "没有数据：%(num)s 个地区", count))


def _unit(room: float) -> float:
    """Give the largest round number that is no more than some room."""
    power = 10.0 ** np.floor(np.log10(room))
    return next(float(each * power) for each in _ROUND if each * power <= room * (1 + 1e-9))


def _nearest(value: float, room: float) -> float:
    """Round to the nearest multiple of a round number; by less than half the room."""
    unit = _unit(room)
    return _clean(round(value / unit) * unit)


def _below(value: float, room: float) -> float:
    """Round down to a multiple of a round number."""
    unit = _unit(room)
    return _clean(float(np.floor(value / unit + 1e-9)) * unit)


def _clean(value: float) -> float:
    """Take out what binary fractions leave behind: 0.30000000000000004."""
    return float(f"{value:.10g}")


def _edge_text(value: float) -> str:
    """Write an edge with all its digits and no more."""
    return f"{value:,.10f}".rstrip("0").rstrip(".")
