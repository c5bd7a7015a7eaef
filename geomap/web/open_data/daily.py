"""Keeps a served workspace's open data up to date, without anybody asking for it.

Each worker looks now and then whether the files are those of what is published. One of them at
a time, by a lock in the folder of the files, has them written by a child process that gives way
to everything else. Files that take long to write are written seldom: for a county they follow a
change within minutes, for the whole country within a day.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geomap.data.dump import (
    FOLDER,
    LIST,
    content_of,
    current_place,
    facility_layer,
    read_dump,
    remove_old,
)
from geomap.data.store.durable import alone, make_folder, spoken_os_errors
from geomap.errors import ConflictError, DataError, GeomapError
from geomap.settings import cache_dir
from geomap.web.open_data.writing import STEWARDS, TILES, published_in

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.dump import Dump
    from geomap.data.published import Published

_MODULE: Final = "geomap.web.open_data.writing"
_LOCK: Final = ".lock"
_LOOK_EVERY_S: Final = 30.0
_AGAIN_AFTER_S: Final = 3_600.0
_DAY_S: Final = 86_400.0
#: By then nobody reads the files before the present ones any more.
_READ_OUT_S: Final = 3_600.0
#: A dump stays for so many times what it took, a day at most: so they take a sixtieth of the time.
_RESTS: Final = 60
_log = logging.getLogger(__name__)


@dataclass
class Keeper:
    """Has the files of open data written when they are not those of what is published.

    Parameters
    ----------
    folder : the workspace; None for the layers that ship.
    out : the folder of the files.
    stewards : whether officials paired with facilities are published.
    """

    folder: Path | None
    out: Path
    stewards: bool = False
    #: Whether files may be expected: a server runs, and nothing keeps them from being written.
    expected: bool = False

    def start(self) -> None:
        """Look from now on, in the background, as long as this process runs."""
        self.expected = True
        threading.Thread(target=self._look_on, name="open-data", daemon=True).start()

    def _look_on(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S if self.look() else _AGAIN_AFTER_S)

    def look(self) -> bool:
        """Have the files written if it is time to.

        Returns
        -------
        False where they cannot be written, which is logged once.
        """
        try:
            if is_due(published_in(self.folder), self.out, stewards=self.stewards, now=time.time()):
                self._write()
            else:
                remove_old(self.out, after_s=_READ_OUT_S)
        except ConflictError:  # somebody writes them by hand
            return True
        except (GeomapError, OSError) as error:
            if self.expected:
                _log.warning("open data is not written: %s", error)
            self.expected = False
            return False
        self.expected = True
        return True

    def _write(self) -> None:
        """Have the files written, unless another process has them written already.

        Raises
        ------
        DataError : if the folder cannot be written, or the child fails.
        """
        make_folder(self.out)
        with spoken_os_errors(self.out), alone(self.out / _LOCK, wait=False) as mine:
            if not mine:
                return
            more = [STEWARDS] if self.stewards else []
            folder = [] if self.folder is None else [str(self.folder)]
            command = [sys.executable, "-P", "-m", _MODULE, str(self.out), *folder, *more]
            done = subprocess.run(  # noqa: S603 (our own module, on the folder served)
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
            if done.returncode:
                said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
                raise DataError(" ".join(said) or f"the writer ended with {done.returncode}")
            _log.info("open data is written: %s", self.out)


def place_of(folder: Path | None) -> Path:
    """Give the folder of the files: in the workspace, or the user's cache for what ships."""
    return (cache_dir() if folder is None else folder) / FOLDER


def is_due(published: Published, out: Path, *, stewards: bool, now: float) -> bool:
    """Tell whether the files are to be written now.

    Parameters
    ----------
    published : what they are to be of.
    out : where they are.
    now : seconds since 1970.

    Raises
    ------
    NotFoundError : if no facilities are published.
    """
    place = current_place(out)
    dump = read_dump(place)
    of = content_of(facility_layer(published), [TILES], stewards=stewards)
    if dump is None or says_more(dump, stewards=stewards):
        return True
    return dump.of != of and now - (place / LIST).stat().st_mtime >= rest_s(dump)


def says_more(dump: Dump, *, stewards: bool) -> bool:
    """Tell whether files say more than the site does: officials that are no longer published."""
    return dump.stewards and not stewards


def rest_s(dump: Dump) -> float:
    """Tell for how long a dump stays, whatever is published meanwhile.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from geomap.data.dump import Dump
    >>> county = Dump("2026-03-01", "", "", "", "", "", 900, (), False, "", (), took_s=2)
    >>> rest_s(county), rest_s(replace(county, took_s=3_000))
    (120, 86400.0)
    """
    return min(_DAY_S, _RESTS * dump.took_s)
