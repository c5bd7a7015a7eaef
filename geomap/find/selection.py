"""Choose facilities by typed criteria; what is unknown is never taken for a no.

Every criterion gives each row one of three verdicts, and the least of them counts (Kleene's
strong logic). What families choose from are the groups of :mod:`geomap.find.filters`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.errors import ParameterError
from geomap.find.filters import GROUPS
from geomap.find.points import lon_lat
from geomap.model.adcodes import code_range, code_ranges
from geomap.model.facility import TYPES
from geomap.model.rating import scheme_of
from geomap.model.text import Haystack, normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    Verdicts = npt.NDArray[np.int8]
    Mask = npt.NDArray[np.bool_]
    Rows = npt.NDArray[np.intp]
    Box = tuple[float, float, float, float]

NO, UNKNOWN, YES = np.int8(0), np.int8(1), np.int8(2)
#: Masks of choices that are kept ready; 400,000 rows are 0.4 MB each.
_MOST_MASKS = 160
#: Rating schemes that are offered as choices; a file may name one for each home.
_MOST_SCHEMES = 12
#: So many rows are joined at a time, to be looked into: all at once would take 160 MB.
_AT_ONCE = 1 << 14
#: To sort more than one row in so many takes longer than to mark them and read the marks.
_SORTED_ONE_IN = 32


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of one facility frame, each made ready for selection when first used.

    Parameters
    ----------
    frame : (n,) facilities; geometry in degrees.
    keep : where large arrays are put that are made of them; as they are where it is not given.
    """

    frame: gpd.GeoDataFrame
    keep: Callable[[Sequence[npt.NDArray[Any]]], Sequence[npt.NDArray[Any]]] = list
    _masks: dict[tuple[str, ...], Mask] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def mask(self, key: tuple[str, ...], compute: Callable[[Columns], Mask]) -> Mask:
        """Give a mask that was computed before; how many are kept is bounded."""
        held = self._masks.get(key)
        if held is None:
            held = compute(self)
            held.flags.writeable = False
            if len(self._masks) >= _MOST_MASKS:
                self._masks.clear()
            self._masks[key] = held
        return held

    def values(self, name: str) -> pd.Series:
        """Give a column as it is; all unknown where the frame has none."""
        import pandas as pd

        if name in self.frame:
            column: pd.Series = self.frame[name]
            return column
        return pd.Series(None, index=self.frame.index, dtype="object")

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Give a column of numbers, NaN where unknown."""
        import pandas as pd

        return pd.to_numeric(self.values(name)).to_numpy(dtype=np.float64, na_value=np.nan)

    @cached_property
    def fees(self) -> npt.NDArray[np.float64]:
        """The lowest known monthly fee; a highest fee alone is an upper bound of it."""
        low, high = self.numbers("price_min"), self.numbers("price_max")
        return np.where(np.isnan(low), high, low)

    @cached_property
    def schemes(self) -> npt.NDArray[np.object_]:
        """The key of each row's rating scheme, "" where none is stated."""
        import pandas as pd

        numbers, texts = pd.factorize(self.values("rating_scheme"))
        keys = np.array([*(scheme_of(str(each)).key for each in texts), ""], dtype=object)
        return np.asarray(keys[numbers], dtype=object)

    @cached_property
    def rated(self) -> tuple[tuple[str, int], ...]:
        """The levels that occur in the most common rating schemes, the best first.

        The scheme with the most rated homes comes first; levels of different schemes do not
        compare.
        """
        level = self.numbers("rating")
        return tuple(
            (name, int(each))
            for name in self._scheme_names[:_MOST_SCHEMES]
            for each in np.unique(level[np.isfinite(level) & (self.schemes == name)])[::-1]
        )

    @cached_property
    def scheme_ranks(self) -> npt.NDArray[np.float64]:
        """The rank of each row's scheme, the one with the most rated homes 0; NaN if unrated."""
        ranks = {scheme: float(rank) for rank, scheme in enumerate(self._scheme_names)}
        ranked = np.array([ranks.get(each, np.nan) for each in self.schemes])
        return np.where(np.isnan(self.numbers("rating")), np.nan, ranked)

    @cached_property
    def _scheme_names(self) -> list[str]:
        """The schemes by which homes are rated, the one with the most homes first."""
        rated = np.isfinite(self.numbers("rating")) & (self.schemes != "")
        names, counts = np.unique(self.schemes[rated].astype(str), return_counts=True)
        return [str(each) for each in names[np.argsort(-counts, kind="stable")]]

    def known(self, name: str) -> pd.Series:
        """Give a column of text, missing where the frame has none."""
        import pandas as pd

        unknown = pd.Series(None, index=self.frame.index, dtype="str")
        column: pd.Series = self.frame.get(name, unknown)
        return column

    @cached_property
    def lon_lat(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Longitude and latitude, NaN without a location."""
        return lon_lat(self.frame)

    @cached_property
    def northward(
        self,
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The located rows from south to north, with their longitudes and latitudes."""
        lon, lat = self.lon_lat
        rows = np.argsort(lat, kind="stable")[: np.count_nonzero(np.isfinite(lat))]
        return rows.astype(np.int32), lon[rows], lat[rows]

    def within(self, box: Box) -> Rows:
        """Find the rows in a box, edges included, ascending; west > east crosses 180°."""
        found = self._within(box)
        if len(found) * _SORTED_ONE_IN > len(self):
            return np.flatnonzero(self._marked(found))
        return np.sort(found).astype(np.intp)

    def inside(self, box: Box) -> Mask:
        """Mark the (n,) rows in a box."""
        return self._marked(self._within(box))

    def _within(self, box: Box) -> npt.NDArray[np.int32]:
        """Find the rows in a box, from south to north."""
        west, south, east, north = box
        rows, lon, lat = self.northward
        span = slice(np.searchsorted(lat, south), np.searchsorted(lat, north, side="right"))
        after, before = west <= lon[span], lon[span] <= east
        return rows[span][after & before if west <= east else after | before]

    def _marked(self, rows: npt.NDArray[np.int32]) -> Mask:
        mask = np.zeros(len(self), dtype=bool)
        mask[rows] = True
        return mask

    @cached_property
    def code_ranges(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The first and last division code each row may have."""
        return code_ranges(self.known("adcode"))

    @cached_property
    def words(self) -> Haystack:
        """Names, English names and addresses, one line a row."""
        columns = [self.known(name) for name in ("name", "name_en", "address")]

        def lines(start: int) -> pd.Series:
            name, english, address = (
                each.iloc[start : start + _AT_ONCE].fillna("") for each in columns
            )
            # A private-use character parts the columns, so that no word reaches across.
            joined: pd.Series = name + "\ue000" + english + "\ue000" + address
            return joined

        parts = map(lines, range(0, len(self), _AT_ONCE))
        return Haystack.of(chain.from_iterable(parts), keep=self.keep)


@dataclass(frozen=True)
class Selection:
    """Which facilities are wanted; an empty criterion wants all.

    Parameters
    ----------
    types : facility types.
    bbox : west, south, east, north in degrees, edges included; west > east crosses 180°.
    adcode : a division code of 2, 4, 6, 9 or 12 digits; 310000 is all of Shanghai.
    text : words that must all stand in name, English name or address.
    filters : choices by group, such as ``{"medical": ("inhouse", "unknown")}``;
        see :data:`geomap.find.filters.GROUPS`.

    Raises
    ------
    ParameterError : if a type, group or choice is unknown, the box is no box, or the code no code.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([121.4, 0.0], [31.2, 0.0], crs="EPSG:4326")
    >>> homes = gpd.GeoDataFrame({"adcode": ["310106", None]}, geometry=points)
    >>> shanghai = Selection(adcode="310000")
    >>> shanghai.mask(Columns(homes)).tolist(), shanghai.maybe(Columns(homes)).tolist()
    ([True, False], [False, True])
    """

    types: tuple[str, ...] = ()
    bbox: Box | None = None
    adcode: str | None = None
    text: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = [str(each) for each in self.types if each not in TYPES]
        if unknown:
            raise ParameterError(f"type must be among {', '.join(TYPES)}, got {', '.join(unknown)}")
        if self.bbox is not None:
            _require_box(self.bbox)
        if self.adcode:
            code_range(self.adcode)
        for name, chosen in self.filters.items():
            if name not in GROUPS:
                raise ParameterError(f"filters must be among {', '.join(GROUPS)}, got {name!r}")
            GROUPS[name].check(chosen)

    @property
    def chosen(self) -> Mapping[str, tuple[str, ...]]:
        """The choices by group; the types are those of a group too."""
        return {"type": self.types, **self.filters} if self.types else self.filters

    def verdicts(self, columns: Columns) -> Verdicts:
        """Judge each row: NO if any criterion says no, UNKNOWN if one cannot tell, else YES."""
        verdicts = np.full(len(columns), YES, dtype=np.int8)
        for name, judge in _CRITERIA.items():
            if wanted := getattr(self, name):
                np.minimum(verdicts, judge(columns, wanted), out=verdicts)
        for name, chosen in self.chosen.items():
            if chosen:
                np.minimum(verdicts, _of_group(columns, name, chosen), out=verdicts)
        return verdicts

    def mask(self, columns: Columns) -> Mask:
        """Mark the (n,) rows that surely fit; the answer may be shared, so it is not to change."""
        marked = list(self.sure(columns).values())
        if not marked:
            return np.ones(len(columns), dtype=bool)
        held: Mask = functools.reduce(np.logical_and, marked)
        return held

    def rows(self, columns: Columns) -> Rows:
        """Find the rows that surely fit, ascending: of a small box without a look at all rows."""
        if self.bbox is None:
            return np.flatnonzero(self.mask(columns))
        found = columns.within(self.bbox)
        for mask in replace(self, bbox=None).sure(columns).values():
            found = found[mask[found]]
        return found

    def sure(self, columns: Columns) -> dict[str, Mask]:
        """Mark, for each criterion that wants anything, the (n,) rows that surely fit it."""
        wanted = {name: getattr(self, name) for name in _CRITERIA}
        own = {name: _SURELY[name](columns, each) for name, each in wanted.items() if each}
        chosen = {name: each for name, each in self.chosen.items() if each}
        return own | {name: GROUPS[name].sure(columns, each) for name, each in chosen.items()}

    def maybe(self, columns: Columns) -> Mask:
        """Mark the (n,) rows that would fit if what is unknown of them were so."""
        return np.equal(self.verdicts(columns), UNKNOWN)


def _in_box(columns: Columns, box: Box) -> Verdicts:
    inside = np.where(columns.inside(box), YES, NO)
    return np.where(np.isnan(columns.lon_lat[0]), UNKNOWN, inside)


def _in_division(columns: Columns, adcode: str) -> Verdicts:
    first, last = columns.code_ranges
    wanted_first, wanted_last = code_range(adcode)
    inside = (wanted_first <= first) & (last <= wanted_last)
    around = (first <= wanted_first) & (wanted_last <= last)
    return np.where(inside, YES, np.where(around, UNKNOWN, NO))


def _with_words(columns: Columns, text: str) -> Verdicts:
    words = [word for word in map(normalise, text.split()) if word]
    held = np.full(len(columns), YES if words else NO)  # marks alone are no word of any name
    for word in words:
        found = np.full(len(columns), NO)
        found[columns.words.find(word).lines] = YES
        np.minimum(held, found, out=held)
    return held


def _of_group(columns: Columns, name: str, chosen: tuple[str, ...]) -> Verdicts:
    group = GROUPS[name]
    return np.where(
        group.sure(columns, chosen), YES, np.where(group.open(columns, chosen), UNKNOWN, NO)
    )


def _surely(judge: Callable[[Columns, Any], Verdicts]) -> Callable[[Columns, Any], Mask]:
    """Mark the rows on which a criterion says yes."""
    return lambda columns, wanted: np.equal(judge(columns, wanted), YES)


_CRITERIA: Mapping[str, Callable[[Columns, Any], Verdicts]] = {
    "bbox": _in_box,
    "adcode": _in_division,
    "text": _with_words,
}
_SURELY: Mapping[str, Callable[[Columns, Any], Mask]] = {
    **{name: _surely(judge) for name, judge in _CRITERIA.items()},
    "bbox": Columns.inside,
}


def _require_box(box: Box) -> None:
    if len(box) != 4 or not all(math.isfinite(each) for each in box):  # noqa: PLR2004 (four sides)
        raise ParameterError(f"bbox must be west,south,east,north in degrees, got {box}")
    west, south, east, north = box
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise ParameterError(
            "bbox must have longitudes from -180 to 180 and latitudes from -90 to 90, south first,"
            f" got {box}"
        )
