"""What a review stands on, and what it has worked out so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from geomap.plan.nearby import box_of, near
from geomap.plan.placing import place
from geomap.plan.sites import has_geometry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from geomap.model.claims import Claim
    from geomap.model.network import Network
    from geomap.model.standards import RulePack
    from geomap.plan.pace import Pace
    from geomap.plan.review import Question


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
    pace: Pace
    rows: gpd.GeoDataFrame
    today: date | None

    @cached_property
    def near(self) -> gpd.GeoDataFrame:
        """The facilities that may reach the areas, or be of them: by their box, or by code."""
        box = box_of([self.rows])
        if box is None:
            return self.facilities
        found = near(self.facilities, box, self.question.reach_m)
        undrawn = self.rows[~has_geometry(self.rows)]
        if len(undrawn):  # what lies in these is told by its code
            coded = self.facilities.set_geometry([None] * len(found), crs=self.facilities.crs)
            found |= ~place(coded, undrawn).nowhere
        return self.facilities[found]


@dataclass(eq=False)
class Made:
    """What the steps have worked out so far."""

    columns: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
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
