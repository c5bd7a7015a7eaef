"""The index on disk: built once, believed only if it is whole and of the same data."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import pyarrow as pa
import pytest
from tantivy import Document, Query, SchemaBuilder

from geomap.data.search_store import kept_index

KEY = {"facilities": "abc", "analyser": "1"}


def schema():
    return SchemaBuilder().add_text_field("name", tokenizer_name="raw").build()


class Filler:
    """Fills an index with some names, and counts how often."""

    def __init__(self, names=("静安", "金水")):
        self.names, self.times = names, 0

    def __call__(self, index):
        self.times += 1
        writer = index.writer(heap_size=15_000_000, num_threads=1)
        for name in self.names:
            writer.add_document(Document(name=[name]))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return pa.table({"name": list(self.names)})


def holds(found, name):
    index, table = found
    query = Query.term_query(index.schema, "name", name)
    return index.searcher().search(query).count == 1 and name in table["name"].to_pylist()


def only_index(place):
    [folder] = [each for each in place.iterdir() if each.is_dir()]
    return folder


def test_an_index_is_built_once_and_opened_again(tmp_path):
    fill = Filler()
    for _ in range(3):
        assert holds(kept_index([tmp_path], KEY, schema, fill), "静安")
    assert fill.times == 1


def test_another_key_is_another_index(tmp_path):
    kept_index([tmp_path], KEY, schema, Filler())
    other = Filler(["北京"])
    assert holds(kept_index([tmp_path], KEY | {"analyser": "2"}, schema, other), "北京")
    assert holds(kept_index([tmp_path], KEY, schema, Filler(["?"])), "静安")


def test_the_last_two_indexes_are_kept(tmp_path):
    for number in range(4):
        kept_index([tmp_path], {"revision": str(number)}, schema, Filler([str(number)]))
    assert len([each for each in tmp_path.iterdir() if each.is_dir()]) == 2
    fill = Filler()
    assert holds(kept_index([tmp_path], {"revision": "3"}, schema, fill), "3")
    assert fill.times == 0


def flip_a_byte(folder):
    path = max((folder / "index").iterdir(), key=lambda each: each.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_the_table(folder):
    os.truncate(folder / "things.arrow", 40)


def lose_a_file(folder):
    (folder / "index" / "meta.json").unlink()


def lose_the_manifest(folder):
    (folder / "manifest.json").unlink()


def claim_another_key(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["key"]["facilities"] = "def"
    (folder / "manifest.json").write_text(json.dumps(manifest))


def break_the_manifest(folder):
    (folder / "manifest.json").write_text("[]")


DAMAGES = [
    flip_a_byte,
    cut_the_table,
    lose_a_file,
    lose_the_manifest,
    claim_another_key,
    break_the_manifest,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__)
def test_a_damaged_index_is_not_believed_but_built_again(tmp_path, caplog, damage):
    kept_index([tmp_path], KEY, schema, Filler())
    damage(only_index(tmp_path))
    fill = Filler()
    with caplog.at_level(logging.WARNING):
        assert holds(kept_index([tmp_path], KEY, schema, fill), "静安")
    assert fill.times == 1
    assert "built again" in caplog.text
    assert holds(kept_index([tmp_path], KEY, schema, fill), "静安")
    assert fill.times == 1


def test_where_a_folder_cannot_be_written_the_next_one_serves(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    fill = Filler()
    assert holds(kept_index([file / "search", tmp_path / "cache"], KEY, schema, fill), "静安")
    assert holds(kept_index([file / "search", tmp_path / "cache"], KEY, schema, fill), "静安")
    assert fill.times == 1


def test_where_no_folder_can_be_written_the_index_is_in_memory(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    fill = Filler()
    assert holds(kept_index([file / "search"], KEY, schema, fill), "静安")
    assert list(tmp_path.iterdir()) == [file]


def test_workers_that_start_together_build_once(tmp_path):
    fill, found = Filler(), []

    def slow(index):
        time.sleep(0.2)
        return fill(index)

    def start():
        found.append(kept_index([tmp_path], KEY, schema, slow))

    workers = [threading.Thread(target=start) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert fill.times == 1
    assert all(holds(each, "静安") for each in found)


KILLED = """
import os, signal, sys
from pathlib import Path
import pyarrow as pa
from tantivy import SchemaBuilder
from geomap.data import search_store
moment = sys.argv[2]
def schema():
    return SchemaBuilder().add_text_field("name", tokenizer_name="raw").build()
def fill(index):
    if moment == "fill":
        os.kill(os.getpid(), signal.SIGKILL)
    writer = index.writer(heap_size=15_000_000, num_threads=1)
    writer.commit()
    index.reload()
    return pa.table({"name": pa.array([], pa.string())})
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if moment != "fill":
    setattr(search_store, moment, killed)
search_store.kept_index([Path(sys.argv[1])], {"facilities": "abc", "analyser": "1"}, schema, fill)
"""


@pytest.mark.parametrize("moment", ["fill", "_flush", "sync_folder", "_tidy"])
def test_a_builder_that_is_killed_leaves_nothing_that_is_believed_by_halves(tmp_path, moment):
    command = [sys.executable, "-c", KILLED, str(tmp_path), moment]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    fill = Filler()
    found = kept_index([tmp_path], KEY | {"facilities": "new"}, schema, fill)
    assert holds(found, "静安")
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".unfinished")]
    index, table = kept_index([tmp_path], KEY, schema, Filler())
    assert index.searcher().num_docs == table.num_rows
