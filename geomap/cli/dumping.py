"""Writing a workspace's open data, by hand or every night by cron."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from geomap.cli.options import Language  # noqa: TC001 (typer reads it)
from geomap.cli.shown import Screen, working
from geomap.cli.spoken import stated_language

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.data.published import Published


def dump(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="DIR/open-data, which the site serves, by default."),
    ] = None,
    tiles: Annotated[
        bool, typer.Option(help="With the map tiles, which take longest: minutes for 100,000.")
    ] = True,
    lang: Language = None,
) -> None:
    """Write the facilities as open data: files, checksums and the licence; for cron.

    Nothing is written where the files are those of the present state already.
    """
    from geomap.data.dump import FOLDER, write_dump
    from geomap.data.published import read_published
    from geomap.settings import read_settings

    screen = Screen(stated_language(lang))
    target = out or folder / FOLDER
    published = read_published(folder)
    today = datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()
    with working(screen, screen.say("正在写开放数据", "Writing open data")):
        made, now = write_dump(
            published,
            target,
            day=today,
            stewards=read_settings().show_stewards,
            more={"facilities.pmtiles": partial(_write_tiles, published)} if tiles else {},
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


def _write_tiles(published: Published, facilities: gpd.GeoDataFrame, file: IO[bytes]) -> None:
    """Write the map tiles of the facilities into one file."""
    from geomap.find.points import lon_lat
    from geomap.maps.archive import write_archive
    from geomap.maps.clusters import ClusterIndex
    from geomap.maps.vector_tiles import FacilityTiles

    clusters = ClusterIndex(*lon_lat(facilities), facilities["type"].tolist())
    credit = published.layers["facilities"].attribution
    write_archive(FacilityTiles(facilities, clusters), file, name="geomap", attribution=credit)
