"""Giving a workspace's tables to others as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.cli.shown import working
from geomap.model.facility import STEWARD_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.cli.shown import Screen
    from geomap.model.table import Table

#: A shapefile's texts are short; who said each value is longer.
_SHAPEFILES = (".shp", ".zip")
_SOURCES = "provenance"


def export_table(screen: Screen, folder: Path, table: Table, out: Path, *, stewards: bool) -> int:
    """Write what a workspace published of one table, and say what was left out.

    Officials paired with facilities are people: they are left out unless `stewards`.

    Returns
    -------
    The rows written.
    """
    from geomap.data.export import export_frame
    from geomap.data.published import read_published

    frame = read_published(folder).read(table.name)
    left = [] if stewards else [each for each in STEWARD_COLUMNS if each in frame]
    if out.suffix.lower() in _SHAPEFILES and _SOURCES in frame:
        left.append(_SOURCES)
    labels = {each.name: each.label.of(screen.language) for each in table.fields}
    with working(screen, screen.say(f"正在写 {out.name}", f"Writing {out.name}")):
        export_frame(frame.drop(columns=left), out, name=table.name, labels=labels)
    if left:
        names = ", ".join(left)
        screen.print(screen.say(f"没有写出的列：{names}", f"Columns left out: {names}"))
    return len(frame)
