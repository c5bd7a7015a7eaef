"""The house rules as tests: who may import whom, and what may stand where."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "geomap").rglob("*.py"))


def test_imports_only_point_down_the_house():
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_epsg_codes_stand_in_one_module_only():
    outside = [p for p in SOURCES if p != ROOT / "geomap/model/crs.py"]
    code = re.compile(r"""(?:EPSG:\d{4}|(?:epsg|crs)\s*=\s*["']?\d{4})""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in outside
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if code.search(line) and ">>>" not in line and not line.strip().startswith(("#", "..."))
    ]
    documented = [place for place in found if not _in_docstring(place)]
    assert documented == []


def test_no_markup_stands_in_python_strings():
    tag = re.compile(r"""["'].*<(?:div|span|script|style|p|a|table|li|h[1-6])[ >]""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if tag.search(line)
    ]
    assert found == []


def _in_docstring(place: str) -> bool:
    """Whether a line lies inside a docstring, where a code may be explained."""
    import ast

    name, number = place.rsplit(":", 1)
    tree = ast.parse((ROOT / name).read_text())
    return any(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and node.lineno <= int(number) <= (node.end_lineno or 0)
        for node in ast.walk(tree)
    )
