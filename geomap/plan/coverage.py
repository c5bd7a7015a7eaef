"""How many people have a facility within the coverage standard: by row, by area, in all.

Points are covered or not, by the geodesic. Polygons and cells are covered by the share of their
ground within the standard, for the rule of the middle errs by a hundredth a county; the people
of a polygon are taken to live evenly over it.

Facilities are chosen by geometry, never by district: those of the neighbours count. Service
areas may take the place of circles: isochrones along the streets, for instance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geomap.model.plane import EqualAreaPlane
from geomap.plan.demand_rows import DemandRows
from geomap.plan.ground import ground_of, polygons_of
from geomap.plan.people import people_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.plan.demand_rows import Held
    from geomap.plan.ground import Progress

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Coverage:
    """Who is within the coverage standard.

    People whose place is unknown are in no figure but ``without_place``; rows whose number of
    people is unknown are counted in ``unknown_rows``, not taken for nobody.

    Attributes
    ----------
    covered, uncovered : people; together, all whose place is known.
    share : covered over both; NaN where there is nobody.
    fraction : (n,) Series on the index of the demand: 0 or 1 for points, the covered share of the
        ground of polygons, NaN where a row has no place.
    unknown_rows : rows with a place whose number of people is unknown.
    without_place, without_place_rows : people, and rows, whose place is unknown.
    by_area : one row per area, see :func:`coverage`.
    """

    covered: float
    uncovered: float
    fraction: pd.Series
    unknown_rows: int
    without_place: float
    without_place_rows: int
    _people: Floats = field(repr=False)
    _adcode: pd.Series | None = field(repr=False)
    _given: pd.DataFrame | None = field(repr=False)

    @property
    def share(self) -> float:
        """Give the covered share of the people; NaN where there is nobody."""
        people = self.covered + self.uncovered
        return self.covered / people if people else float("nan")

    @cached_property
    def by_area(self) -> pd.DataFrame:
        """Give the figures of each area."""
        import pandas as pd

        if self._given is not None:
            return self._given
        fraction = self.fraction.to_numpy()
        placed = ~np.isnan(fraction)
        known = placed & ~np.isnan(self._people)
        people = np.where(known, self._people, 0.0)
        rows = pd.DataFrame(
            {
                "population": people,
                "covered": np.where(known, people * fraction, 0.0),
                "unknown_rows": (placed & ~known).astype(np.int64),
            },
            index=self.fraction.index,
        )
        if self._adcode is not None:
            rows = rows.groupby(self._adcode.to_numpy(), dropna=False).sum().rename_axis("adcode")
        return _with_shares(rows)


def coverage(  # noqa: PLR0913 (the public name's own options)
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None,
    *,
    standard_m: float | None = None,
    weight: str = "population",
    areas: gpd.GeoDataFrame | None = None,
    service_areas: gpd.GeoDataFrame | None = None,
    progress: Progress | None = None,
) -> Coverage:
    """Measure how many people have a facility within the coverage standard.

    Parameters
    ----------
    demand : (n,) points, polygons or cells in a known CRS; ten million points of a grid are
        answered in seconds. Rows without geometry are counted apart.
    facilities : (m,) points in a known CRS; m may be 0. Those that are closed, planned or being
        built serve nobody; an unstated status is not taken for closed. May be None where service
        areas are given.
    standard_m : coverage standard S, geodesic metres, the edge included; at most 100 km.
    weight : the column of `demand` that counts the people: population, aged_60, aged_65 ...
    areas : (k,) polygons to report by; a row of demand counts where its point or ground lies, in
        every area that holds it.
    service_areas : (l,) polygons in place of circles; then leave the standard out.
    progress : told how many polygons of how many are done; may raise to stop the work.

    Returns
    -------
    A :class:`Coverage`. Its ``by_area`` has ``population``, ``covered``, ``uncovered``, ``share``
    and ``unknown_rows`` on the index of `areas`, NaN where an area has no geometry; without
    areas, by the ``adcode`` of the demand; without that, a row for each row of demand.

    Raises
    ------
    ParameterError : if the standard is out of range, a column is missing, or neither or both of
        standard and service areas are given.
    CRSError : if a frame states no coordinate system.
    DataError : if people are negative, or a geometry is of the wrong kind, no place on earth, or
        reaches across the seam of the plane, half-way round the earth from the middle of all.

    References
    ----------
    Covering set N_i of Toregas et al. 1971, doi:10.1287/opre.19.6.1363; covered share of areas by
    ground: Tong and Murray 2009, doi:10.1111/j.1435-5957.2008.00168.x.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.points_from_xy([105.0, 105.01, 105.1], [35, 35, 35], crs="EPSG:4326")
    >>> people = gpd.GeoDataFrame({"population": [30, 10, 60]}, geometry=at)
    >>> found = coverage(people, people[:1], standard_m=1000)
    >>> found.share, found.covered, found.uncovered
    (0.4, 40.0, 60.0)
    """
    import pandas as pd

    ground, _ = ground_of(facilities, standard_m, service_areas)
    people = people_of(demand, weight)
    outlines = None if areas is None else polygons_of(areas, "areas")
    plane = None if outlines is None else EqualAreaPlane.serving(outlines, "areas")
    rows = DemandRows.of(demand, plane=plane)
    left = ground.uncovered(rows.polygons, rows.plane, progress)
    fraction = rows.fraction(ground, left)
    given = None
    if areas is not None and outlines is not None:
        given = _by_area(rows.within(outlines, left, fraction), people, areas, outlines)
    has_codes = "adcode" in demand and bool(demand["adcode"].notna().any())
    placed = ~np.isnan(fraction)
    known = placed & ~np.isnan(people)
    counted, share = (people, fraction) if known.all() else (people[known], fraction[known])
    return Coverage(
        covered=float(counted @ share),
        uncovered=float(counted @ (1 - share)),
        fraction=pd.Series(fraction, index=demand.index, name="fraction"),
        unknown_rows=int((placed & ~known).sum()),
        without_place=float(np.nansum(people[~placed])),
        without_place_rows=int((~placed).sum()),
        _people=people,
        _adcode=demand["adcode"] if has_codes else None,
        _given=given,
    )


def _by_area(
    held: Held, people: Floats, areas: gpd.GeoDataFrame, outlines: Geometries
) -> pd.DataFrame:
    """Add the people of each area up."""
    import pandas as pd

    of_row, known = people[held.row], ~np.isnan(people[held.row])
    found = {
        "population": np.where(known, of_row, 0) * held.share,
        "covered": np.where(known, of_row, 0) * held.covered,
        "unknown_rows": (~known).astype(np.float64),
    }
    sums = {
        name: np.bincount(held.area, values, minlength=len(areas)) for name, values in found.items()
    }
    table = pd.DataFrame(sums, index=areas.index)
    table[shapely.is_missing(outlines)] = np.nan
    return _with_shares(table)


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Add who is not covered, and the covered share; NaN where there is nobody."""
    table = rows.assign(
        uncovered=rows["population"] - rows["covered"],
        share=rows["covered"] / rows["population"].where(rows["population"] > 0),
    )
    return table[["population", "covered", "uncovered", "share", "unknown_rows"]]
