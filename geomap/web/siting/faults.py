"""What cannot be asked of siting on the data there are, by the field of the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import ParameterError, TooLargeError
from geomap.web.siting.ask import CANDIDATES, COUNTED, FIT, GRID, PLANNED
from geomap.web.siting.ground import CAPACITY, IN_EXCLUSION, TOO_SMALL, ground_of

if TYPE_CHECKING:
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.siting.ask import SiteAsk
    from geomap.web.siting.ground import SiteGround

    Faults = dict[str, ParameterError]

_MOST_NAMED: Final = 5
#: What only the solver finds out, by what it speaks of: the field where it is to be mended.
_SPOKEN: Final = (
    ("capacit", "capacity"),
    ("budget", "budget"),
    ("equity", "equity"),
    ("sites cannot reach", "p"),
    ("standard", "standard_m"),
    (" p ", "p"),
)


def field_of(error: ParameterError) -> str | None:
    """Name the field of a question that the solver refused; None where it names none.

    Examples
    --------
    >>> field_of(ParameterError("the cheapest candidate costs 9, 4 more than the budget of 5"))
    'budget'
    """
    said = f" {error} "
    if "in the time there was" in said:  # the same question may be answered next time
        return None
    return next((field for word, field in _SPOKEN if word in said), None)


def faults_of(ask: SiteAsk, inputs: PlanInputs) -> Faults:
    """Find what cannot be asked of these data.

    Raises
    ------
    NotFoundError : if there is no demand, there are no candidates, or no such area.
    """
    if found := _contradictions(ask, inputs):
        return found
    try:
        ground = ground_of(ask, inputs)
    except TooLargeError as error:
        return {"grid_m": ParameterError(str(error), zh=error.zh)}
    except ParameterError as error:  # no point of the grid is in the area, or the pack says nothing
        return {"grid_m" if "grid" in str(error) else "pack": error}
    found = _few(ask, ground) | _named(ask, ground) | _limits(ask, ground)
    if ask.weight and (ask.weight not in ground.demand or ground.demand[ask.weight].isna().all()):
        known = ", ".join(inputs.weights)
        found["weight"] = ParameterError(
            f"the demand does not tell {ask.weight}; it tells {known}",
            zh="需求点里没有这一项人数；请换一项",
        )
    return found


def _contradictions(ask: SiteAsk, inputs: PlanInputs) -> Faults:
    """Find what the question says against itself, or against what was imported."""
    if ask.walks and not inputs.has_network:
        said = "there is no walking network here: give standard_m, a straight line"
        return {"method": ParameterError(said, zh="还没有步行路网，不能沿街道算。请选直线。")}
    if ask.sites == CANDIDATES and inputs.candidates is None:
        return {"sites": ParameterError(
            "there are no candidates here: import some, or ask with candidates=demand or grid",
            zh="还没有导入候选地点：请先导入，或从需求点、格点里选",
        )}  # fmt: skip
    if ask.pack not in inputs.packs:
        said = f"must be one of {', '.join(inputs.packs)}, got {ask.pack[:40]!r}"
        return {"pack": ParameterError(said, zh="没有这套标准；请重新选")}
    if ask.capacity == PLANNED and ask.beds is None:
        said = "capacity=planned needs beds, how many are planned at a site"
        return {"beds": ParameterError(said, zh="按计划的床位数限制，要先填每处计划几张床")}
    return {}


def _few(ask: SiteAsk, ground: SiteGround) -> Faults:
    """Find whether there are too few candidates, or too few sites."""
    shapes = ground.places.geometry
    many = int((~(shapes.isna() | shapes.is_empty)).sum()) - len(_there(ask, ground))
    if many <= 0 or not len(ground.demand):
        return _none_left(ask, ground)
    if ask.model in COUNTED and ask.number is None and ask.budget is None:
        said = f"{ask.model} needs p, how many new sites, or a budget"
        return {"p": ParameterError(said, zh="请填要选几处")}
    p, needed = ask.number, len(set(ask.required))
    field = "by_type" if ask.by_type else "p"
    if p is not None and p > many:
        return {field: ParameterError(
            f"must be at most the {many} candidates{_beside(ground)}, got {p}",
            zh=f"最多只能选 {many} 处（候选地点就这么多{_beside(ground, zh=True)}），这里是 {p}",
        )}  # fmt: skip
    if p is not None and p < needed:
        return {field: ParameterError(
            f"must be at least the {needed} required sites, got {p}",
            zh=f"至少要选 {needed} 处（必须选的就有这么多），这里是 {p}",
        )}  # fmt: skip
    return {}


def _there(ask: SiteAsk, ground: SiteGround) -> list[str]:
    """Give the excluded that might be chosen: those struck are out already."""
    return [each for each in dict.fromkeys(ask.excluded) if each in ground.places.index]


def _beside(ground: SiteGround, *, zh: bool = False) -> str:
    """Say how many more there would be, had they not been struck."""
    why = ground.struck["why"]
    if not len(why):
        return ""
    clear, small = int((why == IN_EXCLUSION).sum()), int((why == TOO_SMALL).sum())
    unknown = len(why) - clear - small
    if zh:
        return (
            f"；另有 {clear} 处在禁建区里，{small} 处放不下计划的床位，{unknown} 处不知道能放多少床"
        )
    return (
        f" ({clear} more lie in exclusion areas, {small} are too small for the beds planned, of"
        f" {unknown} it is not known how many beds fit)"
    )


def _none_left(ask: SiteAsk, ground: SiteGround) -> Faults:
    """Say why there is nothing to choose from: all are struck, or there is nothing here."""
    why = ground.struck["why"]
    total = len(why)
    if not total or not len(ground.demand):
        field = "grid_m" if ask.sites == GRID and len(ground.demand) else "area"
        return {field: ParameterError(
            "there are no candidates, or no people, in this area",
            zh="这个地区里没有候选地点，或没有人口数据",
        )}  # fmt: skip
    kept_clear, small = int((why == IN_EXCLUSION).sum()), int((why == TOO_SMALL).sum())
    unknown = total - kept_clear - small
    counts = {"exclusions": kept_clear, "beds": small, "capacity": unknown}
    field = max(counts, key=lambda name: counts[name])
    return {field: ParameterError(
        f"no candidate is left: of {total}, {kept_clear} lie in exclusion areas, {small} are too "
        f"small for the beds planned, of {unknown} it is not known how many beds fit",
        zh=f"没有候选地点可选了：共 {total} 处，{kept_clear} 处在禁建区里，"
        f"{small} 处放不下计划的床位，{unknown} 处不知道能放多少床",
    )}  # fmt: skip


def _named(ask: SiteAsk, ground: SiteGround) -> Faults:
    """Find ids that no candidate has, and those both required and excluded."""
    found = {}
    known = {"required": ground.places.index, "excluded": ground.places.index}
    for name, index in known.items():
        ids = np.array(getattr(ask, name), dtype=object)
        lost = [each for each in ids if each not in index]
        if name == "excluded":  # one that is struck already is excluded, as was asked
            lost = [each for each in lost if each not in ground.struck.index]
        struck = [each for each in lost if each in ground.struck.index][:_MOST_NAMED]
        if struck:
            found[name] = ParameterError(
                f"{', '.join(struck)} takes no part: {_reason(ground, struck[0])}",
                zh=f"{'、'.join(struck)} 不能选：{_reason_zh(ground, struck[0])}",
            )
        elif lost:
            found[name] = ParameterError(
                f"no candidate has the id {', '.join(lost[:_MOST_NAMED])}",
                zh=f"没有编号为 {'、'.join(lost[:_MOST_NAMED])} 的候选地点",
            )
    if both := set(ask.required) & set(ask.excluded):
        said = ", ".join(sorted(both)[:_MOST_NAMED])
        found["excluded"] = ParameterError(
            f"{said} is required and excluded", zh=f"{said} 不能既必须选又不能选"
        )
    return found


def _reason(ground: SiteGround, name: str) -> str:
    why = str(ground.struck.loc[name, "why"])
    return {IN_EXCLUSION: "it lies in an exclusion area",
            TOO_SMALL: "it is too small for the beds planned"}.get(
                why, "it is not known how many beds fit")  # fmt: skip


def _reason_zh(ground: SiteGround, name: str) -> str:
    why = str(ground.struck.loc[name, "why"])
    return {IN_EXCLUSION: "在禁建区里", TOO_SMALL: "放不下计划的床位"}.get(
        why, "不知道能放多少床")  # fmt: skip


def _limits(ask: SiteAsk, ground: SiteGround) -> Faults:
    """Find what a budget, a capacity or equity needs to know and does not."""
    found: Faults = {}
    cost = ground.places.get("cost")
    if ask.budget is not None and (cost is None or cost.isna().any()):
        lost = len(ground.places) if cost is None else int(cost.isna().sum())
        found["budget"] = ParameterError(
            f"a budget needs the cost of every candidate, and {lost} of {len(ground.places)} are "
            "not known: state them, or exclude these",
            zh=f"{len(ground.places)} 处候选地点里有 {lost} 处不知道费用，不能按总费用选；请先填上",
        )
    if ask.capacity and ask.capacity not in (FIT, PLANNED):
        held = ground.places.get(CAPACITY)
        if held is None or held.dtype.kind != "f" or held.isna().any():
            found["capacity"] = ParameterError(
                f"must be fit, planned, or a column of numbers known of every candidate, got "
                f"{ask.capacity[:40]!r}",
                zh="这一列不能当作可服务人数：须是数，并且每处候选地点都有",
            )
    if ask.equity and not len(ground.existing):
        found["equity"] = ParameterError(
            "equity needs existing facilities: who is worst served today?",
            zh="没有现有机构，就分不出谁的服务最差；请选“不”",
        )
    return found | _money(ask, ground, found)


def _money(ask: SiteAsk, ground: SiteGround, found: Faults) -> Faults:
    """Find a budget that does not pay for the least there is, and by how much."""
    if ask.budget is None or "budget" in found:
        return {}
    cost = ground.places["cost"]
    needed = float(cost.reindex(list(ask.required)).sum())
    least = needed if ask.required else float(cost.drop(list(ask.excluded), errors="ignore").min())
    short = least - ask.budget
    if not short > 0:
        return {}
    what, which = (
        ("the required sites cost", "一定要选的地点") if ask.required
        else ("the cheapest candidate costs", "最便宜的候选地点")
    )  # fmt: skip
    return {"budget": ParameterError(
        f"{what} {least:,.0f} yuan, {short:,.0f} more than the budget of {ask.budget:,.0f}",
        zh=f"{which}要 {least:,.0f} 元，比总费用 {ask.budget:,.0f} 元多 {short:,.0f} 元",
    )}  # fmt: skip
