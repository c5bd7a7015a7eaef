"""The form on which readers report a mistake: what it asks, how it is read, who may send it.

Against forged forms a token stands in the form and in a cookie that only our pages can set, and
a page of another site may not send it. Against floods one address may send a few an hour; of the
address only a keyed digest is held, in memory, and nothing of a report is ever logged.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

#: What a report may be about, in the words of the form.
ABOUT: Mapping[str, Label] = {
    "phone": Label("电话打不通或不对", "The telephone number"),
    "place": Label("地址或地图位置不对", "The address or the place on the map"),
    "beds": Label("床位或空床不对", "The beds"),
    "costs": Label("费用不对", "The costs"),
    "care": Label("收什么样的老人、医疗或服务不对", "Whom it accepts, medical care or services"),
    "checks": Label("评级或检查不对", "The rating or inspections"),
    "closed": Label("已经关门或搬走", "It has closed or moved"),
    "money": Label("让人投资、办卡或乱收钱", "Investments, cards or money wrongly asked for"),
    "other": Label("其他", "Something else"),
}
#: Which choice stands for the groups of the facility's page.
GROUPS: Mapping[str, str] = {
    "stay": "beds", "costs": "costs", "care": "care", "checks": "checks", "contact": "phone",
    "home": "other",
}  # fmt: skip
MOST_TEXT, MOST_CONTACT = 1000, 100
TOKEN_COOKIE = "geomap-report"  # noqa: S105 (the cookie's name)
_TOKEN_BYTES = 24
_TOKEN_LENGTH = 32
_HOUR_S = 3600.0
_MOST_ADDRESSES = 10_000


@dataclass(frozen=True)
class ReportForm:
    """The form as it was sent.

    Parameters
    ----------
    about, text, contact : what stands in the fields, without the spaces around it.
    faults : field of the form -> what is wrong with it.
    """

    about: str = ""
    text: str = ""
    contact: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def read_report(form: MultiDict[str, str]) -> ReportForm:
    """Read the form; every fault is told at once."""
    about = form.get("about", "")
    text = form.get("text", "").replace("\r\n", "\n").strip()
    contact = form.get("contact", "").strip()
    faults = {}
    if about not in ABOUT:
        faults["about"] = _("请选一项：哪里不对。")
    if not text:
        faults["text"] = _("请写几个字：现在是什么样。")
    elif len(text) > MOST_TEXT:
        faults["text"] = _(
            "最多写 %(most)s 个字，现在有 %(came)s 个。", most=MOST_TEXT, came=len(text)
        )
    if len(contact) > MOST_CONTACT:
        faults["contact"] = _("联系方式最多 %(most)s 个字。", most=MOST_CONTACT)
    return ReportForm(about if about in ABOUT else "", text, contact, faults)


def new_token() -> str:
    """Make a token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def same_token(sent: str, kept: str) -> bool:
    """Tell whether the form's token is the cookie's.

    Examples
    --------
    >>> token = new_token()
    >>> same_token(token, token), same_token(token, new_token()), same_token("", "")
    (True, False, False)
    """
    return len(sent) == _TOKEN_LENGTH and hmac.compare_digest(sent.encode(), kept.encode())


class Doorkeeper:
    """Counts the reports of each address in the last hour, and knows forms sent before.

    Parameters
    ----------
    most : reports an hour from one address; 0 for any number.
    clock : seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._clock = most, clock
        self._key = secrets.token_bytes(16)
        self._times: dict[bytes, deque[float]] = {}
        self._tokens: deque[str] = deque(maxlen=_MOST_ADDRESSES)
        self._lock = threading.Lock()

    def admits(self, address: str) -> bool:
        """Tell whether an address may send another report, and count it."""
        if not self.most:
            return True
        digest = hashlib.blake2b(address.encode(), key=self._key, digest_size=16).digest()
        with self._lock:
            now = self._clock()
            times = self._times.setdefault(digest, deque())
            while times and now - times[0] >= _HOUR_S:
                times.popleft()
            if len(times) >= self.most:
                return False
            times.append(now)
            if len(self._times) > _MOST_ADDRESSES:
                self._forget(now)
            return True

    def claims(self, token: str) -> bool:
        """Tell whether a form comes for the first time, and remember it against a second press."""
        with self._lock:
            is_new = token not in self._tokens
            if is_new:
                self._tokens.append(token)
            return is_new

    def release(self, token: str) -> None:
        """Forget a form whose report was not kept: pressed again, it is told so again."""
        with self._lock:
            if token in self._tokens:
                self._tokens.remove(token)

    def _forget(self, now: float) -> None:
        """Forget the addresses of which nothing came for an hour; all, if that is not enough."""
        kept = {name: each for name, each in self._times.items() if now - each[-1] < _HOUR_S}
        self._times = kept if len(kept) <= _MOST_ADDRESSES else {}
