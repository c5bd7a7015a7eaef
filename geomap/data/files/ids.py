"""Give every row an id: the source's own where it is unique, else one made from the content."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.findings.report import Finding, on_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_SAFE = r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,63}"
_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]+")
_LONGEST = 48
_DIGEST = 12
_SEPARATOR = "\x1f"


def make_ids(
    stated: pd.Series | None,
    content: Callable[[], Sequence[pd.Series]],
    cells: pd.DataFrame,
    rows: NDArray[np.int64],
) -> tuple[pd.Series, list[Finding]]:
    """Give unique ids that a web address can hold, the same in every import of the same file.

    An id of the source is kept as it is, leading zeros included; one with other characters
    than ``A-Z a-z 0-9 . _ ~ -`` loses them and gets a digest of the original. The first row
    keeps an id that comes twice. Rows without one get a digest of their content; rows of equal
    content are numbered by what else their cells hold, so the order of rows does not matter.

    Parameters
    ----------
    stated : (n,) ids of the source, missing where it has none; None if it has no such column.
    content : gives (n,) texts that say which thing a row is: name, address, type, place. It is
        asked only if a row needs an id.
    cells : (n, k) all cells, which tell rows of equal content apart.
    rows : (n,) row numbers.

    Returns
    -------
    (n,) str Series ``id``, and what was found.

    Examples
    --------
    >>> name, rows = pd.Series(["甲", "甲", "乙"], dtype="str"), np.array([2, 3, 4])
    >>> stated = pd.Series(["007", "007", "a/b"])
    >>> ids, findings = make_ids(stated, lambda: [name], name.to_frame(), rows)
    >>> ids[0], [each.code for each in findings]
    ('007', ['unsafe_id', 'duplicate_id'])
    """
    own = pd.Series(None, index=cells.index, dtype="str") if stated is None else stated
    findings: list[Finding] = []
    safe = own.str.fullmatch(_SAFE)
    if not safe.all():
        rest = own[own.notna() & ~safe]
        own = own.copy()
        own.loc[rest.index] = rest.map({text: safe_id(text) for text in rest.unique()})
        unsafe = own.notna() & ~safe
        was = stated if stated is not None else own
        findings += on_rows("unsafe_id", unsafe, rows, field="id", came=was, expected=own)
    again = own.notna() & own.duplicated(keep="first")
    if again.any():
        numbers = pd.Series(rows, index=own.index)
        first = numbers.groupby(own).transform("first").fillna(0).astype("int64")
        findings += on_rows("duplicate_id", again, rows, field="id", came=own, expected=first)
    missing = own.isna() | again
    if missing.any():
        taken = set(own[~missing])
        own = own.mask(missing)
        own.loc[missing] = _from_content(
            [each[missing] for each in content()], cells[missing], taken
        )
    return own.rename("id"), findings


def safe_id(text: str) -> str:
    """Write an id so that a web address can hold it; different texts stay different.

    Examples
    --------
    >>> safe_id("A 区/1").startswith("A-1-"), safe_id("..") == safe_id("...")
    (True, False)
    """
    plain = _UNSAFE.sub("-", text).strip("-.")[:_LONGEST]
    return "-".join(filter(None, (plain, _digest(text)[:6])))


def _digest(text: str) -> str:
    """Give a short digest in letters and digits."""
    raw = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(raw)[:_DIGEST].decode().lower()


def _from_content(content: Sequence[pd.Series], cells: pd.DataFrame, taken: set[str]) -> list[str]:
    """Make ids of the content; equal ones are numbered in the order of their other cells."""
    parts = [each.fillna("").astype("str").tolist() for each in content]
    digests = [_digest(_SEPARATOR.join(row)) for row in zip(*parts, strict=True)]
    order = pd.DataFrame({"digest": digests})
    repeated = order["digest"].duplicated(keep=False)
    nth = pd.Series(0, index=order.index)
    if repeated.any():
        some = order[repeated].copy()
        whole = cells.iloc[np.flatnonzero(repeated)].fillna("")
        some["cells"] = [_SEPARATOR.join(row) for row in whole.itertuples(index=False, name=None)]
        nth.loc[some.index] = (
            some.sort_values(["digest", "cells"], kind="stable").groupby("digest").cumcount()
        )
    ids = []
    for digest, number in zip(digests, nth.tolist(), strict=True):
        each = digest if not number else f"{digest}-{number + 1}"
        while each in taken:
            each += "-x"
        ids.append(each)
    return ids
