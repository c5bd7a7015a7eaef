"""How far jobs are, as their folders say: read, and changed by one process after the other."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from geomap.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
ENDED: Final = ("done", "failed", "cancelled", "interrupted")

STATE: Final = "state.json"
#: The process of a job holds a lock on this file while it lives.
LIFE: Final = "lock"
_CHANGING: Final = "state.lock"
_NUMBERS: Final = ("share", "began_at", "ended_at", "pid")


@dataclass(frozen=True)
class Job:
    """How far a job is.

    Attributes
    ----------
    id : of the question.
    state : queued, running, or how it ended.
    step, number, of_steps : what it does now, and which step of how many that is.
    share : how much of all is done, 0 to 1.
    began_at, ended_at : seconds of the epoch; 0 where not yet.
    seconds_left : a guess from what is done; None where there is none yet.
    pid : of the process that does it.
    said : what went wrong, in English and in Chinese.
    best : of a job that looks for the best: the best so far, and the bound on it; None without.
    """

    id: str
    state: State = "queued"
    step: str = ""
    number: int = 0
    of_steps: int = 0
    share: float = 0.0
    began_at: float = 0.0
    ended_at: float = 0.0
    seconds_left: float | None = None
    pid: int = 0
    said: str = ""
    said_zh: str = ""
    best: tuple[float, float] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED


@dataclass(frozen=True)
class JobStates:
    """The states of the jobs of one folder.

    Parameters
    ----------
    folder : holds the folders of the jobs.
    """

    folder: Path

    def read(self, number: str) -> Job:
        """Read a state as it was written.

        Raises
        ------
        NotFoundError : if there is none, or one that a power cut or another geomap left.
        """
        if not (number.isalnum() and number.isascii()):
            raise no_job(number)
        try:
            told = json.loads((self.folder / number / STATE).read_text(encoding="utf-8"))
            job = Job(**told)
        except (OSError, ValueError, TypeError) as error:
            raise no_job(number) from error
        if not all(isinstance(getattr(job, each), int | float) for each in _NUMBERS):
            raise no_job(number)
        return job

    def write(self, job: Job) -> None:
        """Write a state beside the old one, and put it in its place."""
        path = self.folder / job.id / STATE
        fresh = path.with_name(f"{STATE}.{os.getpid()}-{threading.get_ident()}")
        fresh.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)

    def change(self, number: str, changed: Mapping[str, object], seen: Job | None = None) -> Job:
        """Change a state, unless it has ended, or is no longer what was seen.

        So neither who cancels a job, nor who looks at it, nor its process writes over what the
        others said.

        Raises
        ------
        NotFoundError : as :meth:`read` does.
        """
        with self._alone(number):
            job = self.read(number)
            if not job.ended and (seen is None or seen == job):
                job = replace(job, **cast("dict[str, Any]", changed))
                self.write(job)
        return job

    def remove(self, number: str) -> None:
        """Remove a job with all that is its own; one that is not there need not be removed."""
        with suppress(NotFoundError), self._alone(number):
            shutil.rmtree(self.folder / number, ignore_errors=True)

    def is_held(self, number: str) -> bool:
        """Whether the process of a job lives."""
        try:
            with (self.folder / number / LIFE).open("rb") as life:
                fcntl.flock(life, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextmanager
    def _alone(self, number: str) -> Iterator[None]:
        """Let one process after the other at a state; the lock goes with the folder of the job."""
        path = self.folder / number / _CHANGING
        with ExitStack() as held:
            while True:
                try:
                    lock = held.enter_context(path.open("ab"))
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                        break  # else the job was removed meanwhile, and begun anew
                except FileNotFoundError as error:
                    raise no_job(number) from error
            yield


def no_job(number: str) -> NotFoundError:
    """Say that there is no job of an id."""
    return NotFoundError(f"there is no job {number!r}", zh=f"没有编号为 {number} 的计算")
