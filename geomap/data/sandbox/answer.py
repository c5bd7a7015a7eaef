"""What a reader says, as plain data: the report as JSON, the rows as plain buffers.

Nothing that comes back is believed: every part is checked against what it must be, so that a
reader that a file has taken over can say something wrong but do nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import cache, partial
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeVar

from geomap.data.files.findings.messages import MESSAGES
from geomap.data.files.findings.report import Finding, Report
from geomap.data.files.options import Reading
from geomap.data.sandbox.copies import read_made
from geomap.data.sandbox.rows import take_rows, write_rows
from geomap.errors import CRSError, DataError, ParameterError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geomap.model.table import Table

    T = TypeVar("T")

REPORT, ROWS, COPY = "report.json", "rows.bin", "annotated.xlsx"
#: No more than these many bytes are taken: JSON may grow to twenty times its size in memory.
_LONGEST_REPORT, _LONGEST_ROWS = 128 * 2**20, 512 * 2**20
_OPTION_ERRORS = {each.__name__: each for each in (ParameterError, CRSError)}


def write_reading(folder: Path, reading: Reading, table: Table) -> None:
    """Write what was read into a folder."""
    shapes = write_rows(folder / ROWS, reading.frame, table)
    _write(folder, {"report": to_message(reading.report), "rows": shapes})


def write_report(folder: Path, report: Report) -> None:
    """Write a report alone, for a reader that annotates the file."""
    _write(folder, {"report": to_message(report)})


def read_report(folder: Path) -> Report:
    """Read a report that was written alone.

    Raises
    ------
    DataError : if it is not one.
    """
    return from_message(_said(folder).get("report"))


def write_option_error(folder: Path, error: ParameterError) -> None:
    """Write that an option cannot be followed."""
    _write(folder, {"error": type(error).__name__, "text": str(error), "zh": error.zh})


def _write(folder: Path, message: Mapping[str, object]) -> None:
    (folder / REPORT).write_text(json.dumps(message), encoding="ascii")


def read_answer(folder: Path, table: Table) -> Reading:
    """Read what a reader wrote.

    Raises
    ------
    ParameterError : if the reader says that an option cannot be followed.
    DataError : if what it wrote is not an answer.
    """
    message = _said(folder)
    if "error" in message:
        kind = _OPTION_ERRORS.get(_of(message["error"], str), ParameterError)
        zh = message.get("zh")
        raise kind(_of(message.get("text"), str), zh=None if zh is None else _of(zh, str))
    report = from_message(message.get("report"))
    shapes = _of(message.get("rows"), list)
    frame = take_rows(read_made(folder / ROWS, _LONGEST_ROWS), shapes, table)
    if report.table != table.name or report.accepted != len(frame):
        raise DataError("the report and the rows do not fit each other")
    return Reading(frame, report)


def _said(folder: Path) -> dict[str, Any]:
    """Read the JSON that a reader wrote."""
    try:
        return _of(json.loads(read_made(folder / REPORT, _LONGEST_REPORT)), dict)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the report cannot be read: {error}") from error


def to_message(report: Report) -> dict[str, Any]:
    """Give a report as JSON values, from which :func:`from_message` makes the same report.

    Examples
    --------
    >>> came = {"came": Label("图片", "a picture"), "count": 3}
    >>> report = Report("a.csv", "areas", findings=(Finding("crs_link", 2, values=came),))
    >>> from_message(json.loads(json.dumps(to_message(report)))) == report
    True
    """
    findings = [
        [each.code, each.row, each.field, _plain(each.values), list(each.rows)]
        for each in report.findings
    ]
    names = {each.name for each in dataclasses.fields(report)} - {"findings"}
    return {each: _plain(getattr(report, each)) for each in names} | {"findings": findings}


def from_message(message: object) -> Report:
    """Make a report from JSON values.

    Raises
    ------
    DataError : if they are not those of a report.
    """
    said = dict(_of(message, dict))
    if said.keys() != {"findings", *_TAKES}:
        raise DataError("this is not a report")
    try:
        findings = tuple(_finding(*each) for each in _of(said.pop("findings"), list))
    except TypeError as error:
        raise DataError(f"this is not a finding: {error}") from error
    return Report(findings=findings, **{name: _TAKES[name](each) for name, each in said.items()})


def _finding(code: object, row: object, field: object, values: object, rows: object) -> Finding:
    """Make one finding; it must be one that geomap can phrase."""
    if not isinstance(code, str) or code not in MESSAGES:
        raise DataError("this is not a finding that geomap knows")
    if field is not None and not _of(field, str).isidentifier():
        raise DataError(f"this is not a field: {field!r}")
    named = _values(values)
    if not _needed(code) <= {*named, *(("field", "name") if field else ())}:
        raise DataError(f"a finding {code} says too little")
    return Finding(
        code,
        None if row is None else _of(row, int),
        None if field is None else _of(field, str),
        named,
        _numbers(rows),
    )


@cache
def _needed(code: str) -> frozenset[str]:
    """Name the values that the sentences of a finding quote."""
    named: set[str] = set()
    templates = [MESSAGES[code].zh, MESSAGES[code].en]
    while templates:
        for _, name, within, _ in Formatter().parse(templates.pop()):
            named |= {name} if name else set()
            templates += [within] if within else []
    return frozenset(named - {"state"})


def _of(value: object, kind: type[T]) -> T:
    """Take a value of exactly one kind."""
    if type(value) is not kind:
        raise DataError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def _plain(value: object) -> Any:  # noqa: ANN401 (any JSON value)
    """Give a value that a message names as JSON; what is only ever shown becomes its text."""
    if isinstance(value, Label):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if value is None or type(value) in {str, int, float, bool}:
        return value
    number = getattr(value, "item", None)  # of numpy
    return _plain(number()) if number is not None else str(value)


def _values(message: object) -> Mapping[str, object]:
    """Take the values that a message names."""
    return {key: _value(each) for key, each in _of(message, dict).items()}


def _value(message: object) -> object:
    """Take one value: a number, a text, a label, or a list of these."""
    if isinstance(message, list):
        return [_single(each) for each in message]
    return _single(message)


def _single(message: object) -> object:
    """Take a number, a text or a label."""
    if isinstance(message, list):
        raise DataError("expected no list within a list")
    if isinstance(message, dict):
        if message.keys() != {"zh", "en"}:
            raise DataError("expected a text in two languages")
        return Label(_of(message["zh"], str), _of(message["en"], str))
    return message


def _texts(message: object) -> tuple[str, ...]:
    return tuple(_of(each, str) for each in _of(message, list))


def _numbers(message: object) -> tuple[int, ...]:
    return tuple(_of(each, int) for each in _of(message, list))


def _text_by_text(message: object) -> Mapping[str, str]:
    return {key: _of(each, str) for key, each in _of(message, dict).items()}


#: What takes each part of a report, findings aside.
_TAKES: Mapping[str, Callable[[object], Any]] = {
    "file": partial(_of, kind=str),
    "table": partial(_of, kind=str),
    "rows": partial(_of, kind=int),
    "accepted": partial(_of, kind=int),
    "needs_location": partial(_of, kind=int),
    "columns": _text_by_text,
    "columns_unused": _texts,
    "details": _values,
    "header": _texts,
    "rows_unlocated": _numbers,
}
