"""What tests of pages share: the settings they run under, and no workspace left open."""

import os
import sys
from collections.abc import Iterator

import pytest

from geoapp.bootstrap import workspace as bootstrap


@pytest.fixture(autouse=True)
def _own_workspace() -> Iterator[None]:
    """Pages and routes share one open workspace per process; no test may leave its own."""
    bootstrap._open_shared.cache_clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main  # AppTest leaves the page's script there
    bootstrap._open_shared.cache_clear()
    os.environ.pop("GEOAPP_LANG", None)


@pytest.fixture(autouse=True)
def _nobody_signs_in(_no_settings_from_outside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are tested for every role by setting who sits at this machine."""
    monkeypatch.setenv("GEOAPP_SIGN_IN", "false")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> object:
    def settings(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"GEOAPP_{name.upper()}", str(value))

    return settings
