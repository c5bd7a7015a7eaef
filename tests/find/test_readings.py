"""How names are read."""

from __future__ import annotations

import re
from itertools import pairwise

import pypinyin
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.find.readings import plain_letters, read_all
from geomap.find.syllables import SYLLABLES, cuts, held_by_sound

# What the places call themselves; each is misread by a dictionary of prose.
PLACES = """
长垣 changyuan, 单县 shanxian, 长寿 changshou, 六安 luan, 蚌埠 bengbu, 乐清 yueqing,
台州 taizhou, 乐亭 laoting, 朝阳 chaoyang, 都江堰 dujiangyan, 成都 chengdu, 宜都 yidu,
重庆 chongqing, 厦门 xiamen, 西藏 xizang, 佛山 foshan, 漯河 luohe, 泊头 botou,
洪洞 hongtong, 闵行 minhang, 六合 luhe, 六枝 luzhi, 马尾 mawei, 浚县 xunxian,
荥经 yingjing, 荥阳 xingyang, 番禺 panyu, 东莞 dongguan, 大埔 dabu, 铅山 yanshan,
涡阳 guoyang, 枞阳 zongyang, 歙县 shexian, 黟县 yixian, 亳州 bozhou, 盱眙 xuyi,
莘县 shenxian, 莘庄 xinzhuang, 东阿 donge, 鄄城 juancheng, 曾都 zengdu, 黄陂 huangpi,
筠连 junlian, 犍为 qianwei, 郫都 pidu, 什邡 shifang, 婼羌 ruoqiang, 尉犁 yuli,
尉氏 weishi, 库尔勒 kuerle, 阿勒泰 aletai, 康巴什 kangbashi, 珲春 hunchun, 穆棱 muling,
桦甸 huadian, 蔚县 yuxian, 吴堡 wubu, 鄱阳 poyang, 弋阳 yiyang, 龙圩 longxu,
长子县 zhangzixian, 南乐 nanle
"""
HELD = [pair.split() for pair in PLACES.replace("\n", " ").split(",")]


@pytest.mark.parametrize(("name", "letters"), HELD)
def test_a_place_is_read_as_it_calls_itself_in_longer_names_too(name, letters):
    alone, longer = read_all([name, f"{name}社会福利院"])
    assert "".join(alone) == letters
    assert "".join(longer) == f"{letters}shehuifuliyuan"


def test_words_of_care_keep_the_readings_of_prose():
    words = ["长者食堂", "院长", "重阳敬老院", "康乐", "中兴大厦", "都市花园"]
    expected = "zhangzheshitang yuanzhang chongyangjinglaoyuan kangle zhongxingdasha dushihuayuan"
    assert ["".join(each) for each in read_all(words)] == expected.split()


def test_other_names_are_read_as_pypinyin_reads_them(shipped):
    odd = re.compile("[都长什勒佛藏厦曾蚌峒枞泌涡犍珲铅陂坻伽堽圩]|[^\u4e00-\u9fa5]")
    names = [each for each in shipped["residential"]["name"][::13] if not odd.search(each)]
    ours = ["".join(each) for each in read_all(names)]
    theirs = [plain_letters("".join(pypinyin.lazy_pinyin(each))) for each in names]
    same = sum(own == their for own, their in zip(ours, theirs, strict=True))
    assert same / len(names) >= 0.995


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=5), st.data())
def test_letters_are_cut_into_the_syllables_they_were_made_of_or_fewer_or_one_more(said, data):
    letters = "".join(said)
    found = cuts(letters)
    assert all("".join(each) == letters for each in found)
    assert tuple(said) in found or min(map(len, found)) < len(said) or len(found) >= 16
    end = data.draw(st.integers(1, len(letters)))
    assert held_by_sound(said, letters[:end]) is not None


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=6))
def test_a_reading_holds_each_run_of_its_syllables(said):
    bounds = [0, *(sum(map(len, said[: at + 1])) for at in range(len(said)))]
    joined = "".join(said)
    for first, last in pairwise(bounds):
        held = held_by_sound(said, joined[first:last])
        assert held is not None
        assert joined.startswith(joined[first:last], bounds[held[0]])
