"""Settings: built-in defaults, then a TOML file, then ``GEOMAP_*`` variables."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = "geomap.toml"
#: What a setting must be, by the kind of fault that pydantic finds: in English and in Chinese.
_EXPECTED: Mapping[str, tuple[str, str]] = {
    "bool_parsing": ("true or false", "true 或 false"),
    "bool_type": ("true or false", "true 或 false"),
    "int_parsing": ("a whole number", "整数"),
    "int_from_float": ("a whole number", "整数"),
    "int_type": ("a whole number", "整数"),
    "float_parsing": ("a number", "数字"),
    "float_type": ("a number", "数字"),
    "finite_number": ("a finite number", "有限的数字"),
    "string_type": ("text", "文字"),
    "greater_than_equal": ("at least {ge:g}", "不小于 {ge:g} 的数"),
    "less_than_equal": ("at most {le:g}", "不大于 {le:g} 的数"),
    "literal_error": ("one of {expected}", "{expected} 之一"),
    "string_pattern_mismatch": ("of the form {pattern}", "{pattern} 的形式"),
    "value_error": (  # of our own readers, which read origins
        "origins without a path, such as https://www.example.org",
        "不带路径的来源，如 https://www.example.org",
    ),
}
_ORIGIN = re.compile(
    r"https?://[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?",
    re.ASCII,
)


def _origins(given: object) -> object:
    """Read origins: a list, or a text that separates them by commas or spaces."""
    texts = re.split(r"[\s,]+", given.strip()) if isinstance(given, str) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(each, str) for each in texts):
        raise ValueError("must be a list of origins")
    found = [each.lower().removesuffix("/") for each in texts if each]
    if not all(_ORIGIN.fullmatch(each) for each in found):
        raise ValueError("must be a list of origins")
    return tuple(dict.fromkeys(map(_as_browsers_write, found)))


def _as_browsers_write(origin: str) -> str:
    """Leave out the port that goes without saying: no page's origin names it."""
    return origin.removesuffix(":443" if origin.startswith("https:") else ":80")


#: Origins of web pages: scheme, host and port, nothing else, so that a header can hold them.
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]


class Settings(BaseSettings):
    """What an operator may choose: by ``GEOMAP_<NAME>`` or in geomap.toml."""

    model_config = SettingsConfigDict(env_prefix="GEOMAP_", toml_file=_FILE, extra="forbid")

    help_phone: str = Field(
        default="12345", description="Telephone number offered where a page cannot help."
    )
    tianditu_key: str | None = Field(
        default=None,
        description="Key that switches the Tianditu maps on; the browser fetches them.",
    )
    online_maps: bool = Field(
        default=False,
        description="Offer OSM and AMap street tiles; the reader's browser fetches them.",
    )
    show_stewards: bool = Field(
        default=False,
        description="Publish the officials paired with facilities: name, telephone, photo.",
    )
    uploads: bool = Field(
        default=True, description="Offer the page that checks a list before it is sent."
    )
    upload_max_mb: int = Field(
        default=32, ge=1, le=512, description="Largest file that the page checks, in MB."
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address of the site in all full links, such as https://a.org.",
    )
    proxies: int = Field(
        default=0,
        ge=0,
        le=9,
        description="Proxies in front of geomap whose X-Forwarded headers are believed;"
        " with 0 all readers behind a proxy count as one address.",
    )
    reports_per_hour: int = Field(
        default=20,
        ge=0,
        description="Mistakes that one address may report an hour; 0 for any number.",
    )
    rate_limit_per_minute: int = Field(
        default=0,
        ge=0,
        description="Questions a minute to the programs' interfaces (/api, /ogc) that one address"
        " may ask without a key; 0 for any number. Keys: `geomap key add`.",
    )
    rate_limit_storage: str = Field(
        default="shared://",
        pattern=r"^(shared|memory|rediss?|redis\+unix)://",
        description="Where questions are counted. shared:// counts for all --workers together; a"
        " Redis such as redis://localhost:6379, with pip install 'geomap[redis]', for servers on"
        " several machines too: while it is down each worker counts by itself, as memory:// does.",
    )
    geocoder: Literal["tianditu", "amap", "nominatim"] | None = Field(
        default=None,
        description="Online geocoder that `geomap import` asks about addresses it cannot place;"
        " addresses then leave the machine.",
    )
    geocoder_key: SecretStr | None = Field(
        default=None, description="Key of the geocoder, where it wants one."
    )
    geocoder_url: str | None = Field(
        default=None,
        description="Where the geocoder is asked, such as your own Nominatim's /search.",
    )
    geocoder_pause_s: float = Field(
        default=1.0, ge=0, description="Seconds before each question to the geocoder."
    )
    plan_seconds: int = Field(
        default=300,
        ge=5,
        le=86_400,
        description="Time budget of one planner's calculation; what it has not done then is named.",
    )
    plan_jobs: int = Field(
        default=1, ge=1, le=64, description="Planner's calculations that run at a time."
    )
    scenarios: bool = Field(
        default=True,
        description="Let anyone who opens the site keep planning scenarios; switch off on a public"
        " site.",
    )
    portals: Origins = Field(
        default=(),
        description="Origins whose pages may show /embed, such as https://www.example.org; none"
        " but the site itself unless set.",
    )
    open_data: bool = Field(
        default=True,
        description="Keep the files of /open-data up to date while serving; without it they are"
        " those that `geomap dump` wrote.",
    )
    default_language: Literal["zh", "en"] = Field(
        default="zh", description="Language where the reader states none."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let variables win over the file, and arguments over both."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings() -> Settings:
    """Read the settings from the variables and the file.

    Raises
    ------
    ParameterError : naming every setting that is wrong, what it must be and what came.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [_fault(each) for each in error.errors()]
        raise ParameterError(
            "; ".join(en for en, _ in faults), zh="；".join(zh for _, zh in faults)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ParameterError(
            f"{_FILE} must be a TOML file that can be read: {error}",
            zh=f"{_FILE} 须是可读的 TOML 文件：{error}",
        ) from error


def _fault(found: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is wrong with one setting, in English and in Chinese."""
    name = str(found["loc"][0]) if found["loc"] else _FILE
    if found["type"] == "extra_forbidden":
        return f"there is no setting {name} ({_FILE})", f"没有设置项 {name}（{_FILE}）"
    given = found.get("ctx", {})
    en, zh = (each.format(**given) for each in _EXPECTED.get(found["type"], (found["msg"],) * 2))
    came = "" if name.endswith("key") else f"{found['input']!r}"[:80]  # a key is nobody's to read
    where = f"GEOMAP_{name.upper()}, {_FILE}"
    return (
        f"the setting {name} ({where}) must be {en}" + (f", got {came}" if came else ""),
        f"设置项 {name}（{where}）须为{zh}" + (f"，这里是 {came}" if came else ""),
    )


@cache
def static_dir() -> Path:
    """Find the folder of scripts, styles and pictures: in the wheel, else in the checkout."""
    return _shipped("static")


@cache
def static_text(name: str) -> str:
    """Read a shipped script, style or sprite, such as ``js/map.js``.

    Raises
    ------
    FileNotFoundError : if it is missing: a checkout needs ``python static/build_static.py``.
    """
    return (static_dir() / name).read_text(encoding="utf-8")


@cache
def layers_dir() -> Path:
    """Find the folder of the layers that ship: in the wheel, else in the checkout."""
    return _shipped("layers")


def cache_dir() -> Path:
    """Find the user's folder for what can be made again; it may not be there yet."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    above = given if given.startswith("/") else os.path.expanduser("~/.cache")  # noqa: PTH111 (never fails)
    return Path(above, "geomap")


def _shipped(name: str) -> Path:
    """Find a shipped folder, in the package first."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
