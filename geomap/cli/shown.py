"""What the commands show: reports and differences as tables, in the reader's language.

Everything goes to standard output as wide as the terminal (80 columns where there is none),
coloured on a terminal only; long lists are cut and counted, ``--json`` has every row.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from geomap.data.store.difference import rows_of
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from rich.console import Console
    from rich.table import Table as Grid

    from geomap.data.files.findings.report import Finding, Report
    from geomap.data.store.difference import Difference

#: So many rows of a list are shown on a terminal, and where there is none (a log, a pipe).
SHOWN, SHOWN_IN_A_LOG = 30, 100
#: A bar appears over what takes longer, so that nobody wonders whether it hangs.
BAR_AFTER_S = 2.0
#: Values are cut to so many characters, so that one of them does not fill the screen.
_LONGEST = 48
#: Columns are as wide as what they hold, up to this; the last one takes what is left.
_WIDEST, _NARROWEST = 14, 20
_NEVER_FIRST = "，。；：、！？）”》…,.;:)"
_COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}


@dataclass(frozen=True)
class Screen:
    """Where it is shown, and in which language (zh or en)."""

    language: str

    @cached_property
    def console(self) -> Console:
        """Standard output; coloured and as wide as the terminal, if it is one."""
        from rich.console import Console

        return Console(highlight=False, emoji=False)

    def say(self, zh: str, en: str) -> str:
        """Choose the words of the reader's language."""
        return en if self.language == "en" else zh

    def print(self, text: str, style: str = "") -> None:
        """Print a line; what it says is text, never markup or what a terminal would obey."""
        from rich.text import Text

        safe = "".join(each if each.isprintable() else " " for each in text)
        self.console.print(Text(safe, style=style))

    @property
    def limit(self) -> int:
        """How many rows of a list are shown."""
        return SHOWN if self.console.is_terminal else SHOWN_IN_A_LOG


def compact_rows(rows: Sequence[int], most: int = 6) -> str:
    """Write row numbers shortly: runs as ranges, and how many there are beyond some.

    Examples
    --------
    >>> compact_rows([2, 3, 4, 5, 9])
    '2–5, 9'
    >>> compact_rows([1, 3, 5, 7, 9], most=3)
    '1, 3, 5 … (5)'
    >>> compact_rows([])
    ''
    """
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
    cut = f" … ({len(set(rows))})" if len(texts) > most else ""
    return ", ".join(texts[:most]) + cut


def show_report(screen: Screen, report: Report) -> None:
    """Show how a file was read, then what was found with its rows, then what came of it."""
    from geomap.data.files.findings.summary import outcome_sentence, reading_lines

    screen.print(report.file, "bold")
    lines = [f"{name}: {value}" for name, value in reading_lines(report, screen.language)]
    if lines:
        screen.print(screen.say("；", "; ").join(lines), "dim")
    _show_columns(screen, report)
    if report.findings:
        _show_findings(screen, report.findings)
    outcome = outcome_sentence(report, screen.language, voice="command")
    if report.outcome == "refused" and report.findings:
        outcome = screen.say("文件没有使用。", "The file was not used.")
    screen.print(outcome, "bold")


def _show_columns(screen: Screen, report: Report) -> None:
    """Show what each column was read as, and which were not used."""
    if report.columns:
        grid = _grid(screen.say("列名", "Column"), screen.say("读作", "Read as"))
        for column, field in report.columns.items():
            grid.add_row(_cell(_cut(column)), _cell(_cut(field)))
        screen.console.print(grid)
    if report.columns_unused:
        unused = ", ".join(_cut(each) for each in report.columns_unused)
        screen.print(screen.say("没有用到的列：", "Columns not used: ") + unused, "dim")


def _show_findings(screen: Screen, findings: Sequence[Finding]) -> None:
    """Show findings one a line, with the rows that the office's spreadsheet shows."""
    from rich.cells import cell_len
    from rich.text import Text

    from geomap.data.files.findings.summary import LEVEL_WORDS

    heads = (screen.say("行", "Row"), screen.say("程度", "Level"), screen.say("发现", "Finding"))
    some = findings[: screen.limit]
    places = [compact_rows(each.rows or ([each.row] if each.row else [])) or "–" for each in some]
    levels = [LEVEL_WORDS[each.level].of(screen.language) for each in some]
    left = screen.console.width - 6  # two gaps of three between the columns
    left -= min(_WIDEST, max(map(cell_len, (heads[0], *places))))
    left -= max(map(cell_len, (heads[1], *levels)))
    grid = _grid(*heads, fixed=2)
    for each, place, level in zip(some, places, levels, strict=True):
        said = _folded(f"{_message(each, screen.language)}  ", max(left, _NARROWEST))
        text = Text(said).append(each.code, style="dim")
        grid.add_row(Text(place), Text(level, style=_COLOURS[each.level]), text)
    screen.console.print(grid)
    _say_cut(screen, len(findings))


def _message(finding: Finding, language: str) -> str:
    """Say a finding without its rows, which stand beside it."""
    from geomap.data.files.findings.messages import phrase

    return phrase(finding.code, finding.field, finding.values, (), language, voice="command")


def _folded(text: str, width: int) -> str:
    """Break lines as Chinese is broken, between any two characters but before no punctuation.

    Where the language has spaces, the lines are left to be broken at them.
    """
    from rich.cells import cell_len

    if all(cell_len(each) == 1 for each in text):
        return text
    lines, line = list[str](), ""
    for each in text:
        if cell_len(line) + cell_len(each) <= width:
            line += each
            continue
        kept = line[:-1] if each in _NEVER_FIRST else line
        lines.append(kept.rstrip())
        line = (line[len(kept) :] + each).lstrip()
    return "\n".join([*lines, line])


class _Part(NamedTuple):
    """One part of a difference: what it is called, and its rows as cells."""

    title: Label
    heads: tuple[Label, ...]
    rows: Iterator[tuple[object, ...]]
    length: int


_ID, _NAME = Label("编号", "Id"), Label("名称", "Name")
_WHY = {
    "name": Label("名称", "name"),
    "place": Label("位置", "place"),
    "phone": Label("电话", "telephone"),
}


def show_difference(screen: Screen, difference: Difference) -> None:
    """Show what an import changes, or would: every case with what stands there now."""
    words = {
        "new": Label("新增", "new"),
        "changed": Label("有改动", "changed"),
        "same": Label("没有变化", "the same"),
        "gone": Label("文件中已没有", "gone from the file"),
        "kept": Label("已更正，保留更正", "corrected since, correction kept"),
        "id_taken": Label("另编编号", "given another id"),
        "possibly_same": Label("可能已有", "possibly there already"),
        "renumbered": Label("编号变了", "renumbered"),
        "merged": Label("合并", "merged"),
    }
    counts = [
        f"{words[name].of(screen.language)} {count:,}"
        for name, count in difference.counts.items()
        if count
    ]
    screen.print(f"{difference.file}: {screen.say('，', ', ').join(counts)}", "bold")
    for part in _parts(screen, difference):
        if part.length:
            _show_part(screen, part)


def _parts(screen: Screen, found: Difference) -> Iterator[_Part]:
    """Give the parts of a difference, those that a reviewer must look at last."""
    field = Label("项目", "Field")
    was, is_ = Label("原来", "Before"), Label("改为", "After")
    stands, says = Label("保留", "Kept"), Label("文件写的", "The file says")
    yield _listed(found.new, Label("新增", "New"), (_ID, _NAME))
    yield _listed(
        found.gone, Label("文件中已没有（仍保留）", "Gone from the file (still kept)"), (_ID, _NAME)
    )
    yield _listed(
        found.id_taken,
        Label("编号属于别的机构，另编", "The id belongs to another: given a new one"),
        (Label("文件中的编号", "Id in the file"), _ID, _NAME),
    )
    yield _listed(
        found.renumbered,
        Label("名单重新编号，仍是原来的机构", "Renumbered in the list, still the same"),
        (Label("文件中的编号", "Id in the file"), _ID, _NAME),
    )
    yield _listed(
        found.merged,
        Label("并入另一条（原记录删除）", "Merged into another (the record is removed)"),
        (_ID, _NAME, Label("并入", "Into")),
    )
    kept = Label("已有更正，保留更正", "Corrected since: the correction is kept")
    yield _Part(kept, (_NAME, field, stands, says), _changes(screen, found.kept), len(found.kept))
    changed = Label("改动", "Changes")
    rows = _changes(screen, found.changes)
    yield _Part(changed, (_NAME, field, was, is_), rows, len(found.changes))
    heads = (Label("新的一行", "New row"), Label("可能就是", "May be"), Label("相符", "Agree"))
    same = Label(
        "可能已有（相同请用 --same 新=旧，不同请用 --distinct 新=旧）",
        "Possibly there already (say --same NEW=OLD or --distinct NEW=OLD)",
    )
    yield _Part(same, heads, _pairs(screen, found.possibly_same), len(found.possibly_same))


def _listed(frame: pd.DataFrame, title: Label, heads: tuple[Label, ...]) -> _Part:
    """Give the rows of a frame as they are."""
    rows = (tuple(each.values()) for each in rows_of(frame))
    return _Part(title, heads, rows, len(frame))


def _changes(screen: Screen, changes: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Give each value of each record, marked where it was corrected by hand."""
    from geomap.data.files.findings.messages import field_label

    by_hand = screen.say("（人工更正）", " (by hand)")
    for each in rows_of(changes):
        before = _value(screen, each["before"]) + (by_hand if each["by_hand"] else "")
        field = field_label(each["field"], screen.language)
        yield _named(each["name"], each["id"]), field, before, _value(screen, each["after"])


def _pairs(screen: Screen, pairs: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Give each new row beside the record that it may be."""
    for each in rows_of(pairs):
        agree = [_WHY[word].of(screen.language) for word in each["why"].split(", ")]
        away = each["distance_m"]
        metres = "" if away is None else screen.say(f"，{away:,.0f} 米", f", {away:,.0f} m")
        other = _named(each["other_name"], each["other_id"], each["other_file"])
        yield _named(each["name"], each["id"]), other, screen.say("、", ", ").join(agree) + metres


def _named(*texts: str | None) -> str:
    """Name a record by its name, its id and more."""
    return " ".join(_cut(text) for text in texts if text)


def _show_part(screen: Screen, part: _Part) -> None:
    """Show one part, cut where it is long."""
    screen.print(f"{part.title.of(screen.language)} ({part.length:,})", "bold")
    grid = _grid(*(each.of(screen.language) for each in part.heads))
    for _, row in zip(range(screen.limit), part.rows, strict=False):
        grid.add_row(*(_cell(each) for each in row))
    screen.console.print(grid)
    _say_cut(screen, part.length)


def _say_cut(screen: Screen, count: int) -> None:
    """Say how many rows are not shown."""
    if count > screen.limit:
        more = count - screen.limit
        said = screen.say(
            f"……还有 {more:,} 条，--json 列出全部。", f"… {more:,} more; --json has all."
        )
        screen.print(said, "dim")


def _grid(*heads: str, fixed: int = 0) -> Grid:
    """Make a table without frames; the first `fixed` columns are as wide as what they hold."""
    from rich import box
    from rich.table import Table as Grid

    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, head in enumerate(heads):
        width = _WIDEST if place < fixed else None
        grid.add_column(head, overflow="fold", max_width=width, no_wrap=False)
    return grid


def _cell(value: object) -> Any:  # noqa: ANN401 (rich's text)
    """Put a value in a cell, as text and never as markup."""
    from rich.text import Text

    return Text("" if value is None else str(value))


def _value(screen: Screen, value: object) -> str:
    """Write a value of a record; unknown is a word of its own."""
    if value is None:
        return screen.say("未知", "not known")
    if isinstance(value, bool):
        return screen.say("是", "yes") if value else screen.say("否", "no")
    if isinstance(value, list):
        return screen.say("、", ", ").join(map(str, value))
    return _cut(str(value))


def _cut(text: str) -> str:
    """Cut a long text, and take out what a terminal would obey."""
    from geomap.data.files.findings.messages import shown

    safe = shown(text)
    return safe if len(safe) <= _LONGEST else safe[: _LONGEST - 1] + "…"


@contextmanager
def working(screen: Screen, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar over what takes more than some seconds, on a terminal only.

    Gives a function to be told how much of `total` is done.
    """
    if not screen.console.is_terminal:
        yield lambda _done: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=screen.console, transient=True)
    task = progress.add_task(what, total=total)
    timer = threading.Timer(BAR_AFTER_S, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done: progress.update(task, completed=done)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
