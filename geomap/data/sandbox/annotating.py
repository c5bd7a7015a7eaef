"""Have the annotated copy of a file written by a process of its own, as the file is read."""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
import stat
from typing import TYPE_CHECKING

from geomap.data.files.report import RefusedError
from geomap.data.sandbox.answer import COPY, write_report
from geomap.data.sandbox.client import request_for, run
from geomap.data.sandbox.copies import private_copy
from geomap.data.sandbox.limits import MOST_SECONDS, Limits
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.asking import Voice
    from geomap.data.files.options import Options
    from geomap.data.files.report import Report

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
    language, voice : as for :func:`geomap.data.files.annotated.annotate`.

    Returns
    -------
    Whether there is a copy: writing one that is too large or takes too long is given up.
    """
    try:
        with READERS.turn, private_copy(path) as copy:
            write_report(copy.folder, report)
            request = request_for(copy, TABLES[report.table], options, _LIMITS)
            stated = {"language": language, "voice": voice}
            end: str = run(dataclasses.replace(request, copy=stated), _LIMITS)
            if end == "done":
                return _take(copy.folder / COPY, out)
    except (ReaderLostError, RefusedError) as error:
        end = str(error)
    _LOG.warning("no annotated copy as %s: %s", report.table, end)
    return False


def _take(made: Path, out: Path) -> bool:
    """Take the copy over if it is a file and nothing else."""
    try:
        place = os.open(made, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    with os.fdopen(place, "rb") as source:
        if not stat.S_ISREG(os.fstat(place).st_mode):
            return False
        with out.open("xb") as target:
            shutil.copyfileobj(source, target)
    return True
