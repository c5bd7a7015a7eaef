"""Importing on the command line: compare, show, ask, write, publish."""

from __future__ import annotations

import dataclasses
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from geomap.cli.locating import earlier_answers, locate_online
from geomap.cli.reading import REFUSED, exit_code, read_files, say_annotated
from geomap.cli.shown import Screen, show_difference, show_report, working
from geomap.cli.spoken import print_json
from geomap.data.temporary import private_folder
from geomap.errors import GeomapError, ParameterError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from geomap.data.files.findings.report import Finding, Report
    from geomap.data.reading import Options, Reading
    from geomap.data.store.difference import Difference, Incoming
    from geomap.data.store.workspace import Workspace
    from geomap.model.table import Table

    Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """Which files to import, as what, and where the annotated copy of the one goes."""

    files: Sequence[Path]
    table: Table
    options: Options
    copy: Path | None


@dataclass(frozen=True)
class Answers:
    """What a reviewer says of rows that may be records: (row, record) each."""

    same: Pairs
    distinct: Pairs
    certain: bool


@dataclass(frozen=True)
class Stated:
    """What is said of the files as a whole; `options` is how they were read."""

    source: str | None
    licence: str | None
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """What came of an import.

    Parameters
    ----------
    revision : the published one; None where nothing was written, or nothing published.
    declined : by whoever was asked.
    unpublished : why what was written is not shown yet.
    """

    differences: Sequence[Difference]
    revision: int | None = None
    declined: bool = False
    unpublished: GeomapError | None = None


@dataclass(frozen=True)
class Import:
    """How to import: into which folder, and whether to show, to ask and to write."""

    screen: Screen
    into: Path
    quiet: bool
    ask: bool
    dry_run: bool

    def bring(self, files: Sequence[Incoming], answers: Answers) -> Done:
        """Compare, show, ask where it is to be asked, then write and publish.

        Raises
        ------
        ConflictError, DataError, ParameterError : as ``Workspace.apply_all`` says.
        """
        from geomap.data.store.workspace import Workspace
        from geomap.web.searching import prepare_names

        with _compared_in(self.into) as workspace:
            seen = workspace.revision
            found = self._compare(workspace, files)
            if answers.certain and any(each.certain for each in found):
                files = [_with_certain(*each) for each in zip(files, found, strict=True)]
                found = self._compare(workspace, files)
        if not self.quiet:
            for each in found:
                show_difference(self.screen, each)
        if self.dry_run or (self._is_doubtful(found) and not self._agrees()):
            self._say("没有写入。", "Nothing was written.")
            return Done(found, declined=not self.dry_run)
        workspace = Workspace.open_or_create(self.into)
        with self._bar("正在写入", "Writing", files) as tell:
            at = datetime.now(UTC)
            found = workspace.apply_all(files, at=at, who=_who(), seen=seen, tell=tell)
        try:
            with working(self.screen, self.screen.say("正在发布", "Publishing")):
                revision = workspace.publish().revision
            prepare_names(self.into)
        except GeomapError as error:  # the rows are safe: whoever imports must know both
            return Done(found, unpublished=error)
        self._say(
            f"已发布第 {revision} 版：{self.into}", f"Published revision {revision}: {self.into}"
        )
        return Done(found, revision)

    def _compare(self, workspace: Workspace, files: Sequence[Incoming]) -> list[Difference]:
        with self._bar("正在比较", "Comparing", files) as tell:
            return workspace.compare_all(files, tell=tell)

    def _bar(self, zh: str, en: str, files: Sequence[Incoming]) -> Any:  # noqa: ANN401 (a context)
        rows = sum(len(each.frame) for each in files)
        return working(self.screen, self.screen.say(zh, en), rows)

    def _is_doubtful(self, found: Sequence[Difference]) -> bool:
        """Whether somebody is there to be asked, and there is something to ask."""
        is_asked = self.ask and sys.stdin.isatty() and self.screen.console.is_terminal
        return is_asked and any(
            len(each.changes) or len(each.possibly_same) or len(each.merged) for each in found
        )

    def _agrees(self) -> bool:
        question = self.screen.say("按以上所列写入吗？", "Write this?")
        return typer.confirm(question, default=False)

    def _say(self, zh: str, en: str) -> None:
        if not self.quiet:
            self.screen.print(self.screen.say(zh, en))


def import_files(run: Import, asked: Asked, stated: Stated, answers: Answers) -> int:
    """Read files, locate what can be located, show, and bring them in; give the exit code.

    Raises
    ------
    ParameterError : if an option cannot be followed or files bear the same name.
    ConflictError, DataError : as for :meth:`Import.bring`.
    """
    _require_different_names(asked.files)
    screen, done = run.screen, None
    readings = read_files(screen, asked.files, asked.table, asked.options, asked.copy)
    with earlier_answers(run.into, dry_run=run.dry_run) as earlier:
        if exit_code([each.report for each in readings]) != REFUSED:
            readings = locate_online(screen, readings, earlier)
        reports = [each.report for each in readings]
        if not run.quiet:
            for report in reports:
                show_report(screen, report)
            say_annotated(screen, asked.copy)
        if exit_code(reports) != REFUSED:
            done = run.bring(_incoming(asked, readings, stated, answers), answers)
    if run.quiet:
        print_json(_document(reports, done, screen.language))
    if done is None or done.declined or done.unpublished:
        _tell_unfinished(run, done)
        return REFUSED
    return exit_code(reports)


def _tell_unfinished(run: Import, done: Done | None) -> None:
    """Say that nothing was imported; or that rows were stored but are not shown yet."""
    if done is not None and done.unpublished is not None:
        said = _not_published(done.unpublished).message(run.screen.language)
        typer.echo(f"geomap: {said}", err=True)
    elif done is None and not run.quiet:
        typer.echo(run.screen.say("没有导入任何文件。", "Nothing was imported."), err=True)


def pairs(
    option: str,
    texts: Sequence[str] | None,
    *,
    what: tuple[str, str] = ("NEW=OLD", "新编号=旧编号"),
    example: Label | None = None,
) -> list[tuple[str, str]]:
    """Split what stands on both sides of the last ``=``.

    Examples
    --------
    >>> pairs("--same", ["A=1=95"])
    [('A=1', '95')]
    """
    found = [text.rpartition("=") for text in texts or []]
    shown = Label("，如 " + example.zh, ", as in " + example.en) if example else Label("", "")
    for (one, _, two), text in zip(found, texts or [], strict=True):
        if not one or not two:
            raise ParameterError(
                f"{option} must be {what[0]}{shown.en}, got {text!r}",
                zh=f"{option} 须写成 {what[1]}{shown.zh}，这里是 {text!r}",
            )
    return [(one, two) for one, _, two in found]


def _require_different_names(files: Sequence[Path]) -> None:
    """Refuse files of one name in one import: the name says which list is which."""
    if len({path.name for path in files}) < len(files):
        raise ParameterError(
            "files of one import must have different names: rename one of them",
            zh="一次导入的几个文件不能同名：请给其中一个改名",
        )


def _incoming(
    asked: Asked, readings: Sequence[Reading], stated: Stated, answers: Answers
) -> list[Incoming]:
    """Put together what is imported: the rows, where they come from and what was said of them."""
    from geomap.data.store.difference import Incoming, origin_of

    ids = [set(each.frame["id"]) for each in readings]
    same, distinct = (_by_file(given, ids) for given in (answers.same, answers.distinct))
    found = []
    for place, (path, reading) in enumerate(zip(asked.files, readings, strict=True)):
        fields = {field for names in reading.report.columns.values() for field in names.split(", ")}
        origin = origin_of(
            path,
            source=stated.source,
            licence=stated.licence,
            options=stated.options,
            fields=fields,
        )
        found.append(Incoming(reading.frame, asked.table, origin, same[place], distinct[place]))
    return found


def _by_file(given: Pairs, ids: Sequence[set[str]]) -> list[dict[str, str]]:
    """Give each answer to the file that has the row; an id made by geomap ends in ``-…``."""
    found: list[dict[str, str]] = [{} for _ in ids]
    for row, record in given:
        places = [place for place, some in enumerate(ids) if row in some]
        own = row.rpartition("-")[0]
        places = places or [place for place, some in enumerate(ids) if own in some]
        if len(places) != 1:
            many, many_zh = (
                ("no file has", "没有文件有")
                if not places
                else (
                    "several files have",
                    "不止一个文件有",
                )
            )
            raise ParameterError(
                f"{many} a row with the id {row!r}: import them one by one",
                zh=f"{many_zh}编号为 {row!r} 的行：请分别导入",
            )
        found[places[0]][row] = record
    return found


def _with_certain(file: Incoming, found: Difference) -> Incoming:
    """Answer that what agrees almost certainly is the same, but for what was answered already."""
    return dataclasses.replace(file, same=found.certain | dict(file.same))


@contextmanager
def _compared_in(into: Path) -> Iterator[Workspace]:
    """Open the workspace; where there is none yet, an empty one that is gone afterwards."""
    from geomap.data.store.folder import is_workspace
    from geomap.data.store.workspace import Workspace

    if is_workspace(into):
        yield Workspace.open(into)
        return
    with private_folder() as place:
        yield Workspace.create(place / "empty")


def _document(reports: Sequence[Report], done: Done | None, language: str) -> dict[str, Any]:
    """Give what came of an import as JSON values, every row of the differences."""
    differences = done.differences if done else [None] * len(reports)
    files = [
        report.to_dict(language) | {"difference": each and each.to_dict()}
        for report, each in zip(reports, differences, strict=True)
    ]
    refused = [each for each in files if each["outcome"] == "refused"]
    revision = done.revision if done else None
    outcome = "refused" if refused else "written" if revision is not None else "compared"
    document = {"outcome": outcome, "revision": revision, "files": files}
    if done is None or done.unpublished is None:
        return document
    finding = _not_published(done.unpublished).to_dict(language)
    return document | {"outcome": "stored", "findings": [finding]}


def _not_published(error: GeomapError) -> Finding:
    """Say that what was imported is stored but not shown yet, and what to do."""
    from geomap.data.files.findings.report import Finding

    return Finding("not_published", values={"came": Label(error.said("zh"), str(error))})


def _who() -> str:
    """Name the account that imports, for the history."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
