"""Long work in processes of its own: to be watched, cancelled, and found again after a restart.

A job is a folder: what was asked (``asked.json``), how far it is (``state.json``), its result
files, and what it wrote when it failed unexpectedly (``errors.txt``). The process that does it is
born with a lock on ``lock`` and holds it for as long as it lives, so a job that says it runs while
nobody holds its lock was cut off: the machine died, or the server that it was to end with. At most
so many run at a time; the others wait for one of a few slots. The same question has the same
folder, so it is worked out once.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from geomap.data.job_state import LIFE, STATE, Job, JobStates, no_job
from geomap.data.store.durable import alone, make_folder, spoken_os_errors, write_atomically
from geomap.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from geomap.data.job_state import State

FOLDER: Final = "jobs"
#: Jobs that wait or run; more are turned away.
MOST_WAITING: Final = 16
#: Results are kept so long, and so many of them.
KEPT_S, KEPT = 7 * 24 * 3600, 60
_ASKED, _STARTING = "asked.json", "starting.lock"
_ERRORS: Final = "errors.txt"
_ID_DIGITS = 20
_LOOK_S = 0.2
#: So often at most the state is written while a job works.
_TELL_EVERY_S = 0.25
_STDIN: Final = 0
#: Set for a process that is to end with the server: its standard input ends with it.
_ENDS_WITH_SERVER: Final = "GEOMAP_JOB_ENDS_WITH_SERVER"


class BusyError(ConflictError):
    """So many jobs wait already that another is turned away."""


@cache
def lifeline() -> tuple[int, int]:
    """Open a pipe that nobody writes into: who reads it sees when this process has ended.

    However it ends, the system closes the pipe. Processes that are forked off after it was opened
    hold it too: a server opens it before its workers, who come and go.

    Returns
    -------
    Where the pipe is read, and where it would be written into; no other program gets the latter.
    """
    return os.pipe()


@dataclass(frozen=True)
class Jobs:
    """The jobs of one folder.

    Parameters
    ----------
    folder : where they are; made when the first is asked for.
    at_once : so many work at a time.
    """

    folder: Path
    at_once: int = 1

    @property
    def states(self) -> JobStates:
        """How far they are."""
        return JobStates(self.folder)

    def id_of(self, asked: Mapping[str, object]) -> str:
        """Name a question: the same one has the same name."""
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]

    def start(
        self,
        asked: Mapping[str, object],
        module: str,
        *arguments: str,
        ends_with_server: bool = False,
    ) -> Job:
        """Have a question worked out, unless it was or is being; a failed one is tried again.

        Parameters
        ----------
        asked : plain values; the process finds them in ``asked.json``.
        module : run as ``python -m module FOLDER ID *arguments``; it calls :meth:`work`.
        ends_with_server : whether it is cut off when this process ends, and those that share its
            :func:`lifeline`; else it goes on to its end.

        Raises
        ------
        BusyError : if too many wait.
        DataError : if the folder cannot be written.
        """
        make_folder(self.folder)
        with spoken_os_errors(self.folder), alone(self.folder / _STARTING):  # so it starts once
            given = (module, *arguments)
            return self._start(self.id_of(asked), asked, given, ends_with_server=ends_with_server)

    def _start(
        self,
        number: str,
        asked: Mapping[str, object],
        given: Sequence[str],
        *,
        ends_with_server: bool,
    ) -> Job:
        """Start a job unless it is there; nobody else starts one meanwhile."""
        with suppress(NotFoundError):
            there = self.find(number)
            if there.state in ("queued", "running", "done"):
                return there
        self.sweep()
        if sum(not each.ended for each in self.all()) >= MOST_WAITING:
            raise BusyError(
                f"{MOST_WAITING} jobs wait already; try again in a minute",
                zh=f"已有 {MOST_WAITING} 个计算在排队；请过一分钟再试",
            )
        self.states.remove(number)
        place = self.folder / number
        make_folder(place)
        write_atomically(place / _ASKED, json.dumps(asked, ensure_ascii=False).encode())
        module, *arguments = given
        command = [sys.executable, "-m", module, str(self.folder), number, *arguments]
        told = {_ENDS_WITH_SERVER: "1"} if ends_with_server else {}
        with (place / LIFE).open("wb") as life, (place / _ERRORS).open("wb") as errors:
            fcntl.flock(life, fcntl.LOCK_EX)
            self.states.write(Job(number, began_at=time.time()))
            child = subprocess.Popen(  # noqa: S603 (our own module, an id that we made)
                command, stdin=lifeline()[0] if ends_with_server else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, **told},
                start_new_session=True, pass_fds=[life.fileno()],
            )  # fmt: skip
        threading.Thread(target=child.wait, name="job", daemon=True).start()  # no zombie stays
        return self.find(number)

    def find(self, number: str) -> Job:
        """Tell how far a job is.

        Raises
        ------
        NotFoundError : if there is none of this id, it was swept away, or its state is damaged.
        """
        job = self.states.read(number)
        if job.ended or self.states.is_held(number):
            return job
        return self._end(number, "interrupted", seen=job)

    def asked(self, number: str) -> dict[str, Any]:
        """Give what was asked.

        Raises
        ------
        NotFoundError : as :meth:`find` does.
        """
        try:
            text = (self.folder / number / _ASKED).read_text(encoding="utf-8")
            return cast("dict[str, Any]", json.loads(text))
        except (OSError, ValueError) as error:
            raise no_job(number) from error

    def place(self, number: str) -> Path:
        """Give the folder of a job's results."""
        return self.folder / number

    def all(self) -> list[Job]:
        """List the jobs, the newest first."""
        if not self.folder.is_dir():
            return []
        found: list[Job] = []
        for each in self.folder.glob(f"*/{STATE}"):
            with suppress(NotFoundError):  # swept away by another process, or damaged
                found.append(self.find(each.parent.name))
        return sorted(found, key=lambda job: -job.began_at)

    def wait(self, number: str, *, seconds: float) -> Job:
        """Wait until a job has ended, though no longer than some seconds; see :meth:`find`."""
        end = time.monotonic() + seconds
        while not (job := self.find(number)).ended and time.monotonic() < end:
            time.sleep(_LOOK_S)
        return job

    def cancel(self, number: str) -> Job:
        """End a job that waits or runs; one that has ended stays as it is."""
        if (job := self.find(number)).ended:
            return job
        job = self._end(number, "cancelled")
        if job.pid and self.states.is_held(number):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(job.pid, signal.SIGKILL)
        return job

    def sweep(self) -> None:
        """Remove what ended long ago, and the oldest of too many."""
        for place, job in enumerate(self.all()):
            old = time.time() - max(job.ended_at, job.began_at) > KEPT_S
            if job.ended and (old or place >= KEPT):
                self.states.remove(job.id)
        known = {job.id for job in self.all()}
        for damaged in self.folder.glob("*/"):
            with suppress(FileNotFoundError):
                if damaged.name not in known and time.time() - damaged.stat().st_mtime > KEPT_S:
                    self.states.remove(damaged.name)

    @contextmanager
    def work(self, number: str) -> Iterator[Progress]:
        """Do a job in this process: waits for its turn, and says how it ends.

        A :class:`GeomapError` that is raised inside ends the job as failed, with its words.
        """
        from geomap.errors import GeomapError

        if os.environ.pop(_ENDS_WITH_SERVER, ""):
            threading.Thread(target=_end_with_server, name="lifeline", daemon=True).start()
        self._go_on(number, pid=os.getpid())
        with self._turn():
            progress = Progress(self, number)
            self._go_on(number, state="running", began_at=time.time())
            try:
                yield progress
            except GeomapError as error:
                self._end(number, "failed", said=str(error), said_zh=error.said("zh"))
            except MemoryError:
                self._end(number, "failed", said="out of memory", said_zh="内存不够")
            except BaseException:
                self._end(number, "failed", said="unexpected error", said_zh="出了意外的错")
                raise
            else:
                self._end(number, "done", share=1.0)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for one of the slots; it is free again when this process ends, however it does."""
        while True:
            for slot in range(max(1, self.at_once)):
                with alone(self.folder / f"slot-{slot}.lock", wait=False) as mine:
                    if mine:
                        yield
                        return
            time.sleep(_LOOK_S)

    def _end(
        self, number: str, state: State, /, *, seen: Job | None = None, **changed: object
    ) -> Job:
        """Say how a job ended, unless it has ended before."""
        ended: dict[str, object] = {"state": state, "ended_at": time.time(), "seconds_left": None}
        return self.states.change(number, ended | changed, seen)

    def _go_on(self, number: str, /, **changed: object) -> None:
        """Say how far the job of this process is; once it has ended the process does too."""
        if self.states.change(number, changed).ended:  # cancelled, or another process did it
            raise SystemExit(0)


def _end_with_server() -> None:
    """End this process, and those that it started, when the server has ended."""
    os.read(_STDIN, 1)
    os.killpg(0, signal.SIGKILL)


class Progress:
    """Says how far a running job is, not too often."""

    def __init__(self, jobs: Jobs, number: str) -> None:
        self._jobs, self._number = jobs, number
        self._told = 0.0

    def tell(  # noqa: PLR0913 (what a state says)
        self,
        step: str,
        *,
        number: int,
        of_steps: int,
        share: float,
        best: tuple[float, float] | None = None,
        now: bool = False,
    ) -> None:
        """Say which step of how many it is, and how much of all is done.

        Parameters
        ----------
        best : the best answer so far and the bound on it; what was said last stays where None.
        now : say it whenever the last was said.
        """
        at = time.time()
        if not now and at - self._told < _TELL_EVERY_S:
            return
        self._told = at
        job = self._jobs.find(self._number)
        spent = at - job.began_at
        left = spent / share * (1 - share) if share > 0 else None
        self._jobs._go_on(
            self._number, step=step, number=number, of_steps=of_steps, share=share,
            seconds_left=left, best=best or job.best,
        )  # fmt: skip
