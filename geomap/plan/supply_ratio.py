"""Supply held against demand, area by area: beds of any kind per 1,000 people of any age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.errors import ParameterError
from geomap.plan.indicators.answer import study_of
from geomap.plan.indicators.parts import quotient, sum_over

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def supply_ratio(
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    supply: str = "beds_total",
    weight: str = "population",
) -> pd.DataFrame:
    """Divide the supply of each area by its people.

    Formula: sum of the supply of the facilities in the area ÷ its people × 1,000. The people are
    those that the area states, else those of the demand in it. What people reach across the
    border does not count: for that there is :func:`geomap.plan.accessibility.accessibility`.

    Parameters
    ----------
    areas, facilities, demand : as for :func:`geomap.plan.indicators.answer.indicators`.
    supply : the facilities' column: beds_total, beds_nursing, beds_available or another number.
    weight : the column that counts the people, of areas or demand: population, aged_65 ...

    Returns
    -------
    (k,) frame on the index of `areas`: ``per_1000``, NaN where nothing can be said, ``supply``,
    ``people``, ``base``, the facilities that state their supply, and ``unknown``, those that do
    not.

    Raises
    ------
    ParameterError : if no facility has such a column, or neither areas nor demand has.
    DataError : if supply or people are negative.

    Examples
    --------
    >>> import geopandas as gpd
    >>> town = gpd.GeoDataFrame({"adcode": ["410102"], "aged_65": [500.0]}, geometry=[None])
    >>> homes = gpd.GeoDataFrame({"adcode": ["410102"], "beds_nursing": [20]}, geometry=[None])
    >>> found = supply_ratio(town, homes, town[:0], supply="beds_nursing", weight="aged_65")
    >>> found["per_1000"].tolist()
    [40.0]
    """
    import pandas as pd

    if supply not in facilities:
        raise ParameterError(f"supply must name a column, got {supply!r} and {list(facilities)}")
    if weight not in areas and weight not in demand:
        raise ParameterError(
            f"weight must name a column of areas or demand, got {weight!r}, {list(areas)} and"
            f" {list(demand)}"
        )
    study = study_of(areas, facilities, demand)
    parts = sum_over(study, study.number(supply), study.people(weight))
    columns = {
        "per_1000": 1_000 * quotient(parts.numerator, parts.denominator),
        "supply": parts.numerator,
        "people": parts.denominator,
        "base": parts.base,
        "unknown": parts.unknown,
    }
    return pd.DataFrame(columns, index=areas.index)
