"""All vector tiles of the facilities in one PMTiles file, which needs no server of tiles.

Source: github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md.
"""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from geomap.maps.many_tiles import ManyTiles
from geomap.maps.tilemath import KEY_BITS
from geomap.maps.vector_tiles import EXACT_ZOOM, MOST_FULL, tile_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.maps.vector_tiles import FacilityTiles

MEDIA_TYPE: Final = "application/vnd.pmtiles"
#: Clients draw deeper zooms from the last one, whose unit is 2.4 m at the equator or less.
_LEAST_LAST: Final = 12
_E7: Final = 10_000_000
_GZIP_LEVEL: Final = 6


def write_archive(
    tiles: FacilityTiles, file: IO[bytes], *, name: str, attribution: str | None
) -> None:
    """Write every tile that is not empty.

    Parameters
    ----------
    tiles : the facilities.
    file : open for writing bytes.
    name : what the map is called.
    attribution : whose data it is.

    Notes
    -----
    The last zoom is 12, or the first after it at which each tile says all of its facilities, or
    14. Each tile is the one that the server gives, compressed with gzip.
    """
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import Writer

    last = last_zoom(tiles.clusters.keys)
    writer: Any = Writer(file)  # type: ignore[no-untyped-call]  # the library states no types
    many = ManyTiles(tiles)
    if not tiles.clusters.count:
        writer.write_tile(0, gzip.compress(b"", _GZIP_LEVEL, mtime=0))
    for zoom in range(last + 1):
        for each, content in many.zoom(zoom):
            writer.write_tile(zxy_to_tileid(*each), gzip.compress(content, _GZIP_LEVEL, mtime=0))
    west, south, east, north = tiles.bounds
    header: dict[str, Any] = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": int(west * _E7),
        "min_lat_e7": int(south * _E7),
        "max_lon_e7": int(east * _E7),
        "max_lat_e7": int(north * _E7),
        "center_zoom": 0,
        "center_lon_e7": int((west + east) / 2 * _E7),
        "center_lat_e7": int((south + north) / 2 * _E7),
    }
    writer.finalize(header, _metadata(tiles, last, name=name, attribution=attribution))


def last_zoom(keys: NDArray[np.uint64]) -> int:
    """Choose the last zoom of an archive.

    Parameters
    ----------
    keys : (n,) Morton keys of the facilities, ascending.

    Examples
    --------
    >>> last_zoom(np.zeros(3, dtype=np.uint64)), last_zoom(np.zeros(300, dtype=np.uint64))
    (12, 14)
    """
    for zoom in range(_LEAST_LAST, EXACT_ZOOM):
        _tiles, counts = np.unique(_at(keys, zoom), return_counts=True)
        if not counts.size or counts.max() <= MOST_FULL:
            return zoom
    return EXACT_ZOOM


def _at(keys: NDArray[np.uint64], zoom: int) -> NDArray[np.uint64]:
    """Give the keys of the tiles of a zoom that hold each facility."""
    return keys >> np.uint64(2 * (KEY_BITS - zoom))


def _metadata(
    tiles: FacilityTiles, last: int, *, name: str, attribution: str | None
) -> dict[str, object]:
    """Describe the layers, as TileJSON does."""
    told = tile_json(tiles, "", name=name, attribution=attribution)
    kept: dict[str, object] = {key: told[key] for key in ("name", "attribution") if key in told}
    layers: Any = told["vector_layers"]
    return {
        **kept,
        "type": "overlay",
        "vector_layers": [{**each, "maxzoom": last} for each in layers],
    }
