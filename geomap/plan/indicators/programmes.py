"""What was promised and what was done: online enrolment, subsidies, targets, funding."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.facility import ACCEPTS
from geomap.model.table import Label
from geomap.plan.indicators.parts import Parts, indicator, stated, sum_over, sums_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.plan.indicators.study import Study

    Floats = NDArray[np.float64]

_DISABLED: Final = frozenset({"disabled", "partly_disabled"})
_GROUPS: Final[Mapping[str, str]] = {
    **{word: key for key, label in ACCEPTS.items() for word in (key, label.zh, label.en)},
    "自理": "self_care", "半失能": "partly_disabled", "失能": "disabled", "失智": "dementia",
    "特困": "extreme_poverty",
}  # fmt: skip
_YUAN = Label("元", "yuan")
_REPORTS: Final = ("地方民政公报口径", "as civil affairs bureaus publish it")
_TARGETS: Final = ("地方年度任务", "the area's yearly targets")


@indicator(
    zh="线上登记率", en="Online rate", scale=100,
    formula=("线上登记人数 ÷ 60 岁及以上人口，仅计两项都已知的需求点",
             "people enrolled online ÷ people aged 60 and over, of demand that states both"),
    source=_REPORTS, needs="demand.enrolled demand.aged_60",
)  # fmt: skip
def online_rate(study: Study) -> Parts:
    """Tell which share of the seniors is enrolled online."""
    columns = [study.of_people(each) for each in ("enrolled", "aged_60")]
    known = np.isfinite(columns[0]) & np.isfinite(columns[1])
    enrolled, aged = (study.of_demand.sums(np.where(known, each, np.nan)) for each in columns)
    rows = study.of_demand.sums(known.astype(np.float64))
    return Parts(enrolled, aged, rows, study.of_demand.sums((~known).astype(np.float64)),
                 bounded=False)  # fmt: skip


@indicator(
    zh="运营补贴估算", en="Subsidy estimate", unit=_YUAN,
    formula=("Σ 失能入住人年 × (3000 + 4800 × 等级系数 0.8–1.2)；失能入住人年按接收失能老人的机构的"
             "入住人数 × 失能比例（默认 1，即上限）估算；未见等级的按最低系数 0.8 计",
             "sum of disabled resident-years × (3,000 + 4,800 × rating factor 0.8-1.2); these are"
             " the residents of homes that take disabled people × their disabled share (1 unless"
             " stated, so an upper estimate); the factor without a stated rating is 0.8"),
    source=("枣庄市公布的补贴标准；参数可改", "the rates published in Zaozhuang; parameters"),
    needs="facilities.residents facilities.accepts facilities.rating",
)  # fmt: skip
def subsidy_yuan(study: Study) -> Parts:
    """Estimate a year's operating subsidy for disabled residents."""
    yuan, possible, _ = _subsidies(study)
    found = sum_over(study, yuan, np.ones(len(study.areas)))
    return replace(found, more=found.more + study.total(possible))


@indicator(
    zh="每失能入住人年补贴", en="Subsidy a disabled resident-year", unit=Label("元/人年", "yuan"),
    formula=("运营补贴估算 ÷ 失能入住人年：3000 + 4800 × 等级系数的平均",
             "the subsidy estimate ÷ disabled resident-years: the mean of 3,000 + 4,800 × rating"
             " factor"),
    source=("枣庄市公布的补贴标准；参数可改", "the rates published in Zaozhuang; parameters"),
    needs="facilities.residents facilities.accepts facilities.rating",
)  # fmt: skip
def subsidy_per_resident_year(study: Study) -> Parts:
    """Tell what a disabled resident-year brings on average."""
    yuan, possible, years = _subsidies(study)
    found = sums_ratio(study, yuan, years)
    may = study.total(np.where(np.isfinite(yuan), possible, np.nan))
    return replace(found, more=np.where(found.base > 0, may, 0.0))


@indicator(
    zh="示范点完成率", en="Demonstration sites ÷ target", scale=100,
    formula=("有示范称号的机构 ÷ 目标数，为下限；一家都未填的地区不计算",
             "facilities with a demonstration title ÷ target, the least it can be; nothing where"
             " nobody states one"),
    source=_TARGETS, needs="facilities.demo_tag programmes.demo_target",
)  # fmt: skip
def demonstration_share(study: Study) -> Parts:
    """Hold the demonstration sites against their target."""
    titled = study.known("demo_tag").astype(np.float64)
    return stated(study, titled, study.programme("demo_target"))


@indicator(
    zh="培训完成率", en="Training ÷ target", scale=100,
    formula=("已培训人次 ÷ 目标", "people trained ÷ target"),
    source=_TARGETS, needs="programmes.training_done programmes.training_target",
)  # fmt: skip
def training_share(study: Study) -> Parts:
    """Hold the people trained against their target."""
    return _against(study, "training_done", "training_target")


@indicator(
    zh="适老化改造完成率", en="Homes refitted ÷ target", scale=100,
    formula=("已改造户数 ÷ 目标", "homes refitted for age ÷ target"),
    source=_TARGETS, needs="programmes.retrofit_done programmes.retrofit_target",
)  # fmt: skip
def retrofit_share(study: Study) -> Parts:
    """Hold the homes refitted against their target."""
    return _against(study, "retrofit_done", "retrofit_target")


@indicator(
    zh="每张新增床位资金", en="Funding a new bed", unit=Label("元/张", "yuan a bed"),
    formula=("建设资金 ÷ 本年开办机构的床位",
             "funding ÷ beds of facilities opened within the year"),
    source=_TARGETS,
    needs="facilities.opened_on facilities.beds_total programmes.funding_yuan",
)  # fmt: skip
def funding_per_new_bed(study: Study) -> Parts:
    """Divide the year's funding by the beds that it opened."""
    on, opened = study.parameters.on, study.day("opened_on")
    new = np.zeros(len(opened), dtype=bool)
    if on is not None:
        new = (opened >= np.datetime64(f"{on.year:04d}-01-01", "D")) & (
            opened <= np.datetime64(on, "D")
        )
    beds = np.where(new, study.number("beds_total"), 0.0)
    known = np.isfinite(beds)
    return Parts(
        study.programme("funding_yuan"), study.total(beds), study.count(new & known),
        study.count(~known | ~study.known("opened_on")), bounded=False,
    )  # fmt: skip


def _subsidies(study: Study) -> tuple[Floats, Floats, Floats]:
    """Estimate each home's subsidy, what an unknown rating could add, and its disabled residents.

    NaN where whom it takes is unknown, or how many of those: who takes no disabled gets nothing.
    """
    rates = study.parameters.subsidy
    rating = study.number("rating")
    factor = np.full(rating.shape, rates.unrated)
    for level, each in rates.factors.items():
        factor[rating == level] = each
    years = _years(study)
    best = max(rates.factors.values(), default=rates.unrated)
    room = np.where(np.isnan(rating), max(0.0, best - rates.unrated), 0.0)
    yuan = years * (rates.base_yuan + rates.care_yuan * factor)
    return yuan, years * rates.care_yuan * room, years


def _years(study: Study) -> Floats:
    """Estimate the disabled residents of each home; none where it takes no disabled people."""
    takes = _takes_disabled(study)
    years = study.number("residents") * study.parameters.subsidy.disabled_share
    return np.where(takes == 0, 0.0, years * takes)


def _takes_disabled(study: Study) -> Floats:
    """Tell who takes disabled people: 1 or 0, NaN where it is unknown."""
    if "accepts" not in study.facilities:
        return np.full(len(study.facilities), np.nan)
    lists = study.facilities["accepts"].to_numpy(dtype=object)
    told = [each if isinstance(each, str) or not isinstance(each, Iterable) else tuple(each)
            for each in lists]  # fmt: skip
    return np.array([_takes(each) for each in told], dtype=np.float64)


@lru_cache(4_096)  # few lists differ
def _takes(told: Hashable) -> float:
    """Read one list of whom a home takes, as a tuple or as text; an empty one says nothing.

    Examples
    --------
    >>> [_takes(each) for each in (("disabled",), "自理、失能", ("self_care",), (), None, "?")]
    [1.0, 1.0, 0.0, nan, nan, nan]
    """
    words = re.split(r"[\s,;|、，；/]+", told) if isinstance(told, str) else told
    if not isinstance(words, Iterable):
        return np.nan
    known = [_GROUPS[each] for each in words if each in _GROUPS]
    return float(bool(_DISABLED & set(known))) if known else np.nan


def _against(study: Study, done: str, target: str) -> Parts:
    done_, target_ = study.programme(done), study.programme(target)
    known = np.isfinite(done_) & np.isfinite(target_)
    base, unknown = known.astype(np.float64), (~known).astype(np.float64)
    return Parts(done_, target_, base, unknown, counted=True)
