"""What one home's sheet of paper says: alone, or as a page of a booklet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.model.facility import ValueSource, value_source
from geomap.web import wording
from geomap.web.addresses import public_address
from geomap.web.facility.fact_lines import fact_groups
from geomap.web.facility.facts import Fact, Says
from geomap.web.finder.cards import Card, card
from geomap.web.foreign import fill
from geomap.web.records import records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from typing import Any

    from markupsafe import Markup

    from geomap.web.facility.facts import Reader
    from geomap.web.state import Snapshot

    Record = dict[str, Any]
    SourceOf = Callable[[str], ValueSource]

#: The lines of a sheet, in their order.
_LINES = (
    "address", "accepts", "beds_total", "price_min", "prepay_escrow", "medical", "services",
    "rating", "inspected_on",
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """Everything that a sheet writes.

    Parameters
    ----------
    record : the home as it is known.
    card : type, name, distance, beds, risk, telephone in words.
    division : the names of province, city and county, where known.
    facts : the chief lines, in their order.
    checked : when it was last checked, and by whom.
    share_url : the full address of its page.
    """

    record: Record
    card: Card
    division: str | None
    facts: tuple[Fact, ...]
    checked: Markup
    share_url: str


def sheets_of(rows: Sequence[int], snapshot: Snapshot, reader: Reader) -> list[Sheet]:
    """Put the sheets of some homes into words.

    Parameters
    ----------
    rows : (n,) positions of the homes, in the order wanted.
    snapshot, reader : the data, and for whom and when.
    """
    frame = snapshot.facilities.iloc[list(rows)]
    return [
        _sheet(record, partial(value_source, frame.iloc[place]), snapshot, reader)
        for place, record in enumerate(records(frame))
    ]


def _sheet(record: Record, source_of: SourceOf, snapshot: Snapshot, reader: Reader) -> Sheet:
    """Put one sheet into words."""
    division = snapshot.division(record["adcode"])
    groups = fact_groups(Says(record, reader, division), source_of)
    facts = {fact.column: fact for group in groups for fact in group.facts}
    return Sheet(
        record,
        card(record, reader, division=division),
        division,
        tuple(facts[each] for each in _LINES),
        checked(record, source_of, reader),
        public_address("pages.facility", facility_id=record["id"]),
    )


def checked(record: Record, source_of: SourceOf, reader: Reader) -> Markup:
    """Say when anything of this was last checked, and by whom."""
    own = record["provenance"] or {}
    said = [source_of(each) for each in (*own, "name")]
    dated = [each for each in said if each.verified_on is not None]
    if dated:
        last = max(dated, key=_day)
        day = wording.day(_day(last), reader.language, today=reader.today)
        if last.source is None:
            return fill(_("最近核对：%(day)s。"), day=day)
        return fill(_("最近核对：%(day)s，%(source)s。"), day=day, source=last.source)
    named = next((each.source for each in said if each.source), None)
    if named is None:
        return fill(_("没有说明来源，也没有核对日期。"))
    return fill(_("来源：%(source)s，没有核对日期。"), source=named)


def _day(said: ValueSource) -> date:
    """Give the day of a source that has one."""
    if said.verified_on is None:
        raise ValueError("only dated sources are compared")
    return said.verified_on
