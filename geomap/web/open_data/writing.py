"""Writes a workspace's open data with its map tiles: by hand, and as the server's child process.

``python -m geomap.web.open_data.writing OUT [DIR] [--stewards]`` runs behind everything else on
the machine, and ends with the server that started it.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from geomap.data.dump import write_dump
from geomap.data.published import bundled, read_published
from geomap.errors import ConflictError, GeomapError

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.data.dump import Dump
    from geomap.data.published import Published

TILES: Final = "facilities.pmtiles"
STEWARDS: Final = "--stewards"
#: The last in the queue for the processor; Linux derives the place at the disk from it.
_LAST: Final = 19
_REFUSED: Final = 2


def published_in(folder: Path | None) -> Published:
    """Give what a workspace published, or the layers that ship where None."""
    return bundled() if folder is None else read_published(folder)


def write_open_data(
    published: Published, out: Path, *, stewards: bool, tiles: bool = True
) -> tuple[Dump, bool]:
    """Write the files of open data, unless they are there; see :func:`write_dump`.

    Parameters
    ----------
    tiles : with all map tiles in one file.
    """
    today = datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()
    more = {TILES: partial(_write_tiles, published)} if tiles else {}
    return write_dump(published, out, day=today, stewards=stewards, more=more)


def _write_tiles(published: Published, facilities: gpd.GeoDataFrame, file: IO[bytes]) -> None:
    """Write the map tiles of the facilities into one file."""
    from geomap.find.points import lon_lat
    from geomap.maps.archive import write_archive
    from geomap.maps.clusters import ClusterIndex
    from geomap.maps.vector_tiles import FacilityTiles

    clusters = ClusterIndex(*lon_lat(facilities), facilities["type"].tolist())
    credit = published.layers["facilities"].attribution
    write_archive(FacilityTiles(facilities, clusters), file, name="geomap", attribution=credit)


def main(arguments: list[str]) -> int:
    """Write the open data of a server; a fault is told in one line."""
    from geomap.data.sandbox.walls import die_with_parent

    die_with_parent()
    os.nice(_LAST)
    stewards = STEWARDS in arguments
    out, *folder = (Path(each) for each in arguments if each != STEWARDS)
    try:
        write_open_data(published_in(folder[0] if folder else None), out, stewards=stewards)
    except ConflictError:  # somebody writes them by hand
        return 0
    except GeomapError as error:
        sys.stderr.write(f"{error}\n")
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
