"""What reading a file found: findings by row and field, and the report that counts them."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from geomap.data.files.findings.messages import GROUPED_BY_VALUE, MESSAGES, phrase, shown
from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.data.files.findings.asking import Voice
    from geomap.data.files.findings.message import Level

Outcome = Literal["accepted", "partial", "refused"]

#: Notes of one kind on one field become one finding beyond this many rows.
NOTES_EACH = 20
#: What holds for more rows than this and for most of a file is told once.
MOST_EACH = 50
#: The same unknown word becomes one finding beyond this many rows.
WORDS_EACH = 3


@dataclass(frozen=True)
class Finding:
    """One thing that an office should know about its file.

    Parameters
    ----------
    code : stable name of the kind of finding, a key of ``MESSAGES``.
    row : the number its spreadsheet shows; None where the file as a whole is meant.
    field : the geomap field, where one is meant.
    values : what the message names: ``came``, ``expected``, ``column`` and the like.
    rows : all rows meant, where one finding stands for several.
    """

    code: str
    row: int | None = None
    field: str | None = None
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    rows: tuple[int, ...] = ()

    @property
    def level(self) -> Level:
        """How bad it is: error (not kept), warning (a value is lost or doubtful) or note."""
        return MESSAGES[self.code].level

    def message(self, language: str = "zh", *, voice: Voice = "command") -> str:
        """Say what was expected, what came and what to do, to whom `voice` says."""
        return phrase(self.code, self.field, self.values, self.rows, language, voice=voice)

    def of_row(self, language: str = "zh", *, voice: Voice = "command") -> str:
        """Say it of one of the rows meant, without naming the others."""
        values = {key: value for key, value in self.values.items() if key != "example"}
        return phrase(self.code, self.field, values, (), language, voice=voice)

    def to_dict(self, language: str = "zh") -> dict[str, Any]:
        """Give the finding as JSON values."""
        document: dict[str, Any] = {
            "code": self.code,
            "level": self.level,
            "message": self.message(language),
            "row": self.row,
            "field": self.field,
        }
        return document | ({"rows": list(self.rows)} if self.rows else {})


class RefusedError(DataError):
    """A file that cannot be used at all; carries the finding that says why."""

    def __init__(self, code: str, /, **values: object) -> None:
        self.finding = Finding(code, values=values)
        super().__init__(self.finding.message("en"))


@dataclass(frozen=True)
class Report:
    """How a file was read, and everything found in it.

    Parameters
    ----------
    file : name of the file, without its folder.
    table : name of the table it was read as.
    rows : rows that hold anything at all.
    accepted : rows kept, those that need a location included.
    needs_location : rows kept that have no geometry.
    findings : ordered by row, those on the whole file first.
    columns : source column -> field, as matched.
    columns_unused : source columns that no field was read from.
    details : format, encoding, delimiter, sheet and header row, where they apply.
    header : every source column in its order; repeated and missing names are numbered.
    rows_unlocated : numbers of the rows that need a location, in the order of the frame.
    """

    file: str
    table: str
    rows: int = 0
    accepted: int = 0
    needs_location: int = 0
    findings: tuple[Finding, ...] = ()
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    columns_unused: tuple[str, ...] = ()
    details: Mapping[str, object] = dataclasses.field(default_factory=dict)
    header: tuple[str, ...] = ()
    rows_unlocated: tuple[int, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Say whether every row was kept, some, or none."""
        if not self.accepted:
            return "refused"
        return "accepted" if self.accepted == self.rows else "partial"

    @property
    def codes(self) -> dict[str, int]:
        """Count the rows (or, on the whole file, the findings) by code, most first."""
        counts: Counter[str] = Counter()
        for each in self.findings:
            counts[each.code] += len(each.rows) or 1
        return dict(counts.most_common())

    @property
    def refusal(self) -> str:
        """Say in one English sentence why nothing was kept."""
        errors = [each for each in self.findings if each.level == "error"] or list(self.findings)
        return errors[0].message("en") if errors else "no row could be kept"

    def to_dict(self, language: str = "zh") -> dict[str, Any]:
        """Give the report as JSON values, its messages in `language` (zh or en).

        Examples
        --------
        >>> report = Report("a.csv", "facilities", findings=(Finding("file_empty"),))
        >>> document = report.to_dict("en")
        >>> document["outcome"], document["findings"][0]["code"], document["findings"][0]["row"]
        ('refused', 'file_empty', None)
        """
        return {
            "file": self.file,
            "table": self.table,
            "outcome": self.outcome,
            "rows": self.rows,
            "accepted": self.accepted,
            "needs_location": self.needs_location,
            "findings": [each.to_dict(language) for each in self.findings],
            "columns": dict(self.columns),
            "columns_unused": list(self.columns_unused),
            **self.details,
        }


def on_rows(
    code: str,
    mask: pd.Series[bool] | NDArray[np.bool_],
    rows: NDArray[np.int64],
    *,
    field: str | None = None,
    **values: object,
) -> list[Finding]:
    """Make one finding for each marked row.

    Parameters
    ----------
    code : the kind of finding.
    mask : (n,) bool, the rows meant.
    rows : (n,) row numbers as the office's spreadsheet shows them.
    field : the field meant.
    values : what the message names. A Series of n values gives each row its own; so does a
        function, which is asked for the marked positions only.
    """
    import numpy as np
    import pandas as pd

    places = np.flatnonzero(np.asarray(mask, dtype=bool))
    if not len(places):
        return []
    own: dict[str, Sequence[object]] = {}
    for key, each in values.items():
        if isinstance(each, pd.Series):
            own[key] = each.iloc[places].tolist()
        elif callable(each):
            own[key] = list(each(places))
    same = {key: each for key, each in values.items() if key not in own}
    return [
        Finding(code, int(rows[place]), field, same | {key: own[key][nth] for key in own})
        for nth, place in enumerate(places.tolist())
    ]


def arrange(findings: Iterable[Finding], rows: int = 0) -> tuple[Finding, ...]:
    """Order findings by row and let one stand for many alike, so that none drowns the others.

    Notes of one kind on one field are told once beyond ``NOTES_EACH`` rows, the same unknown
    word once beyond ``WORDS_EACH`` rows, anything that holds for most rows of a long file once:
    then the file is what is wrong. The one finding lists every row.

    Parameters
    ----------
    findings : in any order.
    rows : rows of the file.
    """
    groups: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for each in findings:
        groups[_group(each)].append(each)
    told: list[Finding] = []
    for key, members in groups.items():
        limit = min(_limit(key, members[0]), max(MOST_EACH, rows / 2))
        told.extend([_stand_for(members)] if len(members) > limit else members)
    return tuple(sorted(told, key=lambda each: (each.row is not None, each.row or 0, each.code)))


def _group(finding: Finding) -> tuple[object, ...]:
    """Tell which findings can be told as one."""
    if finding.row is None or finding.rows:
        return (id(finding),)
    if finding.code in GROUPED_BY_VALUE:
        return (finding.code, finding.field, shown(finding.values.get("came", "")))
    return (finding.code, finding.field)


def _limit(key: tuple[object, ...], first: Finding) -> float:
    """Tell how many findings of a group are told one by one."""
    if len(key) == 1:
        return 1
    if first.code in GROUPED_BY_VALUE:
        return WORDS_EACH
    return NOTES_EACH if first.level == "note" else float("inf")


def _stand_for(members: list[Finding]) -> Finding:
    """Tell many findings as one on the whole file; what differs between them is an example."""
    first = min(members, key=lambda each: each.row or 0)
    rows = tuple(sorted(each.row for each in members if each.row is not None))
    differ = any(each.values.get("came") != first.values.get("came") for each in members)
    values = dict(first.values) | ({"example": first.row} if differ else {})
    return replace(first, row=None, rows=rows, values=values)
