"""How far a work of several steps is, and when its time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geomap.plan.ground import Progress

#: Told the step, how many of its parts are done, and of how many; may raise to stop the work.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Cut:
    """A step that the time budget ended: how many parts were done, of how many."""

    step: str
    done: int
    of: int


class _TimeUpError(Exception):
    """Leaves a step that is of no use half done; :meth:`Pace.does` is where it ends."""


def _silent(_step: str, _done: int, _of: int) -> None:
    return None


def _never() -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Pace:
    """Told the step, its parts done and of how many; asked whether the time is up.

    ``cut`` names what was left out.
    """

    tell: Tell = _silent
    out_of_time: Callable[[], bool] = _never
    cut: list[Cut] = field(default_factory=list)

    @classmethod
    def of(cls, tell: Tell | None, out_of_time: Callable[[], bool] | None) -> Pace:
        """Take what a caller gives, which may be nothing."""
        return cls(tell or _silent, out_of_time or _never)

    def progress(self, step: str) -> Progress:
        """Tell how far a step is that is of no use half done; stop it when the time is up."""

        def told(done: int, of: int) -> None:
            self.tell(step, done, of)
            if done < of and self.out_of_time():
                raise _TimeUpError

        return told

    def does(self, step: str, work: Callable[[], None]) -> None:
        """Do a step if there is time; else name it."""
        if self.out_of_time():
            self.cut.append(Cut(step, 0, 1))
            return
        self.tell(step, 0, 1)
        try:
            work()
        except _TimeUpError:
            self.cut.append(Cut(step, 0, 1))
            return
        self.tell(step, 1, 1)
