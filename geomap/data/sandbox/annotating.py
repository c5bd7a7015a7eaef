"""Have the annotated copy of a file written by a process of its own, as the file is read."""

from __future__ import annotations

import dataclasses
import logging
import shutil
from typing import TYPE_CHECKING

from geomap.data.files.findings.report import RefusedError
from geomap.data.sandbox.answer import COPY, write_report
from geomap.data.sandbox.client import request_for, run
from geomap.data.sandbox.copies import NoRoomError, open_made, private_copy
from geomap.data.sandbox.limits import MOST_SECONDS, Limits
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.errors import DataError
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.asking import Voice
    from geomap.data.files.findings.report import Report
    from geomap.data.files.options import Options

_LOG = logging.getLogger("geomap.sandbox")
#: Writing takes longer than reading, and the file has shown that it can be read.
_LIMITS = Limits(MOST_SECONDS)


def annotate_apart(  # noqa: PLR0913 (a file, what was found, how to say it)
    path: Path, report: Report, out: Path, options: Options, *, language: str, voice: Voice
) -> bool:
    """Write the annotated copy of a file that others made.

    Parameters
    ----------
    path : the file that `report` is on.
    report : from reading it; not one that was refused before its columns were known.
    out : where the copy goes.
    options : what it was read with.
    language, voice : as for :func:`geomap.data.files.findings.annotated.annotate`.

    Returns
    -------
    Whether there is a copy: writing one that is too large, takes too long or finds no room is
    given up.
    """
    try:
        with READERS.turn, private_copy(path) as copy:
            write_report(copy.folder, report)
            request = request_for(copy, TABLES[report.table], options, _LIMITS)
            stated = {"language": language, "voice": voice}
            end: str = run(dataclasses.replace(request, copy=stated), _LIMITS)
            if end == "done":
                _take(copy.folder / COPY, out)
                return True
    except (ReaderLostError, RefusedError, NoRoomError, DataError, OSError) as error:
        end = str(error)
    _LOG.warning("no annotated copy as %s: %s", report.table, end)
    return False


def _take(made: Path, out: Path) -> None:
    """Take the copy over; what cannot be written whole is not left in part."""
    with open_made(made) as source, out.open("xb") as target:
        try:
            shutil.copyfileobj(source, target)
            target.flush()
        except OSError:
            out.unlink()
            raise
