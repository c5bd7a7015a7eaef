"""Filling the index of names: what is kept of each thing, and in which fields it is found.

Names and addresses are found by pairs of characters, pinyin by pairs of syllables, initials by
runs of three. Rows are in the order of importance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.find.spoken import Spoken
from geomap.find.syllables import (
    APART,
    BEGIN,
    END,
    MOST_WHOLE,
    chains_of,
    initials,
    readings_of,
    whole_reading,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa
    from tantivy import Document, Index, Schema

#: Changes whenever an index that was stored before would answer otherwise.
ANALYSER = 5
#: The columns of a thing that hits show.
SHOWN = ("kind", "subkind", "id", "name", "adcode", "path", "lon", "lat", "precision")
SAID, ADDRESS, SOUNDS, CODES = "said", "address", "sounds", "codes"
RANK = "rank"
#: How many characters of initials stand in a row.
RUN = 3
_TWOS, _THREES = "twos", "threes"
_RUNS = {_TWOS: 2, _THREES: RUN}
#: The fields, and what cuts their texts.
_FIELDS = {
    "whole": "raw",
    "code": "whitespace",
    "word": "whitespace",
    "gram": _TWOS,
    "address": _TWOS,
    "sound": "whitespace",
    "initial": _THREES,
    "above": "whitespace",
    "aboves": _THREES,
    "path": _TWOS,
}
#: Columns of few texts, each kept once.
_REPEATED = ("kind", "subkind", "precision")
#: Room for the longest list of what is new, so that all of it becomes one piece.
_HEAP_BYTES = 1_000_000_000
_SMALL_HEAP_BYTES = 15_000_000
_FEW = 20_000


def schema() -> Schema:
    """Describe the fields of the index."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for name, tokenizer in _FIELDS.items():
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

    spoken = Spoken.of(things)
    _write(index, spoken, things["path"].fillna("").tolist())
    shown = pa.Table.from_pandas(things[list(SHOWN)], preserve_index=False)
    for name in _REPEATED:
        at = shown.schema.get_field_index(name)
        shown = shown.set_column(at, name, shown[name].dictionary_encode())
    said = [name + english for name, english in zip(spoken.names, spoken.english, strict=True)]
    kept = {SAID: said, ADDRESS: spoken.addresses, SOUNDS: spoken.sounds, CODES: spoken.codes}
    for name, texts in kept.items():
        shown = shown.append_column(name, pa.array(texts, pa.string()))
    importance = things["importance"].to_numpy(np.int8)
    return shown.append_column("importance", pa.array(importance))


def _write(index: Index, spoken: Spoken, paths: Sequence[str]) -> None:
    """Write all documents into an index, as one piece."""
    from tantivy import TextAnalyzerBuilder, Tokenizer

    for name, size in _RUNS.items():
        cut = Tokenizer.ngram(min_gram=size, max_gram=size, prefix_only=False)
        index.register_tokenizer(name, TextAnalyzerBuilder(cut).build())
    room = _HEAP_BYTES if len(paths) > _FEW else _SMALL_HEAP_BYTES
    writer = index.writer(heap_size=room, num_threads=1)
    for row, path in enumerate(paths):
        document = _document(spoken, row)
        if path:
            document.add_text("path", BEGIN + path + END)
        document.add_unsigned(RANK, row)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()


def _document(spoken: Spoken, row: int) -> Document:
    """Put one thing's names into their fields."""
    from tantivy import Document

    document = Document()
    add = document.add_text
    add("code", spoken.codes[row])
    add("word", spoken.words[row])
    add("address", spoken.addresses[row])
    names = spoken.names[row]
    for name in _each(names):
        add("gram", name)
    for name in _each(names + spoken.english[row]):
        add("whole", name[1:-1])
    for reading in readings_of(spoken.sounds[row]):
        add("sound", _syllables(reading))
        add("initial", BEGIN + initials(reading) + END)
    for chain in chains_of(spoken.sounds[row]):
        add("above", _syllables(chain))
        add("aboves", BEGIN + initials(chain) + END)
    return document


def _each(marked: str) -> Sequence[str]:
    """Give the texts of a thing one by one, with their marks; as compared they hold no spaces."""
    return marked.replace(END + BEGIN, f"{END} {BEGIN}").split(" ")


def _syllables(reading: Sequence[str]) -> str:
    """Write the syllables of a reading by twos, and where it begins and ends.

    A short reading is also written whole: a long one may hold the same twos.
    """
    by_two = BEGIN + APART.join([f"{each} {each}" for each in reading]) + END
    return by_two if len(reading) > MOST_WHOLE else f"{by_two} {whole_reading(reading)}"
