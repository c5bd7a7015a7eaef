"""Private folders for what is needed only for a moment; what killed processes left is removed."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Nothing else is called so: a folder of this name may be removed.
_PREFIX = "geomap-private-"
_OLD_SECONDS = 24 * 60 * 60
_OWN_ONLY = 0o700


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that only this user can open; it is removed with all that is in it.

    Folders that this user's killed processes left are removed too, once they are a day old:
    they hold other people's lists.
    """
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Remove old private folders of this user; another process may do the same."""
    with suppress(OSError):
        for folder in [each for each in place.iterdir() if each.name.startswith(_PREFIX)]:
            with suppress(OSError):
                if _is_left(folder.lstat()):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_left(found: os.stat_result) -> bool:
    """Whether this is an old folder of this user, as this module makes them; never a link."""
    own = found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == _OWN_ONLY
    old = time.time() - found.st_mtime > _OLD_SECONDS
    return stat.S_ISDIR(found.st_mode) and own and old
