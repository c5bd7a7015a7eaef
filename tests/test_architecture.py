"""The house rules as tests: who may import whom, and what may stand where."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "geomap").rglob("*.py"))


def test_imports_only_point_down_the_house():
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


#: The list of coordinate systems, and what makes them.
OF_SYSTEMS = [ROOT / "geomap/model/epsg.py", ROOT / "geomap/model/crs.py"]


def test_epsg_codes_stand_beside_their_list_only():
    outside = [p for p in SOURCES if p not in OF_SYSTEMS]
    code = re.compile(r"""(?:EPSG:\d{4}|(?:epsg|crs)\s*=\s*["']?\d{4})""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in outside
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if code.search(line) and ">>>" not in line and not line.strip().startswith(("#", "..."))
    ]
    documented = [place for place in found if not _in_docstring(place)]
    assert documented == []


@pytest.mark.parametrize(
    ("folder", "extras"),
    [("geomap", ["pdf", "redis"]), ("layers", ["build"]), ("static", ["build"])],
)
def test_every_package_that_is_imported_is_declared(folder, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    wanted += [each for extra in extras for each in project["optional-dependencies"][extra]]
    declared = {_distribution(re.split("[<>=!~ ]", each)[0]) for each in wanted}
    owners = packages_distributions()
    own = {"geomap", "hatchling", *(each.stem for each in (ROOT / folder).rglob("*.py"))}
    own |= {each.name for each in (ROOT / folder).iterdir() if each.is_dir()}
    strange = {
        name
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in _imported(path)
        if name not in sys.stdlib_module_names | own
        and not declared & {_distribution(each) for each in owners.get(name, [])}
    }
    assert strange == set()


def _distribution(name: str) -> str:
    """The name of a package as it is declared; one holds the binaries of another."""
    return name.lower().replace("_", "-").removesuffix("-binaries")


def _imported(path: Path) -> set[str]:
    """The first part of every module that a file imports."""
    import ast

    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {each.partition(".")[0] for each in names}


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
