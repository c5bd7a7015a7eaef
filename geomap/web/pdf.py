"""PDF by weasyprint, in a process of its own: bounded in time and memory, and without network."""

from __future__ import annotations

import subprocess
import sys
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from shutil import which
from typing import Literal

from geomap.errors import GeomapError

Missing = Literal["weasyprint", "pango", "font"]

#: Longer than any booklet or report takes that is let through; with the wait, under a minute.
TIME_LIMIT_S = 45
_CHILD = "geomap.web.pdf_child"
#: A sign that a font for Chinese has: 养.
_FONT_WITH = ":charset=517b"


class NotMadeError(GeomapError):
    """The PDF could not be made."""


@cache
def missing_for_pdf() -> Missing | None:
    """Name what must be installed before PDF can be made; None where all is there."""
    if find_spec("weasyprint") is None:
        return "weasyprint"
    if find_library("pango-1.0") is None:
        return "pango"
    lister = which("fc-list")
    if lister is None:  # the library is there, its tool is not: the page will show
        return None
    found = subprocess.run(  # noqa: S603 (a fixed command)
        [lister, _FONT_WITH, "family"], capture_output=True, check=False
    )
    return None if found.stdout.strip() else "font"


def pdf_of(html: str, *, seconds: float = TIME_LIMIT_S) -> bytes:
    """Turn a document that holds its styles and pictures into PDF.

    Parameters
    ----------
    seconds : by the clock; where nobody waits for a page, it may be long on a busy machine.

    Raises
    ------
    NotMadeError : if it takes too long or too much memory, or fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 (our own module)
            [sys.executable, "-P", "-m", _CHILD],
            input=html.encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NotMadeError(f"the PDF took longer than {seconds:g} s") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NotMadeError(f"the PDF could not be made: {' '.join(last)}") from error
    return done.stdout
