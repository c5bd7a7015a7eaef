"""Find where an address is, offline: the best place that its words and the gazetteer allow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from geomap.model.adcodes import code_range
from geomap.model.address_reader import CITY, COUNTY, TOWNSHIP, AddressReader, Said
from geomap.model.addresses import Premises, plain_addresses, read_premises
from geomap.model.divisions import LEVELS, Divisions, unit_names
from geomap.model.geodesy import geodesic_m
from geomap.model.named_places import Named
from geomap.model.streets import Estimate, Streets
from geomap.model.text import normalise_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

Precision = Literal["address", "township", "county", "city", "province"]
#: Why an address has no place: nothing is named, or no more than a city or province; several
#: places fit; it names two that exclude each other.
Reason = Literal["unread", "too_wide", "zone", "ambiguous", "contradiction"]

#: A place this sure is said to be that of the address, a wider one that of the township.
ADDRESS_M = 150.0
#: What is told of a township by a point further than this from it is about another place.
_NAMESAKE_M = 20_000.0
_VILLAGE_M = 250.0
_SPLIT = "|"
#: Behind a county's code: all that lies in it, whether its township is known or not.
_ALL = "*"


@dataclass(frozen=True)
class Answer:
    """Where an address is, or why that cannot be said.

    Parameters
    ----------
    row : the division that it lies in; None where none or several are meant.
    lon, lat : degrees, WGS-84; None where it has no place.
    precision : how well it is located; None where it has no place.
    by : what it was found by: name, number, street, village, township, county.
    name : what that is called.
    assumed : "only" where just one division of the country bears the name, "usual" where the
        file's other rows decided.
    reason : why it has no place.
    candidates : the divisions that it may lie in.
    rest : what it says behind its divisions.
    """

    row: int | None = None
    lon: float | None = None
    lat: float | None = None
    precision: Precision | None = None
    by: str | None = None
    name: str = ""
    assumed: str | None = None
    reason: Reason | None = None
    candidates: tuple[int, ...] = ()
    rest: str = ""


@dataclass(frozen=True)
class Usual:
    """Where the other rows of a file are, the smallest area first: (first, last) codes."""

    areas: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, adcodes: Sequence[str], *, mostly: float = 0.8, fewest: int = 5) -> Usual:
        """Take the county, city and province in which nearly all of several rows lie."""
        areas = []
        for digits in (6, 4, 2):
            counts = Counter(code[:digits] for code in adcodes)
            for code, count in counts.most_common(1):
                if count >= max(mostly * len(adcodes), fewest):
                    areas.append(code_range(code))
        return cls(tuple(areas))


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Divisions, named places and streets, to find addresses in.

    Parameters
    ----------
    reader : reads divisions.
    places : (n,) frame of the divisions, in the order of the reader's rows:
        ``adcode path lon lat precision``.
    named : points with names.
    streets : points on streets.
    villages : (township code, village) -> lon, lat.
    """

    reader: AddressReader
    places: pd.DataFrame
    named: Named
    streets: Streets
    villages: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, places: pd.DataFrame, named: pd.DataFrame, streets: pd.DataFrame) -> Gazetteer:
        """Build it.

        Parameters
        ----------
        places : ``name kind adcode path aliases lon lat precision``.
        named : ``name adcode lon lat``.
        streets : ``name number adcode lon lat``.
        """
        divisions = places[places["kind"].isin(LEVELS)].reset_index(drop=True)
        return cls(
            AddressReader(_divisions(divisions)),
            divisions[["adcode", "path", "lon", "lat", "precision"]],
            Named(
                named["name"],
                named["adcode"].fillna(""),
                named["lon"].to_numpy(float),
                named["lat"].to_numpy(float),
            ),
            Streets.of(
                zip(streets["adcode"], normalise_all(streets["name"]), strict=True),
                streets["number"].to_numpy(float, na_value=np.nan),
                streets["lon"].to_numpy(float),
                streets["lat"].to_numpy(float),
            ),
            _villages(places[places["kind"] == "village"]),
        )

    def label(self, row: int) -> str:
        """Name a division with those above it."""
        return self._paths[row]

    def code(self, row: int) -> str:
        """Give the code of a division."""
        return self._codes[row]

    def answer(self, address: str, *, usual: Usual | None = None) -> Answer:
        """Find one address, as written."""
        (text,) = plain_addresses([address])
        return self.find(text, usual=usual)

    def find(
        self,
        text: str,
        *,
        stated: str = "",
        usual: Usual | None = None,
        near: Streets | None = None,
    ) -> Answer:
        """Find the best place of an address.

        Parameters
        ----------
        text : as :func:`geomap.model.addresses.plain_addresses` writes it.
        stated : divisions that are stated beside the address, written in the same way.
        usual : where the other rows of the file are: decides between namesakes.
        near : points of other addresses, by county and street, village or name.
        """
        said = self.reader.read_with(stated, text)
        row, assumed, candidates = self._meant(said, usual or Usual())
        if said.contradicts:
            return Answer(reason="contradiction", candidates=(*said.ends, *said.contradicts))
        if row is None:
            return Answer(reason="ambiguous" if candidates else "unread", candidates=candidates)
        return self._inside(row, said.rest, assumed, near)

    def premises(
        self, text: str, county: str, *, stated: str = ""
    ) -> tuple[tuple[str, str], Premises]:
        """Read what stands behind the divisions of an address that has coordinates.

        Returns
        -------
        The areas under which others may look for it: its township, else its county, and the
        county with all its townships; and what it says.
        """
        said = self.reader.read_with(stated, text)
        row, rest = said.ends[0] if len(said.ends) == 1 else None, said.rest
        if row is not None and self._is_county(row):
            rows, behind = self.reader.townships_said(rest, row, any_kind=True)
            row, rest = (rows[0], behind) if len(rows) == 1 else (row, rest)
        return (self._area(row, county), f"{county}{_ALL}"), read_premises(rest)

    def _area(self, row: int | None, county: str) -> str:
        """Give the code of a township in a county, else that of the county."""
        if row is None or self._divisions.kinds[row] != TOWNSHIP or self._codes[row][:6] != county:
            return county
        return self._codes[row]

    def _meant(self, said: Said, usual: Usual) -> tuple[int | None, str | None, tuple[int, ...]]:
        """Choose the division that is meant: row, why it alone could be, else the candidates."""
        if len(said.ends) == 1 and not said.alone:
            return said.ends[0], None, said.ends
        holding = [row for row in said.ends if self._holds(row, said.rest)]
        if len(said.ends) > 1 and len(holding) == 1:
            return holding[0], "only", said.ends
        for low, high in usual.areas:
            rows = [row for row in said.ends if low <= self._divisions.codes(row)[0] <= high]
            if len(rows) == 1:
                return rows[0], "only" if len(said.ends) == 1 else "usual", said.ends
        if len(said.ends) == 1 and not usual.areas:
            return said.ends[0], "only", said.ends
        return None, None, said.ends

    def _holds(self, row: int, rest: str) -> bool:
        """Tell whether a county has the township that follows it."""
        return self._is_county(row) and bool(
            self.reader.townships_said(rest, row, any_kind=True)[0]
        )

    def _inside(self, row: int, rest: str, assumed: str | None, near: Streets | None) -> Answer:
        """Go on inside a division, as far as the address does."""
        if self._divisions.kinds[row] < TOWNSHIP:
            is_county = self._is_county(row)
            rows, behind = self.reader.townships_said(rest, row, any_kind=is_county)
            if len(rows) == 1:
                assumed = assumed or (None if self._is_county(row) else "only")
                row, rest = rows[0], behind
            elif not self._is_county(row):
                within = self.reader.behind_zone(rest, row)
                if within is not None:
                    return self._inside(*within, assumed, near)
                return Answer(
                    row=row,
                    reason="ambiguous"
                    if rows
                    else "zone"
                    if self.reader.zone_said(rest)
                    else "too_wide",
                    candidates=tuple(rows),
                )
            else:
                rest = behind
        best = min(
            self._estimates(row, rest, near),
            key=lambda each: each.error_m,
        )
        precision: Precision = "township"
        if best.by == "county":
            precision = "county"
        elif best.by in {"name", "number"} and best.error_m <= ADDRESS_M:
            precision = "address"
        return Answer(row, best.lon, best.lat, precision, best.by, best.name, assumed, rest=rest)

    def _estimates(self, row: int, rest: str, near: Streets | None) -> list[Estimate]:
        """Give every place that the words behind a division name."""
        county = self._codes[row][:6]
        at = self._point(row)
        premises = read_premises(rest)
        found: list[Estimate | None] = [self.named.find(rest, county)]
        if premises.street:
            found.append(self.streets.estimate(county, premises.street, premises.number))
        known = self.villages.get((self._codes[row], premises.village or ""))
        if known:
            found.append(Estimate(*known, _VILLAGE_M, "village", str(premises.village)))
        if near is not None:
            found += self._beside(row, premises, near)
        near_by = [each for each in found if each is not None and not self._elsewhere(each, at)]
        return [*near_by, at]

    def _beside(self, row: int, premises: Premises, near: Streets) -> list[Estimate | None]:
        """Look among other addresses: those of its township, or of its county if it names none."""
        county = self._codes[row][:6]
        area = self._area(row, county)
        found: list[Estimate | None] = []
        for each in (area, county) if area != county else (f"{county}{_ALL}",):
            if premises.street:
                found.append(near.estimate(each, premises.street, premises.number))
            names = [name for name in (premises.village, premises.building) if name]
            found += [near.middle(each, name) for name in names]
        return found

    def _elsewhere(self, estimate: Estimate, at: Estimate) -> bool:
        """Tell whether a place is too far from its township to be meant."""
        if at.by != "township":
            return False
        away_m = geodesic_m(at.lon, at.lat, [estimate.lon], [estimate.lat])
        return bool(away_m[0] > _NAMESAKE_M)

    def _point(self, row: int) -> Estimate:
        """Give the point of a township, else of its county."""
        level = self._divisions.kinds[row]
        if level == TOWNSHIP and self._precisions[row] == "township":
            return Estimate(self._lon[row], self._lat[row], 3_000, "township", self._paths[row])
        return Estimate(self._lon[row], self._lat[row], 8_000, "county", self._paths[row])

    def _is_county(self, row: int) -> bool:
        """Tell whether a division is a county, or a city without counties."""
        return self._divisions.kinds[row] == COUNTY or row in self._without_counties

    @cached_property
    def _without_counties(self) -> frozenset[int]:
        """Cities that have no counties: 东莞, 中山, 儋州, 嘉峪关; and 澳门, a province without."""
        counties = {
            code[:digits]
            for code, level in zip(self._codes, self._divisions.kinds, strict=True)
            if level == COUNTY
            for digits in (2, 4)
        }
        return frozenset(
            row
            for row, level in enumerate(self._divisions.kinds)
            if level < COUNTY and self._codes[row][: 4 if level == CITY else 2] not in counties
        )

    @cached_property
    def _divisions(self) -> Divisions:
        return self.reader.divisions

    @cached_property
    def _codes(self) -> Sequence[str]:
        return [str(each) for each in self.places["adcode"]]

    @cached_property
    def _paths(self) -> Sequence[str]:
        return [str(each) for each in self.places["path"]]

    @cached_property
    def _precisions(self) -> Sequence[str]:
        return [str(each) for each in self.places["precision"]]

    @cached_property
    def _lon(self) -> Sequence[float]:
        lon: list[float] = self.places["lon"].tolist()
        return lon

    @cached_property
    def _lat(self) -> Sequence[float]:
        lat: list[float] = self.places["lat"].tolist()
        return lat


def _villages(villages: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """Index villages by their township and name."""
    names = normalise_all(villages["name"])
    codes = villages["adcode"].str.slice(0, 9)
    rows = zip(codes, names, villages["lon"], villages["lat"], strict=True)
    return {(code, name): (float(lon), float(lat)) for code, name, lon, lat in rows}


def _divisions(places: pd.DataFrame) -> Divisions:
    """Index divisions by all that addresses call them; townships by whole names only."""
    texts: list[str] = places["name"].tolist()
    owners = list(range(len(places)))
    kinds = places["kind"].tolist()
    for row, aliases in enumerate(places["aliases"]):
        if isinstance(aliases, str):
            for alias in aliases.split(_SPLIT):
                texts.append(alias)
                owners.append(row)
    names: list[tuple[str, int]] = []
    for name, row in zip(normalise_all(texts), owners, strict=True):
        if kinds[row] != "township":
            names += [(each, row) for each in unit_names(name)]
        elif name.endswith(_TOWNSHIP_NAMES):
            names.append((name, row))
    levels = np.array([LEVELS.index(kind) for kind in kinds], dtype=np.int64)
    return Divisions.of(
        [(name, row) for name, row in names if len(name) > 1 and not name.isascii()],
        levels=levels,
        adcodes=places["adcode"],
    )


_TOWNSHIP_NAMES = ("街道", "镇", "乡", "苏木", "区", "市", "场", "地区", "县")
