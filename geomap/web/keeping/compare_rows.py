"""The lines of a comparison: one thing asked of every home, and which home has the least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.model.facility import FACILITIES
from geomap.model.table import Label
from geomap.web import wording
from geomap.web.finder.cards import ROUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geomap.web.facility.facts import Reader, Says
    from geomap.web.finder.cards import Card
    from geomap.web.wording import BedChip


@dataclass(frozen=True)
class Compared:
    """What is known of one home, as its page and its card say it."""

    says: Says
    card: Card


@dataclass(frozen=True)
class Value:
    """What one home has of a line.

    Parameters
    ----------
    text : in words; that for the unknown where `known` is false.
    best : why it stands out among the others: （最低）, （最近）.
    lang : the language of a text of the data.
    beds : free beds with their day, instead of the text.
    alert, detail : it is on the risk list, and what for in the words of the data.
    """

    text: str
    known: bool = True
    best: str | None = None
    lang: str | None = None
    beds: BedChip | None = None
    alert: bool = False
    detail: str | None = None


@dataclass(frozen=True)
class Row:
    """One thing asked of every home; `same` where all answers are alike."""

    key: str
    label: str
    values: tuple[Value, ...]

    @property
    def same(self) -> bool:
        """Whether the line says the same of all; the unknown is alike to the unknown only."""
        said = {(each.text, each.known, each.beds, each.detail) for each in self.values}
        return len(said) <= 1

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of any home."""
        return not any(each.known for each in self.values)


def compared_rows(homes: Sequence[Compared], reader: Reader, *, point: bool) -> list[Row]:
    """Put the lines of a comparison into words.

    Parameters
    ----------
    homes : those compared, in their order.
    reader : language and date.
    point : distances count from a place that was searched.
    """
    beds = Row("beds", _("空床"), tuple(_beds(each) for each in homes))
    lines = [
        Row(key, label.of(reader.language), tuple(_value(say(each), reader) for each in homes))
        for key, label, say in _LINES
    ]
    fee = _fees(homes, reader)
    far = [_distances(homes, reader)] if point else []
    risk = Row("risk", _("风险提示"), tuple(_risk(each, reader) for each in homes))
    first, *rest = lines
    return [first, beds, *far, fee, *rest[:4], risk, *rest[4:]]


def least(values: Sequence[float | None]) -> list[bool]:
    """Mark the least of the known values; none where all that are known are alike.

    What is unknown is never marked, and never counts as more or less than the others.

    Examples
    --------
    >>> least([3200.0, None, 1800.0]), least([5.0, 5.0]), least([None, 5.0])
    ([False, False, True], [False, False], [False, False])
    """
    known = {each for each in values if each is not None}
    lowest = min(known, default=None)
    return [len(known) > 1 and each is not None and each == lowest for each in values]


def _value(text: str | None, reader: Reader) -> Value:
    """Write an answer, or that nothing is known."""
    if text is None:
        return Value(wording.unknown(reader.language), known=False)
    return Value(text, lang=wording.text_language(text))


def _beds(home: Compared) -> Value:
    """Say how many beds are free, and as of when."""
    chip = home.card.beds
    return Value(chip.text, known=chip.state != "unknown", beds=chip)


def _fees(homes: Sequence[Compared], reader: Reader) -> Row:
    """Say what a month costs, from the lowest fee on; a highest fee alone is compared to none."""
    amounts = [each.says.record["price_min"] for each in homes]
    word = _("已知的里最低") if None in amounts else _("最低")
    return _ranked("price", _("月费"), amounts, [each.says.price() for each in homes], word, reader)


def _distances(homes: Sequence[Compared], reader: Reader) -> Row:
    """Say how far each is; one whose place is known roughly is compared to none."""
    metres = [
        None if each.says.record["location_precision"] in ROUGH else _metres(each) for each in homes
    ]
    word = _("已知的里最近") if None in metres else _("最近")
    texts = [each.card.distance for each in homes]
    return _ranked("distance", _("直线距离"), metres, texts, word, reader)


def _metres(home: Compared) -> float | None:
    found: float | None = home.says.record.get("distance_m")
    return found


def _ranked(  # noqa: PLR0913, PLR0917 (a line, its numbers and its words)
    key: str,
    label: str,
    numbers: Sequence[float | None],
    texts: Sequence[str | None],
    word: str,
    reader: Reader,
) -> Row:
    """Make a line whose least value is named."""
    values = [
        Value(wording.unknown(reader.language), known=False)
        if text is None
        else Value(text, best=word if best else None)
        for text, best in zip(texts, least(numbers), strict=True)
    ]
    return Row(key, label, tuple(values))


def _risk(home: Compared, reader: Reader) -> Value:
    """Say whether it is on the risk list."""
    found = home.card.risk
    if found is None:
        return _value(home.says.risk(), reader)
    return Value(found.text, detail=found.detail, alert=not found.rectified)


def _dementia(home: Compared) -> str | None:
    """Say whether people with dementia are admitted; a list that leaves them out does not say."""
    if "dementia" not in (home.says.record["accepts"] or ()):
        return None
    return Label("有", "Yes").of(home.says.reader.language)


def _column(name: str) -> Label:
    return FACILITIES.by_name[name].label


_LINES: tuple[tuple[str, Label, Callable[[Compared], str | None]], ...] = (
    ("type", Label("类型", "Type"), lambda home: home.card.kind_label),
    ("accepts", Label("可接收", "Accepts"), lambda home: home.says.accepts()),
    ("dementia", Label("失智照护", "Dementia care"), _dementia),
    ("medical", Label("医疗", "Medical care"), lambda home: home.says.medical()),
    ("rating", Label("评级", "Rating"), lambda home: home.says.rating()),
    ("beds_total", Label("床位", "Beds"), lambda home: home.says.beds()),
    ("services", Label("服务", "Services"), lambda home: home.says.services()),
    (
        "prepay_escrow",
        _column("prepay_escrow"),
        lambda home: home.says.yes_no("prepay_escrow"),
    ),
    ("address", Label("地址", "Address"), lambda home: home.says.place()),
)
