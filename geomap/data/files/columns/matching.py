"""Match the columns of a source to the fields of a table."""

from __future__ import annotations

import difflib
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from geomap.data.files.columns.headers import (
    RANKS,
    SURE_RANK,
    Reading,
    is_provenance,
    readings,
    stated_datum,
    stated_factor,
    targets,
)
from geomap.data.files.findings.messages import COLUMN_LABELS
from geomap.data.files.findings.report import Finding
from geomap.errors import ParameterError
from geomap.model.table import Label
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from geomap.model.table import Table

#: What ``--map COL=ignore`` says.
IGNORE = "ignore"
DATUM_NAMES: Mapping[str, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}

#: Where a name is not enough, half of the first cells must look like this.
_CONTENT: Mapping[str, str] = {
    "geometry": r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|POLYGON|LINESTRING|GEOMETRYCOLLECTION)\b",
    "lon_lat": r"[\[(（\s]*[-+]?\d+(?:\.\d+)?°?\s*[,，;；\s、]\s*[-+]?\d+(?:\.\d+)?°?[\])）\s]*$",
    "lat_lon": r"[\[(（\s]*[-+]?\d+(?:\.\d+)?°?\s*[,，;；\s、]\s*[-+]?\d+(?:\.\d+)?°?[\])）\s]*$",
    "lon": r".*[0-9０-９]",
    "lat": r".*[0-9０-９]",
    "x": r"\s*[-+]?[0-9０-９]",
    "y": r"\s*[-+]?[0-9０-９]",
}
_LOOKED_AT = 200
#: What is looked at for known names: no header is wider, no name longer.
_CELLS_COUNTED, _LONGEST_NAME = 1_000, 1_000


@dataclass(frozen=True)
class Match:
    """Which column each field is read from.

    Parameters
    ----------
    names : the columns as the office calls them, repeated names numbered.
    columns : field (or place, stated division, ``<field>_source``) -> column position.
    factors : field -> what its numbers are multiplied by, where the header states a unit.
    findings : what is doubtful about the match.
    """

    names: tuple[str, ...]
    columns: Mapping[str, int]
    factors: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def shown(self) -> dict[str, str]:
        """The match as source column -> field, in the order of the source."""
        ordered = sorted(self.columns.items(), key=lambda pair: pair[1])
        return {self.names[place]: target for target, place in ordered}

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns that no field is read from."""
        used = set(self.columns.values())
        return tuple(name for place, name in enumerate(self.names) if place not in used)


def match_columns(
    header: Sequence[str],
    cells: pd.DataFrame,
    table: Table,
    *,
    given: Mapping[str, str] | None = None,
    datum: str = "wgs84",
) -> Match:
    """Match the columns of a source to the fields of a table.

    An exact name comes before one with a unit, a year, a word such as 机构 before it, or one
    that is the last part of a longer name; within a field the better name wins, the latest
    year, then the first column. What could be meant too becomes a finding.

    Parameters
    ----------
    header : (k,) names as they stand in the source.
    cells : (n, k) text cells, columns 0..k-1; the first are looked at where names do not tell.
    table : the table to read.
    given : source column -> field as the office says; ``ignore`` leaves a column out.
    datum : the datum that coordinates are read in, compared with what names say.

    Raises
    ------
    ParameterError : if `given` names an unknown column or field; says the nearest ones.
    """
    names = _distinct(header)
    given = given or {}
    found = _given(names, table, given)
    open_ = {
        place: readings(header[place].strip(), table.name)
        for place, name in enumerate(names)
        if name not in given and name == (header[place].strip() or name)
    }
    if "lon_lat" in found or "lat_lon" in found or "geometry" in found:
        open_ = {place: _no_place(each) for place, each in open_.items()}
    _assign(found, open_, cells, table)
    factors, in_units = _units(found, names)
    findings = (
        *_repeated(header),
        *_ambiguous(found, open_, names, table),
        *_datum_findings(found, names, datum),
        *in_units,
    )
    return Match(names, found, factors, findings)


def count_known(cells: Iterable[str], table: Table) -> int:
    """Count the targets that a row of cells would name; a header row names several."""
    known = {
        each.target
        for cell in itertools.islice(cells, _CELLS_COUNTED)
        if len(cell) <= _LONGEST_NAME
        for each in readings(cell.strip(), table.name)[:1]
        if each.rank <= SURE_RANK
    }
    return len(known)


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Name every column: repeated names are numbered, missing ones named by their place."""
    seen: Counter[str] = Counter()
    names = []
    for place, text in enumerate(header, 1):
        name = text.strip() or f"[{place}]"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _given(names: Sequence[str], table: Table, given: Mapping[str, str]) -> dict[str, int]:
    """Check what the office said about columns."""
    allowed = (*targets(table.name), IGNORE)
    found: dict[str, int] = {}
    for name, target in given.items():
        if name not in names:
            raise _unknown("column", name, names)
        if target not in allowed and not is_provenance(target, table.name):
            raise _unknown("field", target, allowed)
        if target in found:
            raise ParameterError(
                f"two columns are mapped to {target}: map only one of them",
                zh=f"有两列都指定为 {target}：请只指定一列",
            )
        if target != IGNORE:
            found[target] = names.index(name)
    return found


def _unknown(what: Literal["column", "field"], name: str, known: Sequence[str]) -> ParameterError:
    """Say what is unknown, and what is nearest to it."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(known[:12])}"
    hint_zh = f"最接近的是：{'、'.join(near)}" if near else f"可用的有：{'、'.join(known[:12])}"
    what_zh = {"column": "文件里没有列", "field": "没有字段"}[what]
    return ParameterError(
        f"there is no {what} {name!r}; {hint}", zh=f"{what_zh} {name!r}；{hint_zh}"
    )


def _no_place(columns: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Leave places out where the office has said where they stand."""
    places = ("lon", "lat", "x", "y", "lon_lat", "lat_lon", "geometry")
    return tuple(each for each in columns if each.target not in places)


def _assign(
    found: dict[str, int],
    open_: Mapping[int, tuple[Reading, ...]],
    cells: pd.DataFrame,
    table: Table,
) -> None:
    """Give each field its best free column: better ranks first, then fields in their order."""
    sources = {
        each.target
        for columns in open_.values()
        for each in columns
        if is_provenance(each.target, table.name)
    }
    order = (*targets(table.name), *sorted(sources))
    for rank in range(RANKS):
        for target in order:
            if target in found:
                continue
            taken = set(found.values())
            fits = sorted(
                (each.order, each.recent, place)
                for place, columns in open_.items()
                for each in columns
                if each.target == target and each.rank == rank and place not in taken
            )
            places = [place for _, _, place in fits if _holds(target, cells[place])]
            if places:
                found[target] = places[0]


def _holds(target: str, column: pd.Series) -> bool:
    """Whether the first cells can be what their name says, where a name alone does not tell."""
    pattern = _CONTENT.get(target)
    if pattern is None:
        return True
    some = column.head(_LOOKED_AT * 5).dropna().head(_LOOKED_AT)
    if some.empty:
        return target in ("lon", "lat")
    return bool(some.str.match(f"(?i){pattern}").mean() >= 0.5)  # noqa: PLR2004 (half)


def _repeated(header: Sequence[str]) -> list[Finding]:
    """Say which names stand over several columns."""
    counts = Counter(name.strip() for name in header if name.strip())
    return [
        Finding("duplicate_header", values={"came": name, "count": count})
        for name, count in counts.items()
        if count > 1
    ]


def _ambiguous(
    found: Mapping[str, int],
    open_: Mapping[int, tuple[Reading, ...]],
    names: Sequence[str],
    table: Table,
) -> list[Finding]:
    """Say which unused columns could be meant too by a field read from another one."""
    used = set(found.values())
    own = {"lon", "lat", "x", "y", "price", *table.names} - {"parent_adcode"}
    if table.name == "areas":  # 省, 市, 区县 side by side: the smallest is the area
        own -= {"name", "adcode"}
    findings = []
    for place, columns in open_.items():
        meant = [each for each in columns if each.target in own and each.rank <= SURE_RANK]
        rivals = [each for each in meant if found.get(each.target) is not None]
        if place in used or not rivals or len(rivals) < len(meant):
            continue
        target = min(rivals).target
        values = {"came": names[found[target]], "expected": names[place]}
        findings.append(Finding("column_ambiguous", field=target, values=values))
    return findings


def _datum_findings(found: Mapping[str, int], names: Sequence[str], datum: str) -> list[Finding]:
    """Say where a column name states another datum than the one that is read."""
    findings = []
    for target in ("lon", "lon_lat", "lat_lon", "x"):
        said = stated_datum(names[found[target]]) if target in found else None
        if said not in (None, datum):
            values = {
                "column": names[found[target]],
                "came": DATUM_NAMES[str(said)],
                "expected": DATUM_NAMES[datum],
                "option": said,
            }
            findings.append(Finding("datum_in_header", field="geometry", values=values))
    return findings


def _units(found: dict[str, int], names: Sequence[str]) -> tuple[dict[str, float], list[Finding]]:
    """Take the units that headers state; a column in one that cannot be converted is left out."""
    factors: dict[str, float] = {}
    findings = []
    for target in list(found):
        name = names[found[target]]
        stated = stated_factor(name, target)
        if stated is None:
            continue
        unit, factor = stated
        values = {"column": name, "came": unit, "expected": _unit_label(target)}
        if factor is None:
            del found[target]
            findings.append(Finding("unit_unclear", field=target, values=values))
        else:
            factors[target] = factor
            values |= {"factor": f"{factor:.6g}"}
            findings.append(Finding("unit_converted", field=target, values=values))
    return factors, findings


def _unit_label(target: str) -> Label:
    """Name the unit of a field."""
    for table in TABLES.values():
        if target in table.by_name and (unit := table.by_name[target].unit):
            return unit
    return Label("元/月", "yuan a month") if target == "price" else COLUMN_LABELS[target]
