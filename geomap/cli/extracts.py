"""What importing street maps and walking networks have in common: both are made of extracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geomap.cli.shown import Screen
    from geomap.model.table import Label


def require_no_options(options: Mapping[str, object], read_as: str) -> None:
    """Refuse options that say how rows are read: an extract has none, and is in WGS-84.

    Raises
    ------
    ParameterError : if any of the options has a value.
    """
    given = [name for name, value in options.items() if value]
    if given:
        raise ParameterError(
            f"{given[0]} says how rows are read; --as {read_as} reads none: leave it out",
            zh=f"{given[0]} 是读取表格用的；--as {read_as} 不读取表格：请去掉",
        )


def require_different_names(files: Sequence[Path]) -> None:
    """Refuse extracts of one import of which one would take the place of another.

    Raises
    ------
    ParameterError : if two are kept under the same name.
    """
    from geomap.data.basemap.store import map_name

    if len({map_name(path.name) for path in files}) < len(files):
        raise ParameterError(
            "extracts of one import must have different names: rename one of them",
            zh="一次导入的几个文件不能同名：请给其中一个改名",
        )


def say_kept(screen: Screen, what: Label, name: str, size_bytes: int) -> None:
    """Say under which name something is kept, how large it is and whom to credit."""
    megabytes = f"{size_bytes / 2**20:,.2f} MB"
    screen.print(
        screen.say(f"已写入{what.zh} {name}（{megabytes}）", f"{what.en} {name}, {megabytes}")
        + screen.say("；须注明 ", "; to be credited: ")
        + "© OpenStreetMap contributors, ODbL 1.0"
    )


def document(
    files: Sequence[Mapping[str, Any]], kept: Sequence[tuple[str, int]], key: str, *, complete: bool
) -> dict[str, Any]:
    """Give what came of an import as JSON values.

    Parameters
    ----------
    files : what is told of each file.
    kept : the name of each and its bytes, where they were written.
    key : under which the name is told.
    complete : all files could be used.
    """
    names: list[str | None] = [name for name, _ in kept] or [None] * len(files)
    outcome = "refused" if not complete else "written" if kept else "compared"
    named = [dict(file) | {key: name} for file, name in zip(files, names, strict=True)]
    return {"outcome": outcome, "revision": None, "files": named}
