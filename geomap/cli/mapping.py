"""Importing street maps on the command line: made from extracts, kept beside the records."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer

from geomap.cli.extracts import document, require_different_names, say_kept
from geomap.cli.shown import show_report, working
from geomap.cli.spoken import print_json
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geomap.cli.shown import Screen
    from geomap.data.files.findings.report import Report
    from geomap.data.sandbox.mapping import MadeMap

#: What is counted, in the words of who imports.
_COUNTED: Mapping[str, Label] = {
    "roads": Label("道路", "roads"),
    "buildings": Label("建筑", "buildings"),
    "water": Label("水面", "water areas"),
    "green": Label("绿地", "green areas"),
    "names": Label("地名", "names"),
}


def import_maps(
    screen: Screen, files: Sequence[Path], into: Path, *, dry_run: bool, as_json: bool
) -> bool:
    """Make street maps of extracts and keep them: all of them, or none.

    Returns
    -------
    Whether all files could be used.

    Raises
    ------
    ParameterError : if two of them would be kept under the same name.
    """
    from geomap.data.sandbox.mapping import MadeMap

    require_different_names(files)
    with ExitStack() as held:
        made = [_make(screen, path, held) for path in files]
        reports = [each.report if isinstance(each, MadeMap) else each for each in made]
        usable = [each for each in made if isinstance(each, MadeMap)]
        complete = len(usable) == len(made)
        kept = [] if dry_run or not complete else _keep(into, usable)
    if as_json:
        told = [report.to_dict(screen.language) for report in reports]
        print_json(document(told, kept, "map", complete=complete))
        return complete
    for place, report in enumerate(reports):
        _show(screen, report, kept[place] if kept else None)
    if not kept:
        typer.echo(screen.say("没有写入。", "Nothing was written."), err=not complete)
    return complete


def _make(screen: Screen, path: Path, held: ExitStack) -> MadeMap | Report:
    """Make the map of one extract; a report where it is refused."""
    from geomap.data.files.findings.report import RefusedError, Report
    from geomap.data.sandbox.mapping import map_of

    what = screen.say(f"正在制作街道底图 {path.name}", f"Drawing {path.name}")
    try:
        with working(screen, what, 100) as tell:
            return held.enter_context(map_of(path, tell=tell))
    except RefusedError as error:
        return Report(path.name, "basemap", findings=(error.finding,))


def _keep(into: Path, made: Sequence[MadeMap]) -> list[tuple[str, int]]:
    """Write the maps into the workspace, which is made if it is not there."""
    from geomap.data.basemap.store import write_map
    from geomap.data.store.workspace import Workspace

    Workspace.open_or_create(into)
    return [write_map(into, each) for each in made]


def _show(screen: Screen, report: Report, kept: tuple[str, int] | None) -> None:
    """Say what is drawn, of which day, and where it is kept."""
    if report.outcome == "refused":
        show_report(screen, report)
        return
    language = screen.language
    counts = [f"{label.of(language)} {report.details[name]:,}" for name, label in _COUNTED.items()]
    screen.print(f"{report.file}: {screen.say('，', ', ').join(counts)}", "bold")
    date = report.details["date"] or screen.say("未注明", "not stated")
    screen.print(screen.say(f"数据日期：{date}", f"Data of: {date}"), "dim")
    if kept is not None:
        say_kept(screen, Label("街道底图", "Street map"), *kept)
