"""Reading files on the command line, and what their reports come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.cli.shown import Screen, working
from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geomap.data.files.findings.report import Report
    from geomap.data.reading import Options, Reading
    from geomap.model.table import Table

DONE, FINDINGS, REFUSED = 0, 1, 2


def read_files(
    screen: Screen, files: Sequence[Path], table: Table, options: Options, out: Path | None
) -> list[Reading]:
    """Read files, and write the annotated copy of the one where that is wanted.

    Parameters
    ----------
    out : where the copy goes; None for none.

    Raises
    ------
    ParameterError : if an option cannot be followed, or there is more than one file to copy.
    """
    from geomap.data.reading import read_table

    if out is not None:
        _require_copy(files, out)
    readings: list[Reading] = []
    for path in files:
        with working(screen, screen.say(f"正在读取 {path.name}", f"Reading {path.name}")):
            if out is None:
                readings.append(read_table(path, table, options))
                continue
            from geomap.data.checking import check_and_annotate

            reading = check_and_annotate(path, table, options, out, language=screen.language)
            readings.append(reading)
    return readings


def _require_copy(files: Sequence[Path], out: Path) -> None:
    """Refuse a copy of several files, or one that is no workbook."""
    if len(files) > 1:
        raise ParameterError(
            "--annotate writes the copy of one file, got several: import them one by one",
            zh="--annotate 只为一个文件写副本，这里有几个：请分别导入",
        )
    if out.suffix.lower() != ".xlsx":
        raise ParameterError(
            f"--annotate must name a new .xlsx file, got {str(out)!r}",
            zh=f"--annotate 须写一个新的 .xlsx 文件名，这里是 {str(out)!r}",
        )


def say_annotated(screen: Screen, out: Path | None) -> None:
    """Say where the annotated copy is, or that there is none."""
    if out is None:
        return
    if out.is_file():
        screen.print(screen.say(f"带说明的副本：{out}", f"Annotated copy: {out}"))
    else:
        screen.print(screen.say("没有写出副本。", "No copy was written."))


def exit_code(reports: Sequence[Report]) -> int:
    """Refused if any is; else whether anything was found."""
    if any(each.outcome == "refused" for each in reports):
        return REFUSED
    return FINDINGS if any(each.findings for each in reports) else DONE
