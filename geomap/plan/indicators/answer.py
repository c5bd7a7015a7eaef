"""All indicators together: one row an area, and the table that page and report read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.plan.indicators import programmes, quality, reach, supply
from geomap.plan.indicators.parts import table_of
from geomap.plan.indicators.study import Parameters, Study

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import geopandas as gpd

    from geomap.plan.indicators.parts import Indicator, Parts

#: Every indicator by its key, in the order of pages and reports.
INDICATORS: Final[Mapping[str, Indicator]] = table_of(
    supply.facilities,
    supply.aged_60_share,
    supply.beds_per_1000_aged_60,
    supply.beds_short,
    reach.built_rate_county,
    reach.built_rate_township,
    reach.built_rate_community,
    reach.covered_share,
    supply.nursing_bed_share,
    quality.medical_coverage,
    quality.medical_inhouse_share,
    quality.medical_partner_share,
    supply.occupancy,
    supply.homes_over_95,
    supply.homes_under_50,
    quality.rating_participation,
    quality.top_rated_share,
    quality.inspected_share,
    quality.risk_listed_share,
    supply.land_m2_per_inhabitant,
    supply.floor_m2_per_inhabitant,
    supply.land_m2_per_bed,
    supply.floor_m2_per_bed,
    supply.land_m2_per_resident,
    supply.floor_m2_per_resident,
    supply.floor_m2_per_100_households,
    programmes.online_rate,
    supply.seniors_per_institution,
    quality.stewards_per_institution,
    programmes.subsidy_yuan,
    programmes.subsidy_per_resident_year,
    programmes.demonstration_share,
    programmes.training_share,
    programmes.retrofit_share,
    programmes.funding_per_new_bed,
)


def indicators(  # noqa: PLR0913 (the public name's own options)
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    on: date | None = None,
    standard_m: float = 1_000.0,
    keys: Iterable[str] | None = None,
    parameters: Parameters | None = None,
) -> gpd.GeoDataFrame:
    """Work out the indicators of areas, of any levels, with polygons or by code.

    Parameters
    ----------
    areas : (k,) area frame; a row without geometry is asked about by its ``adcode``. Of all three
        frames any column may be missing, or be written otherwise:
        :func:`geomap.plan.indicators.given.fitted`.
    facilities : (m,) facility frame; those closed, planned or being built are left out.
    demand : (n,) demand frame; may be empty where the areas state their people.
    on : the day that "this year" is counted to; the latest that the facilities state where None,
        see :func:`geomap.plan.indicators.study.latest_day`.
    standard_m : coverage standard of ``covered_share``, straight-line metres.
    keys : which indicators, of :data:`INDICATORS`; all where None.
    parameters : what else the formulas leave open; `on` and `standard_m` come before it.

    Returns
    -------
    (k,) frame on the index of `areas`: its id, name, level, adcode and geometry, and three
    columns an indicator: its key, the value, NaN where nothing can be said; ``<key>_base``, how
    many facilities, areas or people it rests on; ``<key>_unknown``, how many were left out
    because their value is unknown. ``attrs`` say ``on``, the day; ``weight``, which people
    ``covered_share`` counts; ``outside``, how many facilities in service lie in none of the areas
    as far as is known; and ``copies``, how many rows were left out as copies of another.

    Raises
    ------
    ParameterError : if an indicator or a parameter is none.
    CRSError : if a frame with geometry states no coordinate system.
    DataError : if numbers are negative where there can be none.

    References
    ----------
    Each indicator says its formula and its source: ``INDICATORS[key].formula``, ``.source``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> towns = gpd.GeoDataFrame({"id": ["a"], "name": ["甲"], "adcode": ["410102"],
    ...     "aged_60": [2000.0]}, geometry=[None])
    >>> homes = gpd.GeoDataFrame({"adcode": ["410102"] * 2, "beds_total": [50, None]},
    ...     geometry=[None, None])
    >>> found = indicators(towns, homes, homes[:0], keys=["beds_per_1000_aged_60"])
    >>> found.filter(like="beds").values.tolist()
    [[25.0, 1.0, 1.0]]
    """
    chosen = [_known(key) for key in (INDICATORS if keys is None else keys)]
    study = study_of(areas, facilities, demand, on=on, standard_m=standard_m, given=parameters)
    columns: dict[str, object] = {}
    for each in chosen:
        parts = each(study)
        columns[each.key] = each.value(parts)
        columns[f"{each.key}_base"] = parts.base
        columns[f"{each.key}_unknown"] = parts.unknown
    own = [name for name in ("id", "name", "level", "adcode") if name in areas]
    rows = study.areas[[*own, study.areas.geometry.name]]
    found: Any = pd.concat([rows, pd.DataFrame(columns, index=rows.index)], axis=1)
    found.attrs |= {
        "on": study.parameters.on, "weight": study.weight, "copies": study.copies,
        "outside": int(study.of_facilities.nowhere.sum()),
    }  # fmt: skip
    return found


def study_of(  # noqa: PLR0913 (those of indicators)
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    on: date | None = None,
    standard_m: float | None = None,
    given: Parameters | None = None,
) -> Study:
    """Prepare what indicators stand on, to work several things out from it."""
    parameters = given or Parameters()
    if on is not None:
        parameters = replace(parameters, on=on)
    if standard_m is not None:
        parameters = replace(parameters, standard_m=standard_m)
    return Study.of(areas, facilities, demand, parameters)


def working(key: str, study: Study) -> pd.DataFrame:
    """Show how an indicator comes about.

    Parameters
    ----------
    key : of :data:`INDICATORS`.
    study : of :func:`study_of`.

    Returns
    -------
    (k,) frame on the index of the areas: ``value``, ``numerator``, ``denominator``, ``base``,
    ``unknown``, and ``low`` and ``high``, what the value could be if the unknown ones were known;
    ``may``, how many facilities may lie in the area beside those that are known to.

    Raises
    ------
    ParameterError : if there is no such indicator.
    """
    which = _known(key)
    parts: Parts = which(study)
    low, high = which.bounds(parts)
    columns = {
        "value": which.value(parts),
        "numerator": parts.numerator,
        "denominator": parts.denominator,
        "base": parts.base,
        "unknown": parts.unknown,
        "low": np.fmin(low, high),
        "high": np.fmax(low, high),
        "more": np.broadcast_to(parts.more, parts.base.shape),
        "more_of": np.broadcast_to(parts.more_of, parts.base.shape),
        "all": parts.all,
        "bounded": np.broadcast_to(parts.sure, parts.base.shape),
        "may": study.undecided.may,
    }
    return pd.DataFrame(columns, index=study.areas.index)


def _known(key: str) -> Indicator:
    if key not in INDICATORS:
        raise ParameterError(f"indicator must be one of {', '.join(INDICATORS)}, got {key!r}")
    return INDICATORS[key]
