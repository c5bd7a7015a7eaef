"""Writing demonstration data: a workspace with a history, every layer marked as synthetic.

The history is told backwards from the present state: what a list of an earlier day would have
said. Each stage is imported with its day and published, so a snapshot of each stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geomap.data.demos.invented import LICENCE, SOURCE, YEAR, chance, hidden
from geomap.data.demos.samples import demonstration_city, nationwide
from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.errors import ParameterError
from geomap.model.facility import FACILITIES
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.data.demos.samples import Sample
    from geomap.data.published import Published

    Days = NDArray[np.datetime64]


WHO: Final = "geomap demo"
#: Files of more rows have fewer stages, so that a province is written within a minute.
_MANY = 5_000
_STAGES, _FEW_STAGES = 9, 4
#: What is known of a home that is being built.
_PLANNED = (
    "id", "name", "name_en", "type", "address", "adcode", "township", "operator", "brand",
    "parent_id", "ownership", "beds_total", "land_m2", "floor_m2", "status", "source",
    "source_url", "verified_on", "licence", "location_precision", "provenance",
)  # fmt: skip
_NEVER = np.datetime64("NaT")


@dataclass(frozen=True, eq=False)
class Past:
    """What was otherwise once, (n,) entries each; NaT is never.

    Parameters
    ----------
    present : (n,) facility frame as it is now.
    beds_on, beds_before : when the number of beds changed, and what it was.
    rated_on, rating_before : when it got its rating, and the one before; NaN is none.
    listed_on, delisted_on : when it came onto the risk list and left it.
    fuller : residents of earlier days, as a share of today's.
    """

    present: gpd.GeoDataFrame
    beds_on: Days
    beds_before: NDArray[np.float64]
    rated_on: Days
    rating_before: NDArray[np.float64]
    listed_on: Days
    delisted_on: Days
    fuller: NDArray[np.float64]

    def at(self, day: date, *, today: date) -> gpd.GeoDataFrame:
        """Tell what the list of a day said; that of today is the present one.

        Homes are listed as being built in the year before they open, and absent before that.
        """
        if day >= today:
            return self.present
        on = np.datetime64(day, "D")
        opened = _days(self.present["opened_on"])
        frame = self._cared(self.present, on, np.datetime64(today, "D"))
        frame = self._supervised(frame, on)
        building = on < opened
        unknown = {
            name: hidden(frame[name], building) for name in FACILITIES.names if name not in _PLANNED
        }
        status = frame["status"].mask(building, "building")
        frame = frame.assign(**unknown, status=status)
        return FACILITIES.conform(frame[on >= opened - YEAR].reset_index(drop=True))

    def _cared(
        self, frame: gpd.GeoDataFrame, on: np.datetime64, now: np.datetime64
    ) -> gpd.GeoDataFrame:
        """Put back beds and residents."""
        total = frame["beds_total"].mask(on < self.beds_on, _whole(self.beds_before))
        residents = np.floor(frame["residents"].astype("Float64") * self.fuller).astype("Int64")
        residents = residents.where(residents <= total, total).where(frame["residents"].notna())
        nursing = frame["beds_nursing"]
        back = now - on
        return frame.assign(
            beds_total=total,
            beds_nursing=nursing.where(nursing <= total, total),
            residents=residents,
            beds_available=(total - residents).where(frame["beds_available"].notna()),
            beds_updated=frame["beds_updated"] - back,
            verified_on=frame["verified_on"] - back,
            provenance=None,
        )

    def _supervised(self, frame: gpd.GeoDataFrame, on: np.datetime64) -> gpd.GeoDataFrame:
        """Put back rating, inspection and risk list."""
        rating = frame["rating"].mask(on < self.rated_on, _whole(self.rating_before))
        inspected = _days(frame["inspected_on"])
        opened = _days(frame["opened_on"])
        for _ in range(2):
            earlier = inspected - YEAR
            earlier[earlier < opened] = _NEVER
            inspected = np.where(inspected > on, earlier, inspected)
        inspected[inspected > on] = _NEVER
        known = ~np.isnat(inspected)
        rectified = _days(frame["rectified_on"])
        listed = (self.listed_on <= on) & ~(self.delisted_on <= on)
        return frame.assign(
            rating=rating,
            rating_scheme=frame["rating_scheme"].where(rating.notna()),
            inspected_on=inspected.astype("datetime64[s]"),
            inspection_result=frame["inspection_result"].where(known),
            risk_listed=pd.array(listed, "boolean"),
            rectified_on=np.where(listed & (rectified <= on), rectified, _NEVER).astype(
                "datetime64[s]"
            ),
        )


def remember(present: gpd.GeoDataFrame, *, seed: int, today: date) -> Past:
    """Invent the last two years of facilities.

    Parameters
    ----------
    present : (n,) facility frame, as of `today`.
    seed : gives the same past again.
    """
    rng, count = np.random.default_rng(seed), len(present)
    now = np.datetime64(today, "D")
    some = now - rng.integers(30, 2 * YEAR, count)
    beds = present["beds_total"].to_numpy(dtype=np.float64, na_value=np.nan)
    rating = present["rating"].to_numpy(dtype=np.float64, na_value=np.nan)
    before = np.where(chance(rng, count, 0.5) & (rating > 1), rating - 1, np.nan)
    listed = present["risk_listed"].fillna(value=False).to_numpy(dtype=bool)
    once = ~listed & chance(rng, count, 0.02)
    rectified = _days(present["rectified_on"])
    end = np.where(np.isnat(rectified), now, rectified)
    begin = np.where(listed, end - rng.integers(30, 300, count), some)
    return Past(
        present=present,
        beds_on=np.where(chance(rng, count, 0.15), some, _NEVER),
        beds_before=np.floor(beds * rng.uniform(0.6, 0.95, count)),
        rated_on=np.where(chance(rng, count, 0.6), now - rng.integers(30, 2 * YEAR, count), _NEVER),
        rating_before=before,
        listed_on=np.where(listed | once, begin, _NEVER),
        delisted_on=np.where(once, begin + rng.integers(60, 300, count), _NEVER),
        fuller=rng.uniform(0.8, 1.0, count),
    )


def stages(count: int, today: date) -> list[date]:
    """Choose the days of the history, evenly over two years: fewer for more facilities.

    Examples
    --------
    >>> from datetime import date
    >>> [str(each) for each in stages(16_000, date(2026, 7, 1))]
    ['2024-07-01', '2025-03-01', '2025-10-31', '2026-07-01']
    """
    number = _STAGES if count < _MANY else _FEW_STAGES
    back = np.linspace(2 * YEAR, 0, number).round().astype(int).tolist()
    return [today - timedelta(days=each) for each in back]


def demo_of(
    folder: Path, *, city: str | None, size: int | None, seed: int, today: date
) -> Published:
    """Make a workspace of a demonstration city, or of a number of facilities.

    Parameters
    ----------
    folder : new or empty.
    city, size : one of them; see :mod:`geomap.data.demos.samples`.
    seed : gives the same data again, on the same day.

    Raises
    ------
    ParameterError : if not one of city and size is given, or it is out of range.
    ConflictError, ParameterError, DataError : as for :func:`write_demo`.
    """
    if (city is None) == (size is None):
        raise ParameterError(
            "give either city (panjin, ningbo, henan) or size, not both",
            zh="请在 --city（panjin、ningbo、henan）和 --size 之中只写一个",
        )
    if size is not None:
        return _write_facilities(folder, size, seed=seed, today=today)
    sample = demonstration_city(str(city), seed=seed, today=today)
    return write_demo(folder, sample, key=str(city), seed=seed, today=today)


def _write_facilities(folder: Path, size: int, *, seed: int, today: date) -> Published:
    """Make a workspace of a number of facilities, without history."""
    facilities = nationwide(size, seed=seed, today=today).facilities
    workspace = Workspace.create(folder)
    _bring(workspace, facilities, "facilities", key=f"{size}-{seed}", day=today)
    del facilities  # publishing needs the memory
    return workspace.publish()


def write_demo(folder: Path, sample: Sample, *, key: str, seed: int, today: date) -> Published:
    """Make a workspace of invented data, and publish it stage by stage.

    Parameters
    ----------
    folder : new or empty.
    sample : from :mod:`geomap.data.demos.samples`.
    key : what the data is called.
    seed, today : those of the sample.

    Raises
    ------
    ConflictError, ParameterError : if the folder holds a workspace or anything else.
    DataError : if it cannot be written.
    """
    workspace = Workspace.create(folder)
    days = stages(len(sample.facilities), today)
    layers = {"areas": sample.areas, "demand": sample.demand}
    for name, frame in layers.items():
        if not frame.empty:
            _bring(workspace, frame, name, key=f"{key}-{seed}", day=days[0])
    past = remember(sample.facilities, seed=seed, today=today)
    for day in days:
        frame = past.at(day, today=today)
        _bring(workspace, frame, "facilities", key=f"{key}-{seed}", day=day)
        workspace.publish()
    return workspace.published


def _bring(
    workspace: Workspace, frame: gpd.GeoDataFrame, layer: str, *, key: str, day: date
) -> None:
    """Import one layer as of a day, marked as synthetic."""
    name = f"demo-{key}-{layer}"
    origin = Origin(
        file=name,
        sha256=hashlib.sha256(f"{name} {day}".encode()).hexdigest(),
        source=SOURCE,
        licence=LICENCE,
        options={"synthetic": True},
    )
    at = datetime.combine(day, time(), UTC)
    workspace.apply(frame, TABLES[layer], origin=origin, at=at, who=WHO)


def _days(column: pd.Series) -> Days:
    """Give dates as whole days."""
    days: Days = column.to_numpy().astype("datetime64[D]")
    return days


def _whole(numbers: NDArray[np.float64]) -> pd.Series:
    """Give numbers the type of counts; NaN is unknown."""
    return pd.Series(numbers).astype("Int64")
