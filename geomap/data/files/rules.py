"""What fields need besides their own cells: types, sources, divisions, sums that must agree."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.divisions import locate
from geomap.data.files.columns.headers import is_provenance
from geomap.data.files.findings.report import Finding, on_rows
from geomap.data.files.places.districts import check_districts, check_outlines, stated_codes
from geomap.data.files.values.dates import parse_dates
from geomap.data.files.values.prices import parse_prices
from geomap.data.files.values.values import known, own_words, parse, parse_texts, plain_words
from geomap.model.facility import FACILITIES, TYPES, infer_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from geomap.data.files.columns.matching import Match
    from geomap.data.files.formats.raw import RawTable
    from geomap.data.files.places.coordinates import Frame
    from geomap.data.files.places.locations import Places
    from geomap.data.files.values.values import Fault
    from geomap.model.table import Table

#: The first cannot be more than the second.
_NO_MORE_THAN = (
    ("beds_nursing", "beds_total"),
    ("beds_available", "beds_total"),
    ("price_min", "price_max"),
)
_LEVEL_DIGITS = {9: "township", 12: "community"}
_COUNTY_DIGITS = 6
_NATION = ("全国", "中国", "中华人民共和国")


def parse_fields(
    table: Table, raw: RawTable, match: Match, today: date
) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Read every column that is matched to a field of the table."""
    values: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    for each in table.fields:
        place = match.columns.get(each.name)
        if place is None or each.name == "type":
            continue
        factor = match.factors.get(each.name, 1.0)
        parsed = parse(each, raw.cells[place], today=today, factor=factor)
        values[each.name] = parsed.values
        findings += told(parsed.faults, each.name, match.names[place], raw.rows)
    if "price" in match.columns and table.name == "facilities":
        place = match.columns["price"]
        low, high = parse_prices(raw.cells[place], factor=match.factors.get("price", 1.0))
        for end, of_range in (("price_min", low.values), ("price_max", high.values)):
            own = values.get(end, of_range)
            values[end] = own.where(own.notna(), of_range)
        findings += told(low.faults, "price", match.names[place], raw.rows)
    return values, findings


def told(
    faults: Sequence[Fault], field: str, column: str, rows: NDArray[np.int64]
) -> list[Finding]:
    """Turn the faults of a column into findings."""
    findings: list[Finding] = []
    for fault in faults:
        if fault.mask is None:
            values = {"column": column, **fault.values}
            findings.append(Finding(fault.code, field=field, values=values))
        else:
            findings += on_rows(fault.code, fault.mask, rows, field=field, **fault.values)
    return findings


def stated_types(
    raw: RawTable, match: Match, values: Mapping[str, pd.Series], default: str | None
) -> tuple[pd.Series, list[Finding]]:
    """Take the type from its column, else from name and kind, else the default, else other.

    A type column holds our words or the office's own kinds; what neither it nor the name
    settles is a finding.
    """
    place = match.columns.get("type")
    fallback = default or "other"
    if place is None:
        return infer_types(values["name"]).replace("other", fallback), []
    kinds = known(raw.cells[place])
    words = plain_words(kinds)
    stated = words.map(own_words(FACILITIES.by_name["type"])).astype("str")
    inferred = stated.fillna("other")
    silent = stated.isna()
    if silent.any():
        inferred = inferred.where(~silent, infer_types(values["name"][silent], kinds[silent]))
    types = stated.where(stated.notna(), inferred.replace("other", fallback)).astype("str")
    unclear = kinds.notna() & stated.isna() & (inferred == "other")
    findings = on_rows(
        "bad_type", unclear, raw.rows, field="type",
        came=kinds, expected=list(TYPES.values()), given=TYPES[fallback],
    )  # fmt: skip
    return types, findings


def provenance(raw: RawTable, match: Match, today: date) -> tuple[pd.Series | None, list[Finding]]:
    """Gather the columns that state the source or the date of single values, as JSON a row."""
    named = [target for target in match.columns if is_provenance(target, "facilities")]
    findings: list[Finding] = []
    if not named:
        return None, findings
    gathered: list[dict[str, dict[str, str]]] = [{} for _ in range(len(raw.rows))]
    for target in named:
        cells = known(raw.cells[match.columns[target]])
        suffix = "verified_on" if target.endswith("_verified_on") else "source"
        parsed = parse_dates(cells, today=today) if suffix == "verified_on" else parse_texts(cells)
        findings += told(parsed.faults, target, match.names[match.columns[target]], raw.rows)
        texts = parsed.values
        if suffix == "verified_on":
            texts = texts.dt.strftime("%Y-%m-%d")
        field = target.removesuffix(f"_{suffix}")
        places = np.flatnonzero(texts.notna())
        for place, text in zip(places.tolist(), texts.iloc[places].tolist(), strict=True):
            gathered[place].setdefault(field, {})[suffix] = text
    lines = [json.dumps(each, ensure_ascii=False) if each else None for each in gathered]
    return pd.Series(lines, index=raw.cells.index, dtype="str"), findings


def inconsistent(values: Mapping[str, pd.Series], rows: NDArray[np.int64]) -> list[Finding]:
    """Say where a part is more than its whole."""
    findings: list[Finding] = []
    for part, whole in _NO_MORE_THAN:
        if part in values and whole in values:
            more = (values[part] > values[whole]).fillna(value=False)
            label = FACILITIES.by_name[whole].label
            findings += on_rows(
                "inconsistent", more, rows, field=part,
                came=_written(values[part]), expected=_written(values[whole]), other=label,
            )  # fmt: skip
    return findings


def derived(  # noqa: PLR0913, PLR0917 (what divisions follow from)
    table: Table,
    raw: RawTable,
    match: Match,
    values: dict[str, pd.Series],
    places: Places,
    frame: Frame,
) -> tuple[dict[str, pd.Series], Places, list[Finding]]:
    """Check places against stated divisions, and fill in the division and level that follow.

    The ``adcode`` of a facility or demand point is what its row states as a code or by name;
    where it states nothing certain, the county in which its point lies. An area's ``level``
    follows from the digits of its code where it is not stated, its ``id`` from the code.
    """
    import shapely

    if table.name == "areas":
        codes = _text(values, "adcode", raw)
        found = check_outlines(places.geometry, codes, frame)
        return _area(values, codes, raw), places, found
    if "adcode" not in table.by_name:
        return values, places, []
    lon, lat = shapely.get_x(places.geometry), shapely.get_y(places.geometry)
    located = locate(lon, lat, level="county")
    stated = pd.DataFrame(
        {name: _cells(raw, match, name) for name in ("province", "city", "district")}
    )
    address = _text(values, "address", raw)
    count = int(np.isfinite(lon).sum())
    codes = stated_codes(stated, address, _text(values, "adcode", raw), located, count)
    findings, swapped = check_districts(places, codes, frame, raw.rows)
    places = _without(places, swapped)
    located[swapped] = None
    county = pd.Series(located, index=raw.cells.index, dtype="str")
    own = _text(values, "adcode", raw)
    filled = own.where(own.notna(), _most_exact(codes, county))
    return values | {"adcode": filled}, places, findings


def _most_exact(codes: pd.Series, county: pd.Series) -> pd.Series:
    """Prefer a stated county; a stated city or province gives way to the county within it."""
    within = codes == county
    for digits in (2, 4):
        wider = codes.str.endswith("0" * (6 - digits))
        within |= wider & (codes.str.slice(0, digits) == county.str.slice(0, digits))
    return county.where(within | codes.isna(), codes)


def _area(values: Mapping[str, pd.Series], codes: pd.Series, raw: RawTable) -> dict[str, pd.Series]:
    """Give areas the id and the level that follow from their code."""
    filled = dict(values)
    length = codes.str.len()
    six = length == _COUNTY_DIGITS
    level = length.map(_LEVEL_DIGITS).astype("str")
    level = level.mask(six, "county").mask(six & codes.str.endswith("00"), "city")
    level = level.mask(six & codes.str.endswith("0000"), "province")
    level = level.mask(codes.isna() & values["name"].isin(_NATION), "nation")
    stated = _text(values, "level", raw)
    filled["level"] = stated.where(stated.notna(), level)
    own = _text(values, "id", raw)
    unique = codes.where(~codes.duplicated(keep=False))
    filled["id"] = own.where(own.notna(), unique) if own.isna().all() else own
    return filled


def _without(places: Places, lost: NDArray[np.bool_]) -> Places:
    """Take the places of some rows away."""
    geometry = places.geometry.copy()
    geometry[lost] = None
    x, y = np.where(lost, np.nan, places.x), np.where(lost, np.nan, places.y)
    return dataclasses.replace(places, geometry=geometry, x=x, y=y)


def _cells(raw: RawTable, match: Match, name: str) -> pd.Series:
    """Give a text column, or one without any value."""
    if name in match.columns:
        return known(raw.cells[match.columns[name]])
    return pd.Series(np.nan, index=raw.cells.index, dtype="str")


def _text(values: Mapping[str, pd.Series], name: str, raw: RawTable) -> pd.Series:
    """Give a field that was read, or one without any value."""
    return values.get(name, pd.Series(np.nan, index=raw.cells.index, dtype="str"))


def _written(numbers: pd.Series) -> Callable[[NDArray[np.int64]], list[str]]:
    """Make what writes the numbers of asked rows as people do."""
    return lambda places: [f"{float(each):.10g}" for each in numbers.iloc[places]]
