"""What the command answers when it cannot do what was asked: a sentence, or JSON where wanted."""

from __future__ import annotations

import json
import locale
import os
import re
import sys
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from geomap.errors import GeomapError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What typer raises for options that it does not understand; the base of its BadParameter.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
#: The commands whose refusals are JSON too.
_WITH_JSON = ("check", "import")


def spoken_language() -> str:
    """Take the language that ``--lang`` states, wherever it stands, else the locale's."""
    words = [part for word in sys.argv[1:] for part in word.split("=", 1)]
    stated = [two for one, two in pairwise(words) if one == "--lang"]
    if stated and stated[-1] in ("zh", "en"):
        return stated[-1]
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if named.startswith("zh") else "en"


def stated_language(stated: str | None) -> str:
    """Take the stated language, else the locale's.

    Raises
    ------
    ParameterError : if there is no such language.
    """
    if stated not in (None, "zh", "en"):
        raise ParameterError(
            f"--lang must be zh or en, got {stated!r}",
            zh=f"--lang 须为 zh 或 en，这里是 {stated!r}",
        )
    return stated or spoken_language()


def print_json(document: object) -> None:
    """Write JSON, alone on standard output."""
    text = json.dumps(document, ensure_ascii=False, default=str, allow_nan=False)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


@contextmanager
def refusal_as_json(file: Path, table: str, *, when: bool) -> Iterator[None]:
    """Print what is refused inside as a report in JSON too, for whoever reads that."""
    try:
        yield
    except GeomapError as error:
        if when:
            code = "bad_option" if isinstance(error, ParameterError) else "not_imported"
            print_json(_refused(file, table, code, error.said("zh"), str(error)))
        raise


def explain(error: Any) -> None:  # noqa: ANN401 (typer's own error, which it does not name)
    """Say what is wrong with a command, in the reader's language; in JSON too where wanted."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    english = error.format_message().replace(": Value error, ", ": ")
    chinese = _in_chinese(error, english)
    words = sys.argv[1:]
    if "--json" in words and words[0] in _WITH_JSON:
        named = [word for word in words[1:] if not word.startswith("-")]
        print_json(_refused(Path(*named[:1]), "facilities", "bad_option", chinese, english))
    said = chinese if spoken_language() == "zh" else english
    typer.echo(f"geomap: {said}", err=True)
    in_command = words and not words[0].startswith("-") and "No such command" not in english
    help_ = f"geomap {words[0]} --help" if in_command else "geomap --help"
    typer.echo({"zh": f"用法见：{help_}"}.get(spoken_language(), f"For help: {help_}"), err=True)


def _in_chinese(error: Any, english: str) -> str:  # noqa: ANN401 (as above)
    """Say in Chinese what typer says in English only."""
    name = getattr(error, "param_hint", None)
    if name is None and getattr(error, "param", None) is not None:
        name = error.param.get_error_hint()
    kind = type(error).__name__
    if kind == "MissingParameter":
        return f"缺少 {name}"
    if kind == "NoSuchOption":
        return f"没有选项 {getattr(error, 'option_name', '')}"
    found = ((re.search(pattern, english), zh) for pattern, zh in _CHINESE)
    said = next((zh.format(*match.groups()) for match, zh in found if match), error.message)
    return f"{name}：{said}" if kind == "BadParameter" else said


#: What typer says, and the same in Chinese.
_CHINESE = (
    (r"unexpected extra argument\S* \((.*)\)", "多出了 {}"),
    (r"No such command '(.*?)'", "没有命令 {}"),
    (r"Option '(.*?)' requires ", "{} 后面要写它的值"),
    (r"Option '(.*?)' does not take a value", "{} 后面不写值"),
    (r".*('.*?') is not one of (.*?)\.?$", "须为 {1} 之一，这里是 {0}"),
    (r"valid integer", "须为整数"),
    (r"valid number", "须为数字"),
    (r"less than or equal to (\S+)", "须不大于 {}"),
    (r"greater than or equal to (\S+)", "须不小于 {}"),
)


def _refused(file: Path, table: str, code: str, zh: str, en: str) -> dict[str, Any]:
    """Report a file that was not read or imported."""
    from geomap.data.files.findings.report import Finding, Report
    from geomap.model.table import Label

    finding = Finding(code, values={"came": Label(zh, en)})  # whole: a sentence that geomap wrote
    report = Report(file.name, table, findings=(finding,))
    return report.to_dict(spoken_language())
