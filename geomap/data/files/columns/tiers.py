"""Join a header of two rows into one: 床位 over 总数 and 护理型 means 床位总数 and 护理型床位."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geomap.data.files.columns.headers import readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.model.table import Table

_DATA = re.compile(r"[\s\d.,:/%+\-]*")


@dataclass(frozen=True)
class Record:
    """A row of a sheet: its number, its cells up to the widest read, its last filled column."""

    number: int
    cells: list[str]
    last: int

    def cell(self, column: int) -> str:
        """Give a cell by its place from 0, "" beyond the end."""
        return self.cells[column].strip() if column < len(self.cells) else ""

    def filled(self, column: int, text: str) -> Record:
        """Give the row with a text in one cell."""
        cells = [*self.cells, *[""] * (column + 1 - len(self.cells))]
        cells[column] = text
        return Record(self.number, cells, max(self.last, column + 1))


@dataclass(frozen=True)
class Merge:
    """Cells merged into one: first and last row, first and last column, from 1."""

    top: int
    left: int
    bottom: int
    right: int


def join_tiers(
    upper: Record, lower: Record, merges: Sequence[Merge], table: Table
) -> list[str] | None:
    """Join two rows that together are one header; None where they are not.

    They are one header if the names of the lower row stand under groups of two columns or more,
    and everything else is named by the upper row alone. A group is a merged cell, or a name with
    empty cells to its right. A row of data is no lower row: it fills single columns too.

    Parameters
    ----------
    upper, lower : two rows of a sheet, one under the other.
    merges : the merged cells of the sheet.
    table : the table whose names tell in which order two words make a name.

    Examples
    --------
    >>> from geomap.model.facility import FACILITIES
    >>> upper = Record(1, ["名称", "床位", "", "电话"], 4)
    >>> join_tiers(upper, Record(2, ["", "总数", "护理型"], 3), [], FACILITIES)
    ['名称', '床位/总数', '护理型床位', '电话']
    >>> join_tiers(upper, Record(2, ["甲院", "10", "5", "1"], 4), [], FACILITIES) is None
    True
    """
    if lower.number != upper.number + 1:
        return None
    width = max(len(upper.cells), len(lower.cells))
    owner = _owners(upper, lower, merges, width)
    under = [column for column in range(width) if lower.cell(column)]
    sizes = [owner.count(owner[column]) for column in under if owner[column] is not None]
    if not under or len(sizes) < len(under) or min(sizes) < 2:  # noqa: PLR2004 (a group)
        return None
    if any(_DATA.fullmatch(lower.cell(column)) for column in under):
        return None
    return [
        _joined(upper.cell(owner[column] or 0), lower.cell(column), table)
        if lower.cell(column)
        else upper.cell(column)
        for column in range(width)
    ]


def _owners(upper: Record, lower: Record, merges: Sequence[Merge], width: int) -> list[int | None]:
    """Give the column whose upper name each column stands under; None where there is none."""
    owner: list[int | None] = [None] * width
    current: int | None = None
    for column in range(width):
        if upper.cell(column):
            current = column
        elif not lower.cell(column):
            current = None
        owner[column] = current
    for merge in merges:
        if merge.top == merge.bottom == upper.number and merge.right > merge.left:
            for column in range(merge.left - 1, min(merge.right, width)):
                owner[column] = merge.left - 1
    return owner


def _joined(upper: str, lower: str, table: Table) -> str:
    """Join a group and a name in the order that makes a known name."""
    forward, backward = f"{upper}/{lower}", f"{lower}{upper}"
    exact = not readings(forward, table.name) and readings(backward, table.name)
    return backward if exact else forward
