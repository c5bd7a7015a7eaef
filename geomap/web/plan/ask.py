"""What a planner asks, as typed values: read from an address, kept with a job, written as links."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from geomap.errors import ParameterError
from geomap.model.area import LEVELS
from geomap.model.facility import TYPES
from geomap.plan.discs import check_radius
from geomap.plan.review import WEIGHTS, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.model.standards import RulePack

#: The standard where nobody states one: a quarter of an hour's circle.
DEFAULT_RULE: Final = "national.living_circle_15"
DEFAULT_M: Final = 1_000.0
SPEED_MPS: Final = 0.8
LINE, WALK = "line", "walk"
MOST_MINUTES, FASTEST_MPS, MOST_BEDS = 180.0, 3.0, 1_000.0


@dataclass(frozen=True)
class Ask:
    """A planner's question.

    Parameters
    ----------
    area : division code or id of an area; everything where empty.
    level : the rows to report by; chosen from the areas where empty.
    types : of facility; all where empty.
    rule : ``pack.rule`` that the standard comes from; empty where the number is the planner's own.
    standard_m : metres, in a straight line or along the streets.
    method : line or walk.
    speed_mps : of the walk.
    weight : whom it is about; the first that the data know where empty.
    pack : what areas are held against.
    beds : beds per 1,000 aged 60 and over that are asked for; the pack's own number where None.
    """

    area: str = ""
    level: str = ""
    types: tuple[str, ...] = ()
    rule: str = DEFAULT_RULE
    standard_m: float = DEFAULT_M
    method: str = LINE
    speed_mps: float = SPEED_MPS
    weight: str = ""
    pack: str = "national"
    beds: float | None = None

    def __post_init__(self) -> None:
        check_radius(self.standard_m, "standard_m")
        allowed = {
            "level": ("", *LEVELS), "method": (LINE, WALK), "weight": ("", *WEIGHTS),
        }  # fmt: skip
        for name, those in allowed.items():
            if getattr(self, name) not in those:
                known = ", ".join(each for each in those if each)
                raise ParameterError(
                    f"{name} must be one of {known}, got {getattr(self, name)!r}",
                    zh=f"{name} 须是 {known} 之一，这里是 {getattr(self, name)!r}",
                )
        if unknown := set(self.types) - set(TYPES):
            raise ParameterError(f"type must be among {', '.join(TYPES)}, got {sorted(unknown)}")
        if not 0 < self.speed_mps <= FASTEST_MPS:
            raise ParameterError(f"speed must be above 0 and at most {FASTEST_MPS:g} m/s")
        if self.beds is not None and not 0 < self.beds <= MOST_BEDS:
            raise ParameterError(f"beds must be above 0 and at most {MOST_BEDS:g}")

    @property
    def walks(self) -> bool:
        """Whether the way is along the streets."""
        return self.method == WALK

    @property
    def minutes(self) -> float:
        """How long the way takes at the stated pace."""
        return self.standard_m / self.speed_mps / 60

    def question(self, weight: str) -> Question:
        """Ask it of the domain."""
        key = self.rule.partition(".")[2] or None
        return Question(
            standard_m=None if self.walks else self.standard_m,
            minutes=self.minutes if self.walks else None,
            speed_mps=self.speed_mps,
            weight=self.weight or weight,
            types=self.types,
            pack=self.pack or None,
            rule=key,
        )

    def parameters(self, **changed: object) -> dict[str, object]:
        """Write it as parameters of an address; what is as usual is left out."""
        own = asdict(self) | changed
        usual = asdict(Ask())
        kept = {name: value for name, value in own.items() if value != usual.get(name)}
        if "types" in kept:
            kept["type"] = list(kept.pop("types"))
        if own["rule"]:
            kept.pop("standard_m", None)  # the rule says it
        else:  # said even where it is as usual: an address with neither means the usual rule
            kept["standard_m"] = own["standard_m"]
        return {name: f"{v:.12g}" if isinstance(v, float) else v for name, v in kept.items()}

    def as_dict(self) -> dict[str, object]:
        """Write it as plain values, to be read by :meth:`from_dict`."""
        return asdict(self) | {"types": list(self.types)}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Ask:
        """Read what :meth:`as_dict` wrote."""
        names = {each.name for each in fields(cls)}
        values = {name: value for name, value in told.items() if name in names}
        return cls(**values | {"types": tuple(told.get("types", ()))})


def settled(ask: Ask, packs: Mapping[str, RulePack]) -> Ask:
    """Take the standard from the rule that is named.

    Raises
    ------
    ParameterError : if there is no such pack.
    NotFoundError : if it has no such rule.
    """
    for name in (ask.pack, ask.rule.partition(".")[0]):
        if name and name not in packs:
            raise ParameterError(f"pack must be one of {', '.join(packs)}, got {name!r}")
    if not ask.rule:
        return ask
    pack, _, key = ask.rule.partition(".")
    rule = packs[pack].rule(key)
    if rule.measure != "walk_m":
        raise ParameterError(f"rule {ask.rule} states no distance to walk, but {rule.measure}")
    return replace(ask, standard_m=rule.number)
