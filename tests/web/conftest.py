"""What tests of routes share: nobody signs in, unless a test is about that."""

import pytest


@pytest.fixture(autouse=True)
def _nobody_signs_in(_no_settings_from_outside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAPP_SIGN_IN", "false")
