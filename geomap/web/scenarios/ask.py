"""By what a scenario is judged: the planner's own question, read from an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geomap.model.area import LEVELS
from geomap.model.facility import TYPES
from geomap.plan.discs import MOST_M
from geomap.plan.review import WEIGHTS
from geomap.web.plan.ask import DEFAULT_M, FASTEST_MPS, LINE, SPEED_MPS, WALK, Ask
from geomap.web.plan.form import read_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

_ASKED: Final = ("area", "level", "type", "method", "weight", "standard_m", "speed_mps", "go")
_TEXTS: Final = {"standard_m": f"{DEFAULT_M:g}", "speed_mps": f"{SPEED_MPS:g}"}
_ORDERS: Final = ("asc", "desc")


@dataclass(frozen=True)
class AskForm:
    """What was read: a question, or what is wrong with it; and the texts as they came.

    Parameters
    ----------
    asked : whether the address asks anything, or is opened for the first time.
    sort, order : of the table of areas.
    """

    ask: Ask | None
    faults: Mapping[str, str]
    values: Mapping[str, Any]
    asked: bool
    sort: str = "moved"
    order: str = "desc"


def read_ask(args: MultiDict[str, str]) -> AskForm:
    """Read a question from an address; unknown parameters and choices are ignored."""
    faults: dict[str, str] = {}
    metres = read_number(args, "standard_m", (1, MOST_M), DEFAULT_M, faults)
    speed = read_number(args, "speed_mps", (0.1, FASTEST_MPS), SPEED_MPS, faults)
    ask = Ask(
        area=args.get("area", "").strip(), level=_one_of(args, "level", ("", *LEVELS)),
        types=tuple(each for each in TYPES if each in args.getlist("type")), rule="",
        standard_m=metres or DEFAULT_M, method=_one_of(args, "method", (LINE, WALK)),
        speed_mps=speed or SPEED_MPS, weight=_one_of(args, "weight", ("", *WEIGHTS)),
    )  # fmt: skip
    values = ask.as_dict() | {name: args.get(name, usual) for name, usual in _TEXTS.items()}
    return AskForm(
        None if faults else ask, faults, values, any(each in args for each in _ASKED),
        args.get("sort", "moved"), _one_of(args, "order", ("desc", *_ORDERS)),
    )  # fmt: skip


def _one_of(args: MultiDict[str, str], name: str, known: tuple[str, ...]) -> str:
    """Read a choice; the first where it is none of them."""
    given = args.get(name, "")
    return given if given in known else known[0]


def question(ask: Ask) -> dict[str, Any]:
    """Write a question as parameters of an address of a scenario's pages."""
    return {**ask.parameters(), "go": "1"}
