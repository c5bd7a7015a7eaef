"""Read telephone numbers, web addresses and codes."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from geomap.data.files.values.values import DASHES, Fault, Parsed, half_width

if TYPE_CHECKING:
    import pandas as pd

_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_NUMBER = re.compile(r"\(?\+?[0-9][0-9() .\-]*[0-9]")
_HOTLINE = re.compile(r"1[0-9]{4}|9[0-9]{4,5}")
_EXTENSION = re.compile(
    r"\s*(?:#|\*|x|ext\.?|转接?|轉接?|分机号?|分機號?|内线|內線|~|至)\s*[:：]?\s*[0-9]{1,8}(?:[-~,、/][0-9]{1,8})*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?:[/、,，;；|。]|或|及|和|\bor\b|\s{2,})\s*")
_REMARK = re.compile(
    r"[(（\[][^0-9)）\]]*[)）\]]|^(?:电话|電話|手机|座机|tel|phone|代表)\s*[:：.]?\s*",
    re.IGNORECASE,
)

_IN_URL = "[^ \t\r\n<>\"'{}|^`\\\\]"
_WEB = rf"https?://{_IN_URL}+\.{_IN_URL}+"
_HOST_ONLY = (
    rf"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{{2,24}}(?::[0-9]{{1,5}})?(?:[/?#]{_IN_URL}*)?"
)
_LONGEST_URL = 2_000


def parse_phones(texts: pd.Series) -> Parsed:
    """Read telephone numbers: what is plausible is kept as written, with plain dashes and digits.

    A number has 7 to 15 digits or is a hotline such as 12345; several may stand in a cell, each
    with an extension.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.Series(["０２１－６２５８１２３４", "02-28381571#253", "123", "02-23943265~6"])
    >>> parsed = parse_phones(cells)
    >>> parsed.values.tolist()
    ['021-62581234', '02-28381571#253', nan, '02-23943265~6']
    >>> parsed.faults[0].values["came"][parsed.faults[0].mask].tolist()
    ['123']
    """
    plain = texts
    odd = texts.notna() & ~texts.str.fullmatch(r"[0-9+#() -]*[0-9]")
    if odd.any():
        tidy = {text: _tidy(text) for text in texts[odd].unique()}
        plain = texts.where(~odd, texts[odd].map(tidy).astype("str").reindex(texts.index))
        plain = plain.mask(plain == "")
    plain = plain.str.strip().str.replace(r"[ \t\r\n]+", " ", regex=True)
    simple = plain.str.fullmatch(r"\+?[0-9][0-9-]{5,17}[0-9]")
    digits = plain.where(simple).str.count("[0-9]")
    good = digits.between(_FEWEST_DIGITS, _MOST_DIGITS)
    rest = plain[plain.notna() & ~good]
    plausible = {text: _plausible(text) for text in rest.unique()}
    good.loc[rest.index] = rest.map(plausible).astype(bool)
    bad = plain.notna() & ~good
    faults = (Fault("bad_phone", bad, {"came": texts}),) if bad.any() else ()
    return Parsed(plain.where(good), faults)


def parse_urls(texts: pd.Series) -> Parsed:
    """Read web addresses; one without http:// gets it, anything but http and https is a fault.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.Series(["www.example.org/a", "javascript:alert(1)", "a@example.org"])
    >>> parsed = parse_urls(cells)
    >>> parsed.values.tolist(), [fault.code for fault in parsed.faults]
    (['http://www.example.org/a', nan, nan], ['bad_url', 'url_completed'])
    """
    plain = half_width(texts)
    lower = plain.str.lower()
    web = lower.str.fullmatch(_WEB)
    host = lower.str.fullmatch(_HOST_ONLY) & ~web
    values = plain.where(web).where(~host, "http://" + plain)
    values = values.where(values.str.len() <= _LONGEST_URL)
    bad = texts.notna() & values.isna()
    faults = []
    if bad.any():
        faults.append(Fault("bad_url", bad, {"came": texts}))
    if host.any():
        faults.append(Fault("url_completed", host, {"came": texts, "expected": values}))
    return Parsed(values, tuple(faults))


def parse_codes(texts: pd.Series, *, digits: bool) -> Parsed:
    """Read codes; those of divisions are 2 to 12 digits, filled up to six with zeros.

    Examples
    --------
    >>> import pandas as pd
    >>> parse_codes(pd.Series(["11", "1101", "110101", "x1"]), digits=True).values.tolist()
    ['110000', '110100', '110101', nan]
    """
    plain = half_width(texts).str.replace(r"\.0$", "", regex=True)
    if not digits:
        return Parsed(plain)
    good = plain.str.fullmatch(r"[0-9]{2,12}")
    short = good & plain.str.len().isin([2, 4])
    values = plain.where(good)
    values = values.where(~short, values.str.ljust(6, "0"))
    bad = texts.notna() & ~good
    return Parsed(values, (Fault("bad_code", bad, {"came": texts}),) if bad.any() else ())


def _tidy(text: str) -> str:
    """Write digits and dashes plainly, without signs left over at the ends."""
    plain = unicodedata.normalize("NFKC", text).translate(DASHES)
    return re.sub(r"^\(代\)|[\s、,，;；・.。(（/-]+$", "", plain).strip()


def _plausible(text: str) -> bool:
    """Whether a text is one or several telephone numbers."""
    text = _REMARK.sub("", text).strip()
    whole = _EXTENSION.sub("", text)
    if _is_number(whole):
        return True
    pieces = [each for each in _SEPARATOR.split(text) if each]
    if len(pieces) == 1:
        pieces = text.split(" ")
    return (
        len(pieces) > 1
        and _is_number(_EXTENSION.sub("", pieces[0]))
        and all(
            _is_number(_EXTENSION.sub("", each)) or re.fullmatch(r"[0-9]{1,8}", each)
            for each in pieces[1:]
        )
    )


def _is_number(text: str) -> bool:
    """Whether a text is one telephone number, or two joined as a range of lines."""
    if _HOTLINE.fullmatch(text):
        return True
    first = re.sub(r"[~～][0-9-]+$", "", text)
    count = sum(char.isdigit() for char in first)
    return bool(_NUMBER.fullmatch(first)) and _FEWEST_DIGITS <= count <= _MOST_DIGITS
