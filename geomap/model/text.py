"""Text as it is compared: one writing for width, case, traditional characters and punctuation."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    Codes = npt.NDArray[np.uint16]
    Lines = npt.NDArray[np.intp]

_END = ord("\n")
_UNITS = 1 << 16
#: So many texts are written at a time: more would need memory without being faster.
_AT_ONCE = 1 << 14
_NONE = np.empty(0, dtype=np.uint16)
_SURROGATES = range(0xD800, 0xE000)


def normalise(text: str) -> str:
    """Write a text as it is compared.

    Compatibility forms (NFKC), lower case, simplified characters, no accents on Latin letters,
    no spaces and punctuation. Characters are simplified one by one, so that a part of a name
    stays a part of it.

    Examples
    --------
    >>> normalise("臺北市 信義區（Ｘinyi）"), normalise("Xi’an"), normalise("Ürümqi")
    ('台北市信义区xinyi', 'xian', 'urumqi')
    """
    return normalise_all([text])[0]


def normalise_all(texts: Iterable[str]) -> list[str]:
    """Write many texts as they are compared, all in one pass."""
    return Haystack.of(texts).texts()


@dataclass(frozen=True, eq=False)
class Matches:
    """The lines that hold a text, in order, and how.

    Attributes
    ----------
    lines : (m,) numbers of the lines, each once, ascending.
    whole, at_start : (m,) whether the text is the whole line, or its start.
    """

    lines: Lines
    whole: npt.NDArray[np.bool_]
    at_start: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Haystack:
    """Many texts to look into for a part: all their characters, one after another.

    A text is found by the places of its rarest character: 20 million characters are looked
    through in some 10 ms.
    """

    codes: Codes

    @classmethod
    def of(
        cls,
        texts: Iterable[str],
        *,
        keep: Callable[[Sequence[Codes]], Sequence[Codes]] = list,
    ) -> Haystack:
        """Take in texts; the number of a line is the position of its text.

        Parameters
        ----------
        keep : where their characters are put; in memory where it is not given.
        """
        return cls(keep([_codes(texts)])[0])

    def text(self, line: int) -> str:
        """Give one text back as it is compared."""
        start = self._ends[line - 1] + 1 if line else 0
        units = self.codes[start : self._ends[line]]
        return units.tobytes().decode("utf-16-le", "surrogatepass")

    def __len__(self) -> int:
        return self._ends.size

    def texts(self) -> list[str]:
        """Give the texts back as they are compared."""
        return self.codes.tobytes().decode("utf-16-le", "surrogatepass").split("\n")[:-1]

    @cached_property
    def _ends(self) -> Lines:
        """Where each line ends."""
        return np.flatnonzero(self.codes == _END)

    @cached_property
    def _frequency(self) -> Lines:
        """How often each character occurs."""
        return np.bincount(self.codes, minlength=_UNITS)

    def find(self, text: str) -> Matches:
        """Find the lines that hold a text.

        Examples
        --------
        >>> found = Haystack.of(["静安区", "上海静安", "静安"]).find("靜安")
        >>> found.lines.tolist(), found.whole.tolist(), found.at_start.tolist()
        ([0, 1, 2], [False, False, True], [True, False, True])
        """
        sought = _codes([text])[:-1]
        starts = self._starts(sought)
        lines = np.searchsorted(self._ends, starts)
        first = np.flatnonzero(np.diff(lines, prepend=-1))
        lines, starts = lines[first], starts[first]
        at_start = (starts == 0) | (self.codes[starts - 1] == _END)
        whole = at_start & (starts + sought.size == self._ends[lines])
        return Matches(lines, whole, at_start)

    def _starts(self, sought: Codes) -> Lines:
        """Every position at which a run of characters begins, ascending."""
        if not sought.size or not self.codes.size:
            return np.empty(0, dtype=np.intp)
        rarest, *others = np.argsort(self._frequency[sought], kind="stable")
        starts = np.flatnonzero(self.codes == sought[rarest]) - rarest
        starts = starts[(starts >= 0) & (starts + sought.size < self.codes.size)]
        for offset in others:
            starts = starts[self.codes[starts + offset] == sought[offset]]
        return np.asarray(starts, dtype=np.intp)


def _codes(texts: Iterable[str]) -> Codes:
    """Normalised texts as UTF-16, each closed by a line end."""
    left = iter(texts)
    parts = iter(lambda: list(islice(left, _AT_ONCE)), [])
    return np.concatenate([_codes_at_once(each) for each in parts] or [_NONE])


def _codes_at_once(lines: Sequence[str]) -> Codes:
    """Write some texts in one pass."""
    joined = "\n".join([*lines, ""])
    if joined.count("\n") > len(lines):
        joined = "\n".join([*(line.replace("\n", " ") for line in lines), ""])
    plain = unicodedata.normalize("NFKC", joined).lower()
    units = np.frombuffer(plain.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    codes: Codes = _written_as()[units]
    kept: Codes = codes[codes != 0]
    return kept


@cache
def _written_as() -> Codes:
    """Tell what each UTF-16 unit is written as; 0 for what is left out."""
    table = np.arange(_UNITS, dtype=np.uint16)
    for unit in range(_UNITS):
        if unit not in _SURROGATES:
            table[unit] = _plain(chr(unit))
    table = table[_simplified()[table]]
    table[_END] = _END
    return table


def _plain(character: str) -> int:
    """Give the code of a letter without accent; 0 for a mark, space, sign or control."""
    category = unicodedata.category(character)
    if category[0] in "MZPS" or category in {"Cc", "Cf"}:
        return 0
    base = unicodedata.normalize("NFKD", character)[0]
    return ord(base) if base.isascii() else ord(character)


def _simplified() -> Codes:
    """Give the simplified form of each UTF-16 unit, itself where that is no single unit."""
    import pandas as pd

    from geomap.model.chinese import simplify

    table = np.arange(_UNITS, dtype=np.uint16)
    han = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)]
    for unit, simple in zip(han, simplify(pd.Series([chr(each) for each in han])), strict=True):
        if ord(simple) < _UNITS:
            table[unit] = ord(simple)
    return table
