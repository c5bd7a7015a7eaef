"""Hold places against the district in which they are said to be.

A district is looked up by its code, else by its name with the province or city that the row
or its address names, else within the province in which nearly all places of the file lie.
In a file of the mainland a bare name that this does not settle decides if one district of the
country bears it; 中山区, which is in Dalian and in Taipei, never does. No other is checked.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.divisions import (
    LEVELS,
    distance_to_division_m,
    division_names,
    division_reader,
    find_division,
    locate,
    read_areas,
)
from geomap.data.files.columns.matching import DATUM_NAMES
from geomap.data.files.findings.report import Finding, on_rows
from geomap.data.files.places.coordinates import pairs
from geomap.data.files.values.values import plain_words
from geomap.model.addresses import is_foreign, plain_addresses
from geomap.model.datum import from_wgs84, to_wgs84
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from geomap.data.files.places.coordinates import Frame
    from geomap.data.files.places.locations import Places

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Codes = NDArray[np.object_]

#: A point further than this from its stated district is a finding; polygons are generalised.
TOLERANCE_M = 300.0
#: Where the datum is in doubt, only what no datum explains is told row by row.
DOUBTFUL_M = 1_000.0
#: One-sided exact sign test: chance of so lopsided a comparison if the datum were right.
SIGNIFICANT = 0.01
#: Share of a file's places in one province that makes it the context of bare district names.
_MOSTLY = 0.8
#: Most places of the file lie outside China: its names are not those of Chinese districts.
ABROAD = "abroad"
#: Most places of the file lie in China, but in no one province.
CHINA = "china"
#: Hong Kong, Macao and Taiwan: their districts may be called as ones of the mainland are.
_NOT_MAINLAND = ("71", "81", "82")
#: Districts of the mainland whose names are in Taiwan or Hong Kong too.
_ALSO_THERE = (
    *("中山区", "大安区", "松山区", "大同区", "太平区", "新兴区", "龙潭区", "金山区"),
    *("泰山区", "复兴区", "东区", "西区", "南区", "北区", "中区"),
)
_SWAPPED_BEYOND_M = 50_000.0
_AREAS_COMPARED = 200
_POINTS_COMPARED = 100_000
#: As much of an address as can name divisions; what follows differs from row to row.
_HEAD = r"^(.{0,24}[省市区區县縣旗盟州]|.{0,12})"


def stated_codes(
    stated: pd.DataFrame, addresses: pd.Series, codes: pd.Series, located: Codes, places: int
) -> pd.Series:
    """Find the code of the division in which each row is said to be.

    Parameters
    ----------
    stated : (n, 3) text columns province, city, district; missing where not stated.
    addresses : (n,) text; what an address begins with is stated too.
    codes : (n,) codes that the source states; they come first.
    located : (n,) codes of the counties in which the points lie, or None.
    places : how many rows have a point; where most lie abroad, no name is looked up.

    Returns
    -------
    (n,) str codes of six digits, missing where nothing certain is stated.
    """
    names = division_names()
    county = codes.str.slice(0, 6)
    result = county.where(county.isin(list(names)))
    home = _home_province(located, places)
    open_ = result.isna()
    if open_.any():
        result = result.where(~open_, _resolved(stated, open_, home))
    open_ = result.isna()
    if open_.any():
        result = result.where(~open_, _in_addresses(addresses[open_], home).reindex(result.index))
    return result


def _in_addresses(addresses: pd.Series, home: str | None) -> pd.Series:
    """Find the divisions that addresses begin with; each different beginning is read once."""
    heads = addresses.str.extract(_HEAD)[0]
    codes = {head: _read_address(head, home) for head in heads.dropna().unique()}
    return heads.map(codes).astype("str")


def _read_address(head: str, home: str | None) -> str | None:
    """Find the one division of an address; a bare district counts where its file tells where."""
    if home == ABROAD or is_foreign(head):
        return None
    reader, codes = division_reader()
    said = reader.read(plain_addresses([head])[0])
    ends = [codes[row] for row in said.ends if not codes[row].endswith("0000")]
    if said.contradicts or not ends:
        return None
    if said.alone and home == CHINA:
        names = division_names()
        found = [code for code in ends if names[code].name not in _ALSO_THERE]
        return found[0] if len(found) == len(ends) == 1 else None
    if said.alone or len(ends) > 1:
        ends = [code for code in ends if home is not None and code[:2] == home[:2]]
    return ends[0] if len(ends) == 1 else None


def _resolved(stated: pd.DataFrame, asked: pd.Series[bool], home: str | None) -> pd.Series:
    """Look up each different way to state a division once; for the rows asked about."""
    some = stated.loc[asked[asked].index]
    columns = [plain_words(some[name]).fillna("") for name in ("province", "city", "district")]
    keys = columns[0] + "|" + columns[1] + "|" + columns[2]
    codes = {key: _resolve(key, home) for key in keys.unique()}
    return keys.map(codes).astype("str").reindex(asked.index)


def _home_province(located: Codes, places: int) -> str | None:
    """Give the province in which nearly all places lie, ``CHINA`` or ``ABROAD``; else None."""
    codes = [str(code)[:2] for code in located if code is not None]
    if places and len(codes) < places / 2:
        return ABROAD
    if not codes:
        return None
    values, counts = np.unique(codes, return_counts=True)
    return f"{values[counts.argmax()]}0000" if counts.max() >= _MOSTLY * len(codes) else CHINA


def _resolve(key: str, home: str | None) -> str | None:
    """Find one division by its names; None where they name none, or several."""
    province, city, district = key.split("|")
    within = None if province or home == CHINA else home
    if within == ABROAD or not (province or city or district):
        return None
    for name in (province, city):
        if name:
            found = _find(name, within)
            if len(found) != 1:
                return None
            within = found[0]
    if not district:
        return within if city else None
    found = _find(district, within) if within else ()
    if not found and home and not (province or city):
        found = _of_its_name(district, home)
    return found[0] if len(found) == 1 else None


def _of_its_name(district: str, home: str) -> tuple[str, ...]:
    """Find the districts of the country that bear a whole name, for a file of the mainland."""
    if home[:2] in _NOT_MAINLAND or district in _ALSO_THERE:
        return ()
    names = division_names()
    return tuple(code for code in _find(district, None) if names[code].name == district)


@lru_cache(maxsize=8192)
def _find(name: str, within: str | None) -> tuple[str, ...]:
    """Find a division; the same names come with every row."""
    return find_division(name, within=within)


def check_districts(
    places: Places, codes: pd.Series, frame: Frame, rows: NDArray[np.int64]
) -> tuple[list[Finding], Bools]:
    """Hold points against their stated districts.

    Parameters
    ----------
    places : where the rows are.
    codes : (n,) codes of the stated divisions, missing where unknown.
    frame : in what the coordinates were given.
    rows : (n,) row numbers.

    Returns
    -------
    The findings, and (n,) bool: the rows whose coordinates are exchanged and need a location.
    """
    import shapely

    lon, lat = shapely.get_x(places.geometry), shapely.get_y(places.geometry)
    stated = codes.astype(object).where(codes.notna(), None).to_numpy(dtype=object)
    distance_m = distance_to_division_m(lon, lat, stated)
    swapped = _swapped(lon, lat, stated, distance_m)
    came = pairs(lon, lat)
    findings = on_rows(
        "swapped_lat_lon", swapped, rows, field="geometry",
        came=came, why=lambda asked: [_exchanged(name) for name in _names(stated[asked])],
    )  # fmt: skip
    datum = _other_datum(places, frame, stated, distance_m)
    outside = (distance_m > (DOUBTFUL_M if datum else TOLERANCE_M)) & ~swapped
    findings += on_rows(
        "outside_district", outside, rows, field="geometry",
        came=came,
        expected=lambda asked: _names(stated[asked]),
        where=lambda asked: _whereabouts(lon[asked], lat[asked]),
        distance=lambda asked: [f"{metres:.0f}" for metres in distance_m[asked].round(-1)],
    )  # fmt: skip
    return [*datum, *findings], swapped


def _swapped(lon: Floats, lat: Floats, stated: Codes, distance_m: Floats) -> Bools:
    """Mark points that are in their stated district only with their coordinates exchanged."""
    doubtful = np.flatnonzero(distance_m > _SWAPPED_BEYOND_M)
    mask = np.zeros(len(lon), dtype=bool)
    if len(doubtful):
        exchanged_m = distance_to_division_m(lat[doubtful], lon[doubtful], stated[doubtful])
        mask[doubtful[exchanged_m <= TOLERANCE_M]] = True
    return mask


def _other_datum(places: Places, frame: Frame, stated: Codes, distance_m: Floats) -> list[Finding]:
    """Say if the points fit their districts better in another datum."""
    inside = distance_m == 0
    checked = np.flatnonzero(np.isfinite(distance_m) & (not frame.projected))
    checked = checked[:: len(checked) // _POINTS_COMPARED + 1]
    best: tuple[int, int, float, str] | None = None
    for datum in DATUM_NAMES:
        if datum == frame.datum or not len(checked):
            continue
        lon, lat = frame.to_wgs84(places.x[checked], places.y[checked], datum)
        fits = distance_to_division_m(lon, lat, stated[checked]) == 0
        better, worse = int((fits & ~inside[checked]).sum()), int((inside[checked] & ~fits).sum())
        p = _sign_test(better, worse)
        if p < SIGNIFICANT and (best is None or better - worse > best[0] - best[1]):
            best = (better, worse, p, datum)
    return [_datum_finding(frame.datum, *best)] if best else []


def check_outlines(geometry: NDArray[np.object_], codes: pd.Series, frame: Frame) -> list[Finding]:
    """Say if outlines of areas fit the known ones better in another datum.

    Compared is the area by which an outline differs from the one with the same code: as it
    was read, and as it would be in the other datum. At most 200 areas are compared.

    Parameters
    ----------
    geometry : (n,) outlines as read, WGS-84.
    codes : (n,) six-digit codes, missing where unknown.
    frame : in what the coordinates were given.
    """
    import shapely

    outline = np.isin(shapely.get_type_id(geometry), (3, 6))
    if not outline.any() or frame.projected:
        return []
    known: dict[str, object] = {}
    for level in LEVELS:
        areas = read_areas(level)
        known.update(zip(areas["adcode"], areas.geometry, strict=True))
    some = np.flatnonzero(outline & codes.isin(list(known)).to_numpy())[:_AREAS_COMPARED]
    if not len(some):
        return []
    drawn = np.array([known[code] for code in codes.iloc[some]], dtype=object)
    now = _difference(geometry[some], drawn)
    best: tuple[int, int, float, str] | None = None
    for datum in DATUM_NAMES:
        if datum == frame.datum:
            continue
        moved = shapely.transform(geometry[some], _redatumed(frame.datum, datum))
        then = _difference(moved, drawn)
        better, worse = int((then < now).sum()), int((then > now).sum())
        p = _sign_test(better, worse)
        if p < SIGNIFICANT and (best is None or better > best[0]):
            best = (better, worse, p, datum)
    return [_datum_finding(frame.datum, *best)] if best else []


def _redatumed(given: str, datum: str) -> Callable[[Floats], Floats]:
    """Make what turns coordinates read in one datum into what they would be in another."""

    def move(xy: Floats) -> Floats:
        lon, lat = from_wgs84(xy[:, 0], xy[:, 1], given)
        return np.column_stack(to_wgs84(lon, lat, datum))

    return move


def _difference(one: NDArray[np.object_], other: NDArray[np.object_]) -> Floats:
    """Measure by how much outlines differ, in square degrees; invalid ones are repaired."""
    import shapely

    difference: Floats = shapely.area(
        shapely.symmetric_difference(shapely.make_valid(one), shapely.make_valid(other))
    )
    return difference


def _sign_test(better: int, worse: int) -> float:
    """Give the chance of at least so many wins of so many trials between equals.

    McNemar's test in its exact form: pairs that fit both ways, or neither, say nothing.

    Examples
    --------
    >>> round(_sign_test(7, 0), 4), _sign_test(0, 0)
    (0.0078, 1.0)
    """
    from scipy.special import bdtrc

    trials = better + worse
    return float(bdtrc(better - 1, trials, 0.5)) if better else 1.0


def _datum_finding(given: str, better: int, worse: int, p: float, datum: str) -> Finding:
    """Say which datum fits better, with the figures."""
    values = {
        "came": DATUM_NAMES[datum],
        "expected": DATUM_NAMES[given],
        "fits": better,
        "misfits": worse,
        "p": f"{p:.1g}",
        "option": datum,
    }
    return Finding(f"looks_like_{datum}", field="geometry", values=values)


def _exchanged(name: str) -> Label:
    """Say where a point would be."""
    return Label(f"调换后正在{name}", f"exchanged they lie in {name}")


def _whereabouts(lon: Floats, lat: Floats) -> list[object]:
    """Name the district in which each point lies."""
    abroad = Label("境外、海上或两区交界处", "no known district (abroad, at sea or on an edge)")
    return [name or abroad for name in _names(locate(lon, lat, level="county"))]


def _names(codes: Codes) -> list[str]:
    """Name divisions with those above them."""
    names = division_names()
    return [names[code].path if code in names else "" for code in codes]
