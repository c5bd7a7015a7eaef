"""Working a question out: here and now where it is quick, else as a job."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from geomap.data.claims import read_claims
from geomap.data.standards import read_packs
from geomap.errors import NotFoundError
from geomap.plan.review import STEPS, review
from geomap.web.plan.ask import settled
from geomap.web.plan.inputs import inputs_of, spots_of
from geomap.web.plan.review_files import read_review
from geomap.web.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    import geopandas as gpd

    from geomap.data.job_state import Job
    from geomap.data.jobs import Jobs
    from geomap.model.standards import RulePack
    from geomap.plan.pace import Tell
    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.inputs import PlanInputs

_T = TypeVar("_T")
#: A question is tried at once where it is no larger than this ...
MOST_AREAS, MOST_DEMAND, MOST_FACILITIES, MOST_WALKED = 250, 30_000, 5_000, 150
#: ... and given to a job when it has taken so many seconds of this thread's time.
PATIENCE_S: Final = 2.0
#: What each verb of the command line and the API has to be worked out.
STEPS_OF: Final = {
    "coverage": ("coverage",),
    "gaps": ("gaps",),
    "indicators": ("coverage", "indicators"),
}
#: What coverage tells of an area.
COVERED: Final = ("id", "name", "level", "adcode", "people", "covered", "uncovered", "share",
                  "unknown_rows")  # fmt: skip
_KEPT_REVIEWS, _KEPT_EFFECTS, _KEPT_DRAWINGS = 6, 12, 24
_MODULE = "geomap.web.plan.job"
#: The niceness of work that nobody waits for, and so many times the time that other work has.
_LEAST_URGENT: Final = 19
_PATIENT: Final = 4
_BEDS = "beds_per_1000_aged_60"
#: How long the steps take, as shares of the whole.
_SHARES: Final[Mapping[str, float]] = {
    "service": 0.1, "coverage": 0.2, "gaps": 0.4, "indicators": 0.2, "access": 0.05, "claims": 0.05
}  # fmt: skip


class TooSlowError(Exception):
    """It takes longer than a reader is to wait."""


@dataclass(frozen=True)
class Answer:
    """A review, or the job that works it out."""

    review: PlanReview | None
    job: Job | None


@dataclass(eq=False)
class PlanDesk:
    """What the planner's pages and programs ask.

    Parameters
    ----------
    folder : the workspace; None for the layers that ship.
    jobs : where long work is done.
    seconds : the time budget of a job.
    effects : the last few answers to what a scenario changes.
    drawings : the last few answers as embeds draw them, some 200 kB each.
    """

    folder: Path | None
    jobs: Jobs
    seconds: int
    patience_s: float = PATIENCE_S
    effects: Recent = field(default_factory=lambda: Recent(_KEPT_EFFECTS))
    drawings: Recent = field(default_factory=lambda: Recent(_KEPT_DRAWINGS))
    _reviews: Recent = field(default_factory=lambda: Recent(_KEPT_REVIEWS))
    _inputs: Recent = field(default_factory=lambda: Recent(1))
    _one: threading.Lock = field(default_factory=threading.Lock)
    _begun: str = ""

    @cached_property
    def packs(self) -> Mapping[str, RulePack]:
        """The rule packs that ship."""
        return read_packs()

    def inputs(self, revision: str, facilities: gpd.GeoDataFrame | None = None) -> PlanInputs:
        """Give the data of a revision."""
        found: PlanInputs | None = self._inputs.get(revision)
        if found is None:
            found = inputs_of(self.folder, facilities)
            self._inputs.put(revision, found)
        return found

    def answer(
        self, ask: Ask, revision: str, inputs: PlanInputs, steps: Iterable[str] = STEPS
    ) -> Answer:
        """Answer a question: from what is kept, at once, or by a job.

        Raises
        ------
        BusyError : if it would be a job and too many wait.
        ParameterError, NotFoundError, DataError : if it cannot be asked of these data.
        """
        asked = asked_of(ask, revision, steps)
        kept = self.known(ask, revision, inputs, asked["steps"])
        if kept is not None:
            return Answer(kept, None)
        folder = "" if self.folder is None else str(self.folder)
        return Answer(None, self.jobs.start(asked, _MODULE, folder, str(self.seconds)))

    def ahead(self, ask: Ask, revision: str, steps: Iterable[str]) -> None:
        """Have a question worked out before anybody asks, by a job that gives way to all else.

        It ends with the server. What was begun so for an earlier revision is given up: nobody can
        ask for it any more.

        Raises
        ------
        BusyError : if too many jobs wait.
        DataError : if the folder of the jobs cannot be written.
        """
        asked = asked_of(ask, revision, steps)
        number = self.jobs.id_of(asked)
        if self._begun not in ("", number):
            with suppress(NotFoundError):  # swept away
                self.jobs.cancel(self._begun)
        self._begun = number
        folder = "" if self.folder is None else str(self.folder)
        seconds = self.seconds * _PATIENT
        given = (folder, str(seconds), str(_LEAST_URGENT))
        self.jobs.start(asked, _MODULE, *given, ends_with_server=True)

    def known(
        self, ask: Ask, revision: str, inputs: PlanInputs, steps: Iterable[str] = STEPS
    ) -> PlanReview | None:
        """Answer a question from what is kept, or at once; None where it would be a job."""
        asked = asked_of(ask, revision, steps)
        number = self.jobs.id_of(asked)
        kept: PlanReview | None = self._reviews.get(number) or self._result(number)
        if kept is None and is_small(ask, inputs):
            kept = self.at_once(
                lambda tell: work_out(ask, inputs, self.packs, steps=asked["steps"], tell=tell)
            )
        if kept is not None:
            self._reviews.put(number, kept)
        return kept

    def shown(
        self, ask: Ask, revision: str, inputs: PlanInputs, steps: Iterable[str], *, most_gaps: int
    ) -> PlanReview | None:
        """Answer as :meth:`known` does, for a picture: with no more than the first gaps.

        Whatever answers it will do: a job that did all steps, or just these.
        """
        for some in (STEPS, steps):
            number = self.jobs.id_of(asked_of(ask, revision, some))
            name = f"{number} {most_gaps}"
            kept: PlanReview | None = self._reviews.get(number) or self._reviews.get(name)
            if kept is not None:
                return kept
            found = self._result(number, most_gaps=most_gaps)
            if found is not None:
                self._reviews.put(name, found)
                return found
        return self.known(ask, revision, inputs, steps)

    def _result(self, number: str, *, most_gaps: int | None = None) -> PlanReview | None:
        """Give the result of a job that is done."""
        try:
            done = self.jobs.find(number).state == "done"
            return read_review(self.jobs.place(number), most_gaps=most_gaps) if done else None
        except NotFoundError:
            return None

    def at_once(self, work: Callable[[Tell], _T]) -> _T | None:
        """Do some work here; None where it takes too long, or other work is being done.

        Parameters
        ----------
        work : takes what it tells its steps to, which ends it when patience does.
        """
        if not self._one.acquire(timeout=self.patience_s):
            return None
        end = time.thread_time() + self.patience_s

        def patient(*_told: object) -> None:
            if time.thread_time() > end:
                raise TooSlowError

        try:
            return work(patient)
        except TooSlowError:
            return None
        finally:
            self._one.release()


def asked_of(ask: Ask, revision: str, steps: Iterable[str]) -> dict[str, list[str]]:
    """Write a question as plain values, which name it too."""
    chosen = set(steps)
    in_order = [each for each in STEPS if each in chosen]
    return {"ask": ask.as_dict(), "revision": revision, "steps": in_order}  # type: ignore[dict-item]  # plain values of several kinds


def is_small(ask: Ask, inputs: PlanInputs) -> bool:
    """Whether a question is tried at once: by the sizes of what it stands on."""
    scope = inputs.scope(ask)
    demand = 0 if inputs.demand is None else len(inputs.demand)
    facilities = len(inputs.facilities)
    if len(scope.areas) <= 1 or ask.area:
        facilities = _inside(inputs.facilities, scope.areas)
    most = MOST_WALKED if ask.walks else MOST_FACILITIES
    return len(scope.areas) <= MOST_AREAS and demand <= MOST_DEMAND and facilities <= most


def _inside(facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> int:
    """Count the facilities in the box of areas."""
    west, south, east, north = areas.total_bounds
    if not np.isfinite(west):
        return len(facilities)
    x, y = spots_of(facilities)
    return int(((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum())


def work_out(  # noqa: PLR0913 (the options of a review)
    ask: Ask,
    inputs: PlanInputs,
    packs: Mapping[str, RulePack],
    *,
    steps: Iterable[str] = STEPS,
    tell: Tell | None = None,
    out_of_time: Callable[[], bool] | None = None,
) -> PlanReview:
    """Work a question out on what is published.

    Raises
    ------
    ParameterError, NotFoundError, CRSError, DataError : if it cannot be asked of these data.
    """
    ask = settled(ask, packs)
    scope = inputs.scope(ask)
    weight = inputs.weights[0] if inputs.weights else "population"
    return review(
        scope.areas, inputs.facilities, inputs.demand, ask.question(weight), whole=scope.whole,
        lower=scope.lower, network=inputs.network if ask.walks else None,
        packs=with_beds(packs, ask), claims=read_claims().values(), steps=steps, tell=tell,
        out_of_time=out_of_time, today=china_today(),
    )  # fmt: skip


def with_beds(packs: Mapping[str, RulePack], ask: Ask) -> Mapping[str, RulePack]:
    """Put the planner's own number of beds into the pack's rule, which says that it was changed."""
    if ask.beds is None or ask.pack not in packs:
        return packs
    pack = packs[ask.pack]
    for key, rule in pack.rules.items():
        if rule.measure == _BEDS:
            pack = pack.changed(key, ask.beds)
    return {**packs, ask.pack: pack}


def china_today() -> date:
    """Give the day in China."""
    return datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()


def share_done(step: str, done: int, of: int) -> tuple[int, float]:
    """Tell which step it is, from 1, and how much of all is done."""
    before = 0.0
    for number, (name, share) in enumerate(_SHARES.items(), 1):
        if name == step:
            return number, before + share * (done / of if of else 0)
        before += share
    return len(_SHARES), 1.0


def with_area(ask: Ask, area: str) -> Ask:
    """Ask the same of another area."""
    return replace(ask, area=area)
