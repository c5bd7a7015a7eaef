"""Points with a name, found in what an address says behind its divisions."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geomap.model.geodesy import geodesic_m
from geomap.model.streets import Estimate
from geomap.model.text import Haystack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

_NAME_M = 100.0
_SHORTEST_NAME = 3
_LONGEST_NAME = 24
_ONE_PLACE_M = 600.0
_STARTS = frozenset("号路街巷弄道村镇乡区院旁里邻社组座栋幢园苑近临之与和内0123456789")
_ENDS = frozenset(
    "0123456789一二三四五六七八九十栋幢座号院内旁对东南西北期区门附楼及和与近隔后前侧第a"
)
_HAN_NAME = re.compile(r"^[\u4e00-\u9fff0-9]+")
_NOT_A_PLACE = re.compile(
    r"(?:[\u4e00-\u9fff]{1,7}(?:路|街|大道|巷|弄|街道|镇|乡)|(?:教师|教工|职工|学生)?(?:宿舍|公寓|家属院|住宅区?|小区|新村|新区)"
    r"|(?:市|县|区)?(?:中心|人民|第[一二三]人民|中)?医院|(?:中心)?卫生院|幼儿园|生活区|工业区|东区|西区|南区|北区)"
)


@dataclass(frozen=True, eq=False)
class Named:
    """Points with a name: residential areas, hospitals and the like.

    Half a million of them take some 40 MB: no text is an object of its own until asked for.

    Parameters
    ----------
    names : (n,) as written.
    adcodes : (n,) county codes.
    lon, lat : (n,) degrees, WGS-84.
    """

    names: pd.Series
    adcodes: pd.Series
    lon: Floats
    lat: Floats

    @cached_property
    def _plain(self) -> Haystack:
        return Haystack.of(self.names)

    @cached_property
    def _counties(self) -> Mapping[str, npt.NDArray[np.int32]]:
        numbers, codes = self.adcodes.factorize()
        order = np.argsort(numbers, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(numbers, minlength=len(codes)))
        rows = np.split(order, ends[:-1]) if len(codes) else []
        return dict(zip(map(str, codes), rows, strict=True))

    @cached_property
    def _read(self) -> dict[str, tuple[Mapping[str, Sequence[int]], Mapping[str, list[int]]]]:
        """What was worked out for counties so far."""
        return {}

    def county(self, code: str) -> tuple[Mapping[str, Sequence[int]], Mapping[str, list[int]]]:
        """Give the points of a county by name, and how long names are by how they begin."""
        if code not in self._read:
            rows: dict[str, list[int]] = defaultdict(list)
            lengths: dict[str, set[int]] = defaultdict(set)
            for row in self._rows(code):
                found = _HAN_NAME.match(self._plain.text(row))
                name = found.group() if found else ""
                if len(name) >= _SHORTEST_NAME and not _NOT_A_PLACE.fullmatch(name):
                    rows[name].append(row)
                    lengths[name[:2]].add(len(name))
            ordered = {start: sorted(each, reverse=True) for start, each in lengths.items()}
            self._read[code] = (dict(rows), ordered)
        return self._read[code]

    def _rows(self, county: str) -> Sequence[int]:
        """Give the points of a county."""
        rows = self._counties.get(county)
        return () if rows is None else [*map(int, rows)]

    def find(self, text: str, county: str) -> Estimate | None:
        """Find the longest name of a county's that stands in a text as a whole."""
        rows, lengths = self.county(county)
        best = ""
        for start in range(len(text) - _SHORTEST_NAME + 1):
            if start and text[start - 1] not in _STARTS:
                continue
            for length in lengths.get(text[start : start + 2], ()):
                end = start + length
                name = text[start:end]
                fits = end <= len(text) and (end == len(text) or text[end] in _ENDS)
                if fits and length > len(best) and name in rows:
                    best = name
                    break
        found = list(rows.get(best, ()))
        if not found:
            return None
        lon, lat = self.lon[found], self.lat[found]
        if len(found) > 1 and geodesic_m(lon[0], lat[0], lon, lat).max() > _ONE_PLACE_M:
            return None
        return Estimate(
            float(lon[0]), float(lat[0]), _NAME_M, "name", str(self.names.iloc[found[0]])
        )
