"""One box for names: divisions, places, facilities, hospitals, residential areas, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geomap.errors import ParameterError
from geomap.find.names import located_names, named_things, spoken_names
from geomap.model.adcodes import code_ranges
from geomap.model.addresses import is_foreign
from geomap.model.divisions import LEVELS, Divisions, Reading
from geomap.model.gazetteer import Answer, Gazetteer
from geomap.model.geodesy import geodesic_m
from geomap.model.text import Haystack, normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    Rows = npt.NDArray[np.intp]
    Mask = npt.NDArray[np.bool_]
    Fits = npt.NDArray[np.int8]

HitKind = Literal["facility", "place", "address"]

#: The longest query that is looked up, in characters.
LONGEST_QUERY = 200
_MOST_WORDS = 8
_SAME_PLACE_M = 2_000
_FEW = 50
_COUNTY_DIGITS = 6

# How a name fits a query, best first; among equals the more important thing comes first.
_WHOLE, _START, _PART, _WORDS, _ADDRESS, _NOT = range(6)
_BREAKS = re.compile(r"[\s,，、;；/|]+")
_STREET = re.compile(r"[路街巷弄号村屯组]|大道|胡同|\d")
_WISH = re.compile(
    r"(?:附近|周边|周围|旁边)?的?(?:养老院|敬老院|福利院|护理院|老人院|养老机构|养老服务|养老)?"
)
_SHOWN = ("kind", "subkind", "id", "name", "adcode", "path", "lon", "lat", "precision")


@dataclass(frozen=True)
class Hit:
    """One answer of a search; what is not known is None.

    Attributes
    ----------
    kind : what it is: a facility, a place or an address.
    id, name : of the facility or place; an address has the id of the division it lies in.
    label : the name with where it lies, so that namesakes can be told apart.
    lon, lat : degrees, WGS-84.
    precision : how well it is located: point, address, township, county …
    score : from 1 down to 0; sorts the hits of one query only.
    subkind : the type of facility or the kind of place: county, hospital, residential …
    where : the divisions it lies in, the largest first.
    """

    kind: HitKind
    id: str
    name: str
    label: str
    lon: float | None
    lat: float | None
    precision: str | None
    score: float
    subkind: str | None
    where: str | None


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """All names of one map, built once and asked often.

    Parameters
    ----------
    places : divisions and places: ``id name name_en kind adcode lon lat precision path
        population aliases``; the divisions are of kind province, city, county and township.
    facilities : facility frame.
    hospitals, residential : points with ``id name adcode``.
    streets : points on streets, with ``name number adcode``; they place addresses only.
    """

    places: pd.DataFrame
    facilities: gpd.GeoDataFrame | None = None
    hospitals: gpd.GeoDataFrame | None = None
    residential: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None

    def __post_init__(self) -> None:
        self.search("上海 养老院 1号")  # builds all that a search looks into

    def search(
        self, query: str, *, limit: int = 10, kinds: Collection[HitKind] | None = None
    ) -> list[Hit]:
        """Look up a name or part of one, words in any order, divisions in a row, or an address.

        Whole names come first, then starts, then parts, then words spread over a name and its
        divisions, then the division that an address lies in; among equals the larger division,
        the more populous place, the lesser id. 市, 区 and the like may be left out.

        Parameters
        ----------
        query : simplified or traditional characters, or English; at most ``LONGEST_QUERY``.
        limit : the most hits, at least 1.
        kinds : only hits of these kinds; all where None.

        Returns
        -------
        At most `limit` hits, best first; none where the query has neither letter nor digit.

        Raises
        ------
        ParameterError : if the query is too long, the limit below 1 or a kind unknown.
        """
        wanted = _checked(query, limit, kinds)
        words = _words(query)
        if not words:
            return []
        fits = self._fits(words, limit)
        if "facility" not in wanted:
            fits[self._is_facility] = _NOT
        if "place" not in wanted:
            fits[~self._is_facility] = _NOT
        rows = np.flatnonzero(fits < _NOT)
        rows = rows[np.argsort(fits[rows], kind="stable")[:limit]]
        hits = self._hits(rows, fits[rows])
        if "address" in wanted and len(hits) < limit:
            hits += self._addresses(query)[: limit - len(hits)]
        return hits

    def resolve(self, query: str) -> Hit | None:
        """Find the one place that a query means, to centre a map on.

        A division is meant if it alone bears the name among the largest that do, and all others
        lie in it or are mere townships: 北京 is the city, 鼓楼区 could be any of four. What
        follows may wish for homes nearby: 静安区附近的养老院 means 静安区.

        Returns
        -------
        The place, located; None where nothing fits, or several places do:
        then :meth:`search` tells them apart.

        Raises
        ------
        ParameterError : if the query is too long.
        """
        _checked(query, 1, None)
        words = _words(query)
        begins = self._begins(words)
        named = [row for row, rest in begins if not rest]
        if named or not words:
            return self._division(named)
        fits = self._fits(words, limit=1)
        whole = np.flatnonzero(fits == _WHOLE)
        wished = [row for row, rest in begins if _WISH.fullmatch(rest)]
        addresses = self._addresses(query)
        if whole.size:
            return self._one_place(whole)
        if wished:
            return self._division(wished)
        if addresses:
            return addresses[0] if len(addresses) == 1 and addresses[0].lon is not None else None
        return self._one_place(np.flatnonzero(fits < _NOT))

    @cached_property
    def _things(self) -> pd.DataFrame:
        """All that has a name; the row number is the rank of importance."""
        return named_things(
            self.places,
            facilities=self.facilities,
            hospitals=self.hospitals,
            residential=self.residential,
        )

    @cached_property
    def _shown(self) -> pa.Table:
        """What hits say of things, unknown as None."""
        import pyarrow as pa

        return pa.Table.from_pandas(self._things[list(_SHOWN)], preserve_index=False)

    @cached_property
    def _is_facility(self) -> Mask:
        return (self._things["kind"] == "facility").to_numpy(dtype=bool)

    @cached_property
    def _by_code(self) -> tuple[Rows, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All things in the order of their first division code, with the first and last codes."""
        first, last = code_ranges(self._things["adcode"])
        order = np.lexsort((last, first))
        return order, first[order], last[order]

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        """The path of each division down to the county, by its code."""
        named = self._things[self._things["importance"] < LEVELS.index("township")]
        return dict(zip(named["adcode"], named["path"], strict=True))

    @cached_property
    def _names(self) -> tuple[Haystack, Rows]:
        """All names, and the thing that bears each."""
        texts, owners = spoken_names(self._things)
        return Haystack.of(texts), owners

    @cached_property
    def _divisions(self) -> Divisions:
        """The divisions; they stand first among the things."""
        haystack, owners = self._names
        things = self._things[self._things["importance"] < len(LEVELS)]
        theirs = owners < len(things)
        names = compress(haystack.texts(), theirs.tolist())
        return Divisions.of(
            zip(names, owners[theirs].tolist(), strict=True),
            levels=things["importance"].to_numpy(np.int64),
            adcodes=things["adcode"],
        )

    def _begins(self, words: Sequence[str]) -> list[tuple[int, str]]:
        """Read the divisions that a query begins with, as it stands or its words from the end.

        Returns
        -------
        Rows of divisions and the text after each; the longest readings first.
        """
        found: list[tuple[Reading, str]] = []
        for text in dict.fromkeys(["".join(words), "".join(reversed(words))]):
            found += [(each, text[each.length :]) for each in self._divisions.readings(text)]
        found.sort(key=lambda pair: len(pair[1]))
        return list(dict.fromkeys((each.rows[-1], rest) for each, rest in found))

    def _fits(self, words: Sequence[str], limit: int) -> Fits:
        """Judge how each thing fits; by words and divisions where names alone do not answer."""
        fits = self._named("".join(words))
        begins = self._begins(words)
        fits[[row for row, rest in begins if not rest]] = _WHOLE
        around = [row for row, rest in begins if rest and _WISH.fullmatch(rest)]
        if (fits > _WHOLE).all() and np.count_nonzero(fits < _NOT) < limit:
            held = self._with_words(words) if len(words) > 1 else self._with_rest(begins)
            fits[held & (fits == _NOT)] = _WORDS
        fits[around] = np.minimum(fits[around], _ADDRESS)
        return fits

    def _named(self, text: str) -> Fits:
        """Judge how each thing's names hold a text."""
        haystack, owners = self._names
        found = haystack.find(text)
        fits = np.full(len(self._things), _NOT, dtype=np.int8)
        fits[owners[found.lines]] = _PART
        fits[owners[found.lines[found.at_start]]] = _START
        fits[owners[found.lines[found.whole]]] = _WHOLE
        return fits

    def _with_words(self, words: Sequence[str]) -> Mask:
        """Mark what bears or lies in every one of some words."""
        held = np.ones(len(self._things), dtype=bool)
        for word in sorted(words, key=len, reverse=True):
            held &= (self._named(word) < _NOT) | self._within(self._divisions.called(word))
            if not held.any():
                break
        return held

    def _with_rest(self, begins: Sequence[tuple[int, str]]) -> Mask:
        """Mark what lies in the divisions that a query begins with and bears the rest."""
        for rest in dict.fromkeys(rest for _, rest in begins if len(rest) > 1):
            around = self._within([row for row, after in begins if after == rest])
            held = around & (self._named(rest) < _NOT)
            if held.any():
                return held
        return np.zeros(len(self._things), dtype=bool)

    def _within(self, divisions: Sequence[int]) -> Mask:
        """Mark what surely lies in one of some divisions, themselves included."""
        order, first, last = self._by_code
        inside = np.zeros(order.size, dtype=bool)
        for division in divisions:
            lowest, highest = self._divisions.codes(division)
            here = slice(*np.searchsorted(first, [lowest, highest + 1]))
            inside[order[here][last[here] <= highest]] = True
        return inside

    def _division(self, rows: Sequence[int]) -> Hit | None:
        """Choose the one division that is meant among namesakes."""
        if not rows:
            return None
        levels = self._divisions.levels
        top = min(rows, key=lambda row: levels[row])
        rivals = [
            row
            for row in {*rows} - {top}
            if levels[row] == levels[top]
            or (
                LEVELS.index("province") < levels[top]
                and levels[row] < LEVELS.index("township")
                and not self._divisions.contains(top, row)
            )
        ]
        return None if rivals else self._one_place(np.array([top]))

    def _one_place(self, rows: Rows) -> Hit | None:
        """Choose the first of a few things, if all are located and stand close together."""
        if not 0 < rows.size <= _FEW:
            return None
        lon, lat = (self._things[name].to_numpy()[rows] for name in ("lon", "lat"))
        if np.isnan(lon).any() or geodesic_m(lon[0], lat[0], lon, lat).max() > _SAME_PLACE_M:
            return None
        return self._hits(rows[:1], np.array([_WHOLE]))[0]

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        """What finds addresses."""
        around = (self.residential, self.hospitals, self.facilities)
        return Gazetteer.of(
            self.places,
            located_names([each for each in around if each is not None]),
            located_names([] if self.streets is None else [self.streets]),
        )

    @cached_property
    def _by_division_code(self) -> Mapping[str, int]:
        """The divisions among the things, by their code."""
        divisions = self._things[self._things["importance"] < len(LEVELS)]
        return {str(code): row for row, code in enumerate(divisions["adcode"])}

    def _addresses(self, query: str) -> list[Hit]:
        """Find an address: its best place, else the divisions that it may lie in."""
        text = normalise(query)
        if not _STREET.search(text) or (is_foreign(query) and not text.isascii()):
            return []
        answer = self._gazetteer.answer(query)
        if answer.row is not None and answer.precision is not None:
            return self._placed(query, answer)
        known = answer.candidates or (() if answer.row is None else (answer.row,))
        codes = [self._gazetteer.code(row) for row in known]
        rows = [self._by_division_code[code] for code in codes if code in self._by_division_code]
        if not rows:
            begins = [(row, rest) for row, rest in self._begins([text]) if _STREET.search(rest)]
            rows = [row for row, rest in begins if rest == begins[0][1]]
        order = np.array(sorted(rows), dtype=np.intp)
        hits = self._hits(order, np.full(order.size, _ADDRESS))
        return [replace(each, kind="address", name=query.strip()) for each in hits]

    def _placed(self, query: str, answer: Answer) -> list[Hit]:
        """Describe where an address is; nothing where it names no more than a division."""
        if answer.row is None or not _STREET.search(answer.rest):
            return []
        code = self._gazetteer.code(answer.row)
        row = self._by_division_code[code]
        hit = self._hits(np.array([row]), np.array([_ADDRESS]))[0]
        name = answer.name if answer.by in {"name", "number", "street", "village"} else ""
        hit = replace(hit, lon=answer.lon, lat=answer.lat, precision=answer.precision)
        return [replace(hit, kind="address", name=query.strip(), label=f"{hit.label}{name}")]

    def _hits(self, rows: Rows, fits: npt.NDArray[np.integer]) -> list[Hit]:
        """Describe things as hits."""
        things = self._shown.take(rows).to_pylist()
        scores = 1 - (fits + rows / len(self._things)) / _NOT
        return [
            self._hit(thing, score=round(float(score), 6))
            for thing, score in zip(things, scores, strict=True)
        ]

    def _hit(self, thing: dict[str, Any], *, score: float) -> Hit:
        name, path, adcode = thing["name"], thing.pop("path"), thing.pop("adcode")
        if path:
            where = path.removesuffix(name) or None
        else:
            where = self._paths.get(adcode[:_COUNTY_DIGITS]) if adcode else None
        label = path or (f"{name}（{where}）" if where else name)
        return Hit(**thing, label=label, where=where, score=score)


def _words(query: str) -> list[str]:
    """Split a query into normalised words."""
    return [word for word in map(normalise, _BREAKS.split(query)) if word][:_MOST_WORDS]


def _checked(query: str, limit: int, kinds: Collection[HitKind] | None) -> Collection[str]:
    """Check what is asked for, and give the kinds of hit."""
    known = get_args(HitKind)
    unknown = sorted({*(kinds or ())} - {*known})
    if unknown:
        raise ParameterError(f"kinds must be among {', '.join(known)}, got {', '.join(unknown)}")
    if limit < 1:
        raise ParameterError(f"limit must be at least 1, got {limit}")
    if len(query) > LONGEST_QUERY:
        raise ParameterError(f"a search may have {LONGEST_QUERY} characters, got {len(query)}")
    return known if kinds is None else kinds
