"""Where a house number is, by the points of others on the same street."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geomap.model.geodesy import geodesic_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

#: Points of one number lie this close together, else two streets bear the name.
SAME_NUMBER_M = 400.0
#: A street whose points are spread further than this says too little.
WIDEST_M = 2_500.0
#: Numbers this far apart are not compared.
_FAR_NUMBER = 60
#: Metres of street for one number, where there is only one side to measure from.
_METRES_A_NUMBER = 8.0
#: What a single point says of where its street is.
_LONE_M = 700.0


@dataclass(frozen=True)
class Estimate:
    """A place that something is near.

    Parameters
    ----------
    lon, lat : degrees, WGS-84.
    error_m : how far off it may well be.
    by : what it was found by: name, number, street, village, township, county.
    name : of what it was found by.
    """

    lon: float
    lat: float
    error_m: float
    by: str
    name: str = ""


@dataclass(frozen=True, eq=False)
class Streets:
    """Points on streets, by the county, the street and the number.

    Parameters
    ----------
    rows : the points of each (county code, street or other name).
    number : (n,) house numbers, NaN where unknown.
    lon, lat : (n,) degrees, WGS-84.
    """

    rows: Mapping[tuple[str, str], Sequence[int]]
    number: Floats
    lon: Floats
    lat: Floats

    @classmethod
    def of(
        cls, keys: Iterable[tuple[str, str]], number: Floats, lon: Floats, lat: Floats
    ) -> Streets:
        """Take in points, each with its key."""
        rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, key in enumerate(keys):
            rows[key].append(row)
        return cls(dict(rows), number, lon, lat)

    @cached_property
    def _numbers(self) -> Sequence[float]:
        numbers: list[float] = self.number.tolist()
        return numbers

    def estimate(self, county: str, street: str, number: int | None) -> Estimate | None:
        """Find a number on a street, else the middle of what is known of the street.

        Parameters
        ----------
        county, street : the key.
        number : of the house, None where unknown.
        """
        rows = self.rows.get((county, street), ())
        if not rows:
            return None
        found = self._by_number(rows, number, street) if number is not None else None
        return found or self._middle(rows, street, "street")

    def middle(self, county: str, name: str) -> Estimate | None:
        """Find the middle of what bears one name, such as a village."""
        rows = self.rows.get((county, name), ())
        return self._middle(rows, name, "village") if rows else None

    def _by_number(self, rows: Sequence[int], number: int, street: str) -> Estimate | None:
        """Find a number between others, or beside one."""
        known = [row for row in rows if abs(self._numbers[row] - number) <= _FAR_NUMBER]
        same = [row for row in known if self._numbers[row] == number]
        if same:
            middle = self._middle(same, street, "number")
            return middle if middle and middle.error_m <= SAME_NUMBER_M else None
        below = [row for row in known if self._numbers[row] < number]
        above = [row for row in known if self._numbers[row] > number]
        if below and above:
            return self._between(
                max(below, key=self._numbers.__getitem__),
                min(above, key=self._numbers.__getitem__),
                number,
                street,
            )
        if not known:
            return None
        nearest = min(known, key=lambda row: abs(self._numbers[row] - number))
        off = abs(self._numbers[nearest] - number) * _METRES_A_NUMBER
        return Estimate(
            float(self.lon[nearest]), float(self.lat[nearest]), 60 + off, "number", street
        )

    def _between(self, low: int, high: int, number: int, street: str) -> Estimate | None:
        """Divide the way between two numbers."""
        apart_m = float(
            geodesic_m(self.lon[low], self.lat[low], self.lon[[high]], self.lat[[high]])[0]
        )
        if apart_m > WIDEST_M:
            return None
        share = (number - self._numbers[low]) / (self._numbers[high] - self._numbers[low])
        lon, lat = (
            float(axis[low] + share * (axis[high] - axis[low])) for axis in (self.lon, self.lat)
        )
        return Estimate(lon, lat, 30 + apart_m / 4, "number", street)

    def _middle(self, rows: Sequence[int], name: str, by: str) -> Estimate | None:
        """Find the point that is nearest to the median of several, if they lie together."""
        lon, lat = self.lon[list(rows)], self.lat[list(rows)]
        if len(rows) == 1:
            error_m = 50.0 if by == "number" else _LONE_M
            return Estimate(float(lon[0]), float(lat[0]), error_m, by, name)
        x, y = float(np.median(lon)), float(np.median(lat))
        away_m = geodesic_m(x, y, lon, lat)
        if away_m.max() > WIDEST_M:
            return None
        error_m = float(away_m.mean()) + (50 if by == "number" else 150)
        return Estimate(x, y, error_m, by, name)
