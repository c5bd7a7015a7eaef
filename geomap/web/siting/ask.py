"""What a planner asks of siting, as typed values: read from an address, kept with a job."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from geomap.plan.siting.answer import COVERING
from geomap.web.plan.ask import LINE, SPEED_MPS, WALK

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_M, DEFAULT_P, DEFAULT_S = 1_000.0, 5, 30.0
MOST_P, MOST_S, MOST_M, MOST_MONEY = 10_000, 600.0, 100_000.0, 1e15
#: Where candidates come from: those imported, or wherever people live.
CANDIDATES, DEMAND = "candidates", "demand"
#: What happens to the facilities that stand.
KEEP, IGNORE = "keep", "ignore"
#: Models that take a number of sites.
COUNTED: Final = ("mclp", "p_median", "p_center")


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
    sites : candidates or demand; the candidates that were imported where empty, if any.
    existing : keep the facilities that stand, or ignore them.
    types : of facilities that are kept; all where empty.
    required, excluded : ids of candidates that must, and must not, be chosen.
    budget : what the sites may cost in all.
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
    existing: str = KEEP
    types: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    budget: float | None = None
    time_limit_s: float = DEFAULT_S

    @property
    def walks(self) -> bool:
        """Whether the way is along the streets."""
        return self.method == WALK

    @property
    def covers(self) -> bool:
        """Whether it is about who is within a standard."""
        return self.model in COVERING

    def parameters(self) -> dict[str, object]:
        """Write it as parameters of the page's address; what is as usual is left out."""
        usual = asdict(SiteAsk())
        kept = {name: value for name, value in asdict(self).items() if value != usual[name]}
        if "types" in kept:
            kept["type"] = list(kept.pop("types"))
        for name in ("required", "excluded"):
            if name in kept:
                kept[name] = ",".join(kept[name])
        if self.model == "lscp":
            kept.pop("p", None)
        elif self.p is None:
            kept["p"] = " "  # empty: only the budget limits them
        if not self.covers:
            kept.pop("standard_m", None)
        return {n: f"{v:.12g}" if isinstance(v, (int, float)) else v for n, v in kept.items()}

    def as_dict(self) -> dict[str, Any]:
        """Write it as plain values, to be read by :meth:`from_dict`."""
        lists = ("types", "required", "excluded")
        return asdict(self) | {name: list(getattr(self, name)) for name in lists}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> SiteAsk:
        """Read what :meth:`as_dict` wrote."""
        names = {each.name for each in fields(cls)}
        values = {name: value for name, value in told.items() if name in names}
        lists = {name: tuple(values.get(name, ())) for name in ("types", "required", "excluded")}
        return cls(**values | lists)
