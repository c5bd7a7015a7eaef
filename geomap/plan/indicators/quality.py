"""How good and how well watched the facilities are: medical care, rating, inspection, stewards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.table import Label
from geomap.plan.indicators.parts import Parts, indicator, share, stated

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.plan.indicators.study import Study

_TOP = 4
_REPORTS: Final = ("地方民政公报口径", "as civil affairs bureaus publish it")
_BETWEEN_NAMES: Final = r"[、，,;；/]+"


@indicator(
    zh="医养结合覆盖率", en="Medical coverage", scale=100,
    formula=("|院内有医疗 ∪ 与医院签约| ÷ 医疗情况已知的机构",
             "|in-house ∪ partner| ÷ facilities whose medical care is known"),
    source=_REPORTS, needs="facilities.medical",
)  # fmt: skip
def medical_coverage(study: Study) -> Parts:
    """Tell which share of the facilities gives medical care, on site or by a partner."""
    return _medical(study, "inhouse", "partner", "both")


@indicator(
    zh="院内有医疗占比", en="Medical care on site", scale=100,
    formula=("院内有医疗的机构 ÷ 医疗情况已知的机构",
             "facilities with medical care on site ÷ facilities whose medical care is known"),
    source=_REPORTS, needs="facilities.medical",
)  # fmt: skip
def medical_inhouse_share(study: Study) -> Parts:
    """Tell which share of the facilities gives medical care on site."""
    return _medical(study, "inhouse", "both")


@indicator(
    zh="与医院签约占比", en="Medical care by a partner", scale=100,
    formula=("与医院签约的机构 ÷ 医疗情况已知的机构",
             "facilities with a partner hospital ÷ facilities whose medical care is known"),
    source=_REPORTS, needs="facilities.medical",
)  # fmt: skip
def medical_partner_share(study: Study) -> Parts:
    """Tell which share of the facilities has a partner hospital."""
    return _medical(study, "partner", "both")


@indicator(
    zh="参评率", en="Rating participation", scale=100,
    formula=("有等级的机构 ÷ 全部机构，为下限：未见等级的可能未参评，也可能漏填，另列其数；"
             "一家都未填的地区不计算",
             "facilities with a rating ÷ all, the least it can be: those without a stated one may"
             " be unrated or left blank, and unknown says how many; nothing where nobody states"
             " one"),
    source=_REPORTS, needs="facilities.rating",
)  # fmt: skip
def rating_participation(study: Study) -> Parts:
    """Tell which share of the facilities takes part in rating."""
    return stated(study, study.known("rating").astype(np.float64))


@indicator(
    zh="四级以上占比", en="Rated 4 or 5 among the rated", scale=100,
    formula=("四级、五级机构 ÷ 有等级的机构；未评级的另列",
             "facilities rated 4 or 5 ÷ facilities with a rating; unknown counts the unrated"),
    source=_REPORTS, needs="facilities.rating",
)  # fmt: skip
def top_rated_share(study: Study) -> Parts:
    """Tell which share of the rated facilities has 4 or 5."""
    rated = study.known("rating")
    base = study.count(rated)
    top = study.count(study.number("rating") >= _TOP)
    may = study.undecided.may
    return Parts(top, base, base, study.count(~rated), more=may, more_of=may)


@indicator(
    zh="本年已检查占比", en="Inspected this year", scale=100,
    formula=("本年内检查过的机构 ÷ 检查日期已知的机构",
             "facilities inspected within the calendar year ÷ facilities with a known inspection"),
    source=("民政部门每年抽查不低于 30% 的要求", "the yearly 30 % that civil affairs asks for"),
    needs="facilities.inspected_on",
)  # fmt: skip
def inspected_share(study: Study) -> Parts:
    """Tell which share of the facilities was inspected in the year of the day."""
    known, this_year = inspections(study)
    return share(study, this_year, known)


@indicator(
    zh="列入关注名单占比", en="On the risk list", scale=100,
    formula=("列入关注名单的机构 ÷ 情况已知的机构", "facilities on the risk list ÷ those known"),
    source=_REPORTS, needs="facilities.risk_listed",
)  # fmt: skip
def risk_listed_share(study: Study) -> Parts:
    """Tell which share of the facilities is on the risk list."""
    listed = np.zeros(len(study.facilities), dtype=bool)
    known = study.known("risk_listed")
    if known.any():
        told = study.facilities["risk_listed"].astype("boolean")
        listed = told.fillna(value=False).to_numpy(dtype=bool)
    return share(study, listed, known)


@indicator(
    zh="联系干部配备", en="Officials an institution", unit=Label("人/家", "officials"),
    formula=("联系干部人次 ÷ 全部机构，为下限；同一人联系两家计两次；另列未见联系干部的机构数；"
             "一家都未填的地区不计算",
             "officials paired ÷ facilities, the least it can be; one paired with two counts"
             " twice; unknown counts the facilities without a stated one; nothing where nobody"
             " states one"),
    source=_REPORTS, needs="facilities.steward_name",
)  # fmt: skip
def stewards_per_institution(study: Study) -> Parts:
    """Tell how many officials are paired with a facility."""
    names = study.facilities.get("steward_name")
    paired = np.zeros(len(study.facilities)) if names is None else officials(names)
    return stated(study, paired)


def _medical(study: Study, *kinds: str) -> Parts:
    yes = np.zeros(len(study.facilities), dtype=bool)
    if "medical" in study.facilities:
        yes = study.facilities["medical"].isin(kinds).to_numpy(dtype=bool)
    return share(study, yes, study.known("medical"))


def officials(names: pd.Series) -> NDArray[np.float64]:
    """Count the names in each text: 王明、李丽 are two.

    Examples
    --------
    >>> import pandas as pd
    >>> officials(pd.Series(["王明、李丽", "王明", None, " "])).tolist()
    [2.0, 1.0, 0.0, 0.0]
    """
    texts = names.astype("str").fillna("").str.strip().str.strip("、，,;；/")
    number = np.asarray(texts.str.count(_BETWEEN_NAMES), dtype=np.float64) + 1.0
    number[(texts == "").to_numpy(dtype=bool)] = 0.0
    return number


def inspections(study: Study) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the facilities whose last inspection is known, and those inspected this year.

    A date after the day is a mistake or a plan: it counts as unknown.
    """
    on, days = study.parameters.on, study.day("inspected_on")
    if on is None:
        never = np.zeros(len(days), dtype=bool)
        return never, never
    known = days <= np.datetime64(on, "D")
    return known, known & (days >= np.datetime64(f"{on.year:04d}-01-01", "D"))
