"""One box for names: divisions, places, facilities, hospitals, residential areas, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from geomap.errors import ParameterError
from geomap.find.filling import SAID, SHOWN, SOUNDS
from geomap.find.index import NameIndex, Part
from geomap.find.judge import WISH, Judge
from geomap.find.lookup import Asked, Fit, require_query, words_of
from geomap.find.marks import Span, marks
from geomap.find.names import located_names, named_facilities, named_places
from geomap.find.syllables import BEGIN, END, readings_of
from geomap.model.addresses import is_foreign
from geomap.model.divisions import LEVELS, Divisions
from geomap.model.gazetteer import Answer, Gazetteer
from geomap.model.geodesy import geodesic_m
from geomap.model.text import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    Points: TypeAlias = gpd.GeoDataFrame | Callable[[], gpd.GeoDataFrame]

HitKind = Literal["facility", "place", "address"]

_SAME_PLACE_M = 2_000
_FEW = 50
_COUNTY_DIGITS = 6

_STREET = re.compile(r"[路街巷弄号村屯组]|大道|胡同|\d")


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
    matched : the parts of the name that the query matched, as (first character, the one behind
        the last); none where it matched something else, or not exactly.
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
    matched: tuple[Span, ...] = ()


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """All names of one map, built once and asked often.

    Parameters
    ----------
    places : divisions and places: ``id name name_en kind adcode lon lat precision path
        population aliases``; the divisions are of kind province, city, county and township.
    facilities : facility frame.
    hospitals, residential : points with ``id name adcode``.
    streets : points on streets, with ``name number adcode``; they place addresses only. These and
        residential areas may be given as what reads them, so that nobody has to hold them.
    stored : the index of all these names, where it was built before.
    """

    places: pd.DataFrame
    facilities: gpd.GeoDataFrame | None = None
    hospitals: gpd.GeoDataFrame | None = None
    residential: Points | None = None
    streets: Points | None = None
    stored: NameIndex | None = None

    def __post_init__(self) -> None:
        self.search("上海 养老院 1号")  # builds all that a search looks into

    def search(
        self, query: str, *, limit: int = 10, kinds: Collection[HitKind] | None = None
    ) -> list[Hit]:
        """Look up a name or part of one, words in any order, divisions in a row, or an address.

        Whole names come first, then starts, then parts, then parts of facilities' addresses, then
        pinyin, then words spread over a name and its divisions, then the division that an address
        or a wish lies in, then initials; and where nothing of all that is found, names that
        differ by one character. Among equals the larger division, the
        more populous place, the lesser id come first. 市, 区 and the like may be left out.

        Parameters
        ----------
        query : simplified or traditional characters, pinyin, initials, English, or a division
            code; at most ``lookup.LONGEST_QUERY`` characters.
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
        words = words_of(query)
        if not words:
            return []
        names = sorted({"facility", "place"}.intersection(wanted))
        kind = names[0] if len(names) == 1 else None
        fits = self._judge.fits(Asked.of(query, kind=kind, limit=limit)) if names else {}
        rows = sorted(fits, key=lambda row: (fits[row], row))[:limit]
        hits = self._hits(rows, [fits[row] for row in rows], words)
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
        asked = Asked.of(query, kind=None, limit=_FEW + 1)
        begins = self._judge.begins(asked.words)
        named = [row for row, rest in begins if not rest] or self._judge.called_in_english(asked)
        if named or not asked.words:
            return self._division(named)
        fits = self._judge.first_fits(asked)
        whole = sorted(row for row, fit in fits.items() if fit == Fit.WHOLE)
        wished = [row for row, rest in begins if WISH.fullmatch(rest)]
        addresses = self._addresses(query)
        if whole:
            return self._one_place(whole)
        if wished:
            return self._division(wished)
        if addresses:
            return addresses[0] if len(addresses) == 1 and addresses[0].lon is not None else None
        return self._one_place(sorted(fits))

    @cached_property
    def names(self) -> NameIndex:
        """All that has a name; the row number is the rank of importance."""
        if self.stored is not None:
            return self.stored
        around = named_places(self.places, self.hospitals, _read(self.residential))
        own = [] if self.facilities is None else [Part.of(named_facilities(self.facilities))]
        return NameIndex([Part.of(around), *own])

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.names, self._divisions)

    def _of_divisions(self, column: str, *, until: int = len(LEVELS)) -> list[Any]:
        """Give a column of the divisions; they stand first among the things."""
        return self.names.texts(column, range(self.names.before(until)))

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        """The path of each division down to the county, by its code."""
        until = LEVELS.index("township")
        codes, paths = (self._of_divisions(each, until=until) for each in ("adcode", "path"))
        return dict(zip(codes, paths, strict=True))

    @cached_property
    def _divisions(self) -> Divisions:
        """What reads divisions in a text."""
        import pandas as pd

        names = (
            (name, row)
            for row, said in enumerate(self._of_divisions(SAID))
            for name in said[1:-1].split(END + BEGIN)
        )
        return Divisions.of(
            names,
            levels=np.array(self._of_divisions("importance"), dtype=np.int64),
            adcodes=pd.Series(self._of_divisions("adcode"), dtype="str"),
        )

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
        return None if rivals else self._one_place([top])

    def _one_place(self, rows: Sequence[int]) -> Hit | None:
        """Choose the first of a few things, if all are located and stand close together."""
        if not 0 < len(rows) <= _FEW:
            return None
        lon, lat = (np.array(self.names.texts(each, rows), dtype=float) for each in ("lon", "lat"))
        if np.isnan(lon).any() or geodesic_m(lon[0], lat[0], lon, lat).max() > _SAME_PLACE_M:
            return None
        return self._hits(rows[:1], [Fit.WHOLE])[0]

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        """What finds addresses."""
        around = (_read(self.residential), self.hospitals, self.facilities)
        streets = _read(self.streets)
        return Gazetteer.of(
            self.places,
            located_names([each for each in around if each is not None]),
            located_names([] if streets is None else [streets]),
        )

    @cached_property
    def _by_division_code(self) -> Mapping[str, int]:
        """The divisions among the things, by their code."""
        return {code: row for row, code in enumerate(self._of_divisions("adcode"))}

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
            begins = [
                (row, rest) for row, rest in self._judge.begins([text]) if _STREET.search(rest)
            ]
            rows = [row for row, rest in begins if rest == begins[0][1]]
        hits = self._hits(sorted(rows), [Fit.ADDRESS] * len(rows))
        return [replace(each, kind="address", name=query.strip()) for each in hits]

    def _placed(self, query: str, answer: Answer) -> list[Hit]:
        """Describe where an address is; nothing where it names no more than a division."""
        if answer.row is None or not _STREET.search(answer.rest):
            return []
        code = self._gazetteer.code(answer.row)
        row = self._by_division_code[code]
        [hit] = self._hits([row], [Fit.ADDRESS])
        name = answer.name if answer.by in {"name", "number", "street", "village"} else ""
        hit = replace(hit, lon=answer.lon, lat=answer.lat, precision=answer.precision)
        return [replace(hit, kind="address", name=query.strip(), label=f"{hit.label}{name}")]

    def _hits(
        self, rows: Sequence[int], fits: Sequence[Fit], words: Sequence[str] = ()
    ) -> list[Hit]:
        """Describe things as hits."""
        things, ranks = self.names.table([*SHOWN, SAID, SOUNDS], rows), len(self.names)
        return [
            self._hit(
                thing,
                round(1 - (fit + row / ranks) / Fit.NOT, 6),
                words if fit < Fit.NEAR_SOUND else (),
            )
            for thing, row, fit in zip(things, rows, fits, strict=True)
        ]

    def _hit(self, thing: dict[str, Any], score: float, words: Sequence[str]) -> Hit:
        said, sounds = thing.pop(SAID), thing.pop(SOUNDS)
        compared, [reading, *_] = said[1:].partition(END)[0], readings_of(sounds) or [[]]
        matched = marks(thing["name"], words, compared=compared, reading=reading) if words else ()
        name, path, adcode = thing["name"], thing.pop("path"), thing.pop("adcode")
        if path:
            where = path.removesuffix(name) or None
        else:
            where = self._paths.get(adcode[:_COUNTY_DIGITS]) if adcode else None
        label = path or (f"{name}（{where}）" if where else name)
        return Hit(**thing, label=label, where=where, score=score, matched=matched)


def _read(points: Points | None) -> gpd.GeoDataFrame | None:
    """Give a frame that may have to be read first."""
    return points() if callable(points) else points


def _checked(query: str, limit: int, kinds: Collection[HitKind] | None) -> Collection[str]:
    """Check what is asked for, and give the kinds of hit."""
    known = get_args(HitKind)
    unknown = sorted({*(kinds or ())} - {*known})
    if unknown:
        raise ParameterError(f"kinds must be among {', '.join(known)}, got {', '.join(unknown)}")
    require_query(query, limit)
    return known if kinds is None else kinds
