"""What a planner asks of siting, as typed values: read from an address, kept with a job."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geomap.plan.discs import MOST_M
from geomap.plan.siting.answer import COVERING
from geomap.web.plan.ask import LINE, SPEED_MPS, WALK

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_M, DEFAULT_P, DEFAULT_S, DEFAULT_GRID_M = 1_000.0, 5, 30.0, 500.0
MOST_P, MOST_S, MOST_MONEY = 10_000, 600.0, 1e15
LEAST_GRID_M, MOST_GRID_M, MOST_BEDS, MOST_EQUITY = 20.0, MOST_M, 10_000.0, 100.0
#: Where candidates come from: those imported, wherever people live, or points of a grid.
CANDIDATES, DEMAND, GRID = "candidates", "demand", "grid"
#: What happens to the facilities that stand, and to exclusion areas.
KEEP, USE, IGNORE = "keep", "use", "ignore"
#: What happens to a site that is too small for the beds that are planned.
STRIKE, MARK = "strike", "mark"
#: How many a site can serve, besides a column of its own: the beds that fit, or those planned.
FIT, PLANNED = "fit", "planned"
#: Models that take a number of sites.
COUNTED: Final = ("mclp", "p_median", "p_center")
#: Whom one serves first, in words: by how much the weight of the worst served is raised.
EQUITY: Final = {"no": 0.0, "some": 1.0, "much": 5.0}
_LISTS: Final = ("types", "required", "excluded")


class OneType(NamedTuple):
    """What is asked for one type, where several are sited at once.

    Parameters
    ----------
    type : of facility.
    p : how many of it; None in lscp.
    standard_m : metres within which it covers; None in models that need none.
    """

    type: str
    p: int | None
    standard_m: float | None


@dataclass(frozen=True)
class SiteAsk:
    """A siting question.

    Parameters
    ----------
    model : lscp, mclp, p_median or p_center.
    p : how many new sites; None for lscp, or where only a budget limits them.
    standard_m : metres within which people are covered; None in models that need none.
    method, speed_mps : line or walk, and the pace of the walk.
    weight : whom it is about; the first that the data know where empty.
    area : division code or id of an area; everything where empty.
    sites : candidates, demand or grid; the candidates that were imported where empty, if any.
    grid_m : metres between the points of a grid.
    exclusions : use or ignore the exclusion areas that were imported.
    existing : keep the facilities that stand, or ignore them.
    types : of facilities that are kept; all where empty.
    by_type : several types at once, in place of `p` and `standard_m`.
    required, excluded : ids of candidates that must, and must not, be chosen.
    budget : what the sites may cost in all.
    beds : planned at a site; its land and floor are checked for them.
    room : strike sites that are too small for the beds, or only mark them.
    pack : of rules that land and floor are checked against.
    capacity : a column of the candidates, fit or planned; any number where empty.
    equity : by how much the weight of the worst served is raised.
    occupancy : share of the beds that are subsidised, 0 to 1; None where nobody asks for it.
    time_limit_s : seconds for the choice.
    """

    model: str = "mclp"
    p: int | None = DEFAULT_P
    standard_m: float | None = DEFAULT_M
    method: str = LINE
    speed_mps: float = SPEED_MPS
    weight: str = ""
    area: str = ""
    sites: str = ""
    grid_m: float = DEFAULT_GRID_M
    exclusions: str = USE
    existing: str = KEEP
    types: tuple[str, ...] = ()
    by_type: tuple[OneType, ...] = ()
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    budget: float | None = None
    beds: float | None = None
    room: str = STRIKE
    pack: str = "national"
    capacity: str = ""
    equity: float = 0.0
    occupancy: float | None = None
    time_limit_s: float = DEFAULT_S

    @property
    def walks(self) -> bool:
        """Whether the way is along the streets."""
        return self.method == WALK

    @property
    def covers(self) -> bool:
        """Whether it is about who is within a standard."""
        return self.model in COVERING

    @property
    def needs_room(self) -> bool:
        """Whether it matters how many beds fit on a site."""
        return self.beds is not None or self.capacity == FIT

    @property
    def number(self) -> int | None:
        """How many sites are asked for in all; None where nobody says."""
        if not self.by_type:
            return self.p
        counts = [each.p for each in self.by_type]
        return None if None in counts else sum(each or 0 for each in counts)

    def parameters(self) -> dict[str, object]:
        """Write it as parameters of the page's address; what is as usual is left out."""
        usual = asdict(SiteAsk())
        kept = {name: value for name, value in asdict(self).items() if value != usual[name]}
        kept |= {name: ",".join(kept[name]) for name in ("required", "excluded") if name in kept}
        kept["type"] = list(kept.pop("types", ())) or None
        kept.pop("by_type", None)
        if self.model == "lscp" or self.by_type:
            kept.pop("p", None)
        elif self.p is None:
            kept["p"] = " "  # empty: only the budget limits them
        if not self.covers or self.by_type:
            kept.pop("standard_m", None)
        if self.occupancy is not None:
            kept["occupancy"] = round(self.occupancy * 100, 9)
        for each in self.by_type:
            kept |= {f"p_{each.type}": each.p, f"standard_m_{each.type}": each.standard_m}
        return {n: f"{v:.12g}" if isinstance(v, (int, float)) else v
                for n, v in kept.items() if v is not None}  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Write it as plain values, to be read by :meth:`from_dict`."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return asdict(self) | lists | {"by_type": [list(each) for each in self.by_type]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> SiteAsk:
        """Read what :meth:`as_dict` wrote."""
        names = {each.name for each in fields(cls)}
        values = {name: value for name, value in told.items() if name in names}
        lists: dict[str, Any] = {name: tuple(values.get(name, ())) for name in _LISTS}
        lists["by_type"] = tuple(OneType(*each) for each in values.get("by_type", ()))
        return cls(**values | lists)
