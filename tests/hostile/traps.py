"""What every hostile file is made with: a listener that must hear nothing, a file to steal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Maker = Callable[[Path, "Trap"], None]


@dataclass(frozen=True)
class Trap:
    """Where the listener is, which file no output may quote, and how large things are made."""

    url: str
    canary: Path
    is_full: bool

    def size(self, small: int, full: int) -> int:
        """Choose a size: small for every run of the tests, full for the drill."""
        return full if self.is_full else small


#: Every hostile file: a path below its own folder -> what writes it.
MAKERS: dict[str, Maker] = {}


def hostile(*names: str) -> Callable[[Maker], Maker]:
    """Enter a function that writes a file, under each of these paths."""

    def enter(maker: Maker) -> Maker:
        for name in names:
            if name in MAKERS:
                raise ValueError(f"there are two hostile files {name}")
            MAKERS[name] = maker
        return maker

    return enter


def text(*names: str) -> Callable[[Callable[[Trap], str]], Callable[[Trap], str]]:
    """Enter a function that gives the text of a file."""

    def enter(make: Callable[[Trap], str]) -> Callable[[Trap], str]:
        hostile(*names)(
            lambda path, trap: path.write_text(make(trap), "utf-8", newline="") and None
        )
        return make

    return enter
