"""How far a scenario's job is: its steps and their share of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The steps in their order, with the share of the time that each takes.
SHARES: Final[Mapping[str, float]] = {
    "service": 0.1, "coverage": 0.2, "changes": 0.05, "beds": 0.05, "gaps": 0.4, "access": 0.2,
}  # fmt: skip
STEPS: Final = tuple(SHARES)


def share_done(step: str, done: int, of: int) -> tuple[int, float]:
    """Tell which step it is, from 1, and how much of all is done.

    Examples
    --------
    >>> share_done("gaps", 1, 2)
    (5, 0.6)
    """
    before = 0.0
    for place, (name, share) in enumerate(SHARES.items(), 1):
        if name == step:
            return place, round(before + share * (done / of if of else 0), 6)
        before += share
    return len(SHARES), 1.0
