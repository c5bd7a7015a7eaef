"""Tables as data: fields with kind, unit, allowed values and labels in Chinese and English.

Each kind of thing (facility, demand point, area, candidate site) is one :class:`Table`.
Reading, checking, publishing and every page work from it, so a field is described once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandera.pandas as pa

Kind = Literal[
    "text", "integer", "number", "date", "yes_no", "choice", "choices", "phone", "url", "code"
]
#: No number of a table is larger; beyond it whole numbers are no longer exact.
LARGEST = 1e15
#: The days that Python and JSON can write.
_CALENDAR = ("0001-01-01", "9999-12-31")
GeometryKind = Literal["point", "polygon", "any"]

#: The pandas dtype of each kind; missing is NaN, NA or NaT, and None in lists of choices.
DTYPES: Mapping[Kind, str] = {
    "text": "str",
    "phone": "str",
    "url": "str",
    "code": "str",
    "choice": "str",
    "integer": "Int64",
    "number": "float64",
    "date": "datetime64[s]",
    "yes_no": "boolean",
    "choices": "object",
}


@dataclass(frozen=True)
class Label:
    """One thing in the two languages of the pages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Give the label in `language`: English for "en", else Chinese."""
        return self.en if language == "en" else self.zh

    def counting(self, count: int) -> Label:
        """Write a number where the label has room for one.

        Examples
        --------
        >>> Label("{} 家", "{} homes").counting(1200).of("en")
        '1,200 homes'
        """
        return Label(self.zh.format(f"{count:,}"), self.en.format(f"{count:,}"))


@dataclass(frozen=True)
class Field:
    """One column: what it means, what it may hold and what it is called."""

    name: str
    kind: Kind
    label: Label
    unit: Label | None = None
    choices: Mapping[str, Label] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False

    @property
    def dtype(self) -> str:
        """The pandas dtype of the column."""
        return DTYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """A kind of table: its fields in order, and what its geometry may be."""

    name: str
    label: Label
    fields: tuple[Field, ...]
    geometry: GeometryKind

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names in order, without the geometry."""
        return tuple(each.name for each in self.fields)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their name."""
        return {each.name: each for each in self.fields}

    def empty(self) -> gpd.GeoDataFrame:
        """Make a frame of this table without rows, every column typed."""
        import geopandas as gpd
        import pandas as pd

        from geomap.model.crs import GEOGRAPHIC

        columns = {each.name: pd.Series(dtype=each.dtype) for each in self.fields}
        return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=GEOGRAPHIC))

    def conform(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Order and type the columns of this table; absent ones become unknown.

        Columns that the table does not know are left out, the caller's index is kept.

        Parameters
        ----------
        frame : (n,) rows whose values already fit the kinds of the fields.

        Returns
        -------
        (n,) GeoDataFrame with exactly the table's columns and its geometry.
        """
        import geopandas as gpd
        import pandas as pd

        columns = {
            each.name: frame[each.name].astype(each.dtype)
            if each.name in frame
            else pd.Series([_missing(each.kind)] * len(frame), index=frame.index, dtype=each.dtype)
            for each in self.fields
        }
        return gpd.GeoDataFrame(columns, geometry=frame.geometry, index=frame.index)

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The table as one pandera schema; validate with ``lazy=True`` for every fault at once."""
        import pandera.pandas as pa

        columns = {each.name: _column(each) for each in self.fields}
        columns["geometry"] = pa.Column(
            "geometry", nullable=True, checks=pa.Check(_geometry_fits(self.geometry))
        )
        return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=["id"], name=self.name)


def _missing(kind: Kind) -> object:
    """Give the unknown value that a dtype takes."""
    return None if kind == "choices" else float("nan") if kind == "number" else None


def _column(each: Field) -> pa.Column:
    """One pandera column with the field's bounds and allowed values."""
    import pandera.pandas as pa

    checks: list[pa.Check] = []
    if each.minimum is not None:
        checks.append(pa.Check.ge(each.minimum))
    if each.maximum is not None:
        checks.append(pa.Check.le(each.maximum))
    if each.kind in ("integer", "number"):
        checks.append(pa.Check.in_range(-LARGEST, LARGEST))
    if each.kind == "date":
        checks.append(pa.Check.in_range(*_CALENDAR))
    if each.kind == "choice":
        checks.append(pa.Check.isin(list(each.choices)))
    if each.kind == "choices":
        checks.append(pa.Check(_all_among(frozenset(each.choices)), element_wise=True))
    dtype = None if each.kind == "choices" else each.dtype
    return pa.Column(dtype, nullable=not each.required, checks=checks)


def _all_among(allowed: frozenset[str]):  # type: ignore[no-untyped-def]  # noqa: ANN202 (pandera's own callable)
    """Check that a list holds allowed values only."""
    return lambda values: set(values) <= allowed


def _geometry_fits(kind: GeometryKind):  # type: ignore[no-untyped-def]  # noqa: ANN202 (pandera's own callable)
    """Check that a column holds the table's kind of geometry, or nothing."""
    names = {"point": ("Point",), "polygon": ("Polygon", "MultiPolygon")}.get(kind)
    return lambda column: column.isna() | (column.geom_type.isin(names) if names else True)
