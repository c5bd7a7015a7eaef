"""Ask an online geocoder for places that the offline step left open. Off unless set.

Addresses leave the machine here and nowhere else. Only rows without a place, or located no better
than to their county, are asked about, once: answers are kept in a file under a hash of provider
and address. An answer outside the county of its address is refused. Rows that could be in several
counties are not asked about, for the service would choose one unseen.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.divisions import distance_to_division_m, division_names, division_reader
from geomap.data.files.findings.report import Finding
from geomap.data.geocoders import PROVIDERS, GeocoderError, Reply, ask
from geomap.errors import ParameterError
from geomap.model.addresses import is_foreign, plain_addresses
from geomap.model.datum import to_wgs84
from geomap.model.facility import LOCATION_PRECISION
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from geomap.data.geocoders import Provider
    from geomap.settings import Settings

#: Polygons are generalised: so far outside its county an answer may lie.
TOLERANCE_M = 300.0
#: After so many questions in a row that got no answer the service is left alone.
_MOST_FAILURES = 3
_COUNTY_DIGITS = 6
_SCHEMA = """CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, lon REAL, lat REAL, precision TEXT, asked_on TEXT NOT NULL)"""


@dataclass(frozen=True)
class Question:
    """One row to be asked about: its position, what is asked, and the code it must lie in."""

    row: int
    text: str
    adcode: str | None


def geocode_missing(  # noqa: PLR0913 (each is something the caller decides)
    frame: gpd.GeoDataFrame,
    settings: Settings,
    cache_path: Path,
    *,
    rows: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Locate rows by the geocoder that the settings name.

    Parameters
    ----------
    frame : (n,) facility frame; tables without an address are given back as they are.
    settings : ``geocoder``, its key, address and pause.
    cache_path : SQLite file of earlier answers; made if missing.
    rows : (n,) row numbers for the findings.
    progress : told after each row: how many are done, of how many.
    sleep : waits, so that tests need not.

    Returns
    -------
    The frame with places and ``location_precision`` filled in, index kept, and what to tell.

    Raises
    ------
    ParameterError : if no geocoder is set, it needs a key, or its address is no http address.
    """
    provider = chosen(settings)
    questions = list(_questions(frame, provider)) if "address" in frame else []
    outcome = _Outcome()
    with closing(_open(cache_path)) as cache:
        for done, question in enumerate(questions, 1):
            if outcome.failures >= _MOST_FAILURES or outcome.stopped:
                outcome.unasked += len(questions) - done + 1
                break
            _settle(question, provider, settings, cache, outcome, sleep)
            if progress is not None:
                progress(done, len(questions))
    numbers = list(range(1, len(frame) + 1)) if rows is None else list(rows)
    return _placed(frame, outcome), tuple(_told(outcome, provider, numbers))


def chosen(settings: Settings) -> Provider:
    """Give the provider that is set.

    Raises
    ------
    ParameterError : if none is set, its key is missing, or its address is no http address.
    """
    if settings.geocoder is None:
        raise ParameterError(
            "geocoder must be tianditu, amap or nominatim, got none",
            zh="geocoder 须为 tianditu、amap 或 nominatim，这里没有写",
        )
    provider = PROVIDERS[settings.geocoder]
    if provider.needs_key and settings.geocoder_key is None:
        raise ParameterError(
            f"{provider.name} needs geocoder_key; set GEOMAP_GEOCODER_KEY",
            zh=f"{provider.name} 需要 geocoder_key；请设置 GEOMAP_GEOCODER_KEY",
        )
    address = settings.geocoder_url or provider.url
    if not address.startswith(("http://", "https://")):
        raise ParameterError(
            f"geocoder_url must begin with http:// or https://, got {address!r}",
            zh=f"geocoder_url 须以 http:// 或 https:// 开头，这里是 {address!r}",
        )
    return provider


class _Outcome:
    """What came of the questions so far."""

    def __init__(self) -> None:
        self.found: dict[int, Reply] = {}
        self.elsewhere: list[int] = []
        self.nothing: list[int] = []
        self.unasked = 0
        self.failures = 0
        self.stopped = False
        self.why = Label("服务没有应答", "the service did not answer")


def _questions(frame: gpd.GeoDataFrame, provider: Provider) -> Iterator[Question]:
    """Give the rows to ask about: those without a place, or located to the county only."""
    rough = frame.geometry.isna() | (frame["location_precision"] == "county")
    asked = np.flatnonzero((rough & frame["address"].notna()).to_numpy())
    addresses, codes = frame["address"].tolist(), frame["adcode"].tolist()
    reader, _ = division_reader()
    names = division_names()
    for row, plain in zip(asked, plain_addresses(addresses[each] for each in asked), strict=True):
        address = str(addresses[row])
        code = codes[row][:_COUNTY_DIGITS] if isinstance(codes[row], str) else ""
        if is_foreign(address):
            if provider.abroad:
                yield Question(int(row), address, None)
        elif code in names and not code.endswith("0000"):
            said = reader.read(plain)
            above = "" if said.ends and not said.alone else names[code].path
            yield Question(int(row), above + address, code)


def _settle(  # noqa: PLR0913, PLR0917 (one question and all it needs)
    question: Question,
    provider: Provider,
    settings: Settings,
    cache: sqlite3.Connection,
    outcome: _Outcome,
    sleep: Callable[[float], None],
) -> None:
    """Answer a question from the file, else ask; keep what may be kept."""
    key = _key(provider, settings, question.text)
    kept = cache.execute("SELECT lon, lat, precision FROM answer WHERE key = ?", [key]).fetchone()
    if kept is not None:
        reply = None if kept[0] is None else Reply(*kept)
    else:
        try:
            reply = ask(provider, settings, question.text, sleep=sleep)
        except GeocoderError as error:
            outcome.failures += 1
            outcome.unasked += 1
            outcome.why, outcome.stopped = error.why, error.final
            return
        values = (None, None, None) if reply is None else (reply.lon, reply.lat, reply.precision)
        today = time.strftime("%Y-%m-%d")
        with cache:
            cache.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)", [key, *values, today]
            )
    outcome.failures = 0
    _judge(question, provider, reply, outcome)


def _judge(question: Question, provider: Provider, reply: Reply | None, outcome: _Outcome) -> None:
    """Take an answer only where it lies in the division of its address."""
    if reply is None:
        outcome.nothing.append(question.row)
        return
    lon, lat = to_wgs84(np.array([reply.lon]), np.array([reply.lat]), provider.datum)
    if question.adcode is not None:
        away_m = distance_to_division_m(lon, lat, [question.adcode])[0]
        if not away_m <= TOLERANCE_M:
            outcome.elsewhere.append(question.row)
            return
    outcome.found[question.row] = Reply(float(lon[0]), float(lat[0]), reply.precision)


def _placed(frame: gpd.GeoDataFrame, outcome: _Outcome) -> gpd.GeoDataFrame:
    """Put the answers into the rows; one no better than the county changes nothing there."""
    import shapely

    geometry = frame.geometry.to_numpy().copy()
    precision = frame["location_precision"].copy() if "location_precision" in frame else None
    for row, reply in list(outcome.found.items()):
        if reply.precision == "county" and geometry[row] is not None:
            del outcome.found[row]
            outcome.nothing.append(row)
            continue
        geometry[row] = shapely.Point(reply.lon, reply.lat)
        if precision is not None:
            precision.iloc[row] = reply.precision
    if precision is None or not outcome.found:
        return frame
    return frame.assign(location_precision=precision).set_geometry(geometry, crs=frame.crs)


def _told(outcome: _Outcome, provider: Provider, numbers: Sequence[int]) -> Iterator[Finding]:
    """Say what was found by whom, what was refused, and why questions were left."""
    groups: Mapping[str, list[int]] = defaultdict(list)
    for row, reply in outcome.found.items():
        groups[reply.precision].append(row)
    for precision, rows in sorted(groups.items()):
        values = {"came": provider.label, "expected": LOCATION_PRECISION[precision]}
        yield _of_rows("located_online", rows, numbers, values)
    if outcome.elsewhere:
        yield _of_rows("located_elsewhere", outcome.elsewhere, numbers, {"came": provider.label})
    if outcome.nothing:
        yield _of_rows("not_located_online", outcome.nothing, numbers, {"came": provider.label})
    if outcome.unasked:
        left = {"came": provider.label, "why": outcome.why, "count": outcome.unasked}
        yield Finding("geocoder_stopped", field="geometry", values=left)


def _of_rows(
    code: str, rows: Sequence[int], numbers: Sequence[int], values: Mapping[str, object]
) -> Finding:
    return Finding(code, None, "geometry", values, tuple(sorted(numbers[row] for row in rows)))


def _open(path: Path) -> sqlite3.Connection:
    """Open the file of answers."""
    connection = sqlite3.connect(path)
    connection.execute(_SCHEMA)
    return connection


def _key(provider: Provider, settings: Settings, text: str) -> str:
    """Name a question without showing it: the file holds no addresses."""
    parts = (provider.name, settings.geocoder_url or provider.url, *plain_addresses([text]))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
