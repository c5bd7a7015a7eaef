"""Read what a text says of administrative divisions: 浙江杭州西湖 is province, city, district."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from geomap.find.adcodes import code_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Codes = npt.NDArray[np.int64]

#: The kinds of division, the largest first.
LEVELS = ("province", "city", "county", "township")

_SHORTEST = 2
_STREET_ENDS = "路街巷弄"
_CHANGING_ENDS = {"市", "县", "区"}
_DIVISION_ENDS = "省市区县旗盟州镇乡道"
_STREET_FOLLOWS = re.compile(
    r"[东南西北中内外]{0,2}[一二三四五六七八九十]{0,2}(?:[路街巷弄]|大街|大道|胡同)"
)


@dataclass(frozen=True)
class Reading:
    """One way to read the start of a text: divisions within one another, and how far they go."""

    rows: tuple[int, ...]
    length: int


@dataclass(frozen=True, eq=False)
class Divisions:
    """The administrative divisions by what they may be called.

    Parameters
    ----------
    rows : the divisions of each normalised name, by their position.
    levels : (n,) position of each one's kind in ``LEVELS``.
    adcodes : (n,) division codes.
    """

    rows: Mapping[str, Sequence[int]]
    levels: npt.NDArray[np.int64]
    adcodes: pd.Series

    @classmethod
    def of(
        cls, names: Iterable[tuple[str, int]], *, levels: npt.NDArray[np.int64], adcodes: pd.Series
    ) -> Divisions:
        """Take in pairs of a normalised name and the position of its division."""
        rows = defaultdict(list)
        for name, row in dict.fromkeys(names):
            rows[name].append(row)
        return cls(dict(rows), levels, adcodes)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.rows), default=0)

    @cached_property
    def _ranges(self) -> tuple[Codes, Codes]:
        return code_ranges(self.adcodes)

    def called(self, name: str) -> Sequence[int]:
        """Give the divisions of a normalised name, else those that may have borne it once.

        偃师市 became 偃师区: an unknown 市, 县 or 区 is taken as the unit of that short name.
        """
        rows = self.rows.get(name)
        if rows is None and name[-1:] in _CHANGING_ENDS:
            rows = self.rows.get(name[:-1])
        return rows or ()

    def contains(self, outer: int, inner: int) -> bool:
        """Tell whether one division lies in another one of a larger kind."""
        first, last = self.codes(inner)
        lowest, highest = self.codes(outer)
        return bool(self.levels[outer] < self.levels[inner]) and lowest <= first <= last <= highest

    def codes(self, row: int) -> tuple[int, int]:
        """Give the first and last code within a division."""
        first, last = self._ranges
        return int(first[row]), int(last[row])

    def readings(self, text: str) -> list[Reading]:
        """Read the start of a normalised text in every way, those that go furthest first.

        What names a street is no division: neither 北京 in 北京路 nor 文化路 for its office.
        """
        found = set(self._read(text, 0, ()))
        return sorted(found, key=lambda each: (-each.length, len(each.rows), each.rows))

    def _read(self, text: str, start: int, above: tuple[int, ...]) -> Iterator[Reading]:
        """Go on reading inside the last division."""
        if above:
            yield Reading(above, start)
        for end in range(min(len(text), start + self._longest + 1), start + _SHORTEST - 1, -1):
            if _names_street(text, end):
                continue
            for row in self.called(text[start:end]):
                if not above or self.contains(above[-1], row):
                    yield from self._read(text, end, (*above, row))


def _names_street(text: str, end: int) -> bool:
    """Tell whether what ends at a position is the name of a street, or the first part of one."""
    last = text[end - 1]
    return last in _STREET_ENDS or (
        last not in _DIVISION_ENDS and _STREET_FOLLOWS.match(text, end) is not None
    )
