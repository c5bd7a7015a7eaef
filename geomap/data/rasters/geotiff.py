"""Read one band of a GeoTIFF where files that others made are read: plain bytes and a report.

The band is read window by window. What the file says of its coordinate system is passed on as
it is, and judged by whoever asked.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.data.files.findings.report import RefusedError, Report
from geomap.data.files.formats.sniff import LARGEST_BYTES
from geomap.data.files.places.coordinates import NOT_STATED
from geomap.model.table import Label

if TYPE_CHECKING:
    from pathlib import Path

    import rasterio

#: The band as 32-bit numbers, row by row; unknown cells are NaN.
BAND: Final = "band.bin"
#: No larger grid is read: 400 MB of numbers.
MOST_CELLS: Final = 100_000_000
GEOTIFF = Label("GeoTIFF", "a GeoTIFF")
_NORTH_UP = Label("正北朝上的栅格", "a raster with north at the top")
_MAGICS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_PLACES = ("west", "north", "width", "height")


def is_geotiff(path: Path) -> bool:
    """Whether a file begins as a TIFF does; a file that cannot be read does not."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            return file.read(4) in _MAGICS
    except OSError:
        return False


def make_band(path: Path, band: int) -> Report:
    """Write a band beside the file, and say where its cells lie.

    Raises
    ------
    RefusedError : if it is no GeoTIFF, is damaged, turned, too large, or has no such band.
    """
    import rasterio
    from rasterio.errors import RasterioError

    if not is_geotiff(path) or path.stat().st_size > LARGEST_BYTES:
        raise RefusedError("format_unknown", came=path.suffix, expected=GEOTIFF)
    try:
        # Alone: no file beside it is looked for.
        alone = rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED=False)
        with alone, rasterio.open(path, driver="GTiff") as raster:
            details = _described(raster, band)
            details |= _written(raster, band, path)
    except (RasterioError, ValueError) as error:
        came = str(error).replace(str(path), path.name)
        raise RefusedError("invalid_file", came=came, expected=GEOTIFF) from error
    cells = raster.width * raster.height
    known = cells - int(details["unknown"])
    return Report(path.name, "demand", rows=cells, accepted=known, details=details)


def _described(raster: rasterio.DatasetReader, band: int) -> dict[str, float | int | str]:
    """Say where the cells lie.

    Raises
    ------
    RefusedError : if it cannot be used.
    """
    if not 1 <= band <= raster.count:
        bands = Label(f"第 1 到 {raster.count} 波段", f"a band from 1 to {raster.count}")
        raise RefusedError("invalid_file", came=f"band {band}", expected=bands)
    if raster.width * raster.height > MOST_CELLS:
        raise RefusedError(
            "too_many_cells", came=raster.height, count=raster.width, expected=MOST_CELLS
        )
    at = raster.transform
    turned = at.b or at.d or at.a <= 0 or at.e == 0
    if turned or not all(map(math.isfinite, (at.a, at.c, at.e, at.f))) or at.is_identity:
        raise RefusedError("invalid_file", came=str(tuple(at)[:6]), expected=_NORTH_UP)
    system = _system(raster)
    places = dict(zip(_PLACES, (at.c, at.f, at.a, at.e), strict=True))
    size = {"columns": raster.width, "rows": raster.height}
    return {"format": "geotiff", "system": system, "band": band, **places, **size}


def _system(raster: rasterio.DatasetReader) -> str:
    """Name the coordinate system as the file does; ``not stated:`` where it does not."""
    if raster.crs is None:
        return f"{NOT_STATED}{raster.transform.c}, {raster.transform.f}"
    code = raster.crs.to_epsg()
    return raster.crs.to_wkt() if code is None else f"EPSG:{code}"


def _written(raster: rasterio.DatasetReader, band: int, path: Path) -> dict[str, int]:
    """Write the numbers, some rows at a time; count what is unknown and what is below nobody."""
    from rasterio.windows import Window

    unknown = negative = 0
    some = max(1, 4_000_000 // raster.width)
    with path.with_name(BAND).open("wb") as file:
        for row in range(0, raster.height, some):
            window = Window(0, row, raster.width, min(some, raster.height - row))
            held = raster.read(band, window=window, masked=True)
            people = held.astype(np.float32).filled(np.nan)
            people = people * raster.scales[band - 1] + raster.offsets[band - 1]
            below = people < 0
            people[below | np.isinf(people)] = np.nan
            unknown += int(np.isnan(people).sum())
            negative += int(below.sum())
            file.write(people.astype("<f4").tobytes())
    return {"unknown": unknown, "negative": negative}
