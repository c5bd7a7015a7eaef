"""What everything with a name may be called, written for the index: characters, words, sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geomap.find.readings import read_all
from geomap.find.syllables import ABOVE, APART, BEGIN, END
from geomap.model.adcodes import code_ranges
from geomap.model.divisions import LEVELS, short_name
from geomap.model.text import normalise_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt
    import pandas as pd

_BETWEEN_ALIASES = "|"
_TOWNSHIP = r"^(..+?)(?:街道|苏木|[镇乡])$"
_BETWEEN_WORDS = r"[\s\-_/,.;:()（）|&+]+"
#: Stands between the words of a name while it is normalised.
_GAP = "\ue000"
_CODE_DIGITS = (2, 4, 6, 9)
_DIGITS = 12


@dataclass(frozen=True)
class Spoken:
    """All texts by which n things may be looked up, and what the index keeps of them.

    Attributes
    ----------
    names : (n,) its Chinese names as they are compared, and its code if it is a division; each
        between ``^`` and ``$``, its own name first.
    english : (n,) its English names, written in the same way.
    words : (n,) the words of its English names, the first one marked as well.
    addresses : (n,) its address as it is compared, between ``^`` and ``$``; empty where unknown.
    sounds : (n,) the readings of its names; behind ``|`` those of a division with the ones above.
    codes : (n,) the codes of the divisions that it surely lies in.
    """

    names: Sequence[str]
    english: Sequence[str]
    words: Sequence[str]
    addresses: Sequence[str]
    sounds: Sequence[str]
    codes: Sequence[str]

    @classmethod
    def of(cls, things: pd.DataFrame) -> Spoken:
        """Write what is needed of things, as :func:`geomap.find.names.named_things` gives them."""
        count = len(things)
        texts, owners = _chinese_names(things)
        english = things["name_en"].dropna()
        words = normalise_all(_spaced(english))
        english_of = english.index.to_numpy(np.intp)
        codes = things.loc[things["importance"] < len(LEVELS), "adcode"].dropna()
        chains, chains_of = _chains(things)
        sounds = _joined(count, map(APART.join, read_all(texts)), owners)
        above = _joined(count, map(APART.join, read_all(chains)), chains_of)
        return cls(
            names=_joined(count, [*texts, *codes], np.concatenate([owners, codes.index])),
            english=_joined(count, [each.replace(_GAP, "") for each in words], english_of),
            words=_joined(count, map(_marked_words, words), english_of, " "),
            addresses=_joined(count, *_addresses(things)),
            sounds=[
                f"{own}{ABOVE}{more}" if more else own
                for own, more in zip(sounds, above, strict=True)
            ],
            codes=holding_codes(things["adcode"]),
        )


def holding_codes(adcodes: pd.Series) -> list[str]:
    """Write the codes of the divisions that something surely lies in, from the largest.

    Examples
    --------
    >>> import pandas as pd
    >>> holding_codes(pd.Series(["310106", "310000", None, "310106012"]))
    ['31 3101 310106', '31', '', '31 3101 310106 310106012']
    """
    from pandas import Series, factorize

    rows, codes = factorize(adcodes.astype("str").to_numpy(dtype=object))
    first, last = code_ranges(Series(codes, dtype="str"))
    written = [
        " ".join(_prefixes(lowest, highest))
        for lowest, highest in zip(first.tolist(), last.tolist(), strict=True)
    ]
    written.append("")  # of what has no code: its number is -1
    return [written[row] for row in rows.tolist()]


def code_prefix(first: int, last: int) -> str:
    """Write the code of a division as those of all that lies in it begin.

    Examples
    --------
    >>> code_prefix(310000000000, 319999999999)
    '31'
    """
    return _prefixes(first, last)[-1]


def _prefixes(first: int, last: int) -> list[str]:
    """Write the codes of a division and of those around it."""
    whole = str(first).zfill(_DIGITS)
    return [whole[:each] for each in _CODE_DIGITS if last - first < 10 ** (_DIGITS - each)]


def _chinese_names(things: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Give every name but the English ones, as it is compared, and the row of the thing.

    Townships answer to their short name (江宁路 for 江宁路街道); the short names of larger
    divisions are among their aliases.
    """
    import pandas as pd

    townships = things[things["subkind"] == "township"]
    columns = [
        things["name"],
        townships["name"].str.replace(_TOWNSHIP, r"\1", regex=True),
        things["aliases"].dropna().str.split(_BETWEEN_ALIASES, regex=False).explode(),
    ]
    texts = pd.concat([each.astype("str") for each in columns])
    return normalise_all(texts.to_numpy(dtype=object)), texts.index.to_numpy(dtype=np.intp)


def _addresses(things: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Give the addresses that are known, as they are compared, and whose they are."""
    known = things["address"].dropna()
    return normalise_all(known.to_numpy(dtype=object)), known.index.to_numpy(dtype=np.intp)


def _chains(things: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Name divisions with those above them, in short and in full, to be spelt: 郑州金水."""
    divisions = things[things["importance"] < len(LEVELS)]
    short = [short_name(each) for each in divisions["name"]]
    codes = [each.split() for each in holding_codes(divisions["adcode"])]
    by_code = {chain[-1]: name for chain, name in zip(codes, short, strict=True) if chain}
    texts: list[str] = []
    owners: list[int] = []
    columns = (divisions.index, divisions["name"], codes, divisions["path"])
    for row, own, chain, path in zip(*columns, strict=True):
        names = list(dict.fromkeys(by_code[code] for code in chain if code in by_code))
        above = {"".join(names[-count:-1]) for count in range(2, len(names) + 1)}
        spelt = {each + name for each in above for name in (own, names[-1])}
        if isinstance(path, str) and above:
            spelt.add(path)
        texts += sorted(spelt)
        owners += [row] * len(spelt)
    return normalise_all(texts), np.array(owners, dtype=np.intp)


def _marked_words(english: str) -> str:
    """Write the words of a name, the first one once more as that."""
    words = english.replace(_GAP, " ").strip()
    return f"{BEGIN}{words.partition(' ')[0]} {words}" if words else ""


def _spaced(texts: pd.Series) -> list[str]:
    """Mark where the words of texts end."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.array(texts.to_numpy(dtype=object), pa.string())
    spaced: list[str] = pc.replace_substring_regex(whole, _BETWEEN_WORDS, _GAP).to_pylist()
    return spaced


def _joined(
    count: int, texts: Iterable[str], owners: npt.NDArray[np.intp], between: str = ""
) -> list[str]:
    """Gather the different texts of each thing, in order, each between marks."""
    begin, end = ("", between) if between else (BEGIN, END)
    gathered = [""] * count
    for text, owner in zip(texts, owners.tolist(), strict=True):
        if text:
            marked = f"{begin}{text}{end}"
            before = gathered[owner]
            if not before:
                gathered[owner] = marked
            elif marked not in before:
                gathered[owner] = before + marked
    return gathered
