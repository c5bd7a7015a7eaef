"""What is asked of a scenario, narrowed to the ground that it can matter on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.model.crs import to_geographic
from geomap.model.facility import require_types
from geomap.plan.nearby import box_of, near
from geomap.plan.scenarios.applying import Matched, applied, match
from geomap.plan.scenarios.stands import Stands
from geomap.plan.sites import has_geometry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.network import Network
    from geomap.model.scenario import Change
    from geomap.plan.nearby import Box
    from geomap.plan.review import Question

    Mask = NDArray[np.bool_]

#: Who competes for the beds that somebody reaches lives within twice the reach; who serves those,
#: within thrice.
_RIVALS, _SERVERS = 2, 3


@dataclass(frozen=True, eq=False)
class Asked:
    """A question about a scenario.

    Parameters
    ----------
    question : the standard, the people and the types.
    areas : (k,) to report by, None for none.
    whole : one row that the totals are of; None for all.
    demand : (n,) rows of people; the areas themselves where people live `evenly` over them.
    before, after : facilities of the types asked about, without the changes and with them.
    every_before, every_after : those of all types.
    matched : the changes, with the rows of `every_after`.
    stands : where each of `every_after` serves from; those that are not `kept` serve nobody.
    kept : which rows of `every_after` are in `after`.
    network : the streets, where the question is of a walk.
    """

    question: Question
    areas: gpd.GeoDataFrame | None
    whole: gpd.GeoDataFrame | None
    demand: gpd.GeoDataFrame
    evenly: bool
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    every_before: gpd.GeoDataFrame
    every_after: gpd.GeoDataFrame
    matched: Matched
    stands: Stands
    kept: Mask
    network: Network | None

    @classmethod
    def of(  # noqa: PLR0913 (what the public function takes)
        cls,
        facilities: gpd.GeoDataFrame,
        changes: Iterable[Change | Mapping[str, Any]],
        demand: gpd.GeoDataFrame | None,
        question: Question,
        *,
        areas: gpd.GeoDataFrame | None,
        whole: gpd.GeoDataFrame | None,
        network: Network | None,
    ) -> Asked:
        """Check what is asked, and leave out what cannot matter to it."""
        if question.minutes is not None and network is None:
            raise ParameterError("a walk needs a network: import one, or ask for a straight line")
        areas, whole = (None if each is None else _named(each) for each in (areas, whole))
        if areas is not None and areas.empty:
            raise ParameterError("areas must have at least one row: give some, or none at all")
        people, evenly = _people(demand, areas, question.weight)
        facilities = to_geographic(facilities)
        matched = match(facilities, changes)
        after = applied(facilities, matched)
        stands = Stands.of(after, facilities, matched)
        kept = np.ones(len(after), dtype=bool)
        if question.types and "type" not in after:
            raise ParameterError(f"types need a column 'type' of facilities, got {list(after)}")
        if question.types:
            require_types(question.types, after["type"])
            kept = after["type"].isin(question.types).to_numpy(dtype=bool)
        box = _box(areas, whole)
        if box is not None:
            people = people if evenly else people[near(people, box, _RIVALS * question.reach_m)]
            far_m = _SERVERS * question.reach_m
            was = near(facilities, box, far_m)
            kept &= near(after, box, far_m) | np.pad(was, (0, len(after) - len(was)))
        return cls(
            question, areas, whole, people, evenly, facilities[kept[: len(facilities)]],
            after[kept], facilities, after, matched, stands.only(kept), kept, network,
        )  # fmt: skip

    @property
    def states_people(self) -> bool:
        """Whether anything is known of people; without areas it must be."""
        return self.areas is None or _states(self.demand, self.question.weight)

    @cached_property
    def rows(self) -> gpd.GeoDataFrame | None:
        """The areas, with the whole below them where there is one."""
        import geopandas as gpd

        frames = [each for each in (self.areas, self.whole) if each is not None]
        if not frames:
            return None
        frames = [to_geographic(each) for each in frames]
        own = [name for name in ("id", "name", "level", "adcode") if any(name in f for f in frames)]
        parts = [each.reindex(columns=[*own, "geometry"]) for each in frames]
        table: Any = pd.concat(parts, ignore_index=True)
        return gpd.GeoDataFrame(table, geometry="geometry", crs=parts[0].crs)


def _named(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Call the geometry by its name."""
    return areas if areas.geometry.name == "geometry" else areas.rename_geometry("geometry")


def _people(
    demand: gpd.GeoDataFrame | None, areas: gpd.GeoDataFrame | None, weight: str
) -> tuple[gpd.GeoDataFrame, bool]:
    """Choose whose people count: the demand's, else those of areas, living evenly over them."""
    if demand is not None and (areas is None or _states(demand, weight)):
        return demand, False
    if areas is None:
        raise ParameterError("people must come from demand or from areas, got neither")
    return areas, True


def _states(frame: gpd.GeoDataFrame, weight: str) -> bool:
    return weight in frame and bool(frame[weight].notna().any())


def _box(areas: gpd.GeoDataFrame | None, whole: gpd.GeoDataFrame | None) -> Box | None:
    """Give the box, in degrees, that all that is asked lies in; None where that is not known."""
    if whole is None or not has_geometry(whole).all():
        return None
    if areas is not None and not has_geometry(areas).all():
        return None
    return box_of(each for each in (areas, whole) if each is not None)
