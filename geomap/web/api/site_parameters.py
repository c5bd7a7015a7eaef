"""What siting may be asked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from geomap.model.facility import TYPES
from geomap.plan.discs import MOST_M
from geomap.plan.review import WEIGHTS
from geomap.plan.siting.answer import COVERING, MODELS
from geomap.web.api.fields import (
    AtOddsError,
    ListField,
    Query,
    number,
    one_of,
    types_field,
    words_field,
)
from geomap.web.plan.ask import FASTEST_MPS, LINE, MOST_MINUTES, SPEED_MPS, WALK
from geomap.web.problems import contradiction
from geomap.web.query import any_words, decimal, whole
from geomap.web.siting.ask import (
    CANDIDATES,
    COUNTED,
    DEFAULT_GRID_M,
    DEFAULT_M,
    DEFAULT_S,
    DEMAND,
    GRID,
    IGNORE,
    KEEP,
    LEAST_GRID_M,
    MARK,
    MOST_BEDS,
    MOST_EQUITY,
    MOST_GRID_M,
    MOST_MONEY,
    MOST_P,
    MOST_S,
    STRIKE,
    USE,
    OneType,
    SiteAsk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Ids come so often; more of them fit where commas separate them.
_MOST_IDS = 30
#: Numbers of one question: under no name the one number, else of each type.
Numbers = dict[str, float]


@dataclass(frozen=True)
class SiteQuery:
    """A siting question as it came."""

    model: str | None
    p: Numbers
    standard_m: Numbers
    minutes: Numbers
    speed: float
    weight: str | None
    area: str | None
    candidates: str | None
    grid_m: float
    exclusions: str | None
    existing: str | None
    type: tuple[str, ...]
    required: tuple[str, ...]
    excluded: tuple[str, ...]
    budget: float | None
    beds: float | None
    room: str | None
    pack: str | None
    capacity: str | None
    equity: float
    occupancy: float | None
    time_limit: float

    def ask(self) -> SiteAsk:
        """Ask it: by metres in a straight line, or by minutes along the streets."""
        model = self.model or "mclp"
        # Rounded, so that an address written from it asks exactly the same.
        walked = {name: round(each * 60 * self.speed, 6) for name, each in self.minutes.items()}
        walks, standards = bool(walked), walked or self.standard_m
        by_type = self._by_type(standards)
        metres = standards.get("")
        if metres is None and model in COVERING and not by_type:
            metres = DEFAULT_M
        p = self.p.get("")
        return SiteAsk(
            model=model, p=None if p is None else int(p), standard_m=metres,
            method=WALK if walks else LINE, speed_mps=self.speed, weight=self.weight or "",
            area=self.area or "", sites=self.candidates or "", grid_m=self.grid_m,
            exclusions=self.exclusions or USE, existing=self.existing or KEEP, types=self.type,
            by_type=by_type, required=self.required, excluded=self.excluded, budget=self.budget,
            beds=self.beds, room=self.room or STRIKE, pack=self.pack or "national",
            capacity=self.capacity or "", equity=self.equity, occupancy=self.occupancy,
            time_limit_s=self.time_limit,
        )  # fmt: skip

    def _by_type(self, standards: Numbers) -> tuple[OneType, ...]:
        """Put together what is asked of each type."""
        named = [each for each in TYPES if each in self.p or each in standards]
        return tuple(
            OneType(each, int(self.p[each]) if each in self.p else None, standards.get(each))
            for each in named
        )


def parameters_of(ask: SiteAsk) -> dict[str, Any]:
    """Write a question as the parameters that ask it; what is empty is left out."""
    far, per = ("minutes", 60 * ask.speed_mps) if ask.walks else ("standard_m", 1.0)
    told = {
        "model": ask.model, "p": ask.p,
        far: None if ask.standard_m is None else ask.standard_m / per,
        "speed": ask.speed_mps if ask.walks else None, "weight": ask.weight, "area": ask.area,
        "candidates": ask.sites, "grid_m": ask.grid_m if ask.sites == GRID else None,
        "exclusions": None if ask.exclusions == USE else ask.exclusions,
        "existing": ask.existing, "type": ask.types, "required": ",".join(ask.required),
        "excluded": ",".join(ask.excluded), "budget": ask.budget, "beds": ask.beds,
        "room": None if ask.room == STRIKE else ask.room,
        "pack": None if ask.pack == "national" else ask.pack, "capacity": ask.capacity,
        "equity": ask.equity or None, "occupancy": ask.occupancy, "time_limit": ask.time_limit_s,
    }  # fmt: skip
    if ask.by_type:
        told["p"] = tuple(f"{each.type}:{each.p}" for each in ask.by_type if each.p)
        told[far] = tuple(f"{each.type}:{each.standard_m / per:.12g}" for each in ask.by_type
                          if each.standard_m is not None)  # fmt: skip
    return {
        name: f"{value:.12g}" if isinstance(value, float) else value
        for name, value in told.items() if value not in (None, "", ())
    }  # fmt: skip


def read_numbers(texts: Sequence[str], *, read: Callable[[str], float]) -> Numbers:
    """Read one number, or one for each type, repeated or separated by commas.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> read_numbers(["5"], read=int)
    {'': 5}
    >>> read_numbers(["nursing_home:2,community_center:3"], read=int)
    {'nursing_home': 2, 'community_center': 3}
    """
    found: Numbers = {}
    for each in (part.strip() for text in texts for part in text.split(",")):
        kind, colon, number = each.rpartition(":")
        if colon and kind not in TYPES:
            known = ", ".join(TYPES)
            raise ValueError(f"must be a number, or type:number of {known}, got {each[:40]!r}")
        if kind in found:
            raise AtOddsError(f"must be given once{f' for {kind}' if kind else ''}")
        found[kind] = read(number)
    if "" in found and len(found) > 1:
        raise AtOddsError("must be one number, or one for each type, not both")
    return found


def read_ids(texts: Sequence[str]) -> tuple[str, ...]:
    """Read ids, repeated or separated by commas, each once.

    Examples
    --------
    >>> read_ids(["a, b", "b"])
    ('a', 'b')
    """
    named = [any_words(each) for text in texts for each in text.split(",")]
    return tuple(dict.fromkeys(named))


def _ids(description: str) -> ListField:
    said = f"{description}, repeated or separated by commas"
    return ListField(read_ids, fields.String(), said, most=_MOST_IDS)


def _numbers(read: Callable[[str], float], description: str) -> ListField:
    """Make one number, or one for each type of facility."""
    return ListField(
        partial(read_numbers, read=read), fields.String(), description, most=len(TYPES),
        load_default=dict,
    )  # fmt: skip


class SiteParameters(Query):
    """Parameters of siting."""

    result = SiteQuery
    model = one_of(
        MODELS, "lscp: fewest sites that cover all; mclp: most people covered; p_median: least "
        "mean distance; p_center: least greatest distance. Else mclp",
    )  # fmt: skip
    p = _numbers(
        partial(whole, minimum=1, maximum=MOST_P),
        f"How many new sites, 1 to {MOST_P}; with a budget, at most. Several types at once: "
        "type:number for each, such as nursing_home:2, repeated. lscp takes none",
    )
    standard_m = _numbers(
        partial(decimal, minimum=1, maximum=MOST_M),
        f"Coverage standard, straight-line metres, 1 to {MOST_M:g}; lscp, mclp: else 1000. Several "
        "types at once: type:metres for each, such as nursing_home:5000, repeated",
    )
    minutes = _numbers(
        partial(decimal, minimum=0.1, maximum=MOST_MINUTES),
        f"A walk along the streets instead of standard_m, 0.1 to {MOST_MINUTES:g} minutes, one or "
        "type:minutes for each type; needs a network",
    )
    speed = number(0.1, FASTEST_MPS, "Of the walk, metres a second", SPEED_MPS)
    weight = one_of(WEIGHTS, "Whom to count; else the first that is known")
    area = words_field("Division code, or id of an area; else all", load_default=None)
    candidates = one_of((CANDIDATES, DEMAND, GRID), "Where sites may be: the imported "
                        "candidates, wherever people live, or points of a grid; else candidates "
                        "where there are any")  # fmt: skip
    grid_m = number(LEAST_GRID_M, MOST_GRID_M, "Metres between the points of a grid",
                    DEFAULT_GRID_M)  # fmt: skip
    exclusions = one_of((USE, IGNORE), "Whether candidates in exclusion areas are left out where "
                        "any were imported; else use")  # fmt: skip
    existing = one_of((KEEP, IGNORE), "Whether the facilities that stand serve too; else keep")
    type = types_field()
    required = _ids("Ids of candidates that must be chosen")
    excluded = _ids("Ids of candidates that must not be chosen")
    budget = number(0, MOST_MONEY, "What the sites may cost in all, yuan", None)
    beds = number(1, MOST_BEDS, "Beds planned at a site: land and floor are checked for them", None)
    room = one_of((STRIKE, MARK), "Whether sites too small for the beds are struck or only "
                  "marked; unknown sizes are kept and marked either way. Else strike")  # fmt: skip
    pack = words_field("Rule pack that land and floor are checked against; else national",
                       load_default=None)  # fmt: skip
    capacity = words_field(
        "How many each site can serve: fit, the beds that fit; planned, those planned; or a column "
        "of the candidates; else any number", load_default=None,
    )  # fmt: skip
    equity = number(0, MOST_EQUITY, "Serve the worst served first: by how much their weight is "
                    "raised", 0.0)  # fmt: skip
    occupancy = number(0.01, 1, "Tell the subsidy of a year for this share of the beds", None)
    time_limit = number(1, MOST_S, "Seconds for the choice", DEFAULT_S)

    @validates_schema
    def refuse_contradictions(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a straight line and a walk at once, and numbers that do not go together."""
        p, standard, minutes = (data.get(name) or {} for name in ("p", "standard_m", "minutes"))
        if standard and minutes:
            raise contradiction("give standard_m or minutes, not both", "minutes")
        far, standard = ("minutes", minutes) if minutes else ("standard_m", standard)
        model = data.get("model") or "mclp"
        if model not in COUNTED and p:
            raise contradiction("lscp takes no p: it looks for the fewest", "p")
        if set(p) - {""} or set(standard) - {""}:
            self._refuse_halves(model, p, standard, far)
        elif model in COUNTED and not p and data.get("budget") is None:
            raise contradiction(f"{model} needs p, how many new sites, or a budget", "p")

    @staticmethod
    def _refuse_halves(model: str, p: Numbers, standard: Numbers, far: str) -> None:
        """Refuse several types of which not all is said."""
        if "" in p or "" in standard:
            raise contradiction(f"give p and {far} both for each type, or neither",
                                  "p" if "" in p else far)  # fmt: skip
        lost = [each for each in standard if each not in p] if model in COUNTED else []
        if lost:
            raise contradiction(f"say for {', '.join(lost)} too how many", "p")
        lost = [each for each in p if each not in standard] if model in COVERING else []
        if lost:
            raise contradiction(f"say for {', '.join(lost)} too how far", far)
