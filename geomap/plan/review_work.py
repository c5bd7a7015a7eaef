"""What a review stands on, what it has worked out so far, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geomap.plan.placing import place
from geomap.plan.sites import has_geometry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.claims import Claim
    from geomap.model.network import Network
    from geomap.model.standards import RulePack
    from geomap.plan.ground import Progress
    from geomap.plan.review import Question

#: No degree of latitude is so short, nor one of longitude by the cosine of its latitude.
_DEGREE_M: Final = 110_000.0


@dataclass(frozen=True, eq=False)
class Work:
    """What a review stands on; ``rows`` are the areas with the whole below them."""

    question: Question
    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    whole: gpd.GeoDataFrame
    scoped: bool
    lower: gpd.GeoDataFrame
    network: Network | None
    packs: Mapping[str, RulePack]
    claims: tuple[Claim, ...]
    tell: Callable[[str, int, int], None]
    out_of_time: Callable[[], bool]
    rows: gpd.GeoDataFrame
    today: date | None

    @cached_property
    def near(self) -> gpd.GeoDataFrame:
        """The facilities that may reach the areas, or be of them: by their box, or by code."""
        west, south, east, north = self.rows.total_bounds
        if not np.isfinite(west):
            return self.facilities
        margin = self.question.reach_m / _DEGREE_M
        farthest = min(max(abs(south), abs(north)) + margin, 89.0)
        wide = margin / float(np.cos(np.radians(farthest)))
        box = self.facilities.geometry.bounds
        near = (box["minx"] >= west - wide) & (box["maxx"] <= east + wide)
        near &= (box["miny"] >= south - margin) & (box["maxy"] <= north + margin)
        near |= box["minx"].isna()
        undrawn = self.rows[~has_geometry(self.rows)]
        if len(undrawn):  # what lies in these is told by its code
            coded = self.facilities.set_geometry([None] * len(near), crs=self.facilities.crs)
            near |= ~place(coded, undrawn).nowhere
        return self.facilities[near]


@dataclass(eq=False)
class Made:
    """What the steps have worked out so far."""

    columns: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    cut: list[tuple[str, int, int]] = field(default_factory=list)
    on_foot: OnFoot | None = None

    def table(self, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Put the columns beside the rows."""
        import geopandas as gpd

        found = pd.DataFrame(self.columns, index=rows.index)
        return gpd.GeoDataFrame(pd.concat([rows, found], axis=1), crs=rows.crs)

    @property
    def standard(self) -> dict[str, Any]:
        """How coverage and gaps are asked: by the ground on foot, if there is any."""
        return {} if self.on_foot is None else {"service_areas": self.on_foot.ground}


@dataclass(frozen=True, eq=False)
class OnFoot:
    """The ground on foot; and the rows of demand and of areas that the streets tell nothing of."""

    ground: gpd.GeoDataFrame
    demand_off: NDArray[np.bool_]
    areas_off: NDArray[np.bool_]


class TimeUpError(Exception):
    """The time was up in the middle of a step that is of no use half done."""


def in_time(work: Work, step: str) -> Progress:
    """Tell how far a step is, which is of no use half done, and stop it when the time is up."""

    def progress(done: int, of: int) -> None:
        work.tell(step, done, of)
        if done < of and work.out_of_time():
            raise TimeUpError

    return progress
