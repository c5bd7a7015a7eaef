"""Locate the rows that say where they are in words only.

A row without coordinates gets the best place that its address allows, and says how exact that is.
The columns province, city, district and township, and a division code, are read as parts of the
address. Namesakes are told apart by where the file's other rows are; streets, villages and
buildings by those of its rows that have coordinates. What fits several places has none.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.divisions import division_names, locate
from geomap.data.files.findings.report import Finding
from geomap.data.files.values.values import known
from geomap.model.addresses import is_foreign, plain_addresses
from geomap.model.facility import LOCATION_PRECISION
from geomap.model.gazetteer import Usual
from geomap.model.streets import Streets
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.data.files.columns.matching import Match
    from geomap.data.files.formats.raw import RawTable
    from geomap.data.files.places.locations import Places
    from geomap.model.gazetteer import Answer, Gazetteer
    from geomap.model.table import Table

#: Share of a file's addresses, or of its places, that makes it one from abroad.
_MOSTLY = 0.5
#: Rows with coordinates, of the same counties, that are looked at to find others by.
_MOST_NEIGHBOURS = 50_000
#: Unlocated rows of one kind are told one by one up to this many.
_EACH = 20
_CANDIDATES_NAMED = 6
_COUNTY_DIGITS = 6
_PARTS = ("province", "city", "district")
_NOT_WHERE = frozenset(
    {"bad_coordinate", "incomplete_coordinates", "out_of_range", "swapped_lat_lon", "outside_crs",
     "zero_coordinates", "looks_like_metres", "bad_geometry"}
)  # fmt: skip

WHY: Mapping[str, Label] = {
    "unread": Label("地址开头没有认得的省、市、区县", "it begins with no known division"),
    "too_wide": Label(
        "只写到省或市，没有写区县", "it names a province or city, but no county or district"
    ),
    "zone": Label(
        "写的是开发区一类，不是行政区；请补上所在区县",
        "it names a development zone, which is no division: add the county or district",
    ),
    "foreign": Label(
        "不是中国地址，离线地名库只有中国",
        "it is not in China, the only country with names offline",
    ),
    "several": Label("有几处同名", "several places are called so"),
    "contradiction": Label("前后写的不是同一个地方", "its parts name different places"),
}
_ASSUMED: Mapping[str, Label] = {
    "only": Label("没有写上级，全国只有一处同名", "only one place of the country bears the name"),
    "usual": Label("没有写上级，按本文件其他行所在的地区", "the other rows of the file are there"),
}


@dataclass(frozen=True)
class Located:
    """What addresses added.

    Parameters
    ----------
    values, places : with the rows that were located.
    findings : what was found, and what was not.
    """

    values: dict[str, pd.Series]
    places: Places
    findings: tuple[Finding, ...] = ()


def locate_by_address(  # noqa: PLR0913, PLR0917 (the whole row says where it is)
    table: Table,
    raw: RawTable,
    match: Match,
    values: dict[str, pd.Series],
    places: Places,
    findings: Sequence[Finding],
) -> Located:
    """Give rows without coordinates the place that their address allows.

    Parameters
    ----------
    table : those whose rows are outlines are left alone.
    raw, match : the source and its columns.
    values : the fields that were read; ``adcode`` as it was derived.
    places : where rows with coordinates are.
    findings : rows whose coordinates are wrong wait for right ones, whatever their address.
    """
    missing = np.array([each is None for each in places.geometry], dtype=bool)
    if table.geometry == "polygon" or not missing.any():
        return Located(values, places)
    words = words_of(table, raw, match, values)
    rows = np.flatnonzero(missing & _says_where(table, words, raw, findings))
    if not len(rows):
        return Located(values, places)
    codes = _located_codes(places)
    foreign = np.array([is_foreign(words.shown(int(row))) for row in rows])
    abroad = foreign.mean() > _MOSTLY or _is_abroad(places, codes)
    waiting = rows if abroad else rows[foreign]
    told = _waiting("foreign", waiting, raw, words)
    rows = np.setdiff1d(rows, waiting)
    if not len(rows):
        return Located(values, places, tuple(told))
    from geomap.data.gazetteer import shipped_gazetteer

    gazetteer = shipped_gazetteer()
    answers = _answers(gazetteer, rows, words, codes, places)
    told += _told(gazetteer, answers, raw, words)
    return _placed(table, values, places, gazetteer, answers, told)


@dataclass(frozen=True)
class Words:
    """What rows say of their place.

    Parameters
    ----------
    stated : of each row, the divisions that columns name, in one text; empty where they name none.
    address : of each row, None where there is none.
    """

    stated: Sequence[str]
    address: Sequence[str | None]

    def shown(self, row: int) -> str:
        """Write what a row says as one text."""
        return self.stated[row] + (self.address[row] or "")


def words_of(table: Table, raw: RawTable, match: Match, values: Mapping[str, pd.Series]) -> Words:
    """Gather what each row says of its place.

    The row's own code stands for the divisions where no column names them. A candidate site
    that has no name may be called by its address.
    """
    unknown = pd.Series(np.nan, index=raw.cells.index, dtype="str")
    cells = {
        name: known(raw.cells[match.columns[name]])
        for name in ("address", "adcode", *_PARTS)
        if name in match.columns
    }
    address = values.get("address", cells.get("address", unknown))
    if table.name == "candidates" and "address" not in match.columns:
        address = values.get("name", unknown)
    parts = [cells.get(name, unknown).fillna("") for name in _PARTS]
    above = parts[0] + parts[1] + parts[2]
    own = cells.get("adcode", unknown).str.slice(0, 6)
    paths = own.map({code: each.path for code, each in division_names().items()}).fillna("")
    stated = above.where(above != "", paths) + values.get("township", unknown).fillna("")
    return Words(stated.tolist(), address.astype(object).where(address.notna(), None).tolist())


def _says_where(
    table: Table, words: Words, raw: RawTable, findings: Sequence[Finding]
) -> NDArray[np.bool_]:
    """Mark the rows that say where they are, and have no coordinates that are wrong."""
    wrong: set[int] = set()
    for each in findings:
        if each.code in _NOT_WHERE:
            wrong |= {each.row} if each.row is not None else set(each.rows)
    said = np.array([each is not None for each in words.address], dtype=bool)
    if table.name == "facilities":
        said |= np.array([bool(each) for each in words.stated], dtype=bool)
    marked: NDArray[np.bool_] = said & ~np.isin(raw.rows, list(wrong))
    return marked


def _located_codes(places: Places) -> NDArray[np.object_]:
    """Give the county of each row that has coordinates."""
    import shapely

    centres = shapely.centroid(places.geometry)
    return locate(shapely.get_x(centres), shapely.get_y(centres))


def _is_abroad(places: Places, codes: NDArray[np.object_]) -> bool:
    """Tell whether most places of a file lie outside China."""
    located = sum(each is not None for each in places.geometry)
    known_codes = sum(code is not None for code in codes)
    return bool(located) and known_codes < _MOSTLY * located


def _answers(
    gazetteer: Gazetteer,
    rows: NDArray[np.intp],
    words: Words,
    codes: NDArray[np.object_],
    places: Places,
) -> dict[int, Answer]:
    """Look every address up; then again where the file's other rows may tell more."""
    texts = plain_addresses(words.address[row] or "" for row in rows)
    beside = plain_addresses(words.stated[row] for row in rows)
    asked = dict(zip(rows.tolist(), zip(texts, beside, strict=True), strict=True))
    answers = {row: gazetteer.find(text, stated=said) for row, (text, said) in asked.items()}
    certain = [str(code) for code in codes if code is not None]
    certain += [
        gazetteer.code(each.row)
        for each in answers.values()
        if each.row is not None and each.assumed is None
    ]
    usual = Usual.of(certain)
    within = {row: _counties(gazetteer, answer) for row, answer in answers.items()}
    near, known_in = _neighbours(gazetteer, words, codes, places, within)
    again = partial(gazetteer.find, usual=usual, near=near)
    for row, (text, said) in asked.items():
        left_open = answers[row].assumed or answers[row].reason == "ambiguous"
        if (left_open and usual.areas) or within[row] & known_in:
            answers[row] = again(text, stated=said)
    return answers


def _counties(gazetteer: Gazetteer, answer: Answer) -> frozenset[str]:
    """Give the codes of the counties in which an address may be."""
    ends = answer.candidates if answer.row is None else (answer.row,)
    return frozenset(gazetteer.code(each)[:_COUNTY_DIGITS] for each in ends)


def _neighbours(
    gazetteer: Gazetteer,
    words: Words,
    codes: NDArray[np.object_],
    places: Places,
    within: Mapping[int, frozenset[str]],
) -> tuple[Streets | None, frozenset[str]]:
    """Gather the streets, villages and buildings of rows that have coordinates.

    Only rows of the counties that are asked for are looked at, and of very many those whose words
    have the smallest hash, so that the order of a file decides nothing.

    Returns
    -------
    The points, and the counties that have any.
    """
    wanted = frozenset[str]().union(*within.values())
    said = np.array([each is not None for each in words.address], dtype=bool)
    others = np.flatnonzero(said & np.isin(codes.astype(str), list(wanted)))
    lon, lat = _lon_lat(places)
    shown = np.array([words.shown(int(row)) for row in others], dtype=object)
    order = np.lexsort((lat[others], lon[others], pd.util.hash_array(shown)))
    kept = others[order[:_MOST_NEIGHBOURS]].tolist()
    keys: list[tuple[str, str]] = []
    points: list[tuple[float, float, float]] = []
    texts = plain_addresses(words.address[row] or "" for row in kept)
    beside = plain_addresses(words.stated[row] for row in kept)
    for row, text, stated in zip(kept, texts, beside, strict=True):
        areas, premises = gazetteer.premises(text, str(codes[row]), stated=stated)
        number = np.nan if premises.number is None else float(premises.number)
        for name in (premises.street, premises.village, premises.building):
            for area in areas if name else ():
                keys.append((area, str(name)))
                points.append((number if name == premises.street else np.nan, lon[row], lat[row]))
    if not keys:
        return None, frozenset()
    table = np.array(points, dtype=float)
    known_in = frozenset(codes[kept].tolist())
    return Streets.of(keys, table[:, 0], table[:, 1], table[:, 2]), known_in


def _lon_lat(places: Places) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import shapely

    centres = shapely.centroid(places.geometry)
    return shapely.get_x(centres), shapely.get_y(centres)


def _placed(  # noqa: PLR0913, PLR0917 (one step of one reading)
    table: Table,
    values: dict[str, pd.Series],
    places: Places,
    gazetteer: Gazetteer,
    answers: Mapping[int, Answer],
    findings: list[Finding],
) -> Located:
    """Put the places found into the rows."""
    import shapely

    geometry = places.geometry.copy()
    filled = dict(values)
    index = next(iter(values.values())).index
    unknown = pd.Series(np.nan, index=index, dtype="str")
    found = {row: each for row, each in answers.items() if each.precision is not None}
    rows = list(found)
    if rows:
        lon = np.array([each.lon for each in found.values()], dtype=float)
        lat = np.array([each.lat for each in found.values()], dtype=float)
        geometry[rows] = shapely.points(lon, lat)
    if "location_precision" in table.by_name and rows:
        precision = filled.get("location_precision", unknown).copy()
        precision.iloc[rows] = [each.precision for each in found.values()]
        filled["location_precision"] = precision
    if "adcode" in table.by_name and rows:
        filled["adcode"] = _with_codes(filled.get("adcode", unknown), gazetteer, found)
    return Located(filled, dataclasses.replace(places, geometry=geometry), tuple(findings))


def _with_codes(stated: pd.Series, gazetteer: Gazetteer, found: Mapping[int, Answer]) -> pd.Series:
    """Fill in the county in which a row was located, where it stated none as exact."""
    codes = stated.astype(object).tolist()
    for row, each in found.items():
        own = codes[row]
        county = gazetteer.code(each.row)[:_COUNTY_DIGITS] if each.row is not None else None
        wider = isinstance(own, str) and own.endswith("00") and len(own) <= _COUNTY_DIGITS
        if not isinstance(own, str) or wider:
            codes[row] = county
    return pd.Series(codes, index=stated.index, dtype="str")


def _told(
    gazetteer: Gazetteer, answers: Mapping[int, Answer], raw: RawTable, words: Words
) -> list[Finding]:
    """Say what was located how well, what was assumed, and what has no place and why."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    findings: list[Finding] = []
    for row, each in answers.items():
        if each.precision is not None:
            groups["located", each.precision].append(row)
            if each.assumed:
                groups["assumed", each.assumed].append(row)
        elif each.reason in {"ambiguous", "contradiction"}:
            findings.append(_ambiguous(gazetteer, each, int(raw.rows[row]), words.shown(row)))
        else:
            groups["waiting", str(each.reason)].append(row)
    for (kind, what), rows in sorted(groups.items()):
        numbers = tuple(sorted(raw.rows[rows].tolist()))
        first = {"came": words.shown(min(rows))}
        if kind == "waiting":
            findings += _waiting(what, np.array(rows), raw, words)
        elif kind == "located":
            values = first | {"expected": LOCATION_PRECISION[what]}
            findings.append(_of_rows("located_by_address", numbers, values))
        else:
            findings.append(_of_rows("place_assumed", numbers, first | {"why": _ASSUMED[what]}))
    return findings


def _of_rows(code: str, rows: tuple[int, ...], values: Mapping[str, object]) -> Finding:
    """Tell one finding of one row, or of several with an example."""
    if len(rows) == 1:
        return Finding(code, rows[0], "geometry", dict(values))
    return Finding(code, None, "geometry", dict(values) | {"example": rows[0]}, rows)


def _ambiguous(gazetteer: Gazetteer, answer: Answer, row: int, came: str) -> Finding:
    """Say which places an address could mean."""
    labels = [gazetteer.label(each) for each in answer.candidates]
    why = WHY["contradiction" if answer.reason == "contradiction" else "several"]
    values = {
        "came": came,
        "why": why,
        "expected": labels[:_CANDIDATES_NAMED],
        "candidates": labels,
        "codes": [gazetteer.code(each) for each in answer.candidates],
    }
    return Finding("place_ambiguous", row, "geometry", values)


def _waiting(reason: str, rows: NDArray[np.intp], raw: RawTable, words: Words) -> list[Finding]:
    """Say why rows wait for a location, each by itself while they are few."""
    why = {"why": WHY[reason]}
    if len(rows) > _EACH:
        values = why | {"came": words.shown(int(rows.min()))}
        return [_of_rows("needs_location", tuple(sorted(raw.rows[rows].tolist())), values)]
    return [
        Finding("needs_location", int(raw.rows[row]), "geometry", why | {"came": words.shown(row)})
        for row in rows
    ]
