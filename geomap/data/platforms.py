"""Official platforms of provinces, cities and counties: where a family can ask the authorities.

A list of provinces ships as a layer. The operator of a site lists more in ``platforms.csv`` in the
workspace, columns ``adcode,name,url,checked_on``, since nobody publishes such a list for the whole
country; what the operator lists for a division stands instead of what ships for it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from geomap.errors import DataError, ParameterError
from geomap.model.adcodes import code_range
from geomap.settings import layers_dir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FILE = "platforms.csv"
#: The name of the list that ships, among the layers.
LAYER = "platforms"
_COLUMNS = ("adcode", "name", "url", "checked_on")
_MOST_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Platform:
    """Where the authority of a division can be asked.

    Attributes
    ----------
    adcode : the division: a code of 2, 4, 6, 9 or 12 digits.
    name, url : what it is called, and its address.
    checked_on : when somebody last saw that the address is right; None where not stated.
    """

    adcode: str
    name: str
    url: str
    checked_on: date | None


def read_platforms(folder: Path) -> tuple[Platform, ...]:
    """Read the list of a workspace; none where it has no list.

    Raises
    ------
    DataError : if the list cannot be read, or a row is wrong: it names the row.
    """
    path = folder / FILE
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path} must be smaller than {_MOST_BYTES // 2**20} MB")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if not set(_COLUMNS) <= set(rows.fieldnames or ()):
                raise DataError(
                    f"{path} must begin with {','.join(_COLUMNS)}, got {rows.fieldnames}"
                )
            return tuple(_platform(row, f"{path}, line {rows.line_num}") for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read ({error}); save it as CSV in UTF-8") from error


def all_platforms(own: Sequence[Platform]) -> tuple[Platform, ...]:
    """Join an operator's list with the one that ships; where both name a division, the first wins.

    Raises
    ------
    DataError : if the list that ships cannot be read.
    """
    listed = {code_range(each.adcode) for each in own}
    shipped = read_platforms(layers_dir())
    return (*own, *(each for each in shipped if code_range(each.adcode) not in listed))


def platforms_of(platforms: Sequence[Platform], adcode: str | None) -> list[Platform]:
    """Find the platforms for a place, that of the county before that of the province.

    Examples
    --------
    >>> city = Platform("3100", "沪", "https://a.example", None)
    >>> county = Platform("310106", "静安", "https://b.example", None)
    >>> [each.name for each in platforms_of([city, county], "310106014")]
    ['静安', '沪']
    >>> platforms_of([city, county], "310115"), platforms_of([city], None)
    ([Platform(adcode='3100', name='沪', url='https://a.example', checked_on=None)], [])
    """
    if adcode is None:
        return []
    try:
        first, last = code_range(adcode)
    except ParameterError:
        return []
    spans = [(code_range(each.adcode), each) for each in platforms]
    around = [(high - low, each) for (low, high), each in spans if low <= first and last <= high]
    return [each for _size, each in sorted(around, key=itemgetter(0))]


def _is_address(url: str) -> bool:
    """Whether this is an address on the web."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket without its other half
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _platform(row: Mapping[str, str | None], place: str) -> Platform:
    """Read one row."""
    adcode, name, url, day = ((row[column] or "").strip() for column in _COLUMNS)
    if not name:
        raise DataError(f"{place}: name must not be empty")
    if not _is_address(url):
        raise DataError(f"{place}: url must begin with https:// or http://, got {url!r}")
    try:
        code_range(adcode)
        return Platform(adcode, name, url, date.fromisoformat(day) if day else None)
    except ParameterError as error:
        raise DataError(f"{place}: {error}") from error
    except ValueError as error:
        raise DataError(
            f"{place}: checked_on must be a date such as 2026-07-01, got {day!r}"
        ) from error
