"""Writing a workspace's open data by hand; `geomap serve` has it written by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geomap.cli.options import Language  # noqa: TC001 (typer reads it)
from geomap.cli.shown import Screen, working
from geomap.cli.spoken import stated_language


def dump(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="DIR/open-data, which the site serves, by default."),
    ] = None,
    tiles: Annotated[bool, typer.Option(help="With all map tiles in one file.")] = True,
    lang: Language = None,
) -> None:
    """Write the facilities as open data: files, checksums and the licence, as the server does.

    Nothing is written where the files are those of the present state already.
    """
    from geomap.data.dump import FOLDER
    from geomap.data.published import read_published
    from geomap.settings import read_settings
    from geomap.web.open_data.writing import write_open_data

    screen = Screen(stated_language(lang))
    target = out or folder / FOLDER
    published = read_published(folder)
    with working(screen, screen.say("正在写开放数据", "Writing open data")):
        made, now = write_open_data(
            published, target, stewards=read_settings().show_stewards, tiles=tiles
        )
    for each in made.files if now else ():
        screen.print(f"{each.name}  {each.size:,}")
    done = screen.say(f"已写出 {made.rows:,} 家：{target}", f"{made.rows:,} written: {target}")
    same = screen.say(
        f"{target} 里已是最新内容（{made.made_on}），没有重写",
        f"{target} holds the present state already ({made.made_on}); nothing written",
    )
    screen.print(done if now else same)
    if not made.licence:
        screen.print(
            screen.say(
                "没有说明许可：别人不知道能不能用。导入时加 --licence",
                "No licence is stated, so nobody knows whether it may be used:"
                " import with --licence",
            )
        )
