"""Read what a text says of administrative divisions: 浙江杭州西湖 is province, city, district."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from geomap.model.adcodes import code_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd


#: The kinds of division, the largest first.
LEVELS = ("province", "city", "county", "township")

_SHORTEST = 2
_STREET_ENDS = "路街巷弄"
_CHANGING_ENDS = {"市", "县", "区"}
_DIVISION_ENDS = "省市区县旗盟州镇乡道"
_STREET_STARTS = frozenset("东南西北中内外一二三四五六七八九十路街巷弄大胡")
_STREET_FOLLOWS = re.compile(
    r"[东南西北中内外]{0,2}[一二三四五六七八九十]{0,2}(?:[路街巷弄]|大[街道路]|胡同)"
)
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西"
    "|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|德昂|保安|裕固|独龙|鄂伦春|各"
)
_KIND_OF_UNIT = re.compile(
    rf"(?:(?:(?<!^内)(?<!^西)(?:{_PEOPLES})族?)*自治[区州县旗]|(?:(?:{_PEOPLES})族)*(?:民族)?[乡镇]"
    r"|特别行政区|行政委员会|林区|特区|新区|地区|街道|苏木|[省市区县盟旗])$"
)
_LONG_KINDS = (
    ("自治州", "州"),
    ("自治县", "县"),
    ("自治旗", "旗"),
    ("自治区", "省"),
    ("特别行政区", "特区"),
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
        rows = defaultdict[str, list[int]](list)
        for name, row in names:
            if row not in rows[name]:
                rows[name].append(row)
        return cls({name: tuple(each) for name, each in rows.items()}, levels, adcodes)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.rows), default=0)

    @cached_property
    def kinds(self) -> Sequence[int]:
        """The levels as plain numbers, which are asked for one at a time."""
        return bytes(self.levels.tolist())

    @cached_property
    def _bounds(self) -> tuple[memoryview, memoryview]:
        """The first and the last code within each division: numbers when asked for."""
        first, last = code_ranges(self.adcodes)
        return first.data, last.data

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
        if self.kinds[outer] >= self.kinds[inner]:
            return False
        (lowest, highest), (first, last) = self.codes(outer), self.codes(inner)
        return lowest <= first <= last <= highest

    def codes(self, row: int) -> tuple[int, int]:
        """Give the first and last code within a division."""
        first, last = self._bounds
        return first[row], last[row]

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
            if names_street(text, end):
                continue
            for row in self.called(text[start:end]):
                if not above or self.contains(above[-1], row):
                    yield from self._read(text, end, (*above, row))


def names_street(text: str, end: int) -> bool:
    """Tell whether what ends at a position is the name of a street, or the first part of one."""
    last = text[end - 1]
    return last in _STREET_ENDS or (last not in _DIVISION_ENDS and street_follows(text, end))


def street_follows(text: str, end: int) -> bool:
    """Tell whether what ends at a position would be a street's name with what follows."""
    return text[end : end + 1] in _STREET_STARTS and _STREET_FOLLOWS.match(text, end) is not None


def short_name(name: str) -> str:
    """Leave out what kind of division a name says it is, if two characters remain.

    Examples
    --------
    >>> [short_name(each) for each in ("静安区", "内蒙古自治区", "门源回族自治县", "单县")]
    ['静安', '内蒙古', '门源', '单县']
    >>> short_name("延边朝鲜族自治州"), short_name("卧龙朝鲜族乡"), short_name("静安寺街道")
    ('延边', '卧龙', '静安寺')
    >>> short_name("西藏自治区"), short_name("海西蒙古族藏族自治州")
    ('西藏', '海西')
    """
    short = _KIND_OF_UNIT.sub("", name)
    return short if len(short) > 1 else name


def unit_names(name: str) -> list[str]:
    """Write the name of a unit as a whole, without its kind, and with its kind in short.

    Examples
    --------
    >>> unit_names("恩施土家族苗族自治州"), unit_names("广西壮族自治区")
    (['恩施土家族苗族自治州', '恩施', '恩施州'], ['广西壮族自治区', '广西', '广西省'])
    >>> unit_names("单县")
    ['单县']
    """
    short = short_name(name)
    if short == name:
        return [name]
    kinds = [kind for whole, kind in _LONG_KINDS if name.endswith(whole)]
    return [name, short, *(short + kind for kind in kinds)]
