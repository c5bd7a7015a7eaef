"""Writing TOML: the few forms that the texts beside layers need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_toml(document: Mapping[str, object]) -> str:
    r"""Write a document of texts, numbers, lists, tables and lists of tables.

    Parameters
    ----------
    document : plain values first, then tables (mappings), tables of tables and lists of tables.

    Examples
    --------
    >>> print(to_toml({"rows": 2, "columns": ["id"], "title": {"zh": "甲\n乙"}}), end="")
    rows = 2
    columns = ["id"]
    <BLANKLINE>
    [title]
    zh = "甲\n乙"
    """
    lines: list[str] = []
    for name, value in document.items():
        if (
            isinstance(value, dict)
            and value
            and all(isinstance(each, dict) for each in value.values())
        ):
            for inner, pairs in value.items():
                lines += ["", f"[{_key(name)}.{_key(inner)}]", *_pairs(pairs)]
        elif isinstance(value, dict):
            lines += ["", f"[{_key(name)}]", *_pairs(value)]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for each in value:
                lines += ["", f"[[{_key(name)}]]", *_pairs(each)]
        else:
            lines += _pairs({name: value})
    return "\n".join(lines) + "\n"


def _pairs(values: Mapping[str, object]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in values.items()]


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else _value(name)


def _value(value: object) -> str:
    """Write a value as JSON writes it, which is TOML's way too but for the DEL character."""
    if isinstance(value, list) and len(value) > 1:
        return "[\n" + "".join(f"  {_value(each)},\n" for each in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
