"""Ids for rows whose id belongs to another thing: made from their content, so always the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import shapely

from geomap.data.store.bodies import GEOMETRY, load
from geomap.data.store.records import bodies_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    import sqlalchemy as sa

    from geomap.data.store.bodies import Record
    from geomap.data.store.records import Records

#: Records of one id and one name are two things if they lie further apart (about 5 km).
APART_DEG = 0.05


def free_ids(
    connection: sa.Connection,
    things: Sequence[Record],
    records: Records,
    *,
    own: AbstractSet[str],
    claimed: AbstractSet[str],
) -> dict[str, str]:
    """Find for each thing its id, or the first made from its content that is free or its own.

    Parameters
    ----------
    things : under the ids that their file gives them.
    own : ids of the records that the file wrote to.
    claimed : ids that other rows of the file have.

    Returns
    -------
    The id in the file -> the id to be kept under.
    """
    given: dict[str, str] = {}
    pending, attempt = {thing["id"]: thing for thing in things}, 0
    while pending:
        wanted = {id_: _made_id(thing, attempt) for id_, thing in pending.items()}
        there = [id_ for id_ in wanted.values() if id_ in records.files]
        bodies = bodies_of(connection, records.table, there)
        for id_, candidate in wanted.items():
            is_own = attempt > 0 and candidate in own
            body = bodies.get(candidate)
            fits = body is None or is_own or _is_same_thing(pending[id_], load(body))
            if fits and candidate not in claimed:
                given[id_] = candidate
                del pending[id_]
        attempt += 1
    return given


def _made_id(record: Record, attempt: int) -> str:
    """Make an id from a record's own id and name; attempt 0 is the id itself."""
    if attempt == 0:
        return str(record["id"])
    content = json.dumps([record["id"], record.get("name"), attempt], ensure_ascii=False)
    return f"{record['id']}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _is_same_thing(one: Record, other: Record) -> bool:
    """Whether records of one id from two files are one thing: the same name, and not far apart."""
    is_near = _is_near(one, other)
    if is_near is None:
        is_near = len({each["adcode"] for each in (one, other) if "adcode" in each}) <= 1
    return is_near and _has_same_name(one, other)


def _has_same_name(one: Record, other: Record) -> bool:
    """Whether two names do not differ but in spaces and case; an unknown name fits any."""
    names = [" ".join(each["name"].split()).casefold() for each in (one, other) if "name" in each]
    return len(set(names)) <= 1


def _is_near(one: Record, other: Record) -> bool | None:
    """Whether two records are near each other; None where the place of one is not known."""
    if GEOMETRY not in one or GEOMETRY not in other:
        return None
    shapes = shapely.from_wkt([one[GEOMETRY], other[GEOMETRY]])
    return bool(shapely.distance(*shapes) <= APART_DEG)
