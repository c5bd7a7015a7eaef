"""Reports on the command line: one file for a signature, or one a period for cron."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geomap.cli.options import Area, Language, Minutes, Speed, StandardM  # noqa: TC001 (typer reads them)
from geomap.cli.reading import DONE, FINDINGS
from geomap.cli.shown import Screen, working
from geomap.cli.spoken import stated_language
from geomap.errors import ParameterError
from geomap.web.report.periods import Period, report_name, start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geomap.web.plan.ask import Ask


class Format(StrEnum):
    """Kinds of file that a report is."""

    html = "html"
    pdf = "pdf"


ENDINGS: Final = tuple(f".{each}" for each in Format)
_PER_CENT: Final = 100
#: A PDF at night may take its time.
_PDF_S: Final = 600.0


@dataclass(frozen=True)
class Wanted:
    """What a report is to be.

    Parameters
    ----------
    ask : the question.
    show : the measure of its map.
    by : who made it.
    since : the day from which changes are told.
    made_on : the day that stands on it.
    site, scenario : a siting question, and the id or name of a scenario; "" for none.
    """

    ask: Ask
    show: str
    by: str
    since: date | None
    made_on: date
    site: str = ""
    scenario: str = ""


def report(  # noqa: PLR0913 (one argument an option)
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    out: Annotated[Path | None, typer.Option(help="Ends in .html or .pdf.")] = None,
    area: Area = None,
    level: Annotated[str | None, typer.Option(help="Rows to report by, such as county.")] = None,
    standard_m: StandardM = None,
    minutes: Minutes = None,
    speed: Speed = 0.8,
    types: Annotated[list[str] | None, typer.Option("--type", help="May be repeated.")] = None,
    weight: Annotated[str | None, typer.Option(help="Whom to count, such as aged_65.")] = None,
    pack: Annotated[str, typer.Option(help="Rule pack to hold areas against.")] = "national",
    show: Annotated[str, typer.Option(help="Indicator of the second map.")] = "share",
    by: Annotated[str, typer.Option(help="Who made it, on the cover.")] = "",
    since: Annotated[
        str | None, typer.Option(help="Tell changes since a day, such as 2026-01-31.")
    ] = None,
    site: Annotated[
        str,
        typer.Option(
            metavar="QUESTION",
            help="Tell where the next ones should go: such as 'model=mclp&p=5&standard_m=500', the"
            " parameters of /plan/site, or its whole address; what it does not say is as above.",
        ),
    ] = "",
    scenario: Annotated[
        str, typer.Option(metavar="ID", help="Tell what a scenario would change: its id or name.")
    ] = "",
    period: Annotated[
        Period | None, typer.Option(help="Compare with the start of the period; for cron.")
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out-dir", help="With --period: where report-AREA-DAY.html goes."),
    ] = None,
    formats: Annotated[
        list[Format] | None,
        typer.Option("--format", help="With --period: html, pdf; repeat it for both; else html."),
    ] = None,
    lang: Language = None,
) -> None:
    """Write a report on an area, one HTML or PDF file that stands alone, fit to be signed.

    Exit codes: 0 written; 1 written, but the time budget (plan_seconds) left out what it names;
    2 refused, nothing written.
    """
    from geomap.cli.planning import Standard
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.measures import MEASURES
    from geomap.web.plan.working import china_today

    screen, today = Screen(stated_language(lang)), china_today()
    paths = places_of(out, out_dir, period, formats or [], area=area or "", day=today)
    day = since_of(period, day_of(since), today)
    if show not in MEASURES:
        known = ", ".join(MEASURES)
        raise ParameterError(
            f"--show must be one of {known}, got {show!r}",
            zh=f"--show 须是 {known} 之一，这里是 {show!r}",
        )
    usual = standard_m is None and minutes is None
    ask = Ask() if usual else Standard(standard_m, minutes, speed).ask(area)
    ask = replace(ask, area=area or "", level=level or "", types=tuple(types or ()),
                  weight=weight or "", pack=pack)  # fmt: skip
    wanted = Wanted(ask, show, by, day, today, site, scenario)
    cut = write_report(screen, folder, wanted, paths)
    for path in paths:
        screen.print(screen.say(f"已写出报告：{path}", f"Report written: {path}"))
    for line in cut:
        screen.print(screen.say(f"时间到：{line}", f"Time is up: {line}"), "bold")
    raise typer.Exit(FINDINGS if cut else DONE)


def places_of(  # noqa: PLR0913 (one argument an option)
    out: Path | None,
    out_dir: Path | None,
    period: Period | None,
    formats: Sequence[Format],
    *,
    area: str,
    day: date,
) -> list[Path]:
    """Tell where the report goes: one file a format.

    Raises
    ------
    ParameterError : unless either --out or --period with --out-dir is given, with a known ending.
    """
    if period is not None:
        if out_dir is None or out is not None:
            raise ParameterError(
                "--period goes with --out-dir FOLDER, which names the file itself",
                zh="--period 要和 --out-dir 文件夹 一起用，文件名由程序定",
            )
        kinds = dict.fromkeys(formats or [Format.html])
        return [out_dir / report_name(area, day, f".{kind}") for kind in kinds]
    if out is None or out_dir is not None or formats:
        raise ParameterError(
            "--out FILE.html or FILE.pdf must be given; --out-dir and --format go with --period",
            zh="须用 --out 写出 .html 或 .pdf 文件名；--out-dir、--format 和 --period 一起用",
        )
    if out.suffix.lower() not in ENDINGS:
        raise ParameterError(
            f"--out must end in .html or .pdf, got {str(out)!r}",
            zh=f"--out 须以 .html 或 .pdf 结尾，这里是 {str(out)!r}",
        )
    return [out]


def day_of(text: str | None) -> date | None:
    """Read the day of --since.

    Raises
    ------
    ParameterError : if it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(
            f"--since must be a day such as 2026-01-31, got {text!r}",
            zh=f"--since 须是日期，如 2026-01-31，这里是 {text!r}",
        ) from error


def since_of(period: Period | None, since: date | None, day: date) -> date | None:
    """Tell since when the report compares: the stated day, else the start of the period."""
    return since if since is not None or period is None else start_of(period, day)


def write_report(screen: Screen, folder: Path, wanted: Wanted, paths: Sequence[Path]) -> list[str]:
    """Work a report out once and write it as each file: whole, or not at all.

    Returns
    -------
    What the time budget left out, in words; empty where nothing.

    Raises
    ------
    GeomapError : if the data, the question or the file is not as it must be.
    """
    from geomap.data.store.durable import make_folder, write_atomically
    from geomap.settings import read_settings
    from geomap.web.app import create_app

    if any(map(_is_pdf, paths)):
        _require_pdf()
    settings = read_settings()
    end = time.monotonic() + settings.plan_seconds
    app = create_app(folder, settings)
    with (
        app.test_request_context(f"/plan/report?lang={screen.language}"),
        working(screen, screen.say("正在算", "Working"), _PER_CENT) as tell,
    ):
        html, cut = _document(wanted, end, tell)
    contents = [_pdf(screen, html) if _is_pdf(path) else html.encode() for path in paths]
    for path, content in zip(paths, contents, strict=True):
        make_folder(path.parent)
        write_atomically(path, content)
    return cut


def _is_pdf(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"


def _pdf(screen: Screen, html: str) -> bytes:
    """Make a PDF of a document."""
    from geomap.web.pdf import pdf_of

    with working(screen, screen.say("正在做 PDF", "Making the PDF")):
        return pdf_of(html, seconds=_PDF_S)


def _document(wanted: Wanted, end: float, tell: Callable[[int], None]) -> tuple[str, list[str]]:
    """Write the document in a request of its own, and what is missing in it."""
    from geomap.cli.report_plans import Plans, cut_of
    from geomap.web.plan.ask import settled
    from geomap.web.plan.form import View
    from geomap.web.plan.page import Writer
    from geomap.web.plan.plan_pages import desk, inputs
    from geomap.web.plan.working import share_done, work_out
    from geomap.web.report.comparison import compare
    from geomap.web.report.report_file import report_file

    own, packs = inputs(), desk().packs
    ask = settled(wanted.ask, packs)

    def told(step: str, done: int, of: int) -> None:
        tell(int(_PER_CENT * share_done(step, done, of)[1]))

    planned = Plans.read(wanted.site, wanted.scenario, ask)  # before the work, not after
    found = work_out(ask, own, packs, tell=told, out_of_time=lambda: time.monotonic() > end)
    compared = None if wanted.since is None else compare(ask, own, packs, since=wanted.since)
    siting, scenario = planned.work_out(ask, own, end)
    html = report_file(
        ask, found, own, packs, made_on=wanted.made_on, show=wanted.show, by=wanted.by,
        comparison=compared, siting=siting, scenario=scenario,
    )  # fmt: skip
    return html, [*Writer(found, ask, View(), "", {}).cut(), *cut_of(scenario)]


def _require_pdf() -> None:
    """Refuse a PDF where it cannot be made, before anything is worked out.

    Raises
    ------
    ParameterError : naming what must be installed.
    """
    from geomap.web.pdf import missing_for_pdf

    lacks = missing_for_pdf()
    if lacks is None:
        return
    fix = {
        "weasyprint": "pip install 'geomap[pdf]'",
        "pango": "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        "font": "apt-get install fonts-noto-cjk",
    }[lacks]
    raise ParameterError(
        f"PDF needs {lacks}: {fix}; or write a .html file",
        zh=f"做 PDF 缺 {lacks}：{fix}；也可以写 .html",
    )
