"""The ``geomap`` command: check and import files, find the nearest, serve the map.

Exit codes: 0 done, 1 done with findings, 2 refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomap.cli.importing import (
    Answers,
    Import,
    Stated,
    import_document,
    incoming,
    pairs,
    require_different_names,
)
from geomap.cli.locating import locate_online
from geomap.cli.shown import Screen, show_report, working
from geomap.cli.spoken import UsageError, explain, print_json, refusal_as_json, spoken_language
from geomap.errors import GeomapError, ParameterError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geomap.data.files.report import Report
    from geomap.data.reading import Options, Reading
    from geomap.model.table import Table

DONE, FINDINGS, REFUSED = 0, 1, 2

app = typer.Typer(
    name="geomap",
    help="The open service map for elderly care.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class TableName(StrEnum):
    """What a file's rows are."""

    facilities = "facilities"
    demand = "demand"
    areas = "areas"
    candidates = "candidates"


As = Annotated[TableName, typer.Option("--as", help="What the rows are.")]
Datum = Annotated[str, typer.Option(help="In which the coordinates are: wgs84, gcj02 or bd09.")]
Crs = Annotated[str | None, typer.Option(help="EPSG code, where coordinates are projected.")]
Encoding = Annotated[str | None, typer.Option(help="Where the found one is wrong, such as gbk.")]
Type = Annotated[str | None, typer.Option("--type", help="Facility type where none is stated.")]
Map = Annotated[list[str] | None, typer.Option("--map", help="COLUMN=FIELD; may be repeated.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Annotate = Annotated[
    Path | None, typer.Option("--annotate", help="Write a marked copy of the file, .xlsx.")
]
Same = Annotated[
    list[str] | None,
    typer.Option("--same", help="NEW=OLD: the row NEW is the record OLD; may be repeated."),
]
SameCertain = Annotated[
    bool,
    typer.Option("--same-certain", help="So for all that agree in name and place or telephone."),
]
Distinct = Annotated[
    list[str] | None,
    typer.Option("--distinct", help="NEW=OLD: they are two; takes back --same; may be repeated."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")]
Language = Annotated[str | None, typer.Option("--lang", help="zh or en; else the locale's.")]


def main() -> None:
    """Run the command; a fault that geomap names is one sentence and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except GeomapError as error:
        typer.echo(f"geomap: {error.said(spoken_language())}", err=True)
        code = REFUSED
    except UsageError as error:
        explain(error)
        code = REFUSED
    except typer.Abort:
        code = REFUSED
    raise SystemExit(code)


@app.command()
def check(  # noqa: PLR0913 (one argument an option)
    file: Path,
    *,
    as_: As = TableName.facilities,
    datum: Datum = "wgs84",
    crs: Crs = None,
    encoding: Encoding = None,
    type_: Type = None,
    map_: Map = None,
    annotate: Annotate = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Say how a file is read and what is wrong with it; change nothing."""
    with refusal_as_json(file, as_.value, when=json_):
        screen = Screen(_language(lang))
        options = _options(datum, crs, encoding, type_, map_)
        report = _read(screen, [file], as_, options, annotate)[0].report
    if json_:
        print_json(report.to_dict(screen.language))
    else:
        show_report(screen, report)
        _say_annotated(screen, annotate)
    raise typer.Exit(_exit_code([report]))


@app.command("import")
def import_(  # noqa: PLR0913 (one argument an option)
    files: list[Path],
    *,
    into: Annotated[Path, typer.Option(help="The workspace folder; made if it is not there.")],
    as_: As = TableName.facilities,
    datum: Datum = "wgs84",
    crs: Crs = None,
    encoding: Encoding = None,
    type_: Type = None,
    map_: Map = None,
    source: Annotated[str | None, typer.Option(help="Who says so, for rows that do not.")] = None,
    licence: Annotated[str | None, typer.Option(help="The rights the rows come with.")] = None,
    same: Same = None,
    same_certain: SameCertain = False,
    distinct: Distinct = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    annotate: Annotate = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Show what files change in a workspace, then write and publish it: all of it, or nothing.

    On a terminal it asks before it changes records or adds what may be there already; without
    one, with --yes or with --json it does not ask.
    """
    with refusal_as_json(files[0], as_.value, when=json_):
        screen = Screen(_language(lang))
        options = _options(datum, crs, encoding, type_, map_)
        answers = Answers(pairs("--same", same), pairs("--distinct", distinct), same_certain)
        require_different_names(files)
        readings = _read(screen, files, as_, options, annotate)
        if _exit_code([each.report for each in readings]) != REFUSED:
            readings = locate_online(screen, readings, into, dry_run=dry_run)
        reports = [each.report for each in readings]
        if not json_:
            for report in reports:
                show_report(screen, report)
            _say_annotated(screen, annotate)
        said = {"datum": datum, "crs": crs, "encoding": encoding, "map": map_ or []}
        stated = Stated(source, licence, said)
        run = Import(screen, into, quiet=json_, ask=not (yes or json_), dry_run=dry_run)
        code = _exit_code(reports)
        done = None
        if code != REFUSED:
            done = run.bring(incoming(files, readings, _table(as_), stated, answers), answers)
    if json_:
        print_json(import_document(reports, done, screen.language))
    elif done is None:
        typer.echo(screen.say("没有导入任何文件。", "Nothing was imported."), err=True)
    raise typer.Exit(REFUSED if done is None or done.declined else code)


@app.command()
def serve(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]")] = None,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1)] = 1,
) -> None:
    """Serve the map: of a workspace, or of the layers that ship."""
    from geomap.web.server import serve as run

    run(folder, host=host, port=port, workers=workers)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    city: Annotated[str | None, typer.Option(help="panjin, ningbo or henan.")] = None,
    size: Annotated[int | None, typer.Option(help="So many facilities, up to 400,000.")] = None,
    seed: Annotated[int, typer.Option(help="Another one, other homes.", min=0)] = 1,
    lang: Language = None,
) -> None:
    """Make a workspace of invented data: a city with its published totals, or any number."""
    from geomap.data.demos.demo import demo_of

    published = demo_of(folder, city=city, size=size, seed=seed, today=datetime.now(UTC).date())
    rows = ", ".join(f"{name} {layer.rows:,}" for name, layer in published.layers.items())
    done = Screen(_language(lang)).say(
        "已写入演示数据（虚构）：{}；查看：geomap serve {}",
        "Invented demonstration data: {}; see it by: geomap serve {}",
    )
    typer.echo(done.format(rows, folder))


@app.command()
def nearest(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    lon: Annotated[float, typer.Option(help="Degrees, WGS-84.")],
    lat: Annotated[float, typer.Option(help="Degrees, WGS-84.")],
    k: Annotated[int, typer.Option("-k", help="How many.")] = 10,
    types: Annotated[list[str] | None, typer.Option("--type", help="May be repeated.")] = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """List the facilities nearest to a point, by geodesic distance."""
    from geomap.data.published import read_published
    from geomap.find.nearest import nearest as find

    facilities = read_published(folder).read("facilities")
    found = find(facilities, lon, lat, k=k, types=types or None)
    if json_:
        from geomap.web.records import features

        print_json({"type": "FeatureCollection", "features": features(found)})
    else:
        _show_nearest(Screen(_language(lang)), found)


def _table(name: TableName) -> Table:
    """Find the table that a file is read as."""
    from geomap.model.tables import TABLES

    return TABLES[name.value]


def _options(
    datum: str, crs: str | None, encoding: str | None, type_: str | None, map_: list[str] | None
) -> Options:
    """Put together what the office says about its file."""
    from geomap.data.reading import Options

    example = Label("床位=beds_total", "床位=beds_total")
    columns = dict(pairs("--map", map_, what=("COLUMN=FIELD", "列名=字段"), example=example))
    return Options(datum, crs, encoding, columns or None, type_)


def _read(
    screen: Screen, files: Sequence[Path], as_: TableName, options: Options, out: Path | None
) -> list[Reading]:
    """Read files, and write the annotated copy of the one where that is wanted."""
    from geomap.data.reading import read_table

    table = _table(as_)
    if out is not None:
        _require_copy(files, out)
    readings: list[Reading] = []
    for path in files:
        with working(screen, screen.say(f"正在读取 {path.name}", f"Reading {path.name}")):
            if out is None:
                readings.append(read_table(path, table, options))
                continue
            from geomap.data.checking import check_and_annotate

            reading = check_and_annotate(path, table, options, out, language=screen.language)
            readings.append(reading)
    return readings


def _require_copy(files: Sequence[Path], out: Path) -> None:
    """Refuse a copy of several files, or one that is no workbook."""
    if len(files) > 1:
        raise ParameterError(
            "--annotate writes the copy of one file, got several: import them one by one",
            zh="--annotate 只为一个文件写副本，这里有几个：请分别导入",
        )
    if out.suffix.lower() != ".xlsx":
        raise ParameterError(
            f"--annotate must name a new .xlsx file, got {str(out)!r}",
            zh=f"--annotate 须写一个新的 .xlsx 文件名，这里是 {str(out)!r}",
        )


def _say_annotated(screen: Screen, out: Path | None) -> None:
    """Say where the annotated copy is, or that there is none."""
    if out is None:
        return
    if out.is_file():
        screen.print(screen.say(f"带说明的副本：{out}", f"Annotated copy: {out}"))
    else:
        screen.print(screen.say("没有可写的副本。", "There is nothing to write a copy of."))


def _exit_code(reports: Sequence[Report]) -> int:
    """Refused if any is; else whether anything was found."""
    if any(each.outcome == "refused" for each in reports):
        return REFUSED
    return FINDINGS if any(each.findings for each in reports) else DONE


def _language(stated: str | None) -> str:
    """Take the stated language, else the locale's."""
    if stated not in (None, "zh", "en"):
        raise ParameterError(
            f"--lang must be zh or en, got {stated!r}",
            zh=f"--lang 须为 zh 或 en，这里是 {stated!r}",
        )
    return stated or spoken_language()


def _show_nearest(screen: Screen, found: gpd.GeoDataFrame) -> None:
    """Show the nearest facilities, one a line."""
    for row in found.itertuples():
        metres = f"{row.distance_m:,.0f}"
        away = screen.say(f"直线 {metres} 米", f"{metres} m in a straight line")
        typer.echo(f"{away}  {row.name}  {row.type}  {row.id}")
