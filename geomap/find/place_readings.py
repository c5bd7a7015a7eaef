"""Place names that dictionaries misread, and characters that place names read in their own way.

Checked against CC-CEDICT, which has 3,175 of the 3,256 provinces, cities and counties of China;
where it errs (石鼓, 色达, 栖霞, 长子) and for the rest, against what the places call themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Characters by themselves, as place names read them more often than not.
CHARACTERS: Mapping[str, str] = {
    character: reading
    for reading, characters in {
        "beng": "蚌",
        "bi": "泌",
        "chang": "长",
        "di": "坻",
        "du": "都",
        "fo": "佛",
        "gang": "堽",
        "guo": "涡",
        "hun": "珲",
        "jia": "伽",
        "le": "勒",
        "pi": "陂",
        "qian": "犍",
        "shi": "什",
        "tong": "峒",
        "xia": "厦",
        "xu": "圩",
        "yan": "铅",
        "zang": "藏",
        "zeng": "曾",
        "zong": "枞",
    }.items()
    for character in characters
}

#: Phrases of prose that names hold by chance: 重庆市长寿区 has no mayor in it.
CHANCE = frozenset(f"{unit}长" for unit in "省州市区县旗镇乡村")

#: Names that are read neither by the phrases of pypinyin nor character by character.
PLACES: Mapping[str, Sequence[str]] = {
    name: reading.split()
    for name, reading in {
        "朝阳": "chao yang",
        "漯河": "luo he",
        "泊头": "bo tou",
        "繁峙": "fan shi",
        "洪洞": "hong tong",
        "扎鲁特": "za lu te",
        "穆棱": "mu ling",
        "闵行": "min hang",
        "六合": "lu he",
        "六枝": "lu zhi",
        "马尾": "ma wei",
        "单县": "shan xian",
        "浚县": "xun xian",
        "南乐": "nan le",
        "召陵": "shao ling",
        "荥经": "ying jing",
        "浪卡子": "lang ka zi",
        "称多": "chen duo",
        "筠连": "jun lian",
        "若羌": "ruo qiang",
        "婼羌": "ruo qiang",
        "会稽": "kuai ji",
        "莘庄": "xin zhuang",
        "莘县": "shen xian",
        "河西堡": "he xi pu",
        "吴堡": "wu bu",
        "大厦": "da sha",
        "广厦": "guang sha",
    }.items()
}
