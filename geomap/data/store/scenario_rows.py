"""What was done to a scenario, row by row, and what the rows add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from geomap.errors import ConflictError, NotFoundError, ParameterError, TooLargeError
from geomap.model.scenario import Change, Scenario, with_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

#: So many changes a scenario holds.
MOST_CHANGES: Final = 2_000
#: What may be done; a step on the list of changes is `CHANGED` or `DROPPED`.
MADE, CHANGED, DROPPED, UNDONE = "create", "change", "drop", "undo"
RENAMED, REMOVED, RESTORED = "rename", "remove", "restore"


class Row(NamedTuple):
    """One thing done to a scenario; `body` holds what its verb needs."""

    rev: int
    scenario_id: str
    who: str
    at: str
    verb: str
    body: str


class State(NamedTuple):
    """What rows add up to: a scenario, whether it was removed, and the last step that stands."""

    scenario: Scenario
    is_removed: bool
    last_step: int | None


def add_up(rows: Sequence[Row]) -> State:
    """Add up what was done to one scenario, from its making on."""
    made, last = rows[0], rows[-1]
    told: dict[str, Any] = orjson.loads(made.body)
    name, note, is_removed = told["name"], told["note"], False
    steps: list[tuple[int, dict[str, Any]]] = []
    for row in rows[1:]:
        body = orjson.loads(row.body)
        if row.verb in {CHANGED, DROPPED}:
            steps.append((row.rev, body))
        elif row.verb == UNDONE:
            steps.pop()
        elif row.verb == RENAMED:
            name, note = body["name"], body["note"]
        else:
            is_removed = row.verb == REMOVED
    parts = list(told["changes"])
    for _, step in steps:
        dropped = frozenset(step.get("dropped", ()))
        parts = [each for at, each in enumerate(parts) if at not in dropped] if dropped else parts
        parts += step.get("changes", ())
    changes = tuple(Change(**each) for each in parts)
    scenario = Scenario(
        made.scenario_id, name, note, changes, last.rev, last.who, made.at, last.at, bool(steps)
    )
    return State(scenario, is_removed, steps[-1][0] if steps else None)


def state_of(rows: Sequence[Row], id_: str) -> State:
    """Add up one scenario's rows; NotFoundError if it is not there any more or never was."""
    if not rows:
        raise no_scenario(id_)
    state = add_up(rows)
    if state.is_removed:
        raise NotFoundError(
            f"scenario {id_} was removed; restore it to use it",
            zh=f"方案 {id_} 已被移除；恢复后才能使用",
        )
    return state


def no_scenario(id_: str) -> NotFoundError:
    """Say that there never was a scenario of this id."""
    return NotFoundError(f"there is no scenario {id_[:40]!r}", zh=f"没有编号为 {id_[:40]!r} 的方案")


def joined(before: Sequence[Change], more: Sequence[Change]) -> list[Change]:
    """Add changes to a list, giving an id to each added facility that has none.

    Raises
    ------
    ParameterError : if a change cannot be kept, or two facilities are added by one id.
    TooLargeError : if they become too many.
    """
    if len(before) + len(more) > MOST_CHANGES:
        raise TooLargeError(
            f"a scenario holds at most {MOST_CHANGES:,} changes, got {len(before) + len(more):,}",
            zh=f"一个方案至多 {MOST_CHANGES:,} 项改动，这里是 {len(before) + len(more):,} 项",
        )
    taken = [each.facility_id for each in before]
    named = with_ids([each.checked() for each in more], taken=taken)
    added = {each.facility_id for each in before if each.kind == "add"}
    for each in (each for each in named if each.kind == "add"):
        if each.facility_id in added:
            raise ParameterError(
                f"two facilities are added by the id {each.facility_id!r}; give each its own",
                zh=f"两个新建机构的编号都是 {each.facility_id!r}；编号不能重复",
            )
        added.add(each.facility_id)
    return [*before, *named]


def require_added(changes: Sequence[Change], dropped: set[int]) -> None:
    """Refuse to take out what adds a facility that changes which stay are of.

    Raises
    ------
    ConflictError : if a scenario would be left that cannot be worked out.
    """
    gone = {changes[at].facility_id: at for at in sorted(dropped) if changes[at].kind == "add"}
    left = [
        (at, gone[each.facility_id])
        for at, each in enumerate(changes) if at not in dropped and each.facility_id in gone
    ]  # fmt: skip
    if left:
        numbers, first = [str(at + 1) for at, _ in left], left[0][1] + 1
        raise ConflictError(
            f"change {first} adds a facility that change {', '.join(numbers)} is of: take that"
            " out first",
            zh=f"第 {first} 项新建的机构还用在第 {'、'.join(numbers)} 项改动里：请先去掉后面的",
        )


def told_of(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Write changes as they are kept: only what is known."""
    return [
        {name: value for name, value in each.as_dict().items() if value is not None}
        for each in changes
    ]
