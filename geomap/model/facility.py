"""The facility table: every column of a care facility, its units, allowed values and labels.

All but ``id``, ``name`` and ``type`` may be unknown. Unknown is null: never "no", never 0.
A value's own source and verification date stand in ``provenance``; the row's
``source`` and ``verified_on`` hold for every value that has none of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from geomap.errors import ParameterError
from geomap.model.chinese import simplify
from geomap.model.table import Field, Label, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

TYPES = {
    "nursing_home": Label("养老院", "Nursing home"),
    "community_center": Label("社区养老服务中心", "Community care centre"),
    "street_center": Label("街道综合养老服务中心", "Street care centre"),
    "rural_welfare_home": Label("敬老院", "Rural welfare home"),
    "rural_mutual_aid_home": Label("幸福院", "Rural mutual-aid home"),
    "other": Label("其他养老服务", "Other care service"),
}
OWNERSHIP = {
    "public": Label("公办", "Public"),
    "public_private": Label("公建民营", "Publicly built, privately run"),
    "nonprofit": Label("民办非营利", "Non-profit"),
    "private": Label("民办", "Private"),
}
ACCEPTS = {
    "self_care": Label("生活能自理", "Independent"),
    "partly_disabled": Label("需要帮助（半失能）", "Needs some help"),
    "disabled": Label("卧床（失能）", "Bedridden"),
    "dementia": Label("失智", "Dementia"),
    "extreme_poverty": Label("特困老人", "Extreme poverty"),
}
MEDICAL = {
    "inhouse": Label("院内有医院或医务室", "On site"),
    "partner": Label("与医院签约", "Partner hospital"),
    "both": Label("院内有，也与医院签约", "On site and partner hospital"),
    "none": Label("没有", "No medical care"),
}
SERVICES = {
    "meals": Label("助餐", "Meals"),
    "day_care": Label("日间照料", "Day care"),
    "respite": Label("喘息照料", "Respite care"),
    "bathing": Label("助浴", "Bathing"),
    "rehabilitation": Label("康复", "Rehabilitation"),
    "rehab_devices": Label("康复辅具租借", "Rehabilitation devices"),
    "home_care": Label("上门照护", "Home care"),
    "emergency_call": Label("紧急呼叫", "Emergency call"),
    "culture": Label("文化娱乐", "Culture and leisure"),
}
#: Officials paired with a facility are people: published only where the operator says so.
STEWARD_COLUMNS = ("steward_name", "steward_phone", "steward_photo")
STATUS = {
    "open": Label("营业中", "Open"),
    "building": Label("在建", "Being built"),
    "planned": Label("规划中", "Planned"),
    "closed": Label("已停办", "Closed"),
}
#: Who is in one of these states serves nobody today; an unstated one is not taken for closed.
NOT_OPEN = frozenset({"building", "planned", "closed"})
LOCATION_PRECISION = {
    "point": Label("精确到点", "Exact point"),
    "address": Label("精确到门牌", "Located to the address"),
    "township": Label("精确到乡镇街道", "Located to the township"),
    "county": Label("精确到区县", "Located to the county"),
}

#: No facility has more beds, residents or care workers.
MOST = 100_000
_BEDS = Label("张", "beds")
_PEOPLE = Label("人", "people")
_YUAN = Label("元/月", "yuan a month")
_M2 = Label("平方米", "m²")


def _count(name: str, zh: str, en: str, unit: Label) -> Field:
    """Describe a number of things: whole, never negative, no more than any facility has."""
    return Field(name, "integer", Label(zh, en), unit=unit, minimum=0, maximum=MOST)


def _amount(name: str, zh: str, en: str, unit: Label) -> Field:
    """Describe a measured amount: never negative."""
    return Field(name, "number", Label(zh, en), unit=unit, minimum=0)


def _choice(name: str, zh: str, en: str, choices: dict[str, Label]) -> Field:
    """Describe one of a closed set."""
    return Field(name, "choice", Label(zh, en), choices=choices)


FACILITIES = Table(
    name="facilities",
    label=Label("养老机构", "Care facilities"),
    geometry="point",
    fields=(
        Field("id", "code", Label("编号", "Id"), required=True),
        Field("name", "text", Label("名称", "Name"), required=True),
        Field("name_en", "text", Label("英文名称", "English name")),
        Field("type", "choice", Label("机构类型", "Type"), choices=TYPES, required=True),
        Field("address", "text", Label("地址", "Address")),
        Field("adcode", "code", Label("行政区划代码", "Division code")),
        Field("township", "text", Label("乡镇街道", "Township or street")),
        Field("phone", "phone", Label("电话", "Telephone")),
        Field("website", "url", Label("网站", "Website")),
        Field("operator", "text", Label("运营方", "Operator")),
        Field("operator_model", "text", Label("运营模式", "Operating model")),
        Field("brand", "text", Label("品牌", "Brand")),
        Field("parent_id", "code", Label("上级机构编号", "Parent facility")),
        _choice("ownership", "性质", "Ownership", OWNERSHIP),
        _count("beds_total", "床位总数", "Beds", _BEDS),
        _count("beds_nursing", "护理型床位", "Nursing beds", _BEDS),
        _count("beds_available", "空床", "Free beds", _BEDS),
        Field("beds_updated", "date", Label("空床更新日期", "Free beds as of")),
        _count("residents", "入住人数", "Residents", _PEOPLE),
        Field("accepts", "choices", Label("可接收", "Accepts"), choices=ACCEPTS),
        _choice("medical", "医疗", "Medical care", MEDICAL),
        Field("services", "choices", Label("服务", "Services"), choices=SERVICES),
        _amount("price_min", "月费最低", "Price from", _YUAN),
        _amount("price_max", "月费最高", "Price to", _YUAN),
        Field("inclusive_price", "yes_no", Label("普惠价格", "Inclusive price")),
        Field("admits_private", "yes_no", Label("接收自费老人", "Admits paying residents")),
        Field("prepay_escrow", "yes_no", Label("预付款第三方存管", "Prepayment held in escrow")),
        Field("fire_cert", "yes_no", Label("消防合格证明", "Fire certificate")),
        Field("rating", "integer", Label("评级", "Rating"), minimum=1, maximum=5),
        Field("rating_scheme", "text", Label("评级标准", "Rating scheme")),
        Field("demo_tag", "text", Label("示范称号", "Demonstration title")),
        Field("inspected_on", "date", Label("检查日期", "Inspected on")),
        Field("inspection_result", "text", Label("检查结果", "Inspection result")),
        Field("risk_listed", "yes_no", Label("列入关注名单", "On the risk list")),
        Field("rectified_on", "date", Label("整改完成日期", "Rectified on")),
        _count("caregivers", "护理员人数", "Care workers", _PEOPLE),
        Field("fire_station", "yes_no", Label("微型消防站", "Micro fire station")),
        Field("photo", "url", Label("照片", "Photo")),
        Field("steward_name", "text", Label("联系干部", "Steward")),
        Field("steward_phone", "phone", Label("联系干部电话", "Steward's telephone")),
        Field("steward_photo", "url", Label("联系干部照片", "Steward's photo")),
        _amount("land_m2", "占地面积", "Land", _M2),
        _amount("floor_m2", "建筑面积", "Floor area", _M2),
        Field("opened_on", "date", Label("开办日期", "Opened on")),
        _choice("status", "状态", "Status", STATUS),
        Field("source", "text", Label("来源", "Source")),
        Field("source_url", "url", Label("来源网址", "Source address")),
        Field("verified_on", "date", Label("核实日期", "Verified on")),
        Field("licence", "text", Label("数据许可", "Data licence")),
        _choice("location_precision", "位置精度", "Location precision", LOCATION_PRECISION),
        Field("provenance", "text", Label("各项来源", "Sources of values")),
    ),
)

# The most specific word first: 居家养老服务中心 is a community centre though it says 养老.
_TYPE_WORDS: tuple[tuple[str, str], ...] = (
    ("street_center", r"街道.*综合.*(?:养老|为老)|综合为老服务中心"),
    ("rural_mutual_aid_home", r"幸福院|互助(?:养老|院|点|幸福)|幸福(?:大院|小院|之家)"),
    ("rural_welfare_home", r"敬老院|五保|特困.*供养|光荣院"),
    (
        "community_center",
        r"居家养老|日间照|日间服务|社区.*(?:养老(?!公寓|院|社区)|照料|照护|照顾|关怀|长者|为老)"
        r"|养老服务(?:驿站|站)|长者.*中心|老人中心|照料中心|托老|照顾关怀据点|关怀据点|星光老年之家"
        r"|elderly (?:community|centre|center)|day care",
    ),
    (
        "nursing_home",
        r"养老院|养护院|养护中心|护理院|护老院|护老中心|护养院|护理之家|安老院|安养院|安养|老人之家"
        r"|老年公寓|老人公寓|养老公寓|长者公寓|颐养|社会福利|福利院|福利中心|养老中心|养老社区|康养中心"
        r"|疗养院|长照|长期照顾|长期照护|养老|养护|安老|敬老|颐老|长者(?:之家|社区|公馆)|老年(?:之家|城)|老人院"
        r"|(?:乐龄|银龄)公寓|医养(?:结合|中心|综合体)|康养社区|照护中心|老人ホーム|老人福祉施設"
        r"|老人保健施設|介護医療院|老人福祉施设|老人保健施设|介护医疗院|介护医療院"
        r"|nursing|elderly|care home|home for the aged|health ?care center|rehab|senior"
        r"|manor|villa",
    ),
)


def infer_types(names: pd.Series, kinds: pd.Series | None = None) -> pd.Series:
    """Infer the facility type from the name, or from a stated kind where the name says nothing.

    Parameters
    ----------
    names : (n,) names in any script; traditional characters are read as simplified ones.
    kinds : (n,) what the source calls the kind of facility, if it does.

    Returns
    -------
    (n,) str Series ``type`` on the index of `names`; ``other`` where no word is known.

    Examples
    --------
    >>> import pandas as pd
    >>> infer_types(pd.Series(["三汇敬老院", "和睦居家养老服务中心", "香港仔安老院"])).tolist()
    ['rural_welfare_home', 'community_center', 'nursing_home']
    >>> infer_types(pd.Series(["某某"])).tolist()
    ['other']
    """
    import pandas as pd

    result = pd.Series("other", index=names.index, name="type", dtype="str")
    for texts in (names, kinds):
        if texts is None:
            continue
        words = simplify(texts.fillna(""))
        for name, pattern in _TYPE_WORDS:
            open_ = result == "other"
            hit = words.str.contains(pattern, case=False, regex=True)
            result = result.mask(open_ & hit, name)
    return result


@dataclass(frozen=True)
class ValueSource:
    """Who said a value, and when it was last verified; either may be unknown."""

    source: str | None
    verified_on: date | None


def value_source(facility: pd.Series, field: str) -> ValueSource:
    """Tell the source of one value of a facility: its own, else the row's.

    Examples
    --------
    >>> import pandas as pd
    >>> own = '{"phone": {"source": "家属反馈", "verified_on": "2026-03-01"}}'
    >>> row = pd.Series({"source": "名录", "verified_on": pd.NaT, "provenance": own})
    >>> value_source(row, "phone").source, value_source(row, "address").source
    ('家属反馈', '名录')
    """
    import pandas as pd

    text = facility.get("provenance")
    own = json.loads(text).get(field) if isinstance(text, str) else None
    if own is not None:
        day = own.get("verified_on")
        return ValueSource(own.get("source"), date.fromisoformat(day) if day else None)
    source, verified = facility.get("source"), facility.get("verified_on")
    return ValueSource(
        None if pd.isna(source) else str(source),
        None if pd.isna(verified) else pd.Timestamp(verified).date(),
    )


def require_types(asked: Iterable[str], there: pd.Series) -> None:
    """Refuse types that are none of ours and that no facility has.

    Raises
    ------
    ParameterError : if there is one.
    """
    unknown = sorted(map(str, {*asked} - {*TYPES} - {*there.unique()}))
    if unknown:
        known, came = ", ".join(TYPES), ", ".join(unknown)
        raise ParameterError(
            f"types must be among {known}, got {came}", zh=f"类型须为 {known} 之一，这里是 {came}"
        )
