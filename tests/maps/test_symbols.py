"""Symbols: one for each type, language and state, in the sprite that the build makes."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from geomap.errors import ParameterError
from geomap.maps.symbols import inline_sprite, symbol_id
from geomap.model.facility import STATUS, TYPES
from geomap.settings import static_dir, static_text

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
COLOURS = {
    "nursing_home": "#0B2472",
    "community_center": "#0E6458",
    "street_center": "#86CDFA",
    "rural_welfare_home": "#8A3208",
    "rural_mutual_aid_home": "#F5C82E",
    "other": "#FFFFFF",
}


@pytest.fixture(scope="module")
def sprite() -> dict[str, ET.Element]:
    root = ET.fromstring(static_text("vendor/symbols.svg"))
    return {each.get("id"): each for each in root.iter(f"{SVG}symbol")}


@pytest.fixture(scope="module")
def build_static():
    path = ROOT / "static" / "build_static.py"
    spec = importlib.util.spec_from_file_location("build_static", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_static"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["build_static"]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("closed", [False, True])
def test_every_type_has_its_picture(sprite, kind, language, closed):
    assert symbol_id(kind, language, closed=closed) in sprite


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_has_its_own_fill_and_a_halo_when_chosen(sprite, kind):
    fills = {path.get("fill") for path in sprite[f"{kind}-zh"].iter(f"{SVG}path")}
    assert COLOURS[kind] in fills
    assert f"{kind}-halo" in sprite


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_not_open_is_hollow_with_a_dashed_rim(sprite, kind):
    paths = list(sprite[f"{kind}-zh-closed"].iter(f"{SVG}path"))
    assert any(path.get("stroke-dasharray") for path in paths)
    assert {path.get("fill") for path in paths} == {"#FFFFFF", "none", "#14212B"}


def test_glyphs_are_paths_and_no_text(sprite):
    assert not [each for symbol in sprite.values() for each in symbol.iter(f"{SVG}text")]


def test_the_sprite_has_no_style_or_script_that_a_strict_policy_would_stop():
    text = static_text("vendor/symbols.svg")
    assert not re.search(r"style=|<style|<script|data:|https?://(?!www\.w3\.org/2000/svg)", text)


def test_the_sprite_can_stand_in_a_document():
    assert inline_sprite({"class": "map-sprite"}).startswith('<svg class="map-sprite" xmlns=')


def test_a_type_that_does_not_exist_has_no_symbol():
    with pytest.raises(ParameterError, match="nursing_home"):
        symbol_id("hotel", "zh")


def test_every_status_but_open_is_drawn_hollow():
    from geomap.maps.symbols import is_closed

    assert {name for name in STATUS if not is_closed(name)} == {"open"}


def test_a_complete_vendor_folder_needs_no_npm(build_static, tmp_path, monkeypatch):
    static = tmp_path / "static"
    shutil.copytree(static_dir(), static)
    monkeypatch.setattr(build_static, "_install", lambda *_: pytest.fail("npm was asked"))
    assert build_static.build(static) is False


@pytest.mark.parametrize("harm", ["missing", "changed", "other lock"])
def test_an_incomplete_or_outdated_vendor_folder_is_made_again(
    build_static, tmp_path, monkeypatch, harm
):
    static = tmp_path / "static"
    shutil.copytree(static_dir(), static)
    if harm == "missing":
        (static / "vendor" / "leaflet" / "leaflet.js").unlink()
    elif harm == "changed":
        (static / "vendor" / "leaflet" / "leaflet.js").write_text("")
    else:
        (static / "package-lock.json").write_text("{}")

    def refuse(*_):
        raise RuntimeError("npm was asked")

    monkeypatch.setattr(build_static, "_install", refuse)
    with pytest.raises(RuntimeError, match="npm was asked"):
        build_static.build(static)


def test_the_lock_file_names_no_download_address():
    assert "resolved" not in static_text("package-lock.json")
