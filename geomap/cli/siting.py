"""``geomap site``: where the next facilities should stand, written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from geomap.cli.options import Area, Language, Speed  # noqa: TC001 (typer reads them)
from geomap.cli.shown import Screen, working
from geomap.cli.spoken import stated_language
from geomap.errors import ParameterError
from geomap.plan.siting.answer import COVERING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.siting.ask import OneType, SiteAsk
    from geomap.web.siting.working import Solved

_FROM: Final = ("candidates", "demand", "grid")
_MOST_MINUTES: Final = 24 * 60.0
#: The options of a question's fields, where they have another name.
_OPTIONS: Final = {
    "sites": "--from", "required": "--require", "excluded": "--exclude", "method": "--minutes",
    "by_type": "--p",
}  # fmt: skip


def site(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: Annotated[
        Path, typer.Option(help="Ends in .geojson, .gpkg, .parquet, .csv, .xlsx, .shp.")
    ],
    model: Annotated[str, typer.Option(help="lscp, mclp, p_median or p_center.")] = "mclp",
    p: Annotated[
        list[str] | None,
        typer.Option(
            "--p", "-p", help="How many new sites; or TYPE:N, once a type, for several at once."
        ),
    ] = None,
    standard_m: Annotated[
        list[str] | None,
        typer.Option(
            "--standard-m", help="Straight-line metres, else 1000 in lscp, mclp; or TYPE:METRES."
        ),
    ] = None,
    minutes: Annotated[
        list[str] | None,
        typer.Option(help="A walk along the streets instead, or TYPE:MINUTES; needs a network."),
    ] = None,
    speed: Speed = 0.8,
    weight: Annotated[str | None, typer.Option(help="Whom to count, such as aged_65.")] = None,
    area: Area = None,
    sites: Annotated[
        str | None,
        typer.Option(
            "--from", help="candidates; demand: wherever people live; or grid: evenly spaced."
        ),
    ] = None,
    grid_m: Annotated[
        float, typer.Option("--grid-m", help="Metres between the points of the grid.")
    ] = 500.0,
    exclusions: Annotated[
        str, typer.Option(help="use: nothing in the imported exclusion areas; or ignore them.")
    ] = "use",
    existing: Annotated[
        str, typer.Option(help="keep the facilities that stand, or ignore them.")
    ] = "keep",
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="Which facilities serve already; may be repeated."),
    ] = None,
    require: Annotated[list[str] | None, typer.Option(help="Id that must be chosen.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Id that must not be.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="What the sites may cost in all, yuan.")
    ] = None,
    beds: Annotated[
        float | None, typer.Option(help="Planned at a site: its land and floor are checked.")
    ] = None,
    pack: Annotated[
        str, typer.Option(help="Rule pack that says how much land and floor a bed needs.")
    ] = "national",
    room: Annotated[
        str, typer.Option(help="strike sites too small for the beds, or only mark them.")
    ] = "strike",
    capacity: Annotated[
        str | None,
        typer.Option(help="How many each serves: a column, fit (beds that fit) or planned."),
    ] = None,
    equity: Annotated[
        float, typer.Option(help="Serve the worst-served first: how much more they weigh.")
    ] = 0.0,
    subsidy: Annotated[
        bool, typer.Option("--subsidy", help="Estimate the operating subsidy of a year.")
    ] = False,
    occupancy: Annotated[
        float, typer.Option(help="Share of the beds that is subsidised, 0 to 1.")
    ] = 1.0,
    why: Annotated[
        bool, typer.Option("--why", help="Also each site's next best, and the trade-off curves.")
    ] = False,
    time_limit_s: Annotated[
        float, typer.Option("--time-limit-s", help="Seconds to prove the best.")
    ] = 60.0,
    lang: Language = None,
) -> None:
    """Choose new sites among candidates beside the facilities that stand, with a proven bound."""
    from geomap.cli.planning import require_ending
    from geomap.cli.siting_shown import chosen_frame, say_answer
    from geomap.data.export import export_frame
    from geomap.plan.siting.problem import require_model
    from geomap.web.plan.ask import LINE, WALK
    from geomap.web.plan.inputs import inputs_of
    from geomap.web.siting.ask import DEFAULT_M, LEAST_GRID_M, MOST_GRID_M, SiteAsk
    from geomap.web.siting.document import document

    screen, inputs = Screen(stated_language(lang)), inputs_of(folder)
    require_ending(out)
    name = require_model(model)
    counts, metres = _numbers("--p", p), _metres(standard_m, minutes, speed)
    by_type = _by_type(name, counts, metres, budget)
    spacing = _amount("--grid-m", grid_m, least=LEAST_GRID_M, most=MOST_GRID_M) or grid_m
    ask = SiteAsk(
        model=name, p=int(counts[""]) if "" in counts else None,
        standard_m=metres.get("", DEFAULT_M if name in COVERING and not by_type else None),
        method=WALK if minutes else LINE, speed_mps=speed, weight=weight or "", area=area or "",
        sites=_one_of("--from", sites or "", ("", *_FROM)), grid_m=spacing,
        exclusions=_one_of("--exclusions", exclusions, ("use", "ignore")),
        existing=_one_of("--existing", existing, ("keep", "ignore")), types=tuple(types or ()),
        by_type=by_type, required=tuple(require or ()), excluded=tuple(exclude or ()),
        budget=_amount("--budget", budget), beds=_amount("--beds", beds, least=1.0),
        room=_one_of("--room", room, ("strike", "mark")), pack=pack, capacity=capacity or "",
        equity=_amount("--equity", equity) or 0.0, time_limit_s=time_limit_s,
        occupancy=_amount("--occupancy", occupancy, most=1.0) if subsidy else None,
    )  # fmt: skip
    with working(screen, screen.say("正在选址", "Choosing sites")):
        solved = _solve(ask, inputs, why=why)
    told = document(solved)
    frame = chosen_frame(solved, told)
    export_frame(frame, out, name="sites")
    say_answer(screen, solved, told)
    count = f"{len(frame):,}"
    screen.print(screen.say(f"已写出 {count} 行：{out}", f"{count} rows written: {out}"))


def _solve(ask: SiteAsk, inputs: PlanInputs, *, why: bool) -> Solved:
    """Ask as the page does.

    Raises
    ------
    ParameterError, NotFoundError, DataError, TooLargeError : if it cannot be asked of these data.
    """
    from geomap.web.siting.choosing import choose
    from geomap.web.siting.faults import faults_of
    from geomap.web.siting.ground import ground_of
    from geomap.web.siting.why import why as reasons_of
    from geomap.web.siting.working import Solved

    for field, error in faults_of(ask, inputs).items():
        option = _OPTIONS.get(field, f"--{field.replace('_', '-')}")
        raise ParameterError(f"{option}: {error}", zh=f"{option}：{error.said('zh')}")
    ground = ground_of(ask, inputs)
    network = inputs.network if ask.walks else None
    found, parts = choose(ask, ground, network, None)
    told = reasons_of(ask, ground, found, parts) if why else ([], [], [])
    return Solved(ask, ground, found, parts, *told)


def _one_of(option: str, given: str, known: Sequence[str]) -> str:
    """Take a choice."""
    if given in known:
        return given
    among = ", ".join(each for each in known if each)
    raise ParameterError(
        f"{option} must be one of {among}, got {given!r}",
        zh=f"{option} 须为 {among} 之一，这里是 {given!r}",
    )


def _amount(
    option: str, given: float | None, *, least: float = 0.0, most: float = 1e15
) -> float | None:
    """Take a number within bounds, or none."""
    if given is not None and not least <= given <= most:
        _refuse(option, f"{given:g}", least, most)
    return given


def _refuse(option: str, came: str, least: float, most: float) -> NoReturn:
    """Say which numbers an option takes."""
    span, zh = (
        (f"{least:g} or more", f"{least:g} 以上")
        if most >= 1e15  # noqa: PLR2004 (the largest number of a table)
        else (f"from {least:g} to {most:g}", f"{least:g} 到 {most:g} 之间")
    )
    raise ParameterError(
        f"{option} must be a number {span}, got {came}", zh=f"{option} 须为{zh}的数，这里是 {came}"
    )


def _numbers(option: str, texts: Sequence[str] | None, *, most: float = 10_000) -> dict[str, float]:
    """Read one number, or TYPE:NUMBER once a type; under no name the one number.

    Raises
    ------
    ParameterError : if one is no number, no type, or stands twice.
    """
    from geomap.model.facility import TYPES
    from geomap.web.query import decimal, whole

    found: dict[str, float] = {}
    for text in texts or ():
        name, colon, number = text.rpartition(":")
        if colon:
            _one_of(option, name, tuple(TYPES))
        if name in found:
            raise ParameterError(
                f"{option} is given twice{f' for {name}' if name else ''}",
                zh=f"{option} 给了两次{f'（{name}）' if name else ''}",
            )
        try:
            count = option == "--p"
            found[name] = (
                whole(number, minimum=1, maximum=int(most)) if count
                else decimal(number, minimum=0.1, maximum=most)
            )  # fmt: skip
        except ValueError as error:
            raise ParameterError(
                f"{option} {error}",
                zh=f"{option} 须为 {1 if option == '--p' else 0.1} 到 {most:g} 之间的"
                f"{'整数' if option == '--p' else '数'}，这里是 {number!r}",
            ) from error
    if "" in found and len(found) > 1:
        raise ParameterError(
            f"{option} is one number, or a number for each type, not both",
            zh=f"{option} 要么给一个数，要么每个类型各给一个",
        )
    return found


def _metres(
    standard_m: Sequence[str] | None, minutes: Sequence[str] | None, speed: float
) -> dict[str, float]:
    """Give the standard in metres: one, or of each type."""
    if standard_m and minutes:
        raise ParameterError(
            "give --standard-m, a straight line, or --minutes, a walk, not both",
            zh="--standard-m（直线）和 --minutes（步行）只能给一个",
        )
    from geomap.plan.discs import MOST_M

    if minutes:
        walked = _numbers("--minutes", minutes, most=_MOST_MINUTES)
        return {name: each * 60 * speed for name, each in walked.items()}
    return _numbers("--standard-m", standard_m, most=MOST_M)


def _by_type(
    model: str, counts: Mapping[str, float], metres: Mapping[str, float], budget: float | None
) -> tuple[OneType, ...]:
    """Put together what is asked of each type, where several are sited at once.

    Raises
    ------
    ParameterError : if a type lacks what the model needs.
    """
    from geomap.model.facility import TYPES
    from geomap.web.siting.ask import OneType

    named = [each for each in TYPES if each in counts or each in metres]
    if not named:
        return ()
    if "" in counts or "" in metres:
        raise ParameterError(
            "with several types, --p and --standard-m must both be given for each type",
            zh="几种类型一起选时，--p 和 --standard-m 都要按类型给",
        )
    needs = [("--p", counts)] if model != "lscp" and budget is None else []
    needs += [("--standard-m", metres)] if model in COVERING else []
    for option, given in needs:
        if lost := [each for each in named if each not in given]:
            raise ParameterError(
                f"{option} must be given for each type: {', '.join(lost)} lacks it",
                zh=f"{option} 须给每个类型：{'、'.join(lost)} 没有",
            )
    return tuple(
        OneType(each, int(counts[each]) if each in counts else None, metres.get(each))
        for each in named
    )
