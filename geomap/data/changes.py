"""Lists of changes to facilities from an office's table: every fault told with its row, at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geomap.data.files.findings.report import RefusedError
from geomap.data.store.scenario_rows import MOST_CHANGES
from geomap.errors import DataError, ParameterError, TooLargeError
from geomap.model.facility import TYPES
from geomap.model.scenario import KIND_LABELS, Change
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from geomap.data.files.findings.report import Report
    from geomap.data.sandbox.changes import Cells

#: What each column may be called.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("kind", "改动", "改动类型", "类别"),
    "facility_id": ("facility_id", "id", "机构编号", "编号"),
    "name": ("name", "名称", "机构名称"),
    "type": ("type", "机构类型", "类型"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "beds": ("beds", "beds_total", "床位", "床位数", "床位总数"),
    "cost": ("cost", "费用", "费用（元）", "费用(元)"),
}
_KIND_WORDS: Final = {"扩建": "enlarge", "关闭": "close", "搬迁": "move", "新增": "add"}
#: So many faults are told; the rest are counted.
_MOST_TOLD: Final = 50
#: What a reader says of the file as a whole that makes a value unknown which the office knows.
_LOSES: Final = frozenset({"not_computed"})
#: Written by our own export before what a spreadsheet would take for a formula.
_GUARD: Final = re.compile(r"'(?='*[=+\-@＝＋－＠])")

Fault = tuple[int, Label]


@dataclass(frozen=True)
class FileChanges:
    """What a file would change.

    Parameters
    ----------
    changes : in the order of the file.
    notes : what is doubtful about the file.
    """

    changes: tuple[Change, ...]
    notes: tuple[Label, ...]


def read_changes(
    path: Path,
    *,
    standing: Collection[str],
    closed: Collection[str] = (),
    before: Sequence[Change] = (),
) -> FileChanges:
    """Read changes from a table in CSV, Excel or GeoJSON, in a process of its own.

    Parameters
    ----------
    path : columns kind, facility_id, name, type, lon, lat, beds, cost, in any order; others are
        left out and told. The point of a GeoJSON feature is its lon and lat. Headings and kinds
        may be Chinese.
    standing : ids of the facilities.
    closed : of those, the closed ones, which nothing can change.
    before : changes that come before those of the file.

    Raises
    ------
    DataError : if the file cannot be read, holds no changes, or any row is faulty; says all of
        them.
    TooLargeError : if it has more rows than a scenario holds changes.
    """
    from geomap.data.sandbox.changes import cells_of_file

    try:
        cells, report = cells_of_file(path)
    except RefusedError as error:
        finding = error.finding
        raise DataError(
            f"{path.name}: {error}", zh=f"{path.name}：{finding.message('zh')}"
        ) from error
    if len(cells.rows) > MOST_CHANGES:
        raise TooLargeError(
            f"{path.name} has {report.rows:,} rows; a scenario holds at most"
            f" {MOST_CHANGES:,} changes",
            zh=f"{path.name} 有 {report.rows:,} 行；一个方案至多 {MOST_CHANGES:,} 项改动",
        )
    places, faults = _columns(cells)
    faults += _said(report)
    changes: list[tuple[int, Change]] = []
    if "kind" in places:
        for number, told in zip(cells.rows, _rows(cells, places), strict=True):
            try:
                changes.append((number, Change.from_dict(_spotted(told))))
            except ParameterError as error:
                faults.append((number, Label(error.said("zh"), str(error))))
    faults += _order_faults(changes, frozenset(standing), frozenset(closed), before)
    _refuse(path, faults, len(cells.rows))
    unused = [name for at, name in enumerate(cells.header) if name and at not in places.values()]
    return FileChanges(tuple(each for _, each in changes), _notes(report, unused))


def _columns(cells: Cells) -> tuple[dict[str, int], list[Fault]]:
    """Find the columns by their headings, and say what is wrong with these."""
    words = {word: name for name, words in COLUMNS.items() for word in words}
    places: dict[str, int] = {}
    faults: list[Fault] = []
    for at, heading in enumerate(cells.header):
        name = words.get(heading.strip().casefold())
        if name in places:
            said = Label(f"有两列都是 {name}：{heading}", f"two columns are {name}: {heading}")
            faults.append((0, said))
        elif name is not None:
            places[name] = at
    if "kind" not in places:
        came = ", ".join(each[:20] for each in cells.header[:12])
        zh, en = (
            f"没有改动类型（kind）这一列；列名是：{came}",
            f"no column is kind; there are: {came}",
        )
        faults.append((0, Label(zh, en)))
    return places, faults


def _rows(cells: Cells, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Give each row as the parts of a change, words translated; ``place`` is its geometry."""
    kinds = _KIND_WORDS | {label.zh: name for name, label in KIND_LABELS.items()}
    types = {
        word: name for name, label in TYPES.items() for word in (label.zh, label.en.casefold())
    }
    found = []
    for row, place in zip(cells.cells, cells.places, strict=True):
        told: dict[str, Any] = {
            name: _GUARD.sub("", row[at] or "", count=1) for name, at in places.items()
        }
        kind = told["kind"].strip().casefold()
        told["kind"] = kinds.get(kind, kind)
        if "type" in told:
            kept = told["type"].strip()
            told["type"] = types.get(kept.casefold(), kept)
        found.append(told | {"place": place})
    return found


def _spotted(told: dict[str, Any]) -> dict[str, Any]:
    """Take the place of a row from its geometry, where its columns do not state it.

    Raises
    ------
    ParameterError : if the geometry is no point.
    """
    place = told.pop("place")
    if told["kind"] not in {"add", "move"} or told.get("lon") or told.get("lat") or place is None:
        return told
    if isinstance(place, str):
        raise ParameterError(
            f"the geometry must be a point, got a {place}", zh=f"几何须是点，这里是 {place}"
        )
    return told | {"lon": place[0], "lat": place[1]}


def _said(report: Report) -> list[Fault]:
    """Take for faults what the reader says was lost or is doubtful in rows."""
    return [
        (each.row or min(each.rows, default=0), Label(each.message("zh"), each.message("en")))
        for each in report.findings
        if each.code in _LOSES or (each.level != "note" and (each.row is not None or each.rows))
    ]


def _order_faults(
    changes: Sequence[tuple[int, Change]],
    standing: frozenset[str],
    shut: frozenset[str],
    before: Sequence[Change],
) -> list[Fault]:
    """Say which rows change what is not there, or not any more, and which add what is."""
    added = {each.facility_id for each in before if each.kind == "add"}
    closed = shut | {each.facility_id for each in before if each.kind == "close"}
    faults: list[Fault] = []
    for number, each in changes:
        id_ = each.facility_id
        there, adds = id_ in standing or id_ in added, each.kind == "add"
        if there and adds:
            faults.append((number, Label(f"编号 {id_!r} 已经有了", f"the id {id_!r} is taken")))
        elif not there and not adds:
            said = Label(f"没有编号为 {id_!r} 的机构", f"no facility has the id {id_!r}")
            faults.append((number, said))
        elif id_ in closed:
            said = Label(f"{id_!r} 此前已经关停", f"{id_!r} is closed before this row")
            faults.append((number, said))
        added |= {id_} - {""} if adds else set()
        closed |= {id_} if each.kind == "close" else set()
    return faults


def _refuse(path: Path, faults: Sequence[Fault], rows: int) -> None:
    """Refuse a file that has faults, or nothing else; DataError says all of them."""
    if not faults and rows:
        return
    if not rows:
        raise DataError(f"{path.name} holds no changes", zh=f"{path.name} 里没有改动")
    ordered = sorted(faults, key=lambda each: each[0])
    en = [f"row {row}: {said.en}" if row else said.en for row, said in ordered[:_MOST_TOLD]]
    zh = [f"第 {row} 行：{said.zh}" if row else said.zh for row, said in ordered[:_MOST_TOLD]]
    if more := len(ordered) - _MOST_TOLD:
        en += [f"and {more:,} more"] if more > 0 else []
        zh += [f"另有 {more:,} 处"] if more > 0 else []
    raise DataError(
        "\n  ".join([f"{path.name} cannot be used, so nothing was kept:", *en]),
        zh="\n  ".join([f"{path.name} 有误，所以什么也没有写入：", *zh]),
    )


def _notes(report: Report, unused: Sequence[str]) -> tuple[Label, ...]:
    """Say what is doubtful about the file as a whole, and which columns were not used."""
    notes = [Label(each.message("zh"), each.message("en")) for each in report.findings]
    if unused:
        names = ", ".join(each[:40] for each in unused[:20])
        notes.append(Label(f"没有用到的列：{names}", f"Columns not used: {names}"))
    return tuple(notes)
