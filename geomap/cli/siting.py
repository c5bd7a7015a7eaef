"""``geomap site``: where the next facilities should stand, written to a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geomap.cli.options import Language, Minutes, Speed  # noqa: TC001 (typer reads them)
from geomap.cli.shown import Screen, working
from geomap.cli.spoken import stated_language
from geomap.errors import NotFoundError, ParameterError
from geomap.plan.siting.answer import COVERING

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.plan.siting.answer import Siting
    from geomap.web.plan.inputs import PlanInputs

_DEFAULT_M: Final = 1_000.0
_FROM: Final = ("candidates", "demand")


@dataclass(frozen=True)
class _Ask:
    """What is asked, apart from where the rows come from."""

    model: str
    p: int | None
    standard_m: float | None
    walks: bool
    weight: str
    budget: float | None
    capacity: str | None
    required: list[str]
    excluded: list[str]
    time_limit_s: float


def site(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: Annotated[
        Path, typer.Option(help="Ends in .geojson, .gpkg, .parquet, .csv, .xlsx, .shp.")
    ],
    model: Annotated[str, typer.Option(help="lscp, mclp, p_median or p_center.")] = "mclp",
    p: Annotated[int | None, typer.Option("--p", "-p", help="How many new sites.")] = None,
    standard_m: Annotated[
        float | None,
        typer.Option("--standard-m", help="Straight-line metres; lscp, mclp: else 1000."),
    ] = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    weight: Annotated[str | None, typer.Option(help="Whom to count, such as aged_65.")] = None,
    sites: Annotated[
        str | None, typer.Option("--from", help="candidates, or demand: wherever people live.")
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="Which facilities serve already; may be repeated."),
    ] = None,
    require: Annotated[list[str] | None, typer.Option(help="Id that must be chosen.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Id that must not be.")] = None,
    budget: Annotated[float | None, typer.Option(help="What the sites may cost in all.")] = None,
    capacity: Annotated[
        str | None, typer.Option(help="Column of how many each site can serve.")
    ] = None,
    time_limit_s: Annotated[
        float, typer.Option("--time-limit-s", help="Seconds to prove the best.")
    ] = 60.0,
    lang: Language = None,
) -> None:
    """Choose new sites among candidates beside the facilities that stand, with a proven bound."""
    from geomap.data.export import WRITERS, export_frame
    from geomap.web.plan.inputs import inputs_of

    screen, inputs = Screen(stated_language(lang)), inputs_of(folder)
    if out.suffix.lower() not in WRITERS:  # before the work, not after
        known = ", ".join(WRITERS)
        raise ParameterError(
            f"--out must end in one of {known}, got {out.name!r}",
            zh=f"--out 须以 {known} 之一结尾，这里是 {out.name!r}",
        )
    ask = _Ask(
        model, p, _metres(model, standard_m, minutes, speed), minutes is not None,
        weight or _weight(inputs), budget, capacity, require or [], exclude or [], time_limit_s,
    )  # fmt: skip
    places = _places(inputs, sites)
    with working(screen, screen.say("正在选址", "Choosing sites")):
        found = _solve(ask, inputs, places, types)
    chosen = places.loc[found.chosen].reset_index()
    chosen["new_people"] = found.new_weight
    export_frame(chosen, out, name="sites")
    _say(screen, ask, found, out)


def _metres(
    model: str, standard_m: float | None, minutes: float | None, speed: float
) -> float | None:
    """Give the standard in metres."""
    if standard_m is not None and minutes is not None:
        raise ParameterError(
            "give --standard-m, a straight line, or --minutes, a walk, not both",
            zh="--standard-m（直线）和 --minutes（步行）只能给一个",
        )
    if minutes is not None:
        return minutes * 60 * speed
    if standard_m is None and model.lower() in COVERING:
        return _DEFAULT_M
    return standard_m


def _weight(inputs: PlanInputs) -> str:
    """Choose whom to count: the first of the usual counts that the demand knows."""
    if inputs.demand is None:
        raise NotFoundError(
            "the workspace has no demand: import demand, who lives where",
            zh="工作区里没有需求点：请先导入（--as demand）",
        )
    return inputs.weights[0] if inputs.weights else "population"


def _places(inputs: PlanInputs, sites: str | None) -> gpd.GeoDataFrame:
    """Give the candidates on their ids: those imported, else wherever people live."""
    from geomap.web.siting.ground import demand_places

    if sites is not None and sites not in _FROM:
        raise ParameterError(f"--from must be one of {', '.join(_FROM)}, got {sites!r}")
    if sites == "candidates" and inputs.candidates is None:
        raise NotFoundError(
            "the workspace has no candidates: import some, or give --from demand",
            zh="工作区里没有候选地点：请先导入（--as candidates），或用 --from demand",
        )
    if sites != "demand" and inputs.candidates is not None:
        return inputs.candidates.set_index("id")
    demand = inputs.demand
    if demand is None:
        raise AssertionError  # the weight was asked for first
    return demand_places(demand)


def _solve(
    ask: _Ask, inputs: PlanInputs, places: gpd.GeoDataFrame, types: list[str] | None
) -> Siting:
    """Ask the planner's core."""
    from geomap.plan.siting.places import site as choose

    existing = inputs.facilities
    if types:
        existing = existing[existing["type"].isin(types)]
    return choose(
        inputs.demand, places, model=ask.model, p=ask.p, standard_m=ask.standard_m,
        existing=existing, time_limit_s=ask.time_limit_s, weight=ask.weight,
        network=inputs.network if ask.walks else None, required=ask.required,
        excluded=ask.excluded, budget=ask.budget, capacity=ask.capacity,
    )  # fmt: skip


def _say(screen: Screen, ask: _Ask, found: Siting, out: Path) -> None:
    """Say what came of it, how good it is, and what it leaves."""
    count, people = len(found.chosen), f"{found.new_weight.sum():,.0f}"
    if found.model in COVERING:
        total, before = f"{found.covered:,.0f}", f"{found.covered_before:,.0f}"
        screen.print(
            screen.say(
                f"选出 {count} 处：新覆盖 {people} 人（{ask.weight}），共覆盖 {total} 人，"
                f"原来 {before} 人",
                f"{count} sites chosen: {people} people newly covered ({ask.weight}),"
                f" {total} in all, {before} before",
            )
        )
    else:
        value = f"{found.objective:,.0f}"
        screen.print(
            screen.say(
                f"选出 {count} 处：{people} 人由新址就近服务（{ask.weight}）；目标值 {value}",
                f"{count} sites chosen: nearest for {people} people ({ask.weight});"
                f" objective {value}",
            )
        )
    _say_bound(screen, found)
    if found.unreachable:
        rows, beyond = f"{len(found.unreachable):,}", f"{found.unreachable_weight:,.0f}"
        screen.print(
            screen.say(
                f"任何候选地点都够不到：{rows} 处需求点，{beyond} 人",
                f"Out of reach of every candidate: {rows} demand rows, {beyond} people",
            )
        )
    for note in found.notes:
        screen.print(note)
    screen.print(screen.say(f"已写出 {count} 行：{out}", f"{count} rows written: {out}"))


def _say_bound(screen: Screen, found: Siting) -> None:
    """Say whether that is proven the best, else how far from it at most."""
    if found.status == "optimal":
        screen.print(screen.say("已证明最优", "Proven the best"))
        return
    gap = f"{found.gap:.2%}" if math.isfinite(found.gap) else "?"
    bound = f"{found.bound:,.0f}"
    screen.print(
        screen.say(
            f"时间用完，尚未证明最优：离最优至多差 {gap}（界 {bound}）",
            f"Out of time, not proven the best: within {gap} of it (bound {bound})",
        )
    )
