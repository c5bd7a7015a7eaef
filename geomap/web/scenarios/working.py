"""Working out what a scenario changes: here and now where it is quick, else as a job."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geomap.errors import NotFoundError
from geomap.model.scenario import Change
from geomap.web.plan.ask import Ask
from geomap.web.plan.working import is_small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from geomap.data.job_state import Job
    from geomap.model.scenario import Scenario
    from geomap.plan.pace import Tell
    from geomap.plan.scenarios.answer import ScenarioEffect
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.plan.working import PlanDesk

_MODULE: Final = "geomap.web.scenarios.job"
_RESULT, _DRAWN = "effect.json", "drawn.json"
#: Of the results: those that an earlier geomap wrote in another form are not read.
_FORM: Final = 1


@dataclass(frozen=True)
class Effect:
    """What a scenario changes, as plain values: what is said of it, and what its map draws."""

    told: Mapping[str, Any]
    drawn: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a scenario changes, or the job that works it out."""

    effect: Effect | None
    job: Job | None


def asked_of(ask: Ask, scenario: Scenario, revision: str) -> dict[str, Any]:
    """Write a question as plain values, which name its job too.

    The changes themselves are the question: taken back and made again, they are not worked out
    again.
    """
    return {
        "scenario": scenario.id, "changes": [each.as_dict() for each in scenario.changes],
        "ask": ask.as_dict(), "revision": revision, "form": _FORM,
    }  # fmt: skip


def answer(  # noqa: PLR0913 (the question, the data, and how far to go)
    desk: PlanDesk,
    ask: Ask,
    scenario: Scenario,
    revision: str,
    inputs: PlanInputs,
    *,
    may_start: bool = True,
) -> Answer:
    """Answer what a scenario changes: from what is kept, at once, or by a job if that may start.

    Raises
    ------
    BusyError : if it would be a job and too many wait.
    ParameterError, NotFoundError, DataError : if it cannot be asked of these data.
    """
    found = known(desk, ask, scenario, revision) or _at_once(desk, ask, scenario, revision, inputs)
    if found is not None or not may_start:
        return Answer(found, None)
    folder = "" if desk.folder is None else str(desk.folder)
    asked = asked_of(ask, scenario, revision)
    return Answer(None, desk.jobs.start(asked, _MODULE, folder, str(desk.seconds)))


def known(desk: PlanDesk, ask: Ask, scenario: Scenario, revision: str) -> Effect | None:
    """Give what was worked out before; None where it was not."""
    number = desk.jobs.id_of(asked_of(ask, scenario, revision))
    held: Effect | None = desk.effects.get(number)
    if held is not None:
        return held
    try:
        if desk.jobs.find(number).state != "done":
            return None
        place = desk.jobs.place(number)
        texts = [(place / name).read_text(encoding="utf-8") for name in (_RESULT, _DRAWN)]
    except (NotFoundError, FileNotFoundError):
        return None
    found = Effect(*(json.loads(each) for each in texts))
    desk.effects.put(number, found)
    return found


def _at_once(
    desk: PlanDesk, ask: Ask, scenario: Scenario, revision: str, inputs: PlanInputs
) -> Effect | None:
    """Try it here; None where it is large, or takes too long."""
    from geomap.web.scenarios.document import written

    if not is_small(ask, inputs):
        return None
    found = desk.at_once(lambda tell: work_out(ask, scenario.changes, inputs, tell=tell))
    if found is None:
        return None
    effect = written(found, ask, weight_of(ask, inputs))
    desk.effects.put(desk.jobs.id_of(asked_of(ask, scenario, revision)), effect)
    return effect


def work_out(
    ask: Ask,
    changes: Sequence[Change],
    inputs: PlanInputs,
    *,
    tell: Tell | None = None,
    out_of_time: Callable[[], bool] | None = None,
) -> ScenarioEffect:
    """Work out what changes do, on what is published.

    Raises
    ------
    ParameterError, NotFoundError, CRSError, DataError : if it cannot be asked of these data.
    """
    from geomap.plan.scenarios.effect import scenario_effect

    scope = inputs.scope(ask)
    return scenario_effect(
        inputs.facilities, changes, inputs.demand, areas=scope.areas, whole=scope.whole,
        standard_m=None if ask.walks else ask.standard_m,
        minutes=ask.minutes if ask.walks else None, speed_mps=ask.speed_mps,
        network=inputs.network if ask.walks else None, weight=weight_of(ask, inputs),
        types=ask.types, tell=tell, out_of_time=out_of_time,
    )  # fmt: skip


def weight_of(ask: Ask, inputs: PlanInputs) -> str:
    """Tell which column counts the people: the one asked for, else the first that is known."""
    return ask.weight or (inputs.weights[0] if inputs.weights else "population")


def write_result(place: Path, effect: Effect) -> None:
    """Keep an answer in the folder of its job."""
    for name, content in ((_DRAWN, effect.drawn), (_RESULT, effect.told)):
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        (place / name).write_text(text, encoding="utf-8")


def question_of(asked: Mapping[str, Any]) -> tuple[Ask, list[Change]]:
    """Read what :func:`asked_of` wrote."""
    return Ask.from_dict(asked["ask"]), [Change.from_dict(each) for each in asked["changes"]]
