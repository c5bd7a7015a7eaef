from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from geomap.data.toml import to_toml

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = texts | st.integers(-(2**62), 2**62) | st.booleans() | st.lists(texts)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
tables = st.dictionaries(names, scalars)


@given(tables, st.dictionaries(names, tables), st.lists(tables, min_size=1))
def test_what_is_written_is_read_back(plain, nested, listed):
    document = {**plain, **{f"t{key}": value for key, value in nested.items()}, "+list": listed}
    assert tomllib.loads(to_toml(document)) == document


def test_tables_of_tables_come_back_as_they_were():
    document = {"rows": 1, "counts": {"steps": {"kept": 2}, "by kind": {"a b": 3}}, "none": {}}
    assert tomllib.loads(to_toml(document)) == document
