"""Where things are: settings from the environment, folders of the installation."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE: Final = Path(__file__).resolve().parent


def find_folder(name: str) -> Path:
    """Find a folder that ships with the product.

    An installed wheel carries ``layers``, ``pages`` and ``data`` inside the package; a
    checkout has them beside it.
    """
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


class Settings(BaseSettings):
    """Settings; every field is read from ``GEOAPP_<FIELD>``.

    Attributes:
        workspace: Folder of the city's data.
        database_url: SQLAlchemy URL of the register; empty: ``register.db`` in the workspace.
        layers: Folder of layer definitions.
        lang: Language of messages, ``zh`` or ``en``.
        tianditu_key: Browser key of the national map service; empty: not offered.
        datum_parameters: TOML file with the seven parameters of an old datum (fields of
            ``geometry.crs.DatumShift``); such parameters are classified, so none ship.
        dask_scheduler: Address of a dask scheduler whose workers compute statistics,
            ``tcp://host:8786``; empty: the cores of this machine do.
        public_url: Address under which people reach the app, for the square code on the sheets
            of checks; empty: the code holds serial and fingerprint, and no address.
        sign_in: People sign in; without, whoever sits at this machine is its administrator and
            nobody else is let in.
        hosts: Names under which the app may be asked for beside the one in ``public_url``,
            separated by commas. Addresses in figures and this machine's own names always pass.
        trusted_proxies: Addresses of reverse proxies whose word counts about whom they ask
            for, separated by commas.
        oidc_issuer: Address of an OpenID provider; empty: accounts of this app only.
        oidc_client_id: How the provider knows this app.
        oidc_client_secret: Shared with the provider.
        backups: Folder of backups; by default ``<workspace>-backups`` beside the workspace.
        session_idle_minutes: After how many minutes without use a person is signed out.
        session_hours: After how many hours a person is signed out in any case.
    """

    model_config = SettingsConfigDict(env_prefix="GEOAPP_", frozen=True)

    workspace: Path = Path("workspace")
    database_url: str = ""
    layers: Path = find_folder("layers")
    lang: str = "zh"
    tianditu_key: str = ""
    datum_parameters: Path | None = None
    dask_scheduler: str = ""
    public_url: str = ""
    sign_in: bool = True
    hosts: str = ""
    trusted_proxies: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    backups: Path | None = None
    session_idle_minutes: int = Field(default=30, ge=1)
    session_hours: int = Field(default=12, ge=1)


def read_settings() -> Settings:
    """Give the settings as the environment has them now; asked at every request and page run."""
    prefix = "GEOAPP_"
    return _of_environment(
        tuple(sorted(item for item in os.environ.items() if item[0].upper().startswith(prefix)))
    )


@lru_cache(maxsize=4)
def _of_environment(_variables: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()
