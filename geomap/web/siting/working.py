"""Working a siting question out as a job: the choice, its reasons, and its result as files."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from geomap.errors import NotFoundError
from geomap.web.siting.ground import ground_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geomap.data.jobs import Job
    from geomap.model.network import Network
    from geomap.plan.reasons import Alternative, Board, Point
    from geomap.plan.siting.answer import Model, Siting
    from geomap.plan.siting.ways import Asked
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.plan.working import PlanDesk
    from geomap.web.siting.ask import SiteAsk
    from geomap.web.siting.ground import SiteGround

#: The steps of a job, in order.
STEPS: Final = ("read", "choose", "reasons")
_MODULE: Final = "geomap.web.siting.job"
_RESULT, _SPOTS = "siting.json", "spots.json"
#: Of the results: those that an earlier geomap wrote in another form are not read.
_FORM: Final = 1
#: More chosen sites than this get no reasons: by cover, and by distance, which takes longer.
_MOST_REASONS, _MOST_FAR_REASONS = 200, 30
#: A curve has so many points at most, and goes so far at least.
_MOST_POINTS, _LEAST_POINTS = 12, 10
_CURVE_S: Final = 15.0
#: Reasons need every pair in memory once more: with more pairs than this, there are none.
_MOST_PAIRS: Final = 30_000_000
#: What a row of demand is on the map.
BEFORE, NEWLY, BEYOND = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Solved:
    """A question with its answer, before it is written.

    Parameters
    ----------
    today_m, near_m : (n,) metres to the nearest facility that stands, and with the new ones;
        infinite where there is none, or where there were too many pairs to measure again.
    """

    ask: SiteAsk
    ground: SiteGround
    asked: Asked
    siting: Siting
    today_m: Any
    near_m: Any
    reasons: list[Alternative]
    points: list[Point]


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
    from geomap.plan.siting.places import site
    from geomap.plan.siting.ways import Asked

    step("read")
    ground = ground_of(ask, inputs)
    network = inputs.network if ask.walks else None
    step("choose")
    found = site(
        ground.demand, ground.places, model=ask.model, p=ask.p, standard_m=ask.standard_m,
        existing=ground.existing, time_limit_s=ask.time_limit_s, weight=ground.weight,
        network=network, required=ask.required, excluded=ask.excluded, budget=ask.budget,
        tell=tell,
    )  # fmt: skip
    step("reasons")
    asked = Asked.of(ground.demand, ground.places, found.model, ground.weight)
    board = _board(ask, ground, asked, network)
    near = np.full(len(ground.demand), np.inf)
    if board is None:
        return Solved(ask, ground, asked, found, near, near, [], [])
    from geomap.plan.siting.problem import least_of

    chosen = ground.places.index.get_indexer_for(found.chosen)
    near = np.minimum(board.today, least_of(board.cost[:, chosen]))
    reasons, points = _reasons(ask, ground, board, found)
    return Solved(ask, ground, asked, found, board.today, near, reasons, points)


def _reasons(
    ask: SiteAsk, ground: SiteGround, board: Board, found: Siting
) -> tuple[list[Alternative], list[Point]]:
    """Find the next best of each site, and what more or fewer would give."""
    from geomap.plan.reasons import alternatives, curve

    chosen = ground.places.index.get_indexer_for(found.chosen).tolist()
    few = len(chosen) <= (_MOST_REASONS if ask.covers else _MOST_FAR_REASONS)
    needed = ground.places.index.get_indexer_for(list(ask.required)).tolist()
    most = len(chosen) if ask.model == "lscp" else int(board.allowed.sum())
    points = curve(board, found, counts(len(chosen), most), required=needed,
                   seconds=min(_CURVE_S, ask.time_limit_s))  # fmt: skip
    return alternatives(board, chosen) if few else [], points


def counts(p: int, most: int) -> list[int]:
    """Choose for how many sites a curve is worked out: to twice as many, a dozen points at most.

    Examples
    --------
    >>> counts(5, 505)
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    >>> counts(60, 100)
    [1, 10, 19, 28, 37, 46, 55, 64, 73, 82, 91, 100]
    """
    last = min(most, max(2 * p, _LEAST_POINTS))
    if last < 1:
        return []
    spread = np.linspace(1, last, min(last, _MOST_POINTS)).round()
    return [int(each) for each in np.unique(spread)]


def _board(ask: SiteAsk, ground: SiteGround, asked: Asked, network: Network | None) -> Board | None:
    """Measure the costs once more; None where there are too many pairs."""
    from geomap.plan.reasons import Board
    from geomap.plan.siting.problem import least_of, require_model
    from geomap.plan.siting.ways import Ways, column_of, reach_of, today_of

    name = cast("Model", require_model(ask.model))
    if not ask.covers and len(ground.demand) * len(ground.places) > _MOST_PAIRS:
        return None
    ways = Ways(network, reach_of(name, ask.standard_m))
    today = today_of(ways, asked, ground.existing, covered_only=False, each=False)
    cost = ways.between(asked.homes, asked.spots)
    if cost.nnz > _MOST_PAIRS:
        return None
    allowed = np.isfinite(asked.spots[0])
    allowed &= ~ground.places.index.isin(list(ask.excluded))
    nobody = np.full(len(ground.demand), np.inf)
    return Board(
        name, cost, nobody if today is None else least_of(today), asked.people, ask.standard_m,
        allowed, None if ask.budget is None else column_of(ground.places, "cost", "cost"),
        ask.budget,
    )  # fmt: skip


def fraction_done(job: Job, ask: SiteAsk) -> float:
    """Guess how much of a running job is done: by its step, and by its time."""
    if job.step != "choose":
        return {"": 0.0, "read": 0.05, "reasons": 0.8}.get(job.step, 0.0)
    return 0.1 + 0.7 * min(1.0, max(0.0, (time.time() - job.began_at) / ask.time_limit_s))
