"""What families should know before they pay, and where the authorities can be asked.

The warnings say in plain words what the Ministry of Civil Affairs warned of in public: seven
cases of fraud with care services, August 2023 (membership cards, presold beds, promised returns),
and the guidance of seven ministries on prepayments to care homes, May 2024 (money held by a bank,
contracts, refunds). The platform is the national one, 全国养老服务信息平台; a province's own
is not listed as long as no public document of the province names its address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    Record = dict[str, Any]

#: Homes that people move into: there large sums are asked for before.
_MOVED_INTO = frozenset({"nursing_home", "rural_welfare_home"})


@dataclass(frozen=True)
class Authority:
    """Where official word can be had."""

    name: str
    href: str


def national_platform() -> Authority:
    """Name the Ministry's public list of care homes."""
    return Authority(_("全国养老服务信息平台（民政部）"), "https://yanglao.mca.gov.cn/")


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
