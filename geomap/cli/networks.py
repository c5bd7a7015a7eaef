"""Importing walking networks on the command line: read from extracts, kept beside the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from geomap.model.network import Network

#: What is counted, in the words of who imports.
_COUNTED: Mapping[str, Label] = {
    "ways": Label("可步行道路", "ways walked"),
    "closed": Label("禁止行人", "closed to people on foot"),
    "squares": Label("广场（沿边行走）", "squares (walked along the rim)"),
    "steps": Label("台阶", "stairs"),
    "blocked": Label("阻断的节点", "nodes that block"),
    "cut_off": Label("在范围边缘被切断", "cut off at the edge"),
}


def import_networks(
    screen: Screen, files: Sequence[Path], into: Path, *, dry_run: bool, as_json: bool
) -> bool:
    """Read walking networks from extracts and keep them: all of them, or none.

    Returns
    -------
    Whether all files could be used.

    Raises
    ------
    ParameterError : if two of them would be kept under the same name.
    """
    require_different_names(files)
    read = [_read(screen, path) for path in files]
    complete = all(network is not None for network, _ in read)
    kept = [] if dry_run or not complete else _keep(into, read)
    if as_json:
        told = [_told(*each, screen.language) for each in read]
        print_json(document(told, kept, "network", complete=complete))
        return complete
    for place, (network, report) in enumerate(read):
        _show(screen, network, report, kept[place] if kept else None)
    if not kept:
        typer.echo(screen.say("没有写入。", "Nothing was written."), err=not complete)
    return complete


def _read(screen: Screen, path: Path) -> tuple[Network | None, Report]:
    """Read one extract; a report alone where it is refused."""
    from geomap.data.files.findings.report import RefusedError, Report
    from geomap.data.sandbox.walking import network_of_file

    try:
        with working(screen, screen.say(f"正在读取步行路网 {path.name}", f"Reading {path.name}")):
            return network_of_file(path)
    except RefusedError as error:
        return None, Report(path.name, "network", findings=(error.finding,))


def _keep(into: Path, read: Sequence[tuple[Network | None, Report]]) -> list[tuple[str, int]]:
    """Write the networks into the workspace, which is made if it is not there."""
    from geomap.data.network_files import write_network
    from geomap.data.store.workspace import Workspace

    Workspace.open_or_create(into)
    written = [
        write_network(into, network, report.file) for network, report in read if network is not None
    ]
    return [(file.stem, size) for file, size in written]


def _show(
    screen: Screen, network: Network | None, report: Report, kept: tuple[str, int] | None
) -> None:
    """Say how much street there is, what is left out, and where it is kept."""
    if network is None:
        show_report(screen, report)
        return
    kilometres = f"{network.length_m.sum() / 1000:,.1f}"
    apart = len(network.component_m) - 1
    screen.print(
        screen.say(
            f"{report.file}：街道 {kilometres} 公里，另有不相连的部分 {apart} 处",
            f"{report.file}: {kilometres} km of street, {apart} parts not joined to the main one",
        ),
        "bold",
    )
    language = screen.language
    counts = [f"{label.of(language)} {network.counts[name]:,}" for name, label in _COUNTED.items()]
    screen.print(screen.say("，", ", ").join(counts), "dim")
    if kept is not None:
        say_kept(screen, Label("步行路网", "Network"), *kept)


def _told(network: Network | None, report: Report, language: str) -> dict[str, Any]:
    """Give what is told of one extract as JSON values."""
    return report.to_dict(language) | {
        "street_m": None if network is None else round(float(network.length_m.sum()), 3),
        "components": None if network is None else len(network.component_m),
    }
