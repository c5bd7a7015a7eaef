"""Settings that cannot be are named, with what they must be and what came."""

from __future__ import annotations

import pytest

from geomap.errors import ParameterError
from geomap.settings import Settings, read_settings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fault():
    with pytest.raises(ParameterError) as error:
        read_settings()
    return error.value


def test_without_a_file_the_settings_are_the_defaults(folder):
    assert read_settings() == Settings()
    assert list(folder.iterdir()) == []


def test_variables_come_before_the_file(folder, monkeypatch):
    (folder / "geomap.toml").write_text("proxies = 2\nuploads = false\n")
    monkeypatch.setenv("GEOMAP_PROXIES", "3")
    settings = read_settings()
    assert (settings.proxies, settings.uploads) == (3, False)


def test_every_wrong_setting_is_named_at_once(folder, monkeypatch):
    (folder / "geomap.toml").write_text('uploads = "perhaps"\ncolour = "red"\n')
    monkeypatch.setenv("GEOMAP_PROXIES", "10")
    monkeypatch.setenv("GEOMAP_PUBLIC_URL", "a.org")
    monkeypatch.setenv("GEOMAP_DEFAULT_LANGUAGE", "fr")
    monkeypatch.setenv("GEOMAP_GEOCODER_PAUSE_S", "x")
    said = fault()
    for language, words in {
        "en": ["uploads", "true or false, got 'perhaps'", "no setting colour", "at most 9",
               "public_url", "got 'a.org'", "one of 'zh' or 'en', got 'fr'", "a number, got 'x'"],
        "zh": ["uploads", "true 或 false，这里是 'perhaps'", "没有设置项 colour", "不大于 9",
               "这里是 'a.org'", "之一，这里是 'fr'", "数字，这里是 'x'"],
    }.items():  # fmt: skip
        for word in words:
            assert word in said.said(language)


def test_a_key_is_never_shown(folder):
    (folder / "geomap.toml").write_text("geocoder_key = 12345678\ntianditu_key = 12345678\n")
    for language in ("zh", "en"):
        assert "geocoder_key" in fault().said(language)
        assert "12345678" not in fault().said(language)


@pytest.mark.parametrize("content", [b"uploads = ", b"proxies = 1\nproxies = 2\n", b"a = '\xff'"])
def test_a_file_that_is_no_toml_is_named(folder, content):
    (folder / "geomap.toml").write_bytes(content)
    assert "geomap.toml must be a TOML file" in str(fault())
    assert "geomap.toml 须是可读的 TOML 文件" in fault().said("zh")


def test_portals_are_origins_written_in_either_way(folder, monkeypatch):
    (folder / "geomap.toml").write_text('portals = ["https://A.gov.cn/", "http://b.org:8080"]\n')
    assert read_settings().portals == ("https://a.gov.cn", "http://b.org:8080")
    monkeypatch.setenv("GEOMAP_PORTALS", "https://a.gov.cn, https://c.org https://c.org")
    assert read_settings().portals == ("https://a.gov.cn", "https://c.org")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("HTTPS://A.org:443/", "https://a.org"), ("http://a.org:80", "http://a.org"),
     ("https://a.org:80", "https://a.org:80"), ("http://a.org:443", "http://a.org:443"),
     ("https://a.org:8443", "https://a.org:8443"), ("https://a.org:443 https://a.org", "https://a.org")],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_portals_are_kept_as_browsers_name_them(monkeypatch, given, kept):
    monkeypatch.setenv("GEOMAP_PORTALS", given)
    assert read_settings().portals == (kept,)


@pytest.mark.parametrize(
    "given", ["a.org", "*", "https://*", "https://a.org/path", "https://a.org;x", "'self'",
              "https://a.org\nhttps:", "javascript:x", "https://u@a.org", "https://-a.org",
              "https://a.org:443:443"],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_what_is_no_origin_never_reaches_the_policy(monkeypatch, given):
    monkeypatch.setenv("GEOMAP_PORTALS", given)
    assert "portals" in fault().said("en")
    assert "https://www.example.org" in fault().said("zh")
