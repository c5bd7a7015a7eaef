"""Turn text cells into values of a field's kind, column by column; what does not fit is named.

Nothing is guessed and nothing lost: a cell that is not understood becomes unknown, and a
fault says what it held. Digits other than 0-9 and their full-width forms are not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.values.words import (
    CHOICE_WORDS,
    CHOICES_WORDS,
    FILLER,
    NO,
    NOTHING,
    UNKNOWN,
    YES,
)
from geomap.model.chinese import simplify
from geomap.model.table import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from geomap.model.table import Field

#: Full-width forms of ASCII, the ideographic space and the dashes that stand for a hyphen.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
#: Every kind of dash, to be written as a hyphen.
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－ーｰ﹣"), "-")

_PLAIN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_UNITS = (
    r"\s*(?:张床位|张床|张|床位|床|人次|人|名|位|个|间|户|处|岁|元/人/月|元/月/人|元/月|元每月|元人民币|元"
    r"|平方米|平方公尺|平米|㎡|m²|m2|sqm|beds?|people|persons?|yuan)$"
)
_THOUSANDS = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_DECIMAL_COMMA = r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+"
_NOT_FINITE = r"(?i)[+-]?(?:nan|inf|infinity|∞)"
#: A longer text is no name, address or remark of a facility: something else stands there.
LONGEST_TEXT = 2_000

#: Without \\s and the like, which Arrow's regular expressions do not read as Python's do.
_CONTROL = "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+|[ \u3000\xa0]{2,}"


@dataclass(frozen=True)
class Fault:
    """Something about cells of one column: which rows, and what a message names.

    A fault without a mask is about the column as a whole. A Series among the values gives
    each row its own.
    """

    code: str
    mask: pd.Series[bool] | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """A column read: values of the field's dtype, and its faults."""

    values: pd.Series
    faults: tuple[Fault, ...] = ()


def parse(each: Field, texts: pd.Series, *, today: date, factor: float = 1.0) -> Parsed:
    """Read the cells of one column as values of a field.

    Parameters
    ----------
    each : the field, whose kind, bounds and choices are obeyed.
    texts : (n,) trimmed text, missing where empty.
    today : later dates are faults, except where a thing may be planned.
    factor : what numbers are multiplied by, where the header states another unit.

    Returns
    -------
    (n,) values on the index of `texts`, unknown where a cell is missing or faulty.

    Examples
    --------
    >>> from datetime import date
    >>> from geomap.model.facility import FACILITIES
    >>> beds = FACILITIES.by_name["beds_total"]
    >>> parsed = parse(beds, pd.Series(["１２０张", "-3", "٣", "1,200"]), today=date(2026, 1, 1))
    >>> parsed.values.tolist(), [fault.code for fault in parsed.faults]
    ([120, <NA>, <NA>, 1200], ['bad_number', 'negative_value'])
    """
    from geomap.data.files.values.contacts import parse_codes, parse_phones, parse_urls
    from geomap.data.files.values.dates import parse_dates

    if each.kind == "date":
        return parse_dates(known(texts), today=today, planned=each.name == "opened_on")
    if each.kind in ("integer", "number"):
        return parse_numbers(each, texts, factor)
    parsers: Mapping[str, Callable[[pd.Series], Parsed]] = {
        "text": lambda cells: parse_texts(
            cells, longest=LONGEST_TEXT if each.name != "provenance" else 100 * LONGEST_TEXT
        ),
        "phone": lambda cells: parse_phones(known(cells, NOTHING)),
        "url": lambda cells: parse_urls(known(cells, NOTHING)),
        "code": lambda cells: parse_codes(known(cells), digits=each.name.endswith("adcode")),
        "yes_no": _yes_no,
        "choice": lambda cells: _choice(each, cells),
        "choices": lambda cells: _choices(each, cells),
    }
    return parsers[each.kind](texts)


def known(texts: pd.Series, more: frozenset[str] = frozenset()) -> pd.Series:
    """Leave out cells that say "not known" in words."""
    return texts.mask(texts.str.lower().isin([*UNKNOWN, *more]))


def half_width(texts: pd.Series) -> pd.Series:
    """Write full-width letters, digits and signs as half-width ones; nothing else changes."""
    wide = texts.str.contains("[\uff01-\uff5e\u3000\u00a0]", regex=True)
    if not wide.any():
        return texts
    return texts.where(~wide.astype(bool), texts.str.translate(_HALF_WIDTH).str.strip())


def to_numbers(texts: pd.Series) -> tuple[pd.Series, tuple[Fault, ...]]:
    """Read numbers: units, thousands separators, decimal commas, full-width digits, 万.

    A column is read with decimal commas if a cell cannot be read otherwise (``31,2304``) and
    none shows that commas part thousands (``1,234,567``).

    Returns
    -------
    (n,) float64, NaN where missing or faulty; faults ``bad_number``, ``not_finite`` and, on the
    column, ``decimal_comma``.

    Examples
    --------
    >>> to_numbers(pd.Series(["31,2304", "121,47"]))[0].tolist()
    [31.2304, 121.47]
    >>> to_numbers(pd.Series(["1,234", "1.2万"]))[0].tolist()
    [1234.0, 12000.0]
    """
    texts = half_width(known(texts))
    plain = texts.str.fullmatch(_PLAIN)
    rest = texts[texts.notna() & ~plain]
    comma: tuple[Fault, ...] = ()
    if not rest.empty:
        cleaned, comma = _without_commas(rest.str.replace("[￥¥\\s'_]", "", regex=True))
        many = cleaned.str.endswith("万")
        cleaned = cleaned.str.removesuffix("万")
        readable = cleaned.str.fullmatch(_PLAIN)
        texts = texts.where(plain)
        texts.loc[rest.index] = cleaned.where(readable)
        scale = pd.Series(1.0, index=texts.index)
        scale.loc[rest.index[many.to_numpy(dtype=bool)]] = 10_000.0
    numbers = pd.to_numeric(texts.where(texts.notna()), errors="coerce").astype("float64")
    if not rest.empty:
        numbers = numbers.where(scale == 1.0, (numbers.where(scale != 1.0) * scale).round(9))
    endless = pd.Series(np.isinf(numbers.to_numpy()), index=numbers.index, dtype=bool)
    bad = pd.Series(data=False, index=texts.index)
    if not rest.empty:
        endless |= _on(rest.str.fullmatch(_NOT_FINITE), texts.index)
        bad = _on(numbers.loc[rest.index].isna(), texts.index) & ~endless
    return numbers.mask(endless), (
        Fault("bad_number", bad),
        Fault("not_finite", endless),
        *comma,
    )


def _without_commas(rest: pd.Series) -> tuple[pd.Series, tuple[Fault, ...]]:
    """Take units and commas out, as thousands separators or as decimal marks."""
    rest = rest.str.replace(_UNITS, "", regex=True)
    thousands = rest.str.fullmatch(_THOUSANDS)
    decimal = rest.str.fullmatch(_DECIMAL_COMMA)
    sure_decimal = decimal & ~thousands
    sure_thousands = thousands & (rest.str.count(",") > 1) | thousands & rest.str.contains(
        ".", regex=False
    )
    if sure_decimal.any() and not sure_thousands.any():
        dotted = rest.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        first = int(np.flatnonzero(sure_decimal)[0])
        values = {"came": rest.iloc[first], "expected": dotted.iloc[first]}
        return rest.where(~decimal, dotted), (Fault("decimal_comma", values=values),)
    return rest.where(~thousands, rest.str.replace(",", "", regex=False)), ()


def _on(mask: pd.Series, index: pd.Index) -> pd.Series[bool]:
    """Spread a mask of some rows over all."""
    return mask.reindex(index).fillna(value=False).astype(bool)


def parse_numbers(each: Field, texts: pd.Series, factor: float = 1.0) -> Parsed:
    """Read numbers within the bounds of a field; whole ones are rounded half up, and said so."""
    if each.name == "rating":
        texts = _stars(texts)
    numbers, faults = to_numbers(texts)
    numbers = numbers * factor
    came = texts.where(texts.notna(), "")
    low = -np.inf if each.minimum is None else each.minimum
    high = LARGEST if each.maximum is None else each.maximum
    negative = (numbers < 0) & (low >= 0)
    outside = ((numbers < low) | (numbers > high)) & ~negative
    numbers = numbers.mask(negative | outside)
    found = [*faults, Fault("negative_value", negative)]
    found.append(Fault("bad_range", outside, {"expected": f"{low:g}-{high:g}"}))
    if each.kind == "integer":
        whole = np.floor(numbers + 0.5)
        inexact = numbers.notna() & ((numbers - whole).abs() > 1e-9)  # noqa: PLR2004 (float noise)
        found.append(Fault("rounded", inexact, {"expected": whole.astype("Int64").astype("str")}))
        numbers = whole.astype("Int64")
    if each.name in ("beds_total",):
        found.append(Fault("zero_capacity", _on(numbers == 0, texts.index)))
    return Parsed(numbers, _told(found, came))


def _told(faults: list[Fault], came: pd.Series) -> tuple[Fault, ...]:
    """Keep the faults that occur, each with what came."""
    return tuple(
        Fault(each.code, each.mask, {"came": came} | dict(each.values))
        if each.mask is not None
        else each
        for each in faults
        if each.mask is None or each.mask.any()
    )


def _stars(texts: pd.Series) -> pd.Series:
    """Write 三星, ★★★, 3级 and 3 stars as 3; unrated is unknown."""
    digits = dict(zip("一二三四五", "12345", strict=True))

    def star(text: str) -> str | None:
        plain = unicodedata.normalize("NFKC", text).strip().lower()
        if re.fullmatch(r"[★☆⭐*]+", plain):
            return str(plain.count("★") + plain.count("⭐") + plain.count("*"))
        if re.search(r"^(?:未|无|不)|unrated|not rated", plain):
            return None
        plain = re.sub(r"(?:星级|等级|星|级|叶|stars?)$", "", plain).strip()
        return digits.get(plain, plain)

    return _by_value(texts, star).astype("str")


def _by_value(texts: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """Apply a function to each different text once."""
    meanings = {text: function(text) for text in texts.dropna().unique()}
    return texts.map(meanings)


def parse_texts(texts: pd.Series, *, longest: int = LONGEST_TEXT) -> Parsed:
    """Read text on one line, without control characters; one that is too long is unknown."""
    texts = known(texts)
    odd = texts.str.contains(_CONTROL, regex=True)
    if odd.any():
        texts = texts.where(~odd, texts.str.replace(_CONTROL, " ", regex=True).str.strip())
    sizes = texts.str.len()
    too_long = _on(sizes > longest, texts.index)
    told = _told([Fault("text_too_long", too_long, {"expected": longest})], sizes)
    return Parsed(texts.mask((texts == "") | too_long), told)


def plain_words(texts: pd.Series) -> pd.Series:
    """Write words as they are compared: half-width, lower case, simplified characters."""
    different = pd.Series(texts.dropna().unique(), dtype="str")
    plain = simplify(half_width(different).str.lower())
    return texts.map(dict(zip(different, plain, strict=True))).astype("str")


def _yes_no(texts: pd.Series) -> Parsed:
    """Read yes and no in Chinese, Japanese and English; anything else is a fault."""
    words = plain_words(texts)
    yes, no = words.isin(list(YES)), words.isin(list(NO))
    values = pd.Series(pd.NA, index=texts.index, dtype="boolean").mask(yes, True).mask(no, False)  # noqa: FBT003
    bad = words.notna() & ~yes & ~no & known(words).notna()
    return Parsed(values, _told([Fault("bad_yes_no", bad)], texts))


def own_words(each: Field) -> dict[str, str]:
    """Give the names and labels of a field's choices as words, compared as written."""
    words: dict[str, str] = {}
    for name, label in each.choices.items():
        for text in (name, name.replace("_", " "), label.zh, label.en):
            words[plain_words(pd.Series([text], dtype="str")).iloc[0]] = name
    return words


def _choice(each: Field, texts: pd.Series) -> Parsed:
    """Read one of a closed set: its name, its label, or a word that means it."""
    exact = own_words(each)
    patterns = [(name, re.compile(pattern)) for name, pattern in CHOICE_WORDS.get(each.name, ())]

    def meaning(word: str) -> str | None:
        found = (name for name, pattern in patterns if pattern.search(word))
        return exact.get(word) or next(found, None)

    words = plain_words(texts)
    values = _by_value(words, meaning).astype("str")
    bad = known(words).notna() & values.isna()
    return Parsed(
        values, _told([Fault("bad_choice", bad, {"expected": list(each.choices)})], texts)
    )


def _choices(each: Field, texts: pd.Series) -> Parsed:
    """Read several of a closed set out of one cell; words that mean none of them are a fault."""
    names = list(each.choices)
    exact = own_words(each)
    own = sorted(
        ((re.escape(word), name) for word, name in exact.items()), key=lambda pair: -len(pair[0])
    )
    groups = [(name, word) for word, name in own] + list(CHOICES_WORDS.get(each.name, ()))
    pattern = re.compile("|".join(f"(?P<g{nth}>{word})" for nth, (_, word) in enumerate(groups)))
    filler = re.compile(FILLER)

    def read(word: str) -> tuple[list[str] | None, str]:
        found = {groups[int(str(hit.lastgroup)[1:])][0] for hit in pattern.finditer(word)}
        rest = filler.sub("", pattern.sub(" ", word))
        return ([name for name in names if name in found] or None), rest

    words = known(plain_words(texts))
    pairs = {word: read(word) for word in words.dropna().unique()}
    values = pd.Series(
        [
            list(pairs[word][0] or ()) or None if word in pairs else None
            for word in words.to_numpy(dtype=object)
        ],
        index=texts.index,
        dtype="object",
    )
    rest = words.map({word: pair[1] for word, pair in pairs.items()}).astype("str")
    bad = rest.notna() & (rest != "")
    return Parsed(values, _told([Fault("bad_choice", bad, {"expected": names})], rest))
