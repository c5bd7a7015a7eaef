"""Settings: built-in defaults, then a TOML file, then ``GEOMAP_*`` variables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """What an operator may choose: by ``GEOMAP_<NAME>`` or in geomap.toml."""

    model_config = SettingsConfigDict(env_prefix="GEOMAP_", toml_file="geomap.toml", extra="forbid")

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
        description="Address of the site for QR codes and links to share, such as https://a.org.",
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


def _shipped(name: str) -> Path:
    """Find a shipped folder, in the package first."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
