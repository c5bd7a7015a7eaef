"""Changes put to a facility frame: what would stand if they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geomap.errors import ParameterError
from geomap.model.crs import to_geographic
from geomap.model.scenario import Change, with_ids
from geomap.plan.people import read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

#: What :func:`apply_changes` writes into ``source`` of what it adds.
SOURCE: Final = "scenario"
#: What a facility's old place said of it, and the new one does not.
_OF_PLACE: Final = ("address", "adcode", "township")
_NAMED: Final = 5


@dataclass(frozen=True, eq=False)
class Matched:
    """Changes with the rows that they are of.

    Parameters
    ----------
    changes : (c,) in their order, each with an id.
    rows : of each, the position in the changed frame: of what stands as it is there, of what is
        added from the number of those on.
    ids : (m,) ids of what stands.
    """

    changes: tuple[Change, ...]
    rows: tuple[int, ...]
    ids: pd.Series

    @property
    def added(self) -> tuple[Change, ...]:
        """Those that add a facility."""
        return tuple(each for each in self.changes if each.kind == "add")

    @cached_property
    def of_row(self) -> dict[int, list[int]]:
        """The changes to each row, by their positions."""
        found: dict[int, list[int]] = {}
        for nth, row in enumerate(self.rows):
            found.setdefault(row, []).append(nth)
        return found

    def last(self, kind: str) -> dict[int, Change]:
        """Give the last change of a kind to each row."""
        pairs = zip(self.rows, self.changes, strict=True)
        return {row: each for row, each in pairs if each.kind == kind}


def apply_changes(
    facilities: gpd.GeoDataFrame, changes: Iterable[Change | Mapping[str, Any]]
) -> gpd.GeoDataFrame:
    """Put changes to facilities: give what would stand if they were made.

    Changes are read in their order; of two of a kind to one facility the later holds. What is
    added may itself be moved, enlarged or closed by later changes.

    Parameters
    ----------
    facilities : (m,) facility frame in a known CRS; those without ``id`` go by their index.
    changes : :class:`geomap.model.scenario.Change`, or mappings of its parts; an added facility
        without an id is called new-1, new-2 ...

    Returns
    -------
    (m + added,) frame in EPSG:4326 on the index of `facilities`, added ones last. ``status`` of
    the closed is "closed"; ``geometry`` of the moved is their new place, their address, code and
    township are unknown then, for those were of the old one; ``beds_total`` of the enlarged is as
    stated; what is added has its ``id name type beds_total``, ``source`` "scenario", and all else
    unknown.

    Raises
    ------
    ParameterError : if a change is wrong in itself, or is of a facility that is not there, that
        several rows share the id of, or that is closed; or if an added one's id is taken.
    CRSError : if the frame states no coordinate system.

    Examples
    --------
    >>> import geopandas as gpd
    >>> homes = gpd.GeoDataFrame({"id": ["a", "b"], "beds_total": [20, 30]},
    ...     geometry=gpd.points_from_xy([121, 122], [31, 31]), crs="EPSG:4326")
    >>> after = apply_changes(homes, [{"kind": "close", "facility_id": "a"},
    ...     {"kind": "enlarge", "facility_id": "b", "beds": 50}])
    >>> after["status"].fillna("").tolist(), after["beds_total"].tolist()
    (['closed', ''], [20, 50])
    """
    return applied(facilities, match(facilities, changes))


def match(facilities: gpd.GeoDataFrame, changes: Iterable[Change | Mapping[str, Any]]) -> Matched:
    """Read changes, and find the rows that they are of; errors as :func:`apply_changes`."""
    to_geographic(facilities.iloc[:0])  # a layer, with a coordinate system
    read = _read(changes)
    own = facilities["id"] if "id" in facilities else pd.Series(facilities.index)
    ids = own.astype("str").set_axis(range(len(own)))
    asked = {each.facility_id for each in read}
    near = ids[ids.isin(asked)]
    shut = set()
    if "status" in facilities:
        closed = (facilities["status"] == "closed").to_numpy(dtype=bool)
        shut = set(near[closed[near.index]])
    rows = _rows(read, near, len(ids), shut)
    return Matched(read, rows, ids)


def applied(facilities: gpd.GeoDataFrame, matched: Matched) -> gpd.GeoDataFrame:
    """Put matched changes to the frame that they were matched to."""
    frame = _extended(to_geographic(facilities), matched)
    if not matched.changes:
        return frame
    columns: dict[str, pd.Series] = {}
    closes, moves, beds = (matched.last(kind) for kind in ("close", "move", "enlarge"))
    if closes:
        columns["status"] = _set(_texts(frame, "status"), dict.fromkeys(closes, "closed"))
    stated = {row: each.beds for row, each in beds.items()}
    for row, each in matched.last("add").items():
        stated.setdefault(row, each.beds)
    if any(each is not None for each in stated.values()):
        columns["beds_total"] = _set(_beds(frame), stated)
    if moves:
        shapes, fresh = _moved(frame, moves)
        columns |= {
            name: _set(frame[name], dict.fromkeys(fresh)) for name in _OF_PLACE if name in frame
        }
        if "location_precision" in frame:
            column = _texts(frame, "location_precision")
            columns["location_precision"] = _set(column, dict.fromkeys(moves, "point"))
        frame = frame.set_geometry(shapes, crs=frame.crs)
    return frame.assign(**columns)


def _read(changes: Iterable[Change | Mapping[str, Any]]) -> tuple[Change, ...]:
    """Read changes, and name what is added without an id."""
    read = []
    for each in changes:
        if not isinstance(each, Change | Mapping):
            raise ParameterError(f"a change must be a Change or a mapping, got {each!r}")
        read.append(Change.from_dict(each) if isinstance(each, Mapping) else each.checked())
    return tuple(with_ids(read))


def _rows(
    changes: tuple[Change, ...], near: pd.Series, size: int, shut: set[str]
) -> tuple[int, ...]:
    """Find the row of each change; every fault is told at once."""
    twice = set(near[near.duplicated()])
    at = dict(zip(near, near.index.tolist(), strict=True))
    missing, taken, closed, rows = [], [], [], []
    for each in changes:
        name = each.facility_id
        if each.kind == "add":
            taken += [name] if name in at else []
            at[name] = size
            size += 1
        elif name not in at:
            missing.append(name)
        elif name in shut:
            closed.append(name)
        if each.kind == "close":
            shut = shut | {name}
        rows.append(at.get(name, -1))
    _refuse(missing, "no facility has the id {}", "没有编号为 {} 的机构")
    _refuse(sorted(twice), "several facilities have the id {}", "编号 {} 不止一家机构")
    _refuse(taken, "a facility has the id {} already", "编号 {} 已有机构")
    _refuse(closed, "{} is closed: nothing more can change it", "{} 已关停，不能再改动")
    return tuple(rows)


def _refuse(ids: list[str], said: str, zh: str) -> None:
    """Refuse ids, if there are any."""
    if ids:
        named = ", ".join(dict.fromkeys(ids[:_NAMED]))
        named += f" (+{len(ids) - _NAMED})" if len(ids) > _NAMED else ""
        raise ParameterError(said.format(named), zh=zh.format(named))


def _extended(frame: gpd.GeoDataFrame, matched: Matched) -> gpd.GeoDataFrame:
    """Add a row for each added facility: what is not stated is unknown."""
    added, size = matched.added, len(frame)
    if not added:
        return frame
    names = [each.facility_id for each in added]
    index = frame.index
    counted = pd.api.types.is_integer_dtype(index) and index.nlevels == 1
    first = int(index.max()) + 1 if counted and size else 0
    more = pd.Index(range(first, first + len(added))) if counted else pd.Index(names)
    long = frame.set_axis(range(size)).reindex(range(size + len(added)))
    told: dict[str, list[str | None]] = {
        "name": [each.name for each in added], "type": [each.type for each in added],
        "source": [SOURCE] * len(added),
    }  # fmt: skip
    columns = {
        name: _set(_texts(long, name), dict(enumerate(values, size)))
        for name, values in told.items()
    }
    ids = pd.concat([matched.ids, pd.Series(names, dtype="str")], ignore_index=True)
    shapes = np.concatenate([frame.geometry.to_numpy(), [_place(each) for each in added]])
    whole = long.set_geometry(shapes, crs=frame.crs).assign(id=ids, **columns)
    if "location_precision" in frame:
        column = _texts(whole, "location_precision")
        rows = range(size, len(whole))
        whole = whole.assign(location_precision=_set(column, dict.fromkeys(rows, "point")))
    return whole.set_axis(index.append(more).rename(index.name))


def _moved(frame: gpd.GeoDataFrame, moves: dict[int, Change]) -> tuple[Any, list[int]]:
    """Give the places with those of the moved, and the rows that had another place before."""
    shapes = frame.geometry.to_numpy().copy()
    fresh = []
    for row, each in moves.items():
        there = _place(each)
        had = shapes[row] is not None and not shapes[row].is_empty
        fresh += [row] if had and not shapely.equals_exact(shapes[row], there) else []
        shapes[row] = there
    return shapes, fresh


def _place(change: Change) -> shapely.Point:
    """Give where a change puts its facility."""
    if change.lon is None or change.lat is None:
        raise ValueError(f"a change of kind {change.kind} has no place")
    return shapely.Point(change.lon, change.lat)


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column of text; unknown in every row where there is none."""
    if name not in frame:
        return pd.Series(None, index=frame.index, dtype="str")
    column = frame[name]
    return column if column.dtype in ("str", "object") else column.astype("str")


def _beds(frame: pd.DataFrame) -> pd.Series:
    """Give the beds as numbers; unknown in every row where there are none."""
    if "beds_total" not in frame:
        return pd.Series(np.nan, index=frame.index)
    return read_numbers(frame["beds_total"])


def _set(column: pd.Series, values: Mapping[int, Any]) -> pd.Series:
    """Set values by position; None is unknown."""
    changed = column.copy()
    for unknown in (False, True):
        rows = [row for row, value in values.items() if (value is None) == unknown]
        if rows:
            changed.iloc[rows] = None if unknown else [values[row] for row in rows]
    return changed
