"""``geomap scenario``: named lists of changes, and what they would do."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomap.cli.options import Area, Language, Minutes, Speed, StandardM  # noqa: TC001 (typer reads them)
from geomap.cli.scenario_shown import (
    changes_frame,
    comparison,
    say_effect,
    say_list,
    say_scenario,
    show_comparison,
    told,
)
from geomap.cli.shown import Screen, working
from geomap.cli.spoken import print_json, stated_language
from geomap.errors import ParameterError
from geomap.model.scenario import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from geomap.data.store.scenarios import Scenarios
    from geomap.model.scenario import Scenario
    from geomap.plan.scenarios.answer import ScenarioEffect
    from geomap.web.plan.ask import Ask

scenario = typer.Typer(
    name="scenario",
    help="Keep lists of changes to facilities, and see what they would do.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR")]
Id = Annotated[str, typer.Argument(metavar="ID")]
Name = Annotated[str, typer.Argument(metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Note = Annotated[str, typer.Option(help="What it is for.")]
Who = Annotated[str | None, typer.Option(help="Who does it; else the account.")]
ChangesFile = Annotated[
    Path | None,
    typer.Option(
        "--changes",
        help="CSV, Excel or GeoJSON: kind facility_id name type lon lat beds cost.",
    ),
]
Weight = Annotated[str | None, typer.Option(help="Whom to count, such as aged_65.")]
Types = Annotated[
    list[str] | None, typer.Option("--type", help="Which facilities count; may be repeated.")
]
Out = Annotated[
    Path | None, typer.Option(help="Ends in .geojson, .gpkg, .parquet, .csv, .xlsx, .shp.")
]


@dataclass(frozen=True)
class _Made:
    """Who does something to a scenario, and how it is told."""

    screen: Screen
    who: str
    as_json: bool

    @property
    def at(self) -> datetime:
        """When: now."""
        return datetime.now(UTC)

    def tell(self, done: Scenario, zh: str, en: str) -> None:
        """Say what was done, and how the scenario is then."""
        if self.as_json:
            print_json(told(done))
            return
        self.screen.print(self.screen.say(zh, en), "bold")
        say_scenario(self.screen, done)


def _made(who: str | None, lang: str | None, *, as_json: bool) -> _Made:
    """Take the account where nobody is named."""
    if who is None:
        try:
            who = getpass.getuser()
        except (KeyError, OSError):
            who = "unknown"
    return _Made(Screen(stated_language(lang)), who, as_json)


def _store(folder: Path) -> Scenarios:
    """Open the scenarios of a workspace; NotFoundError if it is none."""
    from geomap.data.store.folder import require_workspace
    from geomap.data.store.scenarios import Scenarios

    require_workspace(folder)
    return Scenarios(folder)


@scenario.command("list")
def list_(folder: Folder, *, json_: Json = False, lang: Language = None) -> None:
    """List the scenarios of a workspace, those changed last first."""
    found = _store(folder).all()
    if json_:
        print_json({"scenarios": [told(each) for each in found]})
    else:
        say_list(Screen(stated_language(lang)), found)


@scenario.command()
def new(  # noqa: PLR0913 (one argument an option)
    folder: Folder,
    name: Name,
    *,
    note: Note = "",
    changes: ChangesFile = None,
    who: Who = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Make a scenario, empty or with the changes of a table: all of them, or none."""
    made, store = _made(who, lang, as_json=json_), _store(folder)
    first = () if changes is None else _read(made, folder, changes)
    done = store.create(name, who=made.who, at=made.at, note=note, changes=first)
    made.tell(done, f"已建立方案 {done.id}", f"Scenario {done.id} made")


@scenario.command()
def change(  # noqa: PLR0913 (one argument an option)
    folder: Folder,
    id_: Id,
    *,
    changes: ChangesFile = None,
    kind: Annotated[str | None, typer.Option(help="add, move, close or enlarge.")] = None,
    facility: Annotated[str, typer.Option(help="Its id; a new one may go without.")] = "",
    name: Annotated[str | None, typer.Option(help="Of a new one.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Of a new one.")] = None,
    lon: Annotated[float | None, typer.Option(help="Degrees, WGS-84.")] = None,
    lat: Annotated[float | None, typer.Option(help="Degrees, WGS-84.")] = None,
    beds: Annotated[float | None, typer.Option(help="In all, afterwards.")] = None,
    cost: Annotated[float | None, typer.Option(help="Yuan.")] = None,
    drop: Annotated[
        list[int] | None,
        typer.Option("--drop", help="Take the change of this number out; may be repeated."),
    ] = None,
    who: Who = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Add one change, or those of a table, to a scenario; or take some out by their numbers."""
    made, store = _made(who, lang, as_json=json_), _store(folder)
    if sum(each is not None for each in (changes, kind, drop)) != 1:
        raise ParameterError(
            "give one of --kind, --changes FILE and --drop NUMBER",
            zh="--kind、--changes 文件、--drop 序号 须给一个，只能给一个",
        )
    seen = store.get(id_)
    at, expected = made.at, seen.revision
    if drop is not None:
        places = [number - 1 for number in drop]
        done = store.drop(id_, places, who=made.who, at=at, expected=expected)
    else:
        one = Change(kind or "", facility, name, type_, lon, lat, beds, cost)
        more = _one(folder, seen, one) if changes is None else _read(made, folder, changes, seen)
        done = store.change(id_, more, who=made.who, at=at, expected=expected)
    made.tell(done, f"方案 {done.id} 已改动", f"Scenario {done.id} changed")


@scenario.command()
def undo(
    folder: Folder, id_: Id, *, who: Who = None, json_: Json = False, lang: Language = None
) -> None:
    """Take the last step on a scenario's changes back; again goes further back."""
    made = _made(who, lang, as_json=json_)
    done = _store(folder).undo(id_, who=made.who, at=made.at)
    made.tell(done, f"方案 {done.id} 已撤销一步", f"Scenario {done.id}: one step taken back")


@scenario.command()
def rename(  # noqa: PLR0913 (one argument an option)
    folder: Folder,
    id_: Id,
    name: Name,
    *,
    note: Annotated[str | None, typer.Option(help="Else it stays.")] = None,
    who: Who = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Give a scenario another name, and another note."""
    made, store = _made(who, lang, as_json=json_), _store(folder)
    kept = store.get(id_).note if note is None else note
    done = store.rename(id_, name, kept, who=made.who, at=made.at)
    made.tell(done, f"方案 {done.id} 已改名", f"Scenario {done.id} renamed")


@scenario.command()
def copy(  # noqa: PLR0913 (one argument an option)
    folder: Folder,
    id_: Id,
    name: Name,
    *,
    who: Who = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Make another scenario with the changes of one."""
    made = _made(who, lang, as_json=json_)
    done = _store(folder).copy(id_, name, who=made.who, at=made.at)
    made.tell(done, f"已复制为方案 {done.id}", f"Copied as scenario {done.id}")


@scenario.command()
def remove(folder: Folder, id_: Id, *, who: Who = None, lang: Language = None) -> None:
    """Remove a scenario from the list; restore brings it back."""
    made = _made(who, lang, as_json=False)
    _store(folder).remove(id_, who=made.who, at=made.at)
    made.screen.print(
        made.screen.say(
            f"已移除方案 {id_}；恢复：geomap scenario restore {folder} {id_}",
            f"Scenario {id_} removed; bring it back: geomap scenario restore {folder} {id_}",
        )
    )


@scenario.command()
def restore(
    folder: Folder, id_: Id, *, who: Who = None, json_: Json = False, lang: Language = None
) -> None:
    """Bring a removed scenario back as it was."""
    made = _made(who, lang, as_json=json_)
    done = _store(folder).restore(id_, who=made.who, at=made.at)
    made.tell(done, f"已恢复方案 {done.id}", f"Scenario {done.id} brought back")


@scenario.command()
def show(  # noqa: PLR0913 (one argument an option)
    folder: Folder,
    id_: Id,
    *,
    out: Out = None,
    changes_out: Annotated[
        Path | None,
        typer.Option("--changes-out", help="Write the changes as --changes reads them."),
    ] = None,
    standard_m: StandardM = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    area: Area = None,
    weight: Weight = None,
    types: Types = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Say what a scenario changes; write before and after area by area, and its changes."""
    from geomap.data.export import export_frame

    screen, kept = Screen(stated_language(lang)), _store(folder).get(id_)
    _require_endings({"--out": out, "--changes-out": changes_out})
    if changes_out is not None:
        export_frame(changes_frame(kept), changes_out, name="changes")
    ask = _ask((standard_m, minutes, speed), area, weight, types)
    (effect,), counted = _effects(screen, folder, ask, [kept])
    if out is not None and effect.by_area is not None:
        export_frame(effect.by_area.reset_index(drop=True), out, name="areas")
    if json_:
        from geomap.web.scenarios.document import written

        print_json(told(kept) | {"effect": dict(written(effect, ask, counted).told)})
        return
    say_scenario(screen, kept)
    say_effect(screen, effect, counted)
    for path, rows in ((out, effect.by_area), (changes_out, kept.changes)):
        if path is not None:
            count = 0 if rows is None else len(rows)
            screen.print(
                screen.say(f"已写出 {count:,} 行：{path}", f"{count:,} rows written: {path}")
            )


@scenario.command()
def compare(  # noqa: PLR0913 (one argument an option)
    folder: Folder,
    ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    *,
    out: Out = None,
    standard_m: StandardM = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    area: Area = None,
    weight: Weight = None,
    types: Types = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Hold several scenarios against today, and against each other, in one table."""
    from geomap.data.export import export_frame

    screen, store = Screen(stated_language(lang)), _store(folder)
    _require_endings({"--out": out})
    kept = [store.get(each) for each in dict.fromkeys(ids)]
    ask = _ask((standard_m, minutes, speed), area, weight, types)
    effects, counted = _effects(screen, folder, ask, kept)
    table = comparison(kept, effects)
    if out is not None:
        export_frame(table, out, name="scenarios")
    if json_:
        from geomap.web.scenarios.document import records

        rows = records(table.drop(columns=["geometry"]))
        print_json({"weight": counted, "scenarios": rows})
        return
    show_comparison(screen, kept, effects, counted)
    if out is not None:
        count = len(table)
        screen.print(screen.say(f"已写出 {count:,} 行：{out}", f"{count:,} rows written: {out}"))


def _read(
    made: _Made, folder: Path, path: Path, seen: Scenario | None = None
) -> tuple[Change, ...]:
    """Read the changes of a table that come after those of a scenario, and say what is doubtful."""
    from geomap.data.changes import read_changes
    from geomap.plan.scenarios.applying import match

    homes, before = _standing(folder), () if seen is None else seen.changes
    shut = homes["id"][homes["status"] == "closed"]
    read = read_changes(path, standing=set(homes["id"]), closed=set(shut), before=before)
    match(homes, [*before, *read.changes])
    if not made.as_json:
        for note in read.notes:
            made.screen.print(note.of(made.screen.language), "dim")
    return read.changes


def _one(folder: Path, seen: Scenario, change: Change) -> tuple[Change, ...]:
    """Check one change against what is published; ParameterError says why it cannot be made."""
    from geomap.plan.scenarios.applying import match

    checked = change.checked()
    match(_standing(folder), [*seen.changes, checked])
    return (checked,)


def _standing(folder: Path) -> gpd.GeoDataFrame:
    """Read what changes are held against: ids, states and places of the published facilities."""
    from geomap.data.geoparquet import read_geoparquet
    from geomap.data.published import read_published
    from geomap.model.facility import FACILITIES

    layer = read_published(folder).layers.get("facilities")
    if layer is None:
        return FACILITIES.empty()
    columns = tuple(FACILITIES.by_name[name] for name in ("id", "status"))
    return read_geoparquet(layer.path, replace(FACILITIES, fields=columns))


def _require_endings(paths: Mapping[str, Path | None]) -> None:
    """Refuse files of unknown kinds, by the option that names them."""
    from geomap.cli.planning import require_ending

    for option, path in paths.items():
        if path is not None:
            require_ending(path, option)


def _ask(
    stated: tuple[float | None, float | None, float],
    area: str | None,
    weight: str | None,
    types: list[str] | None,
) -> Ask:
    """Put the question together; ParameterError if it is none."""
    from geomap.cli.planning import Standard

    asked = Standard(*stated).ask(area)
    return replace(asked, weight=weight or "", types=tuple(types or ()))


def _effects(
    screen: Screen, folder: Path, ask: Ask, kept: Sequence[Scenario]
) -> tuple[list[ScenarioEffect], str]:
    """Work out what each scenario changes; and tell whom the figures count."""
    from geomap.cli.planning import require_streets
    from geomap.web.plan.inputs import inputs_of
    from geomap.web.scenarios.working import weight_of, work_out

    inputs = inputs_of(folder)
    require_streets(folder, ask, inputs)
    with working(screen, screen.say("正在计算", "Working")):
        effects = [work_out(ask, each.changes, inputs) for each in kept]
    return effects, weight_of(ask, inputs)
