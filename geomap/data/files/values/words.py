"""The words by which offices say what geomap has closed lists for, as patterns.

Texts are compared as simplified Chinese, half-width, in lower case. Within one field the
first pattern that is found decides, so what is more specific stands first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _set(words: str) -> frozenset[str]:
    """Split the words, which stand between bars."""
    return frozenset(words.split("|"))


#: Cells that say "not known" in so many words.
UNKNOWN = _set(
    "na|n/a|n.a.|null|none|nil|-|--|---|—|——|/|\\|.|?|？|#n/a|unknown"
    "|not available|not applicable|不详|未知|不明|暂无|无数据|待定|待补|未填|未填写|未提供"
    "|不清楚|無資料|无资料"
)
#: For a telephone or a website "none" means that there is nothing to write.
NOTHING = _set("无|没有|無|なし|no|nothing")
YES = _set(
    "是|有|对|已|√|✓|✔|○|◯|〇|y|yes|true|t|1|合格|通过|已通过|已取得|取得|具备|具有|已办|已办理"
    "|已建|あり|有り|はい|可"
)
NO = _set(
    "否|无|没有|未|×|✗|✘|x|n|no|false|f|0|不|不是|不合格|未通过|未取得|不具备|未办|未办理|未建"
    "|不可|なし|無し|无し|いいえ"
)

#: Names of rows that are no records: totals, and remarks below a table.
NO_RECORD = (
    r"[合总小共]计[:：]?|合計[:：]?|總計[:：]?|小計[:：]?|(?:sub)?total[:：]?"
    r"|(?:注|备注|说明|填表人|制表人?|审核人?|统计时间|数据来源|填报日期|備考|備註)[:：].*"
)

#: One value a cell: the first pattern found decides.
CHOICE_WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ownership": (
        ("public_private", r"公[建办设助]民[营办]|委托(?:经营|运营|管理)|\bppp\b|publicly built"),
        (
            "nonprofit",
            r"非[营盈]利|民办非企业|民非|社会服务机构|[财社]团法人|社会福祉法人|公益|慈善"
            r"|non-?\s?profit|not[- ]for[- ]profit|voluntary|charit",
        ),
        (
            "public",
            r"公立|公办|国有|国营|国办|政府|事业单位|集体|乡镇办|\bpublic\b|government|municipal|state-owned",
        ),
        (
            "private",
            r"私立|民办|民营|私营|社会办|社会力量|[营盈]利|企业|个体|公司|for[- ]profit|\bprivate\b"
            r"|proprietary|commercial",
        ),
    ),
    "medical": (
        (
            "both",
            r"(?:内设|自建|自办|院内|医务室|护理站).*(?:签约|协议|合作|协作)|(?:签约|协议|合作).*(?:内设|自建|自办|医务室)",
        ),
        ("none", r"^(?:无|没有|否|未|no|none|不提供)$|^无医"),
        (
            "inhouse",
            r"内设|自建|自办|自有|院内|设有|配有|医务室|护理站|卫生[所室]|门诊部|in-?\s?house|on-?\s?site",
        ),
        ("partner", r"签约|协议|合作|协作|绿色通道|联合|嵌入|毗邻|partner|contract"),
    ),
    "status": (
        (
            "closed",
            r"停业|停办|停运|停用|关停|关闭|注销|撤销|歇业|吊销|暂停|未运营|closed|inactive|廃止|休止",
        ),
        ("building", r"在建|建设中|施工|改造中|装修|under construction"),
        ("planned", r"规划|计划|拟建|筹建|筹备|待建|planned|proposed"),
        ("open", r"营业|运营|开业|在营|正常|开放|存续|在业|已投用|\bopen\b|active|operating"),
    ),
    "location_precision": (
        ("address", r"门牌|地址|address"),
        ("township", r"乡镇|街道|township"),
        ("county", r"区县|county|district"),
        ("point", r"点|point|精确"),
    ),
    "level": (
        ("nation", r"^(?:全?国|国家级?|country|nation)$"),
        ("province", r"省|自治区|直辖市|province"),
        ("community", r"社区|村|居委|里$|community|village"),
        ("township", r"乡|镇|街道|township|town|street"),
        ("county", r"区|县|旗|county|district"),
        ("city", r"市|州|盟|地区|city|prefecture"),
    ),
}

#: Several values a cell: every pattern found counts, longer words before what they contain.
CHOICES_WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "accepts": (
        (
            "partly_disabled",
            r"半自理|半失能|部分失能|部分自理|[轻中]度失能|介助|养护|需要帮助|semi-?\s?dependent|assisted",
        ),
        (
            "dementia",
            r"失智|认知[障症][碍]?|认知症|痴呆|老年性?痴呆|阿尔茨海默症?|dementia|alzheimer'?s?",
        ),
        (
            "disabled",
            r"不能自理|不自理|非自理|无自理|完全失能|全失能|重度失能|失能|全护理|介护|卧床|长照|长期照[顾护料]"
            r"|bedridden|dependent",
        ),
        ("extreme_poverty", r"特困(?:供养)?|五保|三无|extreme poverty"),
        (
            "self_care",
            r"(?:生活)?(?:基本|完全|全|能)?自理|健康|活力|安养|自立|independent|self-?\s?care",
        ),
    ),
    "services": (
        (
            "rehab_devices",
            r"康复辅具(?:租[赁借])?|辅具(?:租[赁借]|服务)?|轮椅租[赁借]"
            r"|rehab(?:ilitation)? devices?",
        ),
        ("meals", r"助餐|送餐|配餐|供餐|餐饮|用餐|就餐|膳食|(?:老年|长者)?食堂|meals?|食事"),
        ("day_care", r"日间照[料护]|日间托[管养]|日间服务|日托|日照|托老|day-?\s?care|通所"),
        ("respite", r"喘息|短期(?:托养|照[料护]|入住|住养)|临时托养|respite|短期入所"),
        ("bathing", r"助浴|助洁助浴|洗浴|沐浴|入浴|bath(?:ing)?"),
        ("rehabilitation", r"康复(?:训练|护理|理疗)?|理疗|功能训练|机能训练|rehab(?:ilitation)?"),
        (
            "home_care",
            r"上门(?:照[料护]|服务|护理)?|居家(?:照[料护]|服务|护理|养老)?|访问介护|home-?\s?care",
        ),
        (
            "emergency_call",
            r"紧急(?:呼叫|救援|救助)|一键呼叫|应急呼叫|呼叫服务|emergency(?: call)?",
        ),
        (
            "culture",
            r"文化(?:娱乐|活动)?|文娱(?:活动)?|文体(?:活动)?|娱乐(?:活动)?|老年(?:大学|学校|教育)|健身|棋牌|书画|culture|leisure|recreation",
        ),
    ),
}
#: What may stand between such words without meaning anything of its own.
FILLER = (
    r"老年人|老人|长者|人员|对象|群体|服务|照[料护]|护理|生活|类|型|者|等|为主|以及|及|和|与|或|、|，|,|;|；|/|\||\+|&"
    r"|\(|\)|（|）|\[|\]|\"|\s|\.|。|:|：|-|and|or|older people"
)
#: Months as English dates write them.
MONTHS: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
#: The year before the first of each era.
ERAS: Mapping[str, int] = {
    "令和": 2018,
    "r": 2018,
    "平成": 1988,
    "h": 1988,
    "昭和": 1925,
    "s": 1925,
    "民国": 1911,
    "民國": 1911,
}
