"""What a name says: whose home it is, of which kind, and what tells it from its branches.

Two lists seldom write a name alike: 臺北市私立上美老人長期照顧中心(養護型) is 上美养护中心 in
the next one. So a name is taken apart before names are compared:

- the *core* is what remains without the county, the legal form and the words for the kind of
  home: 上美. Towns and villages stay, because 佛堂镇敬老院 has no other name than its town's.
- the *kinds* are those words: a home and a day-care centre of one core are two services.
- the *marks* tell things of one core apart: 第一 and 第二, 东区 and 西区, 分院, A and B. They must
  be the same on both sides; a name that lacks a mark is the main house, not the branch.
- the *signs* are directions, sizes and numerals inside the core: 上庄 is not 下庄. They may be
  left out by one side (海淀西苑福寿, 福寿), but each side having one of its own is a difference.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geomap.model.chinese import simplify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: A core of fewer characters names nothing: 幸福院 and 敬老院 have none at all.
SHORTEST_CORE = 2

# Words as they are once simplified; Japanese keeps its kana and its own characters (団, 対, 応).
_KINDS: Mapping[str, str] = {
    "home": (
        "(?:老人|老年)?(?:长期)?(?:安养护|安养|养护|养老|照顾|照护|护理|护老|安老|敬老|颐养|疗养|养长)"
        "(?:养老)?(?:中心|院|所|公寓|社区|型|山庄)|长照(?:中心|型)?|(?:老年|老人|长者)(?:公寓|之家)"
        "|(?:社会|综合)?福利(?:院|(?:服务)?中心)|光荣院|特别养护老人ホーム|(?:介护)?老人保健施设|老健"
        "|介护(?:疗养型|医疗院)|(?:介护付)?有料老人ホーム|养护老人ホーム|老人ホーム|サービス付き高龄者向け住宅"
    ),
    "day": (
        "居家养老|社区养老(?!公寓|院)|日间(?:照料|照护|照顾|服务)|日照(?=中心|$)|关怀据点|托老所?|(?:养老)?(?:服务)?驿站"
        "|养老服务站|助餐点?|(?:老年|长者|老人)(?:食堂|饭堂|餐厅|活动)|デイサービス|通所介护|デイケア"
        "|(?:看护)?小规模多机能型?|多机能(?:型|ホーム)"
    ),
    "mutual": "幸福(?:院|大院|小院|之家)|互助(?:养老|幸福|院|点)*",
    "visit": "定期巡回|随时対応型|访问(?:介护|看护|サービス)*|ヘルパー|ホームヘルプ|巡回|定巡",
    "medical": "卫生(?:院|室|站|所)|诊所|医院|门诊部?|クリニック|病院|诊疗所",
    "group": "グループホーム",
    "short": "ショートステイ|短期入所",
    "office": "里?办公[处室]",
    "club": "(?:社区)?(?:发展|推广|关怀)?协会",
}
_KIND = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _KINDS.items()))
_KIND_BITS = {name: 1 << place for place, name in enumerate(_KINDS)}
_LEGAL = re.compile(
    "(?:有限责任|股份有限|有限)?公司|集团|株式会社|合同会社|有限会社"
    "|(?:一般|公益|特定)?(?:社会|社[团団]|财[团団]|医疗|福祉|福利|非营利活动|npo)+法人(?:社[团団]|财[团団])?|npo法人"
    "|私立|公立|市立|县立|区立|民办|公办|公建民营|民营|投资|运营|管理"
)
_GENERAL = re.compile(
    "养老|敬老|为老|颐老|助老|老年人?|老人|长者|长期|康养|医养结合|医养|失智|失能|护理|照料|照护|照顾|关怀"
    "|介护|服务|综合|示范|区域性?|机构|基地|项目|中心|居宅|事业所|施设|ホーム|センター|ステーション|サービス"
    "|护理型|型$|(?:社会福利)?基金会|(?<=.{2})(?:街道|社区|乡|镇|村|屯)|社区"
)
_COUNTY = re.compile(
    "^(?:中国)?(?:[一-龥]{2,7}?(?:省|自治区|特别行政区))?(?:[一-龥]{2,7}?(?:市|自治州|地区|盟|県|府))?"
    "(?:[一-龥]{1,6}?(?:(?<![社小园院校景东西南北中])区|县|旗|(?<=..)市))?"
)
_NUMERALS = "一二三四五六七八九十"
_DIGITS = {each: str(place) for place, each in enumerate("〇一二三四五六七八九")} | {"两": "2"}
_NUMBER = re.compile(
    rf"第([{_NUMERALS}两\d]+)"
    rf"|([{_NUMERALS}两\d]+)(?=分|院|店|部|期|号|区|馆|苑|栋|幢|站|所|中心|楼|队)|(\d+)"
)
_LETTER = re.compile(r"(?<![a-z])(?:[a-z]|[ivx]{2,4})(?![a-z])")
_BRANCH = re.compile("分(?:院|部|店|中心|站|所|公司|园)")
_WING = re.compile("([东西南北中])(?=区|院|部|馆|楼|栋|幢|分|校|店)")
_SIGNS = {
    each: 1 << place
    for place, each in enumerate("东西南北上下前后左右内外新旧大小男女" + _NUMERALS)
}
_NOT_WORD = re.compile(r"[\W_]+")


class Names(NamedTuple):
    """Names taken apart, n of each; `marks` are equal texts where nothing tells two apart."""

    whole: NDArray[np.object_]
    core: NDArray[np.object_]
    marks: NDArray[np.object_]
    kinds: NDArray[np.int64]
    signs: NDArray[np.int64]


def take_apart(names: pd.Series) -> Names:
    """Take names apart, to be compared.

    Parameters
    ----------
    names : (n,) names in any script; a missing one has neither whole nor core.

    Returns
    -------
    Five arrays of n. `whole` is the name without spaces, punctuation, county and legal form; it
    stands for the core where that is shorter than :data:`SHORTEST_CORE`.

    Examples
    --------
    >>> lists = pd.Series(["臺北市私立上美老人長期照顧中心(養護型)", "上美养护中心", "敬老院"])
    >>> found = take_apart(lists)
    >>> found.core.tolist(), found.kinds.tolist()
    (['上美', '上美', ''], [1, 1, 1])
    >>> take_apart(pd.Series(["阳光养老院第一分院", "阳光养老院二分院"])).marks.tolist()
    ['1|branch', '2|branch']
    """
    parts = {name: _parts(text) for name, text in _plainly(names).items()}
    rows = [parts.get(name, _NOTHING) for name in names.tolist()]
    whole, core, marks, kinds, signs = zip(*rows, strict=True) if rows else ((),) * 5
    texts = [np.array(each, dtype=object) for each in (whole, core, marks)]
    return Names(*texts, *(np.array(each, dtype=np.int64) for each in (kinds, signs)))


def plain_texts(texts: pd.Series) -> pd.Series:
    """Write texts as they are compared: half-width, lower case, simplified, only letters, digits.

    Examples
    --------
    >>> plain_texts(pd.Series(["臺北市 中山北路７段（２樓）"])).tolist()
    ['台北市中山北路7段2楼']
    """
    plain = _plainly(texts)
    known = [plain.get(text) for text in texts.tolist()]
    return pd.Series(known, index=texts.index, dtype="str")


_Parts = tuple[str, str, str, int, int]
_NOTHING: _Parts = ("", "", "", 0, 0)


def _plainly(texts: pd.Series) -> dict[str, str]:
    """Give each different text as it is compared."""
    different = texts.dropna().unique().tolist()
    plain = pd.Series([_plain(text) for text in different], dtype="str")
    return dict(zip(different, simplify(plain).tolist(), strict=True))


def _plain(text: str) -> str:
    """Write a text without width, case, spaces and punctuation."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).lower())


def _parts(plain: str) -> _Parts:
    """Take one plain name apart."""
    _, _, own = plain.rpartition("附设")  # 财团法人…附设…: whose home it is stands before
    named = own if len(own) > SHORTEST_CORE else plain
    whole = _LEGAL.sub("", _COUNTY.sub("", _LEGAL.sub("", named), count=1)) or named
    kinds = 0
    for found in _KIND.finditer(whole):
        kinds |= _KIND_BITS[str(found.lastgroup)]
    core = _GENERAL.sub("", _KIND.sub("", whole))
    signs = 0
    for each in core:
        signs |= _SIGNS.get(each, 0)
    return whole, core, _marks(whole), kinds, signs


def _marks(whole: str) -> str:
    """Write what tells a branch, a wing or a numbered house from the others."""
    numbers = [_number("".join(found)) for found in _NUMBER.findall(whole)]
    found = [*numbers, *_LETTER.findall(whole), *_WING.findall(whole)]
    return "|".join([*sorted(found), *(["branch"] if _BRANCH.search(whole) else [])])


def _number(written: str) -> str:
    """Write a Chinese number below a hundred in digits."""
    tens = re.sub(rf"^十(?=[{_NUMERALS}])", "1", written)
    tens = re.sub(rf"(?<=[{_NUMERALS}])十(?=[{_NUMERALS}])", "", tens)
    tens = re.sub(rf"(?<=[{_NUMERALS}])十$", "0", tens)
    digits = "".join(_DIGITS.get(each, each) for each in tens.replace("十", "10"))
    return str(int(digits))
