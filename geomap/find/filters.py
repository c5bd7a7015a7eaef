"""What a family may filter by: one group a question, with its choices; unknown is one of them.

A group answers with a mask for each choice and a mask of the rows of which anything is known.
From these come a verdict on every row and the count beside every choice, the same way for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from geomap.errors import ParameterError
from geomap.model.facility import ACCEPTS, MEDICAL, OWNERSHIP, SERVICES, TYPES
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import numpy.typing as npt

    from geomap.find.selection import Columns

    Mask = npt.NDArray[np.bool_]

#: The choice of what is not known, in every group.
NOT_KNOWN = "unknown"
#: The choice of homes that say that nobody rated them.
UNRATED = "unrated"
#: Monthly fees that are offered as choices, yuan; any whole number is understood.
PRICES = (2_000, 3_000, 4_000, 6_000, 8_000)
#: The greatest fee and the levels that are understood.
HIGHEST_PRICE = 1_000_000
LEVELS = (1, 2, 3, 4, 5)

_YES = {"yes": Label("是", "Yes")}
_RATING = re.compile(r"(?P<scheme>[^|]{1,60})\|(?P<level>[1-5])")
_WHOLE = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)


@dataclass(frozen=True)
class Group:
    """One question: what may be chosen, and which rows fit a choice.

    Parameters
    ----------
    name : the name of the criterion, in addresses too.
    label : what it is called.
    choices : what is offered, without the unknown; fees and ratings depend on the data too.
    needs : whether a row must fit any of the choices, or all of them.
    fits : gives the (n,) mask of the rows that surely fit a choice.
    known : gives the (n,) mask of the rows of which the answer is known.
    understands : tells whether a text is a choice.
    besides : says in words what is understood besides `choices`.
    """

    name: str
    label: Label
    choices: Mapping[str, Label]
    needs: Literal["any", "all"]
    fits: Callable[[Columns, str], Mask]
    known: Callable[[Columns], Mask]
    understands: Callable[[str], bool] | None = None
    besides: str = ""

    def check(self, chosen: Collection[str]) -> None:
        """Refuse what is no choice.

        Raises
        ------
        ParameterError : with what came and what is allowed.
        """
        understood = self.understands or self.choices.__contains__
        wrong = [each for each in chosen if each != NOT_KNOWN and not understood(each)]
        if wrong:
            allowed = ", ".join(filter(None, (*self.choices, NOT_KNOWN, self.besides)))
            raise ParameterError(f"{self.name} must be among {allowed}, got {wrong[0]!r:.60}")

    def sure(self, columns: Columns, chosen: Collection[str]) -> Mask:
        """Mark the (n,) rows that surely fit; where the unknown is chosen too, those of it fit."""
        named = [self.fitting(columns, each) for each in chosen if each != NOT_KNOWN]
        if not named:
            return self.fitting(columns, NOT_KNOWN)
        join = np.logical_or if self.needs == "any" else np.logical_and
        fit: Mask = named[0] if len(named) == 1 else join.reduce(named)
        return fit | self.fitting(columns, NOT_KNOWN) if NOT_KNOWN in chosen else fit

    def open(self, columns: Columns, chosen: Collection[str]) -> Mask:
        """Mark the (n,) rows that would fit if what is unknown of them were so."""
        if NOT_KNOWN in chosen:
            return np.zeros(len(columns), dtype=bool)
        return self.fitting(columns, NOT_KNOWN) & ~self.sure(columns, chosen)

    def fitting(self, columns: Columns, choice: str) -> Mask:
        """Mark the (n,) rows that surely fit one choice; kept for the next question."""
        if choice == NOT_KNOWN:
            return columns.mask((self.name,), lambda each: ~self.known(each))
        return columns.mask((self.name, choice), lambda each: self.fits(each, choice))


def _has(column: str, columns: Columns) -> Mask:
    """Mark the rows with a value in a column."""
    return columns.values(column).notna().to_numpy(dtype=bool)


def _is(column: str, columns: Columns, choice: str) -> Mask:
    """Mark the rows whose column holds a choice."""
    return np.asarray((columns.values(column) == choice).fillna(value=False), dtype=bool)


def _holds(column: str, columns: Columns, choice: str) -> Mask:
    """Mark the rows whose list holds a choice."""
    return np.array([choice in each for each in _lists(column, columns)], dtype=bool)


def _lists(column: str, columns: Columns) -> list[Collection[str]]:
    """Give the lists of a column, empty where unknown."""
    return [each if isinstance(each, list | tuple) else () for each in columns.values(column)]


def _listed(column: str, columns: Columns) -> Mask:
    """Mark the rows whose list is known; an empty one says nothing."""
    return np.array([len(each) > 0 for each in _lists(column, columns)], dtype=bool)


def _beds(columns: Columns, choice: str) -> Mask:
    """Mark the rows with free beds, or with none."""
    free = columns.numbers("beds_available")
    return np.asarray(free > 0 if choice == "free" else free == 0)


def _cares(columns: Columns, choice: str) -> Mask:
    """Mark the rows with a kind of medical care; with both there is either."""
    return _is("medical", columns, choice) | (
        _is("medical", columns, "both") if choice in ("inhouse", "partner") else False
    )


def _affordable(columns: Columns, choice: str) -> Mask:
    """Mark the rows whose lowest known monthly fee is at most so many yuan."""
    return np.asarray(columns.fees <= int(choice))


def _rated(columns: Columns, choice: str) -> Mask:
    """Mark the rows of at least a level in one scheme, or those that are not rated."""
    level = columns.numbers("rating")
    scheme = columns.values("rating_scheme")
    if choice == UNRATED:
        return np.isnan(level) & scheme.notna().to_numpy(dtype=bool)
    asked = _RATING.fullmatch(choice)
    if asked is None:
        raise ParameterError(f"rating must be SCHEME|LEVEL, got {choice!r:.60}")
    same = columns.schemes == asked["scheme"]
    return np.asarray(same & (level >= int(asked["level"])))


def _rating_known(columns: Columns) -> Mask:
    """Mark the rows that state a level or a scheme."""
    return _has("rating", columns) | _has("rating_scheme", columns)


def _not_listed(columns: Columns, _choice: str) -> Mask:
    """Mark the rows that are surely not on the risk list, or have put right what put them there."""
    listed = columns.values("risk_listed")
    clear = np.asarray((listed == False).fillna(value=False), dtype=bool)  # noqa: E712 (nullable column)
    put_right = np.asarray((listed == True).fillna(value=False), dtype=bool)  # noqa: E712 (nullable column)
    return clear | (put_right & _has("rectified_on", columns))


def _yes(column: str, columns: Columns, _choice: str) -> Mask:
    """Mark the rows that surely say yes."""
    return np.asarray((columns.values(column) == True).fillna(value=False), dtype=bool)  # noqa: E712 (nullable column)


def _one_of(name: str, label: Label, choices: Mapping[str, Label]) -> Group:
    """Make the group of a column that holds one of some choices."""
    return Group(name, label, choices, "any", partial(_is, name), partial(_has, name))


def _list_of(name: str, label: Label, choices: Mapping[str, Label]) -> Group:
    """Make the group of a column that holds a list: all that is chosen is needed."""
    return Group(name, label, choices, "all", partial(_holds, name), partial(_listed, name))


def _wish(name: str, label: Label) -> Group:
    """Make the group of a column that says yes or no, of which families wish the yes."""
    return Group(name, label, _YES, "any", partial(_yes, name), partial(_has, name))


def _is_price(text: str) -> bool:
    return bool(_WHOLE.fullmatch(text)) and int(text) <= HIGHEST_PRICE


def _is_rating(text: str) -> bool:
    return text == UNRATED or _RATING.fullmatch(text) is not None


#: Every group by its name, in the order in which families ask.
GROUPS: Mapping[str, Group] = {
    each.name: each
    for each in (
        Group(
            "beds",
            Label("空床", "Free beds"),
            {"free": Label("有空床", "Has free beds"), "full": Label("已住满", "Full")},
            "any",
            _beds,
            partial(_has, "beds_available"),
        ),
        _list_of("accepts", Label("老人的情况", "Condition of the person"), ACCEPTS),
        _one_of("type", Label("机构类型", "Type"), TYPES),
        Group(
            "price",
            Label("每月费用", "Monthly fee"),
            {str(most): Label(f"{most:,} 元以内", f"up to ¥{most:,}") for most in PRICES},
            "any",
            _affordable,
            lambda columns: np.isfinite(columns.fees),
            _is_price,
            f"a whole number of yuan from 1 to {HIGHEST_PRICE:,}",
        ),
        Group(
            "medical",
            Label("医疗", "Medical care"),
            {each: MEDICAL[each] for each in ("inhouse", "partner", "none")},
            "any",
            _cares,
            partial(_has, "medical"),
        ),
        _list_of("services", Label("服务", "Services"), SERVICES),
        Group(
            "rating",
            Label("评级", "Rating"),
            {UNRATED: Label("未参评", "Not rated")},
            "any",
            _rated,
            _rating_known,
            _is_rating,
            "SCHEME|LEVEL of 1 to 5 such as national|4",
        ),
        _one_of("ownership", Label("性质", "Ownership"), OWNERSHIP),
        _wish("admits_private", Label("接收自费老人", "Admits paying residents")),
        _wish("prepay_escrow", Label("预付款由第三方存管", "Prepayment held in escrow")),
        _wish("fire_cert", Label("有消防合格证明", "Has a fire certificate")),
        Group(
            "risk",
            Label("关注名单", "Risk list"),
            {"clear": Label("没有列入，或已整改", "Not listed, or put right")},
            "any",
            _not_listed,
            partial(_has, "risk_listed"),
        ),
    )
}
