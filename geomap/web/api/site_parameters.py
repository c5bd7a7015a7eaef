"""What siting may be asked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates_schema

from geomap.plan.review import WEIGHTS
from geomap.plan.siting.answer import COVERING, MODELS
from geomap.web.api.fields import (
    ListField,
    Query,
    WholeField,
    described,
    types_field,
    words_field,
)
from geomap.web.api.plan_parameters import number, one_of
from geomap.web.plan.ask import FASTEST_MPS, LINE, MOST_MINUTES, SPEED_MPS, WALK
from geomap.web.query import plain_text, whole
from geomap.web.siting.ask import (
    CANDIDATES,
    COUNTED,
    DEFAULT_M,
    DEFAULT_S,
    DEMAND,
    IGNORE,
    KEEP,
    MOST_M,
    MOST_MONEY,
    MOST_P,
    MOST_S,
    SiteAsk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class SiteQuery:
    """A siting question as it came."""

    model: str | None
    p: int | None
    standard_m: float | None
    minutes: float | None
    speed: float
    weight: str | None
    area: str | None
    candidates: str | None
    existing: str | None
    type: tuple[str, ...]
    required: tuple[str, ...]
    excluded: tuple[str, ...]
    budget: float | None
    time_limit: float

    def ask(self) -> SiteAsk:
        """Ask it: by metres in a straight line, or by minutes along the streets."""
        model = self.model or "mclp"
        walks = self.minutes is not None
        # Rounded, so that an address written from it asks exactly the same.
        metres = round((self.minutes or 0) * 60 * self.speed, 6) if walks else self.standard_m
        if metres is None and model in COVERING:
            metres = DEFAULT_M
        return SiteAsk(
            model=model, p=self.p, standard_m=metres, method=WALK if walks else LINE,
            speed_mps=self.speed, weight=self.weight or "", area=self.area or "",
            sites=self.candidates or "", existing=self.existing or KEEP, types=self.type,
            required=self.required, excluded=self.excluded, budget=self.budget,
            time_limit_s=self.time_limit,
        )  # fmt: skip


def read_ids(texts: Sequence[str]) -> tuple[str, ...]:
    """Read ids, repeated or separated by commas, each once.

    Examples
    --------
    >>> read_ids(["a, b", "b"])
    ('a', 'b')
    """
    named = [plain_text(each) for text in texts for each in text.split(",")]
    return tuple(dict.fromkeys(named))


def _ids(description: str) -> ListField:
    return ListField(
        read_ids, fields.String(), load_default=(),
        metadata=described(f"{description}, repeated or separated by commas"),
    )  # fmt: skip


class SiteParameters(Query):
    """Parameters of siting."""

    result = SiteQuery
    model = one_of(
        MODELS, "lscp: fewest sites that cover all; mclp: most people covered; p_median: least "
        "mean distance; p_center: least greatest distance. Else mclp",
    )  # fmt: skip
    p = WholeField(
        partial(whole, minimum=1, maximum=MOST_P), load_default=None,
        validate=validate.Range(min=1, max=MOST_P),
        metadata=described("How many new sites; with a budget, at most. lscp takes none"),
    )  # fmt: skip
    standard_m = number(1, MOST_M, "Coverage standard, straight-line metres; lscp, mclp: else 1000",
                        None)  # fmt: skip
    minutes = number(0.1, MOST_MINUTES, "A walk along the streets instead; needs a network", None)
    speed = number(0.1, FASTEST_MPS, "Of the walk, metres a second", SPEED_MPS)
    weight = one_of((*WEIGHTS, "disabled"), "Whom to count; else the first that is known")
    area = words_field("Division code, or id of an area; else all", load_default=None)
    candidates = one_of((CANDIDATES, DEMAND), "Where sites may be: the imported candidates, or "
                        "wherever people live; else candidates where there are any")  # fmt: skip
    existing = one_of((KEEP, IGNORE), "Whether the facilities that stand serve too; else keep")
    type = types_field()
    required = _ids("Ids of candidates that must be chosen")
    excluded = _ids("Ids of candidates that must not be chosen")
    budget = number(0, MOST_MONEY, "What the sites may cost in all, yuan", None)
    time_limit = number(1, MOST_S, "Seconds for the choice", DEFAULT_S)

    @validates_schema
    def refuse_contradictions(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a straight line and a walk at once, and a number where none is taken."""
        if data.get("standard_m") is not None and data.get("minutes") is not None:
            raise ValidationError("give standard_m or minutes, not both", "minutes")
        model = data.get("model") or "mclp"
        if model not in COUNTED and data.get("p") is not None:
            raise ValidationError("lscp takes no p: it looks for the fewest", "p")
        if model in COUNTED and data.get("p") is None and data.get("budget") is None:
            raise ValidationError(f"{model} needs p, how many new sites, or a budget", "p")
