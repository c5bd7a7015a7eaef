"""Check, from the calls that strace listed, that all that was said to be done is on the disk.

A file's content counts once the file is flushed, its name once its folder is. So before a writer
is told that something is done, nothing may be left unflushed; a file must be flushed before it is
renamed; and before the pointer is swapped, all that it names must be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracing import Call

_FLUSHES = ("fsync", "fdatasync")
#: SQLite makes this file anew from the log; it is never flushed.
_NOT_KEPT = "-shm"
_POINTER = "current.json"
_TOLD = re.compile(r'"\[\\"(imported|edited|published)')


@dataclass
class Unflushed:
    """What of a folder would be lost if the power failed now.

    Parameters
    ----------
    contents : files whose content is not flushed.
    names : new names that are not flushed.
    known : the files that were seen.
    """

    contents: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)

    def take(self, call: Call) -> list[str]:
        """Follow one call; name what comes too early."""
        if call.name in {"write", "writev", "pwrite64", "pwritev", "ftruncate", "fallocate"}:
            self.contents.add(call.place)
        elif call.name in _FLUSHES:
            self.contents.discard(call.place)
            self.names = {each for each in self.names if str(Path(each).parent) != call.place}
        elif call.name.startswith("rename"):
            return self._renamed(*re.findall(r'"([^"]*)"', call.text))
        elif call.name.startswith("unlink"):
            self._forget(call.place)
        elif call.place not in self.known:  # made, by openat or mkdir
            self.known.add(call.place)
            self.names.add(call.place)
        return []

    def all(self) -> list[str]:
        """Name all of it."""
        return sorted(self.contents | self.names)

    def _renamed(self, old: str, new: str) -> list[str]:
        faults = [f"{old} is renamed before it is flushed"] if old in self.contents else []
        self._forget(old)
        place = str(Path(new).parent)
        early = [each for each in self.all() if str(Path(each).parent) == place]
        if Path(new).name == _POINTER and early:
            faults.append(f"the pointer is swapped before {', '.join(early)}")
        self.known.add(new)
        self.names.add(new)
        return faults

    def _forget(self, path: str) -> None:
        for each in (self.contents, self.names, self.known):
            each.discard(path)


def faults_in(calls: Iterable[Call], folder: str) -> tuple[int, list[str]]:
    """Follow the calls of a writer; give how often it was told something, and what came early."""
    state, faults, told = Unflushed(), list[str](), 0
    for call in calls:
        if said := _TOLD.search(call.text):
            told += 1
            faults += [f"{each} is not flushed when it is {said[1]}" for each in state.all()]
        is_inside = call.place == folder or call.place.startswith(f"{folder}/")
        is_inside |= call.name in _FLUSHES  # of the folder's own name, in the one above
        has_failed = re.search(r" = -1 E", call.text)
        if is_inside and not has_failed and not call.place.endswith(_NOT_KEPT):
            faults += state.take(call)
    return told, faults
