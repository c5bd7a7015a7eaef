"""Working a siting question out as a job: the choice, its reasons, and its result as files."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geomap.errors import NotFoundError, ParameterError
from geomap.web.siting.choosing import choose
from geomap.web.siting.faults import field_of
from geomap.web.siting.ground import ground_of
from geomap.web.siting.why import why

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geomap.data.job_state import Job
    from geomap.plan.reasons import Alternative, Point, Spent
    from geomap.plan.siting.answer import Siting
    from geomap.plan.siting.ways import Asked
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.plan.working import PlanDesk
    from geomap.web.siting.ask import SiteAsk
    from geomap.web.siting.choosing import Part
    from geomap.web.siting.ground import SiteGround

#: The steps of a job, in order.
STEPS: Final = ("read", "choose", "reasons")
_MODULE: Final = "geomap.web.siting.job"
_RESULT, _SPOTS = "siting.json", "spots.json"
#: Of the results: those that an earlier geomap wrote in another form are not read.
_FORM: Final = 3
#: What a row of demand is on the map.
BEFORE, NEWLY, BEYOND = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Solved:
    """A question with its answer, before it is written.

    Parameters
    ----------
    parts : the question of each type; one where no types are sited apart.
    reasons : the next best of each chosen site, in their order; none where it was not worked out.
    points, money : what other numbers of sites, and other sums of money, would give.
    """

    ask: SiteAsk
    ground: SiteGround
    siting: Siting
    parts: list[Part]
    reasons: list[Alternative]
    points: list[Point]
    money: list[Spent]

    @property
    def asked(self) -> Asked:
        """Who is asked about and where."""
        return self.parts[0].measured.asked


def asked_of(ask: SiteAsk, revision: str) -> dict[str, Any]:
    """Write a question as plain values, which name its job too."""
    return {"site": ask.as_dict(), "revision": revision, "steps": ["site"], "form": _FORM}


def start(desk: PlanDesk, ask: SiteAsk, revision: str) -> Job:
    """Have a question worked out, unless it was.

    Raises
    ------
    BusyError : if too many wait.
    """
    folder = "" if desk.folder is None else str(desk.folder)
    return desk.jobs.start(asked_of(ask, revision), _MODULE, folder, str(desk.seconds))


def result_of(desk: PlanDesk, ask: SiteAsk, revision: str) -> dict[str, Any] | None:
    """Give the result of a question; None where it is not worked out."""
    return _read(desk, ask, revision, _RESULT)


def spots_of(desk: PlanDesk, ask: SiteAsk, revision: str) -> list[list[float]]:
    """Give the demand as longitude, latitude, people and what became of it, most people first.

    Raises
    ------
    NotFoundError : if the question is not worked out.
    """
    found = _read(desk, ask, revision, _SPOTS)
    if found is None:
        raise NotFoundError("this question is not worked out yet")
    spots: list[list[float]] = found["spots"]
    return spots


def refusal_of(desk: PlanDesk, ask: SiteAsk, revision: str) -> tuple[str, ParameterError] | None:
    """Give the field that only the solver could refuse, and why; None where it refused none."""
    number = desk.jobs.id_of(asked_of(ask, revision))
    try:
        found = desk.jobs.find(number)
    except NotFoundError:
        return None
    said = ParameterError(found.said, zh=found.said_zh)
    field = field_of(said) if found.state == "failed" else None
    return None if field is None else (field, said)


def _read(desk: PlanDesk, ask: SiteAsk, revision: str, name: str) -> dict[str, Any] | None:
    """Read a file of a job that is done."""
    number = desk.jobs.id_of(asked_of(ask, revision))
    try:
        if desk.jobs.find(number).state != "done":
            return None
        text = (desk.jobs.place(number) / name).read_text(encoding="utf-8")
    except (NotFoundError, FileNotFoundError):
        return None
    found: dict[str, Any] = json.loads(text)
    return found


def write_result(place: Path, solved: Solved) -> None:
    """Keep an answer: what it says, and apart from it what its map draws."""
    from geomap.web.siting.document import document, spots

    (place / _SPOTS).write_text(json.dumps({"spots": spots(solved)}), encoding="utf-8")
    told = json.dumps(document(solved), ensure_ascii=False, allow_nan=False)
    (place / _RESULT).write_text(told, encoding="utf-8")


def work_out(
    ask: SiteAsk,
    inputs: PlanInputs,
    *,
    tell: Callable[[float, float], None] | None = None,
    step: Callable[[str], None] = lambda _name: None,
) -> Solved:
    """Choose the sites, and tell why these.

    Raises
    ------
    ParameterError, NotFoundError, CRSError, DataError, TooLargeError : if it cannot be asked.
    """
    step("read")
    ground = ground_of(ask, inputs)
    network = inputs.network if ask.walks else None
    step("choose")
    found, parts = choose(ask, ground, network, tell)
    step("reasons")
    reasons, points, money = why(ask, ground, found, parts)
    return Solved(ask, ground, found, parts, reasons, points, money)


def fraction_done(job: Job, ask: SiteAsk) -> float:
    """Guess how much of a running job is done: by its step, and by its time."""
    if job.step != "choose":
        return {"": 0.0, "read": 0.05, "reasons": 0.8}.get(job.step, 0.0)
    return 0.1 + 0.7 * min(1.0, max(0.0, (time.time() - job.began_at) / ask.time_limit_s))
