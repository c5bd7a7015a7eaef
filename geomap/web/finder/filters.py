"""The finder's filters in the address: read, and written back.

Every group of :mod:`geomap.find.filters` is a parameter of its own name, repeated or separated
by commas; beside them stand distance, walking time and the order of the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlencode

from flask_babel import gettext as _

from geomap.find.filters import GROUPS
from geomap.find.selection import Selection
from geomap.find.walking import walking_reach_m
from geomap.web.language import current_language
from geomap.web.query import FILTERS, LONGEST_TEXT, choices, plain_text, seen_text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

    from geomap.web.problems import Fault

_T = TypeVar("_T")
Order = Literal["distance", "price", "beds", "rating"]

ORDERS: tuple[Order, ...] = ("distance", "price", "beds", "rating")
#: Straight-line distances and walking times that are offered; any whole number is understood.
DISTANCES_M = (500, 1_000, 2_000, 5_000, 10_000, 20_000)
WALKS_MIN = (10, 15, 30)
_FARTHEST_M, _LONGEST_MIN = 20_100_000, 600


@dataclass(frozen=True)
class Filters:
    """What a reader chose beside place and type.

    Parameters
    ----------
    chosen : choices by group.
    within_m : greatest straight-line distance, metres.
    walk_min : longest walk, minutes: along the streets where they are known, else estimated.
    order : how the list is sorted; by distance where there is a point if None.
    unsure : list the homes that may fit instead: something that is asked is not known of them.
    adcode : of the division in which they lie; where only a part of the country is shown.
    """

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within_m: int | None = None
    walk_min: int | None = None
    order: Order | None = None
    unsure: bool = False
    adcode: str | None = None

    @property
    def any(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.chosen or self.within_m or self.walk_min)

    @property
    def reach_m(self) -> float | None:
        """The greatest straight-line distance that is allowed, by distance and by a usual walk."""
        reaches = [] if self.within_m is None else [float(self.within_m)]
        if self.walk_min is not None:
            reaches.append(walking_reach_m(self.walk_min))
        return min(reaches, default=None)

    def selection(self, types: tuple[str, ...]) -> Selection:
        """Give the criteria that do not need a place."""
        return Selection(types=types, filters=self.chosen, adcode=self.adcode)

    @property
    def of_map(self) -> dict[str, list[str]]:
        """Write what a map's own questions need: whatever chooses homes without a place.

        Empty where every home is wanted.
        """
        told = {name: list(many) for name, many in self.chosen.items()}
        told |= {"adcode": [self.adcode]} if self.adcode else {}
        return told | {"unsure": ["1"]} if self.unsure and told else told

    @property
    def text(self) -> str:
        """Write the same as the text of an address."""
        return urlencode(self.of_map, doseq=True)

    def parameters(self) -> dict[str, object]:
        """Write the finder's filters as address parameters; nothing chosen is None.

        The finder looks around places: it has no `adcode`, and where one looks elsewhere none
        may stay behind.
        """
        return {
            **{name: list(self.chosen.get(name, ())) for name in FILTERS},
            "within": self.within_m,
            "walk": self.walk_min,
            "sort": self.order,
            "unsure": 1 if self.unsure else None,
        }


#: Nothing chosen.
NO_FILTERS = Filters()


def read_filters(arguments: MultiDict[str, str], faults: list[Fault]) -> Filters:
    """Read the filters of an address; what cannot be read is a fault in the reader's language."""
    read = partial(read_one, arguments, faults)
    chosen = {name: _choices(name, arguments, faults) for name in FILTERS}
    within_m = read(
        "within",
        lambda text: whole(text, minimum=1, maximum=_FARTHEST_M),
        _("距离要写成米，整数，从 1 开始。"),
    )
    walk_min = read(
        "walk",
        lambda text: whole(text, minimum=1, maximum=_LONGEST_MIN),
        _("步行时间要写成分钟，从 1 到 600。"),
    )
    order = read("sort", _order, _("没有这种排序。"))
    kept = {name: each for name, each in chosen.items() if each}
    return Filters(kept, within_m, walk_min, order, unsure=arguments.get("unsure") == "1")


def read_words(arguments: MultiDict[str, str], faults: list[Fault]) -> str | None:
    """Read what is looked for; None where nothing is seen of it."""
    text = seen_text(arguments.get("q", ""))
    try:
        return plain_text(text) if text else None
    except ValueError:
        said = _("要找的名字里有显示不出来的符号，请去掉再找。")
        if len(text) > LONGEST_TEXT:
            said = _("要找的名字太长，请只写 200 个字以内。")
        faults.append({"parameter": "q", "detail": said})
        return None


def read_one(
    arguments: MultiDict[str, str],
    faults: list[Fault],
    name: str,
    by: Callable[[str], _T],
    said: str,
) -> _T | None:
    """Read one parameter of a page; where it cannot be, `said` is among the faults."""
    text = arguments.get(name, "").strip()
    try:
        return by(text) if text else None
    except ValueError:
        faults.append({"parameter": name, "detail": said})
        return None


def _choices(name: str, arguments: MultiDict[str, str], faults: list[Fault]) -> tuple[str, ...]:
    """Read the choices of one group, in the order given, each once."""
    texts = [each for each in arguments.getlist(name) if each.strip(" ,")]
    try:
        return choices(texts, group=GROUPS[name]) if texts else ()
    except ValueError:
        label = GROUPS[name].label.of(current_language())
        faults.append({"parameter": name, "detail": _("“%(group)s”里没有这一项。", group=label)})
        return ()


def _order(text: str) -> Order:
    """Read the order of the list."""
    for each in ORDERS:
        if each == text:
            return each
    raise ValueError(f"must be among {', '.join(ORDERS)}, got {text!r}")
