"""Filling the index of names: what is kept of each thing, and in which fields it is found.

Names and addresses are found by pairs of characters, pinyin by pairs of syllables, initials by
runs of three. Rows are in the order of importance.
"""

from __future__ import annotations

from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from geomap.find.spoken import Spoken, grams
from geomap.find.syllables import APART, BEGIN, END, chains_of, initials, readings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    import pyarrow as pa
    from tantivy import Index, Schema

#: Changes whenever an index that was stored before would answer otherwise.
ANALYSER = 4
#: The columns of a thing that hits show.
SHOWN = ("kind", "subkind", "id", "name", "adcode", "path", "lon", "lat", "precision")
SAID, ADDRESS, SOUNDS, CODES = "said", "address", "sounds", "codes"
RANK = "rank"
#: How many characters of initials stand in a row.
RUN = 3
_FIELDS = ("code", "word", "gram", "address", "sound", "initial", "above", "aboves", "path")
#: Room for the longest list of what is new, so that all of it becomes one piece.
_HEAP_BYTES = 1_000_000_000
_SMALL_HEAP_BYTES = 15_000_000
_FEW = 20_000


def schema() -> Schema:
    """Describe the fields of the index."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for name in ("whole", *_FIELDS):
        tokenizer = "raw" if name == "whole" else "whitespace"
        builder.add_text_field(name, tokenizer_name=tokenizer, index_option="basic")
    return builder.add_unsigned_field(RANK, fast=True).build()


def fill(index: Index, things: pd.DataFrame) -> pa.Table:
    """Put things into an empty index.

    Parameters
    ----------
    index : made with :func:`schema`.
    things : (n,) as :func:`geomap.find.names.named_things` gives them.

    Returns
    -------
    (n,) what must be kept beside the index: ``SHOWN``, the importance, and the texts.
    """
    import pyarrow as pa
    from tantivy import Document

    spoken = Spoken.of(things)
    room = _HEAP_BYTES if len(things) > _FEW else _SMALL_HEAP_BYTES
    writer = index.writer(heap_size=room, num_threads=1)
    for row, texts in enumerate(_fields(things, spoken)):
        document = Document()
        for name, text in zip(_FIELDS, texts, strict=True):
            if text:
                document.add_text(name, text)
        for text in (spoken.names[row] + spoken.english[row])[1:-1].split(END + BEGIN):
            document.add_text("whole", text)
        document.add_unsigned(RANK, row)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    shown = pa.Table.from_pandas(things[list(SHOWN)], preserve_index=False)
    said = [name + english for name, english in zip(spoken.names, spoken.english, strict=True)]
    kept = {SAID: said, ADDRESS: spoken.addresses, SOUNDS: spoken.sounds, CODES: spoken.codes}
    for name, texts in kept.items():
        shown = shown.append_column(name, pa.array(texts, pa.string()))
    importance = things["importance"].to_numpy(np.int8)
    return shown.append_column("importance", pa.array(importance))


def _fields(things: pd.DataFrame, spoken: Spoken) -> Iterable[Sequence[str]]:
    """Give what the plain fields are told of each thing."""
    columns = (
        spoken.codes,
        spoken.words,
        spoken.names,
        spoken.addresses,
        spoken.sounds,
        things["path"].fillna("").tolist(),
    )
    for codes, words, names, address, sounds, path in zip(*columns, strict=True):
        readings, chains = readings_of(sounds), chains_of(sounds)
        yield (
            codes,
            words,
            grams(names).replace(f" {END}{BEGIN}", ""),
            grams(address),
            " ".join([_syllables(each) for each in readings]),
            " ".join([_runs(each) for each in readings]),
            " ".join([_syllables(each) for each in chains]),
            " ".join([_runs(each) for each in chains]),
            grams(BEGIN + path + END) if path else "",
        )


def _syllables(reading: Sequence[str]) -> str:
    """Write the syllables of a reading by twos, and where it begins and ends."""
    by_two = map(APART.join, pairwise(reading))
    return " ".join([BEGIN + reading[0], *by_two, reading[-1] + END])


def _runs(reading: Sequence[str]) -> str:
    """Write the initials of a reading, three in a row."""
    marked = BEGIN + initials(reading) + END
    return " ".join(map(add, map(add, marked, marked[1:]), marked[2:]))
