"""Read the divisions that an address names, in every way that people write them.

With or without province and city, short (河南郑州金水), in traditional characters, with the names
of units that are gone, parts said twice and filling words such as 市辖区. Nothing is guessed: what
names a street is no division (北京路), nor what begins the name of something else (新华小区); and
where a text fits several places all of them are given.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from geomap.model.divisions import LEVELS, names_street, street_follows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geomap.model.divisions import Divisions

CITY, COUNTY, TOWNSHIP = (LEVELS.index(each) for each in ("city", "county", "township"))

#: What stands between divisions and names none.
_FILLER = re.compile(
    r"市辖区|(?:省|自治区)?直辖县级?(?:行政区划|行政单位)?|县级行政区划|(?:新疆)?生产建设兵团"
    r"|第?[一二三四五六七八九十]{1,3}师(?=[\u4e00-\u9fff]{2,4}市)|辖区|境内|内"
)
_FILLER_STARTS = frozenset("市省自直县新生第一二三四五六七八九十辖境内")
_UNIT_ENDS = frozenset("省市区县旗盟州镇乡木道")
_CHANGING = frozenset("市县区")
_KINDS = ("省", "市", "区", "县", "旗", "盟", "州", "地区", "自治州")
_TOWNSHIP_ENDS = ("街道", "镇", "乡", "苏木", "地区", "街道办事处", "农场", "林场")
#: What may follow a division that is only called by its short name: a street of its own, …
_GOES_ON = re.compile(
    r"$|[\u4e00-\u9fff]{2,5}(?:路|街(?!道)|大道|大街|巷|弄|胡同)(?!口)"
    r"|[\u4e00-\u9fff]{1,6}(?:镇|乡|街道|村|社区)"
)
#: Names that are parts of many others: not enough to say that an address contradicts itself.
_COMMON = frozenset(
    "城区 郊区 矿区 新区 市区 东区 西区 南区 北区 中区 新市区 市中区 城中区 新城区 开发区".split()  # noqa: SIM905 (fifteen words)
)
_TOWNSHIP_SAID = re.compile(
    r"^(?P<stem>[\u4e00-\u9fff]{1,9}?)"
    r"(?P<kind>街道办事处|地区办事处|街道办|街道|民族乡|办事处|街办|地区|镇|乡|苏木)(?:政府)?"
)
_STREET_OFFICES = frozenset({"街道办事处", "街道办", "办事处", "街办"})
#: Grounds that are no division, though they are named like one.
_ZONE = re.compile(
    r"^[\u4e00-\u9fff]{0,8}?(?:高新技术(?:产业)?(?:开发|园)?区|高新区|经济技术开发区|经济开发区|经开区|开发区"
    r"|工业园区|产业(?:集聚|园)区|(?:综合)?保税区|示范区|度假区|新区|管理区|管委会|(?:航空)?港区|试验区|合作区)"
)


@dataclass(frozen=True)
class Said:
    """The divisions that an address names.

    Parameters
    ----------
    ends : every division that it may lie in, the smallest that is named; several are namesakes.
    rest : what follows, normalised.
    alone : one name only was read, and it is no province's or city's.
    contradicts : divisions named behind, which lie elsewhere.
    """

    ends: tuple[int, ...]
    rest: str
    alone: bool = False
    contradicts: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class AddressReader:
    """Reads the divisions of addresses.

    Parameters
    ----------
    divisions : by whole and short names; townships by whole names only.
    """

    divisions: Divisions

    @cached_property
    def _lengths(self) -> Mapping[str, tuple[int, ...]]:
        """How long the names are that begin with two characters, the longest first."""
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in self.divisions.rows:
            lengths[name[:2]].add(len(name))
        return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}

    def read(self, text: str) -> Said:
        """Read the divisions that an address begins with.

        Parameters
        ----------
        text : as :func:`plain_addresses` writes it.

        Returns
        -------
        The reading that goes furthest; without ``ends`` where nothing is named.
        """
        furthest, chains = 0, dict[int, tuple[int, ...]]()
        for length, above in self._walk(text, 0, ()):
            if length > furthest:
                furthest, chains = length, {}
            if length == furthest and length:
                chains[above[-1]] = above
        if not chains:
            return Said((), text)
        rest = text[furthest:]
        outer = self.without_inner(list(chains))
        alone = all(len(chains[row]) == 1 and self.divisions.kinds[row] >= COUNTY for row in outer)
        return Said(outer, rest, alone, self._contradictions(rest, outer))

    def read_with(self, stated: str, text: str) -> Said:
        """Read an address whose divisions, or some of them, are stated beside it.

        Parameters
        ----------
        stated : the divisions in one text, plain; may be empty or say nothing that is known.
        text : the address, plain.
        """
        own = self.read(text)
        beside = self._beside(stated)
        if not beside.ends:
            return own
        agreed = [
            row for there in beside.ends for here in own.ends for row in self._agreed(there, here)
        ]
        if agreed:
            ends = self.without_inner(list(dict.fromkeys(agreed)))
            return Said(ends, own.rest, own.alone and beside.alone, own.contradicts)
        kinds = {self.divisions.kinds[row] for row in own.ends}
        if not own.ends or (own.alone and kinds == {TOWNSHIP}):
            return Said(beside.ends, beside.rest + text, beside.alone, beside.contradicts)
        return Said(beside.ends, own.rest, beside.alone, own.ends)

    def townships_said(self, rest: str, within: int, *, any_kind: bool) -> tuple[list[int], str]:
        """Read a township or street behind the division that it lies in.

        Parameters
        ----------
        rest : what follows the division.
        within : the division.
        any_kind : whether 石楼乡 may be 石楼镇 or 石楼街道 today.

        Returns
        -------
        The townships of the division that bear the name, and the text behind it.
        """
        text = _FILLER.sub("", rest, count=1) if _FILLER.match(rest) else rest
        zone = _ZONE.match(text)
        for start in (0, zone.end() if zone else 0):
            said = (
                _TOWNSHIP_SAID.match(text, 0) if not start else _TOWNSHIP_SAID.match(text[start:])
            )
            if said is None:
                continue
            low, high = self.divisions.codes(within)
            name = said["stem"] + ("街道" if said["kind"] in _STREET_OFFICES else said["kind"])
            known = (
                self._stems.get(said["stem"], ()) if any_kind else self.divisions.rows.get(name, ())
            )
            rows = [row for row in known if low <= self.divisions.codes(row)[0] <= high]
            if rows:
                return rows, text[start + said.end() :]
        return [], text[zone.end() :] if zone else text

    def behind_zone(self, rest: str, within: int) -> tuple[int, str] | None:
        """Read the county behind a development zone: 雄安新区容城县."""
        zone = _ZONE.match(rest)
        readings = list(self._walk(rest, zone.end(), (within,))) if zone else []
        length, above = max(readings, default=(0, (within,)))
        single = len({each[-1] for end, each in readings if end == length}) == 1
        return (above[-1], rest[length:]) if single and above[-1] != within else None

    def zone_said(self, rest: str) -> str | None:
        """Give the development zone or the like that the rest begins with."""
        zone = _ZONE.match(rest)
        return zone.group() if zone else None

    def without_inner(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Leave out divisions that lie in another one of the list."""
        if len(rows) == 1:
            return (rows[0],)
        contains = self.divisions.contains
        return tuple(row for row in rows if not any(contains(other, row) for other in rows))

    @cached_property
    def _stems(self) -> Mapping[str, list[int]]:
        """Townships by their name without its kind."""
        stems: dict[str, list[int]] = defaultdict(list)
        for name, rows in self.divisions.rows.items():
            kind = next((each for each in _TOWNSHIP_ENDS if name.endswith(each)), None)
            stem = name.removesuffix(kind) if kind else name
            for row in rows:
                if self.divisions.kinds[row] == TOWNSHIP and stem and row not in stems[stem]:
                    stems[stem].append(row)
        return dict(stems)

    def _walk(
        self, text: str, start: int, above: tuple[int, ...]
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Go on reading inside the last division; give how far, and the divisions."""
        fills = above and text[start : start + 1] in _FILLER_STARTS
        filler = _FILLER.match(text, start) if fills else None
        if filler:
            yield from self._walk(text, filler.end(), above)
        for end, row, short in self._named(text, start, inside=bool(above)):
            if row in above:
                yield end, above
                yield from self._walk(text, end, above)
            elif not above or self.divisions.contains(above[-1], row):
                deeper = (*above, row)
                if not short or self._may_end(text, end, row, inside=bool(above)):
                    yield end, deeper
                yield from self._walk(text, end, deeper)

    @cached_property
    def _stated(self) -> dict[str, Said]:
        """What was read of stated divisions so far: the same come with every row."""
        return {}

    def _beside(self, stated: str) -> Said:
        if stated not in self._stated:
            self._stated[stated] = self.read(stated) if stated else Said((), "")
        return self._stated[stated]

    def _agreed(self, one: int, other: int) -> Iterator[int]:
        """Give the smaller of two divisions, if one is or lies in the other."""
        if one == other or self.divisions.contains(one, other):
            yield other
        elif self.divisions.contains(other, one):
            yield one

    def _may_end(self, text: str, end: int, row: int, *, inside: bool) -> bool:
        """Tell whether a short name can stand for its division, by what stands around it."""
        if self.divisions.kinds[row] <= CITY:
            return True
        return inside and _GOES_ON.match(text, end) is not None

    def _named(
        self, text: str, start: int, *, inside: bool = False
    ) -> Iterator[tuple[int, int, bool]]:
        """Give the divisions that a text names at a position: end of the name, row, if short.

        Inside a larger division 市, 县 and 区 are exchangeable; alone 松江市 is in Japan.
        """
        rows, seen = self.divisions.rows, set[int]()
        for length in self._lengths.get(text[start : start + 2], ()):
            end = start + length
            name = text[start:end]
            found = rows.get(name)
            if found is None or end > len(text):
                continue
            for row in found:
                if row not in seen:
                    short = self._is_short(name, row)
                    if not _goes_on_as_a_word(text, end, short=short):
                        seen.add(row)
                        yield end, row, short
            if inside and text[end : end + 1] in _CHANGING:
                yield from self._once_called(text, start, end + 1)

    def _once_called(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Give what may have borne a name once: an unknown 市, 县 or 区 by its short name."""
        name = text[start:end]
        if name not in self.divisions.rows and not _goes_on_as_a_word(text, end, short=False):
            for row in self.divisions.rows[name[:-1]]:
                if self.divisions.kinds[row] in {CITY, COUNTY}:
                    yield end, row, False

    @cached_property
    def _shorts(self) -> dict[tuple[str, int], bool]:
        """What was found of names so far."""
        return {}

    def _is_short(self, name: str, row: int) -> bool:
        """Tell whether a name leaves out what kind of unit it is: 广州, though it ends in 州."""
        if name[-1] not in _UNIT_ENDS:
            return True
        key = (name, row)
        if key not in self._shorts:
            rows = self.divisions.rows
            self._shorts[key] = any(row in rows.get(name + kind, ()) for kind in _KINDS)
        return self._shorts[key]

    def _contradictions(self, rest: str, ends: Sequence[int]) -> tuple[int, ...]:
        """Give larger divisions elsewhere that the rest begins with, by their whole names."""
        found = [
            (end, row)
            for end, row, short in self._named(rest, 0)
            if not short
            and self.divisions.kinds[row] < TOWNSHIP
            and rest[:end] not in _COMMON
            and rest[:end] in self.divisions.rows
        ]
        longest = max((end for end, _ in found), default=0)
        rows = [row for end, row in found if end == longest]
        related = any(
            row == end or self.divisions.contains(row, end) or self.divisions.contains(end, row)
            for row in rows
            for end in ends
        )
        return () if related else tuple(rows)


def _goes_on_as_a_word(text: str, end: int, *, short: bool) -> bool:
    """Tell whether what ends at a position is part of something else: 北京路, 金海区域."""
    return (
        names_street(text, end)
        or (short and street_follows(text, end))
        or text[end - 1 : end + 1] in {"区域", "市场"}
    )
