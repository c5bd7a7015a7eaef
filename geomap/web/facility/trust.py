"""What families should know before they pay, and where the authorities can be asked.

The warnings say in plain words what the Ministry of Civil Affairs warned of in public: seven
cases of fraud with care services, August 2023 (membership cards, presold beds, promised returns),
and the guidance of seven ministries on prepayments to care homes, May 2024 (money held by a bank,
contracts, refunds). What ships is the national platform, 全国养老服务信息平台, and the sites of
most provinces; those of counties are the operator's list, see :mod:`geomap.data.platforms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from geomap.data.platforms import platforms_of
from geomap.web import wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geomap.data.platforms import Platform
    from geomap.web.facility.facts import Reader

    Record = dict[str, Any]

#: Homes that people move into: there large sums are asked for before.
_MOVED_INTO = frozenset({"nursing_home", "rural_welfare_home"})


@dataclass(frozen=True)
class Authority:
    """Where official word can be had, and the day on which the address was last checked."""

    name: str
    href: str
    checked: str | None = None


def authorities(
    platforms: Sequence[Platform], adcode: str | None, reader: Reader
) -> Sequence[Authority]:
    """Name the official platforms for a place, the nearest first; last the Ministry's."""
    own = [
        Authority(each.name, each.url, _day(each.checked_on, reader))
        for each in platforms_of(platforms, adcode)
    ]
    ministry = Authority(_("全国养老服务信息平台（民政部）"), "https://yanglao.mca.gov.cn/")
    return [*own, ministry]


def _day(day: date | None, reader: Reader) -> str | None:
    return None if day is None else wording.day(day, reader.language, today=reader.today)


def needs_warning(record: Record) -> bool:
    """Tell whether a family should be warned: money is asked, and nobody is known to hold it.

    Examples
    --------
    >>> home = {"type": "nursing_home", "price_min": None, "price_max": None}
    >>> needs_warning(home | {"prepay_escrow": None}), needs_warning(home | {"prepay_escrow": True})
    (True, False)
    """
    if record["prepay_escrow"]:
        return False
    priced = record["price_min"] is not None or record["price_max"] is not None
    return priced or record["type"] in _MOVED_INTO


def warnings() -> Sequence[str]:
    """Say what to watch for, a thought a sentence."""
    return (
        _("有人叫您买“床位”、办“会员卡”，还说有高回报：不要交钱。养老院不是投资。"),
        _("要先交一大笔钱的，问清楚钱存在哪家银行、由谁监管、不住了怎么退，写进合同。"),
        _("签字前和家里人商量。拿不准，先打电话问。"),
    )


def telephone_questions() -> Sequence[str]:
    """Give the four questions to ask a home by telephone."""
    return (
        _("现在有空床吗？什么时候能住进来？"),
        _("我家老人这样的情况，收不收？"),
        _("一个月一共多少钱？还有押金和别的费用吗？"),
        _("预交的钱由谁保管？不住了怎么退？"),
    )
