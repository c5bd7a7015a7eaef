"""Rating schemes: levels of different schemes do not compare, so each goes by its own name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from geomap.model.table import Label

_SEPARATORS = re.compile(r"[,|\s]+")
_LONGEST_KEY = 60
_NUMERALS = "零一二三四五"


@dataclass(frozen=True)
class Scheme:
    """A scheme by which homes are rated from 1 to 5, 5 being the best.

    Parameters
    ----------
    key : short stable name; a scheme that is not known here is its own key.
    label : what it is called.
    step : what one level is called: 级, 星 or 叶.
    """

    key: str
    label: Label
    step: Label

    def level(self, level: int, language: str) -> str:
        """Write a level with its scheme.

        Examples
        --------
        >>> scheme_of("GB/T 37276").level(4, "zh"), scheme_of("北京市星级").level(3, "en")
        ('国标四级（共五级）', 'Beijing 3 of 5 stars')
        >>> scheme_of("某省标准").level(2, "zh")
        '某省标准 二级'
        """
        name, step = self.label.of(language), self.step.of(language)
        if self.key not in _KNOWN:
            return f"{name} {_NUMERALS[level]}级" if language != "en" else f"{name} level {level}"
        if language != "en":
            return f"{name}{_NUMERALS[level]}{step}（共五{step}）"
        return f"{name} {level} of 5" + (f" {step}" if step else "")


_KNOWN = {
    "national": Scheme("national", Label("国标", "National level"), Label("级", "")),
    "beijing": Scheme("beijing", Label("北京", "Beijing"), Label("星", "stars")),
    "chongqing": Scheme("chongqing", Label("重庆", "Chongqing"), Label("叶", "leaves")),
}
_SPELLINGS = (
    ("national", re.compile(r"国标|国家|national|GB", re.IGNORECASE)),
    ("beijing", re.compile(r"北京|beijing", re.IGNORECASE)),
    ("chongqing", re.compile(r"重庆|chongqing", re.IGNORECASE)),
)


@cache
def scheme_of(text: str) -> Scheme:
    """Find the scheme that a text or a key names.

    Examples
    --------
    >>> [scheme_of(each).key for each in ("国家标准", "national", "重庆市叶级", "某省标准")]
    ['national', 'national', 'chongqing', '某省标准']

    A key stands in addresses, between commas and bars, so it holds neither:

    >>> scheme_of("某省, 2024|试行").key
    '某省 2024 试行'
    """
    for key, spelling in _SPELLINGS:
        if spelling.search(text):
            return _KNOWN[key]
    name = " ".join(_SEPARATORS.sub(" ", text)[:_LONGEST_KEY].split())
    return Scheme(name, Label(name, name), Label("级", ""))
