"""Check a file and write the copy to send back, in one go."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from geomap.data.reading import read_table
from geomap.data.sandbox.annotating import annotate_apart
from geomap.errors import ParameterError

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.asking import Voice
    from geomap.data.files.options import Options, Reading
    from geomap.model.table import Table


def check_and_annotate(  # noqa: PLR0913 (a file, how to read it, what to write)
    path: Path,
    table: Table,
    options: Options,
    out: Path,
    *,
    file: str | None = None,
    language: str = "zh",
    voice: Voice = "reply",
) -> Reading:
    """Read a file as :func:`geomap.data.reading.read_table` does, and write its annotated copy.

    Both are done in a process of their own. There is no copy where the file was refused before
    its columns were known, has more rows than a sheet holds, or takes too long to write: then
    `out` does not exist afterwards.

    Parameters
    ----------
    path, table, options : as for ``read_table``.
    out : where the copy goes.
    file : the name of the file as its office knows it; that of `path` if not given.
    language, voice : as for :func:`geomap.data.files.findings.annotated.annotate`.

    Raises
    ------
    ParameterError : if an option is unknown, or `out` is not a new file in a folder that is
        there; never on bad data.
    """
    if out.exists() or not out.parent.is_dir():
        raise ParameterError(
            f"the copy must be a new file in a folder that exists, got {str(out)!r}",
            zh=f"副本须是一个新的文件，所在文件夹要已经存在，这里是 {str(out)!r}",
        )
    reading = read_table(path, table, options)
    report = dataclasses.replace(reading.report, file=file or reading.report.file)
    if report.header:
        annotate_apart(path, report, out, options, language=language, voice=voice)
    return dataclasses.replace(reading, report=report)
