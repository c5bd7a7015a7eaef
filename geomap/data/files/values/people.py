"""People by age where a source gives them otherwise: as age groups, or as shares of all."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.findings.report import Finding
from geomap.data.files.rules import told
from geomap.data.files.values.values import half_width, known, parse_numbers
from geomap.model.table import Field, Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.data.files.columns.matching import Match
    from geomap.model.table import Table

#: From which age each field counts.
FROM_AGE: Mapping[str, int] = {"population": 0, "aged_60": 60, "aged_65": 65, "aged_80": 80}

_SEX = {"男": "m", "女": "f", "m": "m", "f": "f", "": ""}
_BANDS = (
    re.compile(
        r"(?:(?P<sex>男|女)性?[_\-\s]*)?(?P<low>\d{1,3})(?:(?:到|至|[-~—–－])(?P<high>\d{1,3}))?岁(?P<open>及以上|以上)?"
    ),
    re.compile(
        r"A(?P<low>\d{1,3})(?:A(?P<high>\d{1,3})|(?P<open>UP))_(?:(?P<sex>[MF])_)?CNT",
        re.IGNORECASE,
    ),
)
_ALL = 100.0
_MANY_PEOPLE = 500.0


@dataclass(frozen=True)
class Band:
    """One age group: from `low` up to and including `high`, None for no end."""

    low: int
    high: int | None
    sex: str
    place: int


@dataclass(frozen=True)
class People:
    """Fields computed, the column places they were computed from, and what was found."""

    values: Mapping[str, pd.Series]
    places: Mapping[str, tuple[int, ...]]
    findings: tuple[Finding, ...]


def people_by_age(
    match: Match,
    cells: pd.DataFrame,
    table: Table,
    read: Mapping[str, pd.Series],
    rows: NDArray[np.int64],
) -> People:
    """Compute people by age from age groups, else from percentages of the population.

    Only what no column states is computed, and every computation is a finding. Groups count
    only if they cover an age and all above it without a gap or overlap, for both sexes.

    Parameters
    ----------
    match : the columns.
    cells : (n, k) text cells.
    table : which fields there are.
    read : the fields that columns state.
    rows : (n,) row numbers for the findings.
    """
    values: dict[str, pd.Series] = {}
    places: dict[str, tuple[int, ...]] = {}
    findings: list[Finding] = []
    counts = _Counts(match, cells, rows, findings)
    bands = _unclaimed(match)
    for field, age in FROM_AGE.items():
        if field not in table.by_name or field in read:
            continue
        above = _covering(bands, age)
        people = values.get("population", read.get("population"))
        if above:
            numbers = [counts.of(table.by_name[field], each.place) for each in above]
            values[field] = pd.concat(numbers, axis=1).sum(axis=1, skipna=False)
            places[field] = tuple(each.place for each in above)
            shown = Label(_ages(above, match.names, "、"), _ages(above, match.names, ", "))
            said = {"came": len(above), "expected": shown}
            findings.append(Finding("computed_from_bands", field=field, values=said))
        elif f"{field}_percent" in match.columns and people is not None:
            place = match.columns[f"{field}_percent"]
            values[field] = people * counts.of(_percentage(field), place) / _ALL
            named = {"column": match.names[place]}
            findings.append(Finding("computed_from_percent", field=field, values=named))
    return People(values, places, tuple(findings))


@dataclass
class _Counts:
    """The numbers of columns that fields are computed from; each is read, and told of, once."""

    match: Match
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    findings: list[Finding]
    read: dict[int, pd.Series] = dataclasses.field(default_factory=dict)

    def of(self, field: Field, place: int) -> pd.Series:
        """Read the column at `place` as numbers that `field` allows."""
        if place not in self.read:
            texts = half_width(known(self.cells[place])).str.removesuffix("%").str.strip()
            parsed = parse_numbers(field, texts)
            self.read[place] = parsed.values
            self.findings += told(parsed.faults, field.name, self.match.names[place], self.rows)
        return self.read[place]


def _percentage(field: str) -> Field:
    """Describe the share of all people that a field counts."""
    label = Label("百分比", "Percentage")
    return Field(f"{field}_percent", "number", label, minimum=0, maximum=_ALL)


def without_percents(
    match: Match, read: Mapping[str, pd.Series]
) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Leave out counts of people by age that can only be percentages, and say so."""
    people = read.get("population")
    kept = dict(read)
    findings: list[Finding] = []
    if people is None or not people.median() > _MANY_PEOPLE:
        return kept, findings
    for field in ("aged_60", "aged_65", "aged_80"):
        counted = read.get(field)
        if counted is not None and counted.max() <= _ALL and (counted % 1 > 0).any():
            kept[field] = pd.Series(np.nan, index=counted.index, dtype="float64")
            named = {"column": match.names[match.columns[field]]}
            findings.append(Finding("looks_like_percent", field=field, values=named))
    return kept, findings


def _unclaimed(match: Match) -> list[Band]:
    """Give the age groups among the columns, but for those that are read as something else."""
    used = {place: field for field, place in match.columns.items()}
    return [
        each
        for each in _bands(match.names)
        if FROM_AGE.get(used.get(each.place, ""), each.low) == each.low
    ]


def _bands(names: Sequence[str]) -> list[Band]:
    """Read the column names that are age groups."""
    found = []
    for place, name in enumerate(names):
        match = next((each for form in _BANDS if (each := form.fullmatch(name.strip()))), None)
        if match is None:
            continue
        low = int(match["low"])
        high = None if match["open"] else int(match["high"] or low)
        found.append(Band(low, high, _SEX[(match["sex"] or "").lower()], place))
    return found


def _covering(bands: Sequence[Band], age: int) -> list[Band]:
    """Choose groups that together cover `age` and all above, without a gap or overlap."""
    whole = _chain([each for each in bands if not each.sex], age)
    if whole:
        return whole
    sexes = [_chain([each for each in bands if each.sex == sex], age) for sex in "mf"]
    return [*sexes[0], *sexes[1]] if all(sexes) else []


def _chain(bands: Sequence[Band], age: int) -> list[Band]:
    """Follow groups from `age` to the one without an end; empty where a link is missing."""
    by_low = {each.low: each for each in bands}
    chain: list[Band] = []
    while age in by_low:
        band = by_low[age]
        chain.append(band)
        if band.high is None:
            return chain
        age = band.high + 1
    return []


def _ages(bands: Sequence[Band], names: Sequence[str], comma: str) -> str:
    """Name the first and last groups."""
    shown = [names[each.place] for each in bands]
    return comma.join(shown if len(shown) <= 3 else [*shown[:2], "…", shown[-1]])  # noqa: PLR2004
