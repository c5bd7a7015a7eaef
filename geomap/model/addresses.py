"""Read an address: the divisions it names, and the village, street and number behind them.

Here an address is brought into one writing, told from foreign ones, and read behind its divisions;
:mod:`geomap.model.address_reader` reads these.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geomap.model.text import normalise_all

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A street: 文化路, 重庆北路, 建国门外大街, 南锣鼓巷.
STREET = (
    r"[\u4e00-\u9fff]{1,7}?(?:大道|大街|路|街|巷|弄|胡同|道)"
    r"(?!道|坊|区|口岸|村|镇|乡|社)(?:[东南西北中内外][路街段])?"
)
#: The longest address that is looked at, in characters.
LONGEST = 120


_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)\s*[-－—–~～‐]\s*(?=\d)")
_BEFORE = re.compile(
    r"^(?:(?:详细|通讯|联系|办公|机构|单位|注册|经营)?(?:地址|住址|住所)|(?:现)?(?:位于|坐落于?|地处|住)"
    r"|\d{3,6}(?=[\u4e00-\u9fff])|中华人民共和国|中华民国|中国|china|prc)+"
)
_VILLAGE = re.compile(
    r"^(?P<village>[\u4e00-\u9fff]{1,7}?(?:居委会|村委会|居民委员会|村民委员会|社区|村|里)(?![路街巷弄]))"
    r"(?:第?\d{1,3}(?:邻|组|队|社))?"
)
_STREET = re.compile(
    rf"(?P<street>{STREET})(?:第?(?P<section>[一二三四五六七八九十]|\d{{1,2}})段)?"
    r"(?:第?(?P<number>\d{1,4})(?:之\d+)?(?P<unit>巷|弄|号|院|附|$)?)?"
)
_BUILDING = re.compile(
    r"(?P<building>[\u4e00-\u9fff]{2,10}?(?:小区|花园|家园|花苑|新村|公寓|大厦|广场|新城|嘉园|名城|国宅))"
)
_NEIGHBOURS = re.compile(r"^\d{1,3}(?:邻|组|队|社)")
_DIGITS = {digit: str(nth) for nth, digit in enumerate("一二三四五六七八九", 1)} | {"十": "10"}
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\u1100-\u11ff\uac00-\ud7af]")
_ABROAD = re.compile(
    r"丁目|番地|番町|県|大字|[市郡][^区區]{1,6}町|都道府|^\W*〒|^\W*(?:日本|韩国|韓國|越南|朝鲜|美国|美國)"
    r"|^[\W\d]*(?:[東东]京都|大阪[府市]|京都[府市]|北海道|札幌市|横[浜滨]市|名古屋市|神[戸户]市|福[岡冈]市)"
    r"|(?:首尔|首爾|釜山|仁川|大邱|大田|光州|蔚山)(?:特[别別]市|[广廣]域市|市)|(?:河[内內]|胡志明)市"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Premises:
    """What an address says behind its divisions, as far as it says it.

    Parameters
    ----------
    village : 三玉里, 旺岗村.
    street : with its section: 文化路, 重庆北路4段.
    number : along the street; that of a lane where the house stands in one.
    building : 阳光小区, 金茂大厦, where one is named behind the street.
    text : all of it, where something with a name may be mentioned.
    """

    village: str | None
    street: str | None
    number: int | None
    building: str | None
    text: str


def plain_addresses(texts: Iterable[str]) -> list[str]:
    """Write addresses as they are read: normalised, without remarks, post codes and the country.

    Examples
    --------
    >>> plain_addresses(["中国 450000 郑州市（近地铁站）文化路９７号", "臺北市士林區11-13號"])
    ['郑州市文化路97号', '台北市士林区11之13号']
    """
    written = [
        _BETWEEN_NUMBERS.sub("之", _BRACKETS.sub("", unicodedata.normalize("NFKC", each[:LONGEST])))
        for each in texts
    ]
    return [_BEFORE.sub("", each) for each in normalise_all(written)]


def is_foreign(text: str) -> bool:
    """Tell whether an address is surely not written as one in China is.

    Examples
    --------
    >>> [is_foreign(each) for each in ("札幌市中央区宮の森", "12 Main St", "中央区銀座一丁目")]
    [True, True, True]
    >>> is_foreign("香港沙田區 Block 3")
    False
    """
    return bool(not _HAN.search(text) or _KANA_OR_HANGUL.search(text) or _ABROAD.search(text))


def read_premises(rest: str) -> Premises:
    """Read what stands behind the divisions of an address.

    Examples
    --------
    >>> said = read_premises("三玉里16邻忠诚路2段10巷11号")
    >>> said.village, said.street, said.number, said.text
    ('三玉里', '忠诚路2段', 10, '忠诚路2段10巷11号')
    >>> read_premises("文化路97号").number, read_premises("某某小区").street
    (97, None)
    """
    village = _VILLAGE.match(rest)
    text = _NEIGHBOURS.sub("", rest[village.end() :] if village else rest)
    street = _STREET.match(text)
    building = _BUILDING.search(text, street.end() if street else 0)
    named = building["building"] if building else None
    if street is None:
        return Premises(village and village["village"], None, None, named, text)
    section = _DIGITS.get(street["section"], street["section"]) if street["section"] else None
    name = street["street"] + (f"{section}段" if section else "")
    number = int(street["number"]) if street["number"] and street["unit"] is not None else None
    return Premises(village and village["village"], name, number, named, text)
