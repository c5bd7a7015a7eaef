"""The ``geomap`` command: check and import files, find the nearest, serve the map.

Exit codes: 0 done, 1 done with findings, 2 refused; 141 where nobody reads on, as of any program
that writes into ``head``.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomap.cli.dumping import dump
from geomap.cli.extracts import require_no_options
from geomap.cli.importing import Answers, Asked, Import, Stated, import_files, pairs
from geomap.cli.keys import key
from geomap.cli.mapping import import_maps
from geomap.cli.networks import import_networks
from geomap.cli.options import Area, Language, Minutes, Speed, StandardM  # noqa: TC001 (typer reads them)
from geomap.cli.reading import DONE, REFUSED, exit_code, read_files, say_annotated
from geomap.cli.reporting import report
from geomap.cli.scenarios import scenario
from geomap.cli.shown import Screen, show_report
from geomap.cli.siting import site
from geomap.cli.spoken import (
    UsageError,
    explain,
    print_json,
    refusal_as_json,
    spoken_language,
    stated_language,
)
from geomap.data.store.folder import require_fit
from geomap.errors import GeomapError
from geomap.model.table import Label

if TYPE_CHECKING:
    import geopandas as gpd

    from geomap.data.reading import Options
    from geomap.model.table import Table

#: What a shell says of a program that ended by SIGPIPE.
PIPE_CLOSED = 128 + 13

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
    exclusions = "exclusions"


class ImportName(StrEnum):
    """What a file is imported as: rows, a street map to draw under them, or streets to walk."""

    facilities = "facilities"
    demand = "demand"
    areas = "areas"
    candidates = "candidates"
    exclusions = "exclusions"
    network = "network"
    basemap = "basemap"


As = Annotated[TableName, typer.Option("--as", help="What the rows are.")]
ImportAs = Annotated[
    ImportName, typer.Option("--as", help="What the rows are; network or basemap: OSM extract.")
]
Datum = Annotated[str, typer.Option(help="In which the coordinates are: wgs84, gcj02 or bd09.")]
Crs = Annotated[str | None, typer.Option(help="EPSG code, where coordinates are projected.")]
Encoding = Annotated[str | None, typer.Option(help="Where the found one is wrong, such as gbk.")]
CellM = Annotated[
    float | None, typer.Option("--cell-m", help="Side of the cells that demand points stand for.")
]
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
OutTable = Annotated[
    Path, typer.Option(help="Ends in .geojson, .gpkg, .parquet, .csv, .xlsx, .shp.")
]


def main() -> None:
    """Run the command; a fault that geomap names is one sentence and exit code 2."""
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as ended:  # typer and rich make an exit of a closed pipe
        if not isinstance(ended.__context__ or ended, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to write
        code = PIPE_CLOSED
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
    cell_m: CellM = None,
    annotate: Annotate = None,
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Say how a file is read and what is wrong with it; change nothing."""
    with refusal_as_json(file, as_.value, when=json_):
        screen = Screen(stated_language(lang))
        options = _options(datum, crs, encoding, type_, map_, cell_m)
        report = read_files(screen, [file], _table(as_), options, annotate)[0].report
    if json_:
        print_json(report.to_dict(screen.language))
    else:
        show_report(screen, report)
        say_annotated(screen, annotate)
    raise typer.Exit(exit_code([report]))


@app.command("import")
def import_(  # noqa: PLR0913 (one argument an option)
    files: list[Path],
    *,
    into: Annotated[Path, typer.Option(help="The workspace folder; made if it is not there.")],
    as_: ImportAs = ImportName.facilities,
    datum: Datum = "wgs84",
    crs: Crs = None,
    encoding: Encoding = None,
    type_: Type = None,
    map_: Map = None,
    cell_m: CellM = None,
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
        screen = Screen(stated_language(lang))
        require_fit(into)
        if as_ in (ImportName.basemap, ImportName.network):
            rows_only: dict[str, object] = {"--datum": datum != "wgs84", "--cell-m": cell_m}
            rows_only |= {"--crs": crs, "--encoding": encoding, "--type": type_, "--map": map_}
            rows_only |= {"--source": source, "--licence": licence, "--annotate": annotate}
            rows_only |= {"--same": same, "--same-certain": same_certain, "--distinct": distinct}
            require_no_options(rows_only, as_.value)
            bring = import_maps if as_ is ImportName.basemap else import_networks
            written = bring(screen, files, into, dry_run=dry_run, as_json=json_)
            raise typer.Exit(DONE if written else REFUSED)
        options = _options(datum, crs, encoding, type_, map_, cell_m)
        answers = Answers(pairs("--same", same), pairs("--distinct", distinct), same_certain)
        said: dict[str, object] = {"datum": datum, "crs": crs, "encoding": encoding}
        said |= {"map": map_ or []} | ({} if cell_m is None else {"cell_m": cell_m})
        run = Import(screen, into, quiet=json_, ask=not (yes or json_), dry_run=dry_run)
        asked = Asked(files, _table(as_), options, annotate)
        code = import_files(run, asked, Stated(source, licence, said), answers)
    raise typer.Exit(code)


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
    from geomap.web.searching import prepare_names

    published = demo_of(folder, city=city, size=size, seed=seed, today=datetime.now(UTC).date())
    prepare_names(folder)
    rows = ", ".join(f"{name} {layer.rows:,}" for name, layer in published.layers.items())
    done = Screen(stated_language(lang)).say(
        "已写入演示数据（虚构）：{}；查看：geomap serve {}",
        "Invented demonstration data: {}; see it by: geomap serve {}",
    )
    typer.echo(done.format(rows, folder))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: OutTable,
    as_: As = TableName.facilities,
    stewards: Annotated[bool, typer.Option("--stewards", help="With the officials.")] = False,
    lang: Language = None,
) -> None:
    """Write what a workspace published as a file for others."""
    from geomap.cli.exporting import export_table

    screen = Screen(stated_language(lang))
    rows = export_table(screen, folder, _table(as_), out, stewards=stewards)
    screen.print(screen.say(f"已写出 {rows:,} 行：{out}", f"{rows:,} rows written: {out}"))


@app.command()
def coverage(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: OutTable,
    standard_m: StandardM = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    area: Area = None,
    lang: Language = None,
) -> None:
    """Write who has a facility within the standard, area by area."""
    _plan("coverage", folder, out, (standard_m, minutes, speed), area, lang)


@app.command()
def gaps(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: OutTable,
    standard_m: StandardM = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    area: Area = None,
    lang: Language = None,
) -> None:
    """Write the ground that no facility serves, the most people first."""
    _plan("gaps", folder, out, (standard_m, minutes, speed), area, lang)


@app.command()
def indicators(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: OutTable,
    standard_m: StandardM = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    area: Area = None,
    lang: Language = None,
) -> None:
    """Write every indicator, area by area, with what is unknown."""
    _plan("indicators", folder, out, (standard_m, minutes, speed), area, lang)


def _plan(  # noqa: PLR0913, PLR0917 (one argument an option)
    verb: str,
    folder: Path,
    out: Path,
    stated: tuple[float | None, float | None, float],
    area: str | None,
    lang: str | None,
) -> None:
    """Work a planner's verb out."""
    from geomap.cli.planning import Standard, plan_verb

    screen = Screen(stated_language(lang))
    plan_verb(screen, verb, folder, standard=Standard(*stated), area=area, out=out)


app.command()(dump)
app.command()(report)
app.command()(site)
app.add_typer(scenario)
app.add_typer(key)


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
        _show_nearest(Screen(stated_language(lang)), found)


def _table(name: TableName | ImportName) -> Table:
    """Find the table that a file is read as."""
    from geomap.model.tables import TABLES

    return TABLES[name.value]


def _options(  # noqa: PLR0913, PLR0917 (one argument an option)
    datum: str,
    crs: str | None,
    encoding: str | None,
    type_: str | None,
    map_: list[str] | None,
    cell_m: float | None,
) -> Options:
    """Put together what the office says about its file."""
    from geomap.data.reading import Options

    example = Label("床位=beds_total", "床位=beds_total")
    columns = dict(pairs("--map", map_, what=("COLUMN=FIELD", "列名=字段"), example=example))
    return Options(datum, crs, encoding, columns or None, type_, cell_m=cell_m)


def _show_nearest(screen: Screen, found: gpd.GeoDataFrame) -> None:
    """Show the nearest facilities, one a line."""
    for row in found.itertuples():
        metres = f"{row.distance_m:,.0f}"
        away = screen.say(f"直线 {metres} 米", f"{metres} m in a straight line")
        typer.echo(f"{away}  {row.name}  {row.type}  {row.id}")
