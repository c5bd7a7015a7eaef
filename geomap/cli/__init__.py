"""The ``geomap`` command: check and import files, find the nearest, serve the map.

Exit codes: 0 done, 1 done with findings, 2 refused.
"""

from __future__ import annotations

import json
import locale
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomap.errors import GeomapError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geomap.data.files.report import Report
    from geomap.data.reading import Options, Reading
    from geomap.data.store.difference import Difference
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
Language = Annotated[str | None, typer.Option("--lang", help="zh or en; else the locale's.")]


def main() -> None:
    """Run the command; a fault that geomap names is one sentence and exit code 2."""
    try:
        app()
    except GeomapError as error:
        typer.echo(f"geomap: {error}", err=True)
        raise SystemExit(REFUSED) from None


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
    json_: Json = False,
    lang: Language = None,
) -> None:
    """Say how a file is read and what is wrong with it; change nothing."""
    from geomap.data.reading import read_table

    try:
        options = _options(datum, crs, encoding, type_, map_)
        report = read_table(file, _table(as_), options).report
    except ParameterError as error:
        if json_:  # whoever reads the JSON finds it there too
            _print_json(_refused_option(file, as_, error).to_dict())
        raise
    if json_:
        _print_json(report.to_dict(_language(lang)))
    else:
        _show_report(report, _language(lang))
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
    lang: Language = None,
) -> None:
    """Read files into a workspace and publish it; one refused file, and nothing is changed."""
    from geomap.data.reading import read_table
    from geomap.data.store.difference import origin_of
    from geomap.data.store.workspace import Workspace

    language, table = _language(lang), _table(as_)
    if len({path.name for path in files}) < len(files):
        raise ParameterError("files of one import must have different names: rename one of them")
    options = _options(datum, crs, encoding, type_, map_)
    readings: list[Reading] = []
    for path in files:
        readings.append(read_table(path, table, options))
        _show_report(readings[-1].report, language)
    reports = [each.report for each in readings]
    if _exit_code(reports) == REFUSED:
        typer.echo(_say(language, "没有导入任何文件。", "Nothing was imported."), err=True)
        raise typer.Exit(REFUSED)
    said = {"datum": datum, "crs": crs, "encoding": encoding, "map": map_ or []}
    origins = [
        origin_of(path, source=source, licence=licence, options=said, fields=_fields_of(report))
        for path, report in zip(files, reports, strict=True)
    ]
    workspace = Workspace.open_or_create(into)
    for reading, origin in zip(readings, origins, strict=True):
        workspace.compare(reading.frame, table, origin=origin)  # all are refused before any is in
    for reading, origin in zip(readings, origins, strict=True):
        difference = workspace.apply(
            reading.frame, table, origin=origin, at=datetime.now(UTC), who=_who()
        )
        _show_difference(difference, language)
    published = workspace.publish()
    done = _say(language, "已发布第 {} 版：{}", "Published revision {}: {}")
    typer.echo(done.format(published.revision, into))
    raise typer.Exit(_exit_code(reports))


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
    done = _say(
        _language(lang),
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

        _print_json({"type": "FeatureCollection", "features": features(found)})
    else:
        _show_nearest(found, _language(lang))


def _table(name: TableName) -> Table:
    """Find the table that a file is read as."""
    from geomap.model.tables import TABLES

    return TABLES[name.value]


def _options(
    datum: str, crs: str | None, encoding: str | None, type_: str | None, map_: list[str] | None
) -> Options:
    """Put together what the office says about its file."""
    from geomap.data.reading import Options

    pairs = [each.rpartition("=") for each in map_ or []]
    for (column, _, field), text in zip(pairs, map_ or [], strict=True):
        if not column or not field:
            raise ParameterError(f"--map must be COLUMN=FIELD, as in 床位=beds_total, got {text!r}")
    columns = {column: field for column, _, field in pairs}
    return Options(datum, crs, encoding, columns or None, type_)


def _refused_option(file: Path, as_: TableName, error: ParameterError) -> Report:
    """Report a file that was not read, for an option that it cannot be read with."""
    from geomap.data.files.report import Finding, Report
    from geomap.model.table import Label

    said = Label(str(error), str(error))  # whole: a sentence that geomap wrote
    finding = Finding("bad_option", values={"came": said})
    return Report(file.name, as_.value, findings=(finding,))


def _fields_of(report: Report) -> set[str]:
    """Name the fields that a file has a column for."""
    return {field for fields in report.columns.values() for field in fields.split(", ")}


def _exit_code(reports: Sequence[Report]) -> int:
    """Refused if any is; else whether anything was found."""
    if any(each.outcome == "refused" for each in reports):
        return REFUSED
    return FINDINGS if any(each.findings for each in reports) else DONE


def _language(stated: str | None) -> str:
    """Take the stated language, else the locale's."""
    if stated not in (None, "zh", "en"):
        raise ParameterError(f"--lang must be zh or en, got {stated!r}")
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return stated or ("zh" if named.startswith("zh") else "en")


def _say(language: str, zh: str, en: str) -> str:
    """Choose the words of the reader's language."""
    return en if language == "en" else zh


def _who() -> str:
    """Name the account that imports, for the history."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _print_json(document: object) -> None:
    """Write JSON, alone on standard output."""
    text = json.dumps(document, ensure_ascii=False, default=str, allow_nan=False)
    sys.stdout.buffer.write(text.encode() + b"\n")


def _show_report(report: Report, language: str) -> None:
    """Show how the columns were read, then every finding with its row, then the totals."""
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console()
    console.print(Text(report.file, style="bold"), Text(_details(report)))
    columns = Grid(_say(language, "列名", "Column"), _say(language, "读作", "Read as"))
    for column, field in report.columns.items():
        columns.add_row(Text(column), Text(field))
    if report.columns:
        console.print(columns)
    if report.columns_unused:
        unused = _say(language, "没有用到的列：", "Columns not used: ")
        console.print(Text(unused + ", ".join(report.columns_unused), style="dim"))
    colours = {"error": "bold red", "warning": "yellow", "note": "cyan"}
    for finding in report.findings:
        place = _say(language, "第 {} 行", "row {}").format(finding.row) if finding.row else "–"
        heading = Text(f"{place}  {finding.code}  ", style=colours[finding.level])
        console.print(heading + Text(finding.message(language), style="default"))
    totals = _say(
        language,
        "{} 行，保留 {} 行，其中 {} 行需要位置；发现 {} 处：{}",
        "{} rows, {} kept, {} of them need a location; {} findings: {}",
    ).format(
        report.rows, report.accepted, report.needs_location, len(report.findings), report.outcome
    )
    console.print(Text(totals, style="bold"))


def _details(report: Report) -> str:
    """Say how the file was opened: format, encoding, delimiter, sheet."""
    return " ".join(f"{name}={value!r}" for name, value in report.details.items() if value)


def _show_difference(difference: Difference, language: str) -> None:
    """Show what an import did: each change with what stood there before."""
    from rich.console import Console
    from rich.text import Text

    words = {
        "new": _say(language, "新增", "new"),
        "changed": _say(language, "有改动", "changed"),
        "same": _say(language, "没有变化", "same"),
        "gone": _say(language, "文件中已没有（仍保留）", "gone from the file (still kept)"),
        "kept": _say(language, "已有更正，保留更正", "corrected since, correction kept"),
        "id_taken": _say(language, "编号已属于别的机构，另编", "id belongs to another, renumbered"),
    }
    console = Console()
    counts = [f"{words[name]} {count}" for name, count in difference.counts.items() if count]
    console.print(Text(f"{difference.file}: {', '.join(counts)}", style="bold"))
    for change in difference.changes.itertuples():
        what = f"{change.field} {change.before!r} → {change.after!r}"
        console.print(Text(f"  {change.id} {change.name}: {what}"))
    for change in difference.kept.itertuples():
        what = f"{change.field} {change.before!r} ≠ {change.after!r}"
        console.print(Text(f"  {words['kept']}: {change.id} {change.name}: {what}"))
    for row in difference.gone.itertuples():
        console.print(Text(f"  {words['gone']}: {row.id} {row.name}"))
    for row in difference.id_taken.itertuples():
        console.print(Text(f"  {words['id_taken']}: {row.given} → {row.id} {row.name}"))


def _show_nearest(found: gpd.GeoDataFrame, language: str) -> None:
    """Show the nearest facilities, one a line."""
    for row in found.itertuples():
        away = _say(language, "直线 {:,.0f} 米", "{:,.0f} m in a straight line")
        typer.echo(f"{away.format(row.distance_m)}  {row.name}  {row.type}  {row.id}")
