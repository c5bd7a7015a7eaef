"""The last few of something that is dear to make, kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any


class Recent:
    """The last few of something, by name; safe among threads."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._held: OrderedDict[str, Any] = OrderedDict()

    def get(self, name: str) -> Any:  # noqa: ANN401 (whatever is kept)
        """Give what is kept under a name; None where nothing is."""
        with self._lock:
            found = self._held.get(name)
            if found is not None:
                self._held.move_to_end(name)
            return found

    def put(self, name: str, value: object) -> None:
        """Keep something, and forget what was asked for longest ago."""
        with self._lock:
            self._held[name] = value
            self._held.move_to_end(name)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
