"""Annotated copies that wait for their download: private, unguessable, gone after 15 minutes.

Every worker knows the folder, because its name is chosen before they are forked; it is made when
first needed. Uploads themselves are never here.
"""

from __future__ import annotations

import atexit
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

#: How long a copy can be fetched.
KEPT_MINUTES = 15
#: More copies than this are not kept: the oldest go first.
MOST_COPIES = 100
_PREFIX = "geomap-copies-"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def _new_folder() -> Path:
    """Name a folder that nobody can guess or have made before."""
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{secrets.token_hex(16)}"


@dataclass(frozen=True)
class Copies:
    """A folder of copies, each under a name that only who made it knows.

    Parameters
    ----------
    folder : where they are; made when first needed, for this account only.
    kept_s : seconds that a copy is kept.
    """

    folder: Path = field(default_factory=_new_folder)
    kept_s: float = KEPT_MINUTES * 60

    def keep(self, made: Path) -> str:
        """Take a copy over, and give the token that it is fetched with."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.clear()
        token = secrets.token_urlsafe(32)
        made.chmod(0o600)
        shutil.move(made, self._path(token))
        timer = threading.Timer(self.kept_s + 1, self.clear)
        timer.daemon = True
        timer.start()
        return token

    def find(self, token: str) -> Path | None:
        """Find the copy of a token; None where there is none, or none any more."""
        if not _TOKEN.fullmatch(token):
            return None
        path = self._path(token)
        return path if self._age_s(path) < self.kept_s else None

    def clear(self) -> None:
        """Delete what is too old, and the oldest where there are too many."""
        if not self.folder.is_dir():
            return
        newest = sorted(self.folder.iterdir(), key=self._age_s)
        for place, path in enumerate(newest):
            if place >= MOST_COPIES or self._age_s(path) >= self.kept_s:
                path.unlink(missing_ok=True)

    def clear_at_exit(self) -> None:
        """Delete the folder when this process ends; not when a worker forked from it does."""
        owner = os.getpid()

        def remove() -> None:
            if os.getpid() == owner:
                shutil.rmtree(self.folder, ignore_errors=True)

        atexit.register(remove)

    def _path(self, token: str) -> Path:
        return self.folder / f"{token}.xlsx"

    @staticmethod
    def _age_s(path: Path) -> float:
        """Tell how old a file is; one that is gone is older than any."""
        try:
            return time.time() - path.stat().st_mtime
        except FileNotFoundError:
            return float("inf")


def clear_left_over() -> None:
    """Delete copies of servers that were killed before they could: too old for anybody's use."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.getuid():
            continue
        left = Copies(folder)
        left.clear()
        if not any(folder.iterdir()) and left._age_s(folder) > left.kept_s:
            folder.rmdir()
