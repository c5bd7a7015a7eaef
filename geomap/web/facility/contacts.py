"""Telephone numbers and web addresses of the data, before they become links."""

from __future__ import annotations

_SHORTEST_NUMBER = 3


def web_address(text: str | None) -> str | None:
    """Give an address that may be linked: plain http or https, nothing that runs.

    Examples
    --------
    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    if text and text.lower().startswith(("http://", "https://")) and text.isprintable():
        return text
    return None


def dial(phone: str) -> str | None:
    """Give the number to dial: the first one named, digits only; None where there is none.

    Examples
    --------
    >>> dial("021-6200 0000 转 8"), dial("+86 (10) 1234-5678 / 139"), dial("不详")
    ('02162000000', '+861012345678', None)
    """
    first = phone.replace("／", "/").replace("；", ";").replace("，", ",").replace("、", ",")
    for mark in ("/", ";", ",", "转", "ext", "#"):
        first = first.split(mark)[0]
    digits = "".join(each for each in first if each in "0123456789")
    plus = "+" if first.strip().startswith("+") else ""
    return plus + digits if len(digits) >= _SHORTEST_NUMBER else None
