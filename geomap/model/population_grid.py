"""People on a regular grid, as a raster gives them: one number a cell, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import DataError, TooLargeError
from geomap.model.crs import GEOGRAPHIC, parse_crs, transform_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: As many cells become rows with an outline each; more are taken part by part.
MOST_ROWS: Final = 2_000_000
_CORNERS = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])


@dataclass(frozen=True, eq=False)
class PopulationGrid:
    """A grid of cells, rows from north to south or the other way.

    Parameters
    ----------
    people : (h, w) float32; NaN is unknown (nodata), 0 is nobody.
    x, y : (w,) and (h,) middles of columns and rows, in the unit of `crs`.
    width, height : of a cell, positive, in that unit.
    crs : an accepted coordinate system, such as "EPSG:4326".
    negative : cells that stated less than nobody; they are unknown.

    Raises
    ------
    DataError : if these do not fit together.
    CRSError : if the coordinate system is not accepted.
    """

    people: NDArray[np.float32]
    x: Floats
    y: Floats
    width: float
    height: float
    crs: str = GEOGRAPHIC
    negative: int = 0

    def __post_init__(self) -> None:
        parse_crs(self.crs)
        fits = self.people.shape == (len(self.y), len(self.x)) and self.people.size > 0
        places = np.concatenate([self.x, self.y, [self.width, self.height]])
        if not (fits and np.isfinite(places).all() and min(self.width, self.height) > 0):
            raise DataError("a grid must have a finite place for each row and column of its cells")
        if (self.people < 0).any() or np.isinf(self.people).any():
            raise DataError("people of a cell must be 0 or more, or unknown")

    @property
    def total(self) -> float:
        """All people of known cells."""
        return float(np.nansum(self.people, dtype=np.float64))

    @property
    def unknown(self) -> int:
        """Cells without a number."""
        return int(np.isnan(self.people).sum())

    @property
    def populated(self) -> Ints:
        """Positions of the cells with people, row by row."""
        return np.flatnonzero(self.people > 0)

    def places(self, cells: Ints) -> tuple[Floats, Floats]:
        """Give longitudes and latitudes of the middles of cells, degrees."""
        row, column = np.divmod(cells, len(self.x))
        return transform_points(self.x[column], self.y[row], self.crs)

    def demand(self, cells: Ints | None = None, *, outlines: bool = True) -> gpd.GeoDataFrame:
        """Make demand rows of cells with people.

        Parameters
        ----------
        cells : positions; all that have people if not given.
        outlines : give each row its cell as a polygon; else its middle.

        Returns
        -------
        (n,) GeoDataFrame with the columns of ``DEMAND``: ``id`` is ``r<row>c<column>``, counted
        from 0 at the first; ``population`` the people.

        Raises
        ------
        TooLargeError : if more than :data:`MOST_ROWS` cells are to be rows at once.
        """
        import geopandas as gpd
        import shapely

        from geomap.model.demand import DEMAND

        cells = self.populated if cells is None else cells
        if len(cells) > MOST_ROWS:
            raise TooLargeError(
                f"at most {MOST_ROWS:,} cells can be rows at once, got {len(cells):,}: take them"
                " part by part (parts), or use a coarser grid"
            )
        row, column = np.divmod(cells, len(self.x))
        shapes = self._outlines(row, column) if outlines else shapely.points(*self.places(cells))
        columns = {
            "id": [f"r{r}c{c}" for r, c in zip(row.tolist(), column.tolist(), strict=True)],
            "population": self.people.ravel()[cells].astype(np.float64),
        }
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=GEOGRAPHIC)
        return DEMAND.conform(frame)

    def parts(self, most: int = 500_000, *, outlines: bool = True) -> Iterator[gpd.GeoDataFrame]:
        """Give the demand rows of all cells with people, some at a time."""
        cells = self.populated
        for begin in range(0, len(cells), most):
            yield self.demand(cells[begin : begin + most], outlines=outlines)

    def _outlines(self, row: Ints, column: Ints) -> NDArray[np.object_]:
        """Draw cells; their corners are turned into degrees."""
        import shapely

        x = self.x[column, None] + _CORNERS[:, 0] * self.width
        y = self.y[row, None] + _CORNERS[:, 1] * self.height
        corners = np.stack(transform_points(x, y, self.crs), axis=-1)
        return np.asarray(shapely.polygons(corners), dtype=object)
