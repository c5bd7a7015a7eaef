"""Turn coordinates as a file gives them into WGS-84, and tell those that cannot be a place.

What is impossible is not put right in silence. GCJ-02 and BD-09 are converted only where the
office says so; a coordinate system that a file names is used only if it is an accepted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import Finding, RefusedError, on_rows
from geomap.errors import CRSError, ParameterError
from geomap.model.crs import GEOGRAPHIC, parse_crs, transform_accuracy_m, transform_points
from geomap.model.datum import to_wgs84
from geomap.model.epsg import accepted
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Both coordinates beyond this are metres, not degrees.
_METRES = 1_000.0
#: Conversions worse than this are told.
_ROUGH_M = 10.0
_HALF_TURN, _POLE = 180.0, 90.0
#: Before the first coordinates of a file that should state its system and does not.
NOT_STATED = "not stated:"
#: Before the name and the code of a system, where they do not fit each other.
CONTRADICTORY = "contradictory:"
EXCHANGED = Label(
    "纬度超出 ±90，调换后合理", "the latitude is beyond ±90, exchanged they are possible"
)
#: In China's surveys X is north and Y east.
_NORTH_FIRST = Label(
    "调换后在所写坐标系的使用范围内", "exchanged they lie where the stated system is used"
)
#: Zones are used a little beyond their edges.
_BEYOND_DEG = 5.0


@dataclass(frozen=True)
class Frame:
    """In what the coordinates of a file are given.

    Parameters
    ----------
    datum : wgs84, gcj02 or bd09, as the office says.
    crs : the coordinate system, as the office says, else as the file does; None is WGS-84 degrees.
    findings : what is doubtful about it.
    """

    datum: str = "wgs84"
    crs: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def projected(self) -> bool:
        """Whether coordinates are metres."""
        return self.crs is not None and bool(parse_crs(self.crs).is_projected)

    def to_wgs84(self, x: Floats, y: Floats, datum: str | None = None) -> tuple[Floats, Floats]:
        """Turn coordinates as the file gives them into WGS-84 degrees."""
        lon, lat = (x, y) if self.crs is None else transform_points(x, y, self.crs)
        return to_wgs84(lon, lat, datum or self.datum)


def stated_frame(datum: str, crs: str | None, in_file: str | None) -> Frame:
    """Decide in what coordinates are given: the office's word comes before the file's.

    Raises
    ------
    ParameterError : if the datum or the office's `crs` is unknown, or a shifted datum is combined
        with a projection.
    RefusedError : if the file states a system that is not accepted, two at once, or only a link
        to one, or should state one and does not.
    """
    to_wgs84(np.zeros(0), np.zeros(0), datum)
    if crs is not None:
        named = parse_crs(crs)
        if datum != "wgs84" and named.is_projected:
            raise ParameterError(
                f"datum {datum} is for degrees, not for crs {crs}: give one of them",
                zh=f"datum {datum} 只用于经纬度，不能与投影坐标系 {crs} 同用：请只写一个",
            )
        findings = list(_rough(crs))
        told = in_file is not None and not in_file.startswith(NOT_STATED)
        if told and not _same(str(in_file), crs):
            values = {"came": str(in_file).removeprefix(CONTRADICTORY), "expected": crs}
            findings.append(Finding("crs_contradicts", field="geometry", values=values))
        return Frame(datum, crs, tuple(findings))
    return Frame(datum) if in_file is None else _frame_of_file(datum, in_file)


def _frame_of_file(datum: str, in_file: str) -> Frame:
    """Take the file's word."""
    if in_file.startswith(NOT_STATED):
        return _asked_for(datum, in_file.removeprefix(NOT_STATED))
    if in_file.startswith(CONTRADICTORY):
        raise RefusedError("crs_contradictory", came=in_file.removeprefix(CONTRADICTORY))
    if in_file.startswith("link:"):
        raise RefusedError("crs_link", came=in_file.removeprefix("link:"))
    try:
        parse_crs(in_file)
    except CRSError as error:
        raise RefusedError("crs_unknown", came=in_file) from error
    return Frame(datum, in_file, tuple(_rough(in_file)))


def _asked_for(datum: str, came: str) -> Frame:
    """Take degrees where the office names a shifted datum; else ask for the system.

    Raises
    ------
    RefusedError : always for WGS-84, which is never assumed of a format that should say so.
    """
    if datum != "wgs84":
        return Frame(datum)
    raise RefusedError("crs_missing", came=came, expected=GEOGRAPHIC)


def _same(one: str, other: str) -> bool:
    """Whether two names mean one coordinate system."""
    try:
        return parse_crs(one) == parse_crs(other)
    except CRSError:
        return False


def _rough(crs: str) -> list[Finding]:
    """Say how far off places may be, where the conversion is not exact."""
    code = parse_crs(crs).to_epsg()
    accuracy_m = transform_accuracy_m(code) if code is not None else 0.0
    if accuracy_m is not None and accuracy_m <= _ROUGH_M:
        return []
    off = (
        Label("未公布，可能约 100", "unpublished, perhaps 100")
        if accuracy_m is None
        else f"{accuracy_m:.0f}"
    )
    values = {"came": accepted(code or 0).label, "expected": off}
    return [Finding("crs_rough", field="geometry", values=values)]


def to_points(
    x: Floats, y: Floats, rows: NDArray[np.int64], frame: Frame
) -> tuple[Floats, Floats, list[Finding]]:
    """Turn coordinates into WGS-84, leaving out what cannot be a place."""
    given = np.isfinite(x) & np.isfinite(y)
    faults: dict[str, NDArray[np.bool_]] = {"zero_coordinates": given & (x == 0) & (y == 0)}
    if not frame.projected:
        faults |= impossible(x, y, given & ~faults["zero_coordinates"])
    else:
        faults["swapped_lat_lon"] = _north_first(x, y, given, frame)
    bad = np.logical_or.reduce(list(faults.values()))
    lon, lat = frame.to_wgs84(np.where(given & ~bad, x, np.nan), np.where(given & ~bad, y, np.nan))
    outside = given & ~bad & ~(np.isfinite(lon) & (np.abs(lat) <= _POLE))
    if frame.projected:
        faults["outside_crs"] = outside
    lon, lat = np.where(outside, np.nan, lon), np.where(outside, np.nan, lat)
    came = pairs(x, y)
    findings: list[Finding] = []
    for code, mask in faults.items():
        why = _NORTH_FIRST if frame.projected else EXCHANGED
        texts = {"came": came, "why": why, "expected": frame.crs or "WGS-84"}
        findings.extend(on_rows(code, mask, rows, field="geometry", **texts))
    return lon, lat, findings


def _north_first(x: Floats, y: Floats, given: Bools, frame: Frame) -> Bools:
    """Tell metres that lie far from where their system is used, and there when exchanged."""
    use = parse_crs(str(frame.crs)).area_of_use
    if use is None or use.west > use.east:
        return np.zeros(len(x), dtype=bool)

    def there(one: Floats, other: Floats, asked: Bools) -> Bools:
        lon, lat = frame.to_wgs84(np.where(asked, one, np.nan), np.where(asked, other, np.nan))
        across = (lon >= use.west - _BEYOND_DEG) & (lon <= use.east + _BEYOND_DEG)
        return across & (lat >= use.south - _BEYOND_DEG) & (lat <= use.north + _BEYOND_DEG)

    elsewhere = given & ~there(x, y, given)
    return elsewhere & there(y, x, elsewhere)


def impossible(x: Floats, y: Floats, given: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Tell degrees that cannot be: exchanged, in metres, or out of range."""
    across, up = np.abs(x), np.abs(y)
    beyond = given & ((across > _HALF_TURN) | (up > _POLE))
    swapped = beyond & (up <= _HALF_TURN) & (across <= _POLE)
    metres = beyond & (across > _METRES) & (up > _METRES)
    return {
        "swapped_lat_lon": swapped,
        "looks_like_metres": metres,
        "out_of_range": beyond & ~swapped & ~metres,
    }


def pairs(x: Floats, y: Floats) -> Callable[[NDArray[np.int64]], list[str]]:
    """Make what writes the coordinates of asked rows as "121.4737, 31.2304"."""
    return lambda places: [
        f"{one:.10g}, {two:.10g}" for one, two in zip(x[places], y[places], strict=True)
    ]
