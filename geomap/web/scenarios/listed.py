"""The changes of a scenario beside what stands: which facility, where it was, how many beds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.model.scenario import Change
    from geomap.web.state import Snapshot

    Spot = tuple[float, float]


@dataclass(frozen=True)
class Listed:
    """One change, with what it changes.

    Parameters
    ----------
    n : its place in the list, from 1.
    name : of the facility; its id where it has none.
    type : of the facility; None where it is not there.
    is_there : whether the data, or an earlier change, has the facility.
    is_own : whether an earlier change of the scenario made it.
    was, at : longitude and latitude before and after, of a closed one the same; None where
        unknown, or there is none.
    beds_were, beds : before and after; None where unknown.
    """

    n: int
    change: Change
    name: str
    type: str | None
    is_there: bool
    is_own: bool
    was: Spot | None
    at: Spot | None
    beds_were: float | None
    beds: float | None


@dataclass(frozen=True)
class _Stand:
    """A facility as it stands after some changes."""

    name: str
    type: str | None
    spot: Spot | None
    beds: float | None
    is_own: bool = False


def listed(changes: Sequence[Change], data: Snapshot) -> list[Listed]:
    """Tell what each change of a list changes, one after the other."""
    stands: dict[str, _Stand] = {}
    found = []
    for n, change in enumerate(changes, 1):
        key = change.facility_id
        before = stands.get(key) or (None if change.kind == "add" else _stand(key, data))
        after = _after(change, before)
        if after is not None:
            stands[key] = after
        own = after or _Stand(key, None, None, None)
        found.append(Listed(
            n, change, own.name, own.type, after is not None, before is not None and before.is_own,
            None if before is None else before.spot, own.spot,
            None if before is None else before.beds, own.beds,
        ))  # fmt: skip
    return found


def _after(change: Change, before: _Stand | None) -> _Stand | None:
    """Give a facility as it stands after a change; None where there is none to change."""
    spot = (change.lon, change.lat)
    there: Spot | None = (spot[0], spot[1]) if spot[0] is not None and spot[1] is not None else None
    if change.kind == "add":
        name = change.name or change.facility_id
        return _Stand(name, change.type, there, change.beds, is_own=True)
    if before is None:
        return None
    moved = there if change.kind == "move" else before.spot
    beds = change.beds if change.kind == "enlarge" else before.beds
    return _Stand(before.name, before.type, moved, beds, before.is_own)


def _stand(key: str, data: Snapshot) -> _Stand | None:
    """Give a facility as the data have it; None where they do not."""
    row = data.rows_by_id.get(key)
    if row is None:
        return None
    own: dict[str, Any] = data.facilities[["name", "type", "beds_total"]].iloc[row].to_dict()
    lon, lat = (float(axis[row]) for axis in data.columns.lon_lat)
    beds = own["beds_total"]
    return _Stand(
        str(own["name"]), str(own["type"]), (lon, lat) if np.isfinite(lon) else None,
        float(beds) if beds is not None and np.isfinite(beds) else None,
    )  # fmt: skip
