"""Starting the server: what is said, and what is refused before anything listens."""

import pytest
from typer.testing import CliRunner

from geoapp import Workspace
from geoapp.cli.app import app
from geoapp.cli.running import main as _main  # noqa: F401  adds the commands
from geoapp.errors import ChoiceError
from geoapp.settings import find_folder
from geoapp.web import server
from geoapp.web.guard.prompt import PromptProtocol
from geoapp.web.server import require_loopback


@pytest.fixture
def founded(tmp_path):
    folder = tmp_path / "city"
    city = find_folder("data") / "geo" / "city.toml"
    Workspace.init(city, folder, outlines=False).close()
    return folder


@pytest.fixture
def started(monkeypatch):
    """Catch what would be served."""
    calls = []
    monkeypatch.setattr(server.uvicorn, "run", lambda _, **facts: calls.append(facts))
    monkeypatch.setattr(server, "Thread", lambda **_: type("T", (), {"start": lambda _: None})())
    monkeypatch.setattr(server, "import_module", lambda _: type("M", (), {"app": None}))
    for name in ("GEOAPP_WORKSPACE", "GEOAPP_LANG", "GEOAPP_SIGN_IN"):
        monkeypatch.setenv(name, "")  # so that what the server sets is undone
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    monkeypatch.setenv("GEOAPP_LANG", "zh")
    return calls


def serve(folder, *options):
    return CliRunner().invoke(app, ["--workspace", str(folder), "--lang", "en", "serve", *options])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_an_address_of_this_machine_alone_is_fit(address):
    require_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.2", "example.org", "", "*"])  # noqa: S104
def test_without_sign_in_no_other_address_is_listened_on(founded, started, address):
    with pytest.raises(ChoiceError, match="serve-not-loopback"):
        require_loopback(address)
    answer = serve(founded, "--no-sign-in", "--address", address)
    assert isinstance(answer.exception, ChoiceError)
    assert not started


def test_the_first_start_prints_the_address_of_the_setup_and_the_next_none(founded, started):
    answer = serve(founded, "--port", "8777")
    token = answer.stderr.split("http://127.0.0.1:8777/account/setup?token=")[1].split()[0]
    workspace = Workspace.open(founded)
    workspace.accounts.found_administrator(token, "chief", "quiet-river-71")
    workspace.close()
    again = serve(founded, "--port", "8777")
    assert "setup" not in again.stderr
    assert "TLS" in again.stderr  # nothing is encrypted, and it says so
    assert len(started) == 2


def test_nobodys_word_about_addresses_counts_unless_the_proxy_is_named(
    founded, started, monkeypatch
):
    serve(founded)
    monkeypatch.setenv("GEOAPP_TRUSTED_PROXIES", "10.0.0.2")
    serve(founded, "--address", "0.0.0.0")  # noqa: S104
    assert [call["proxy_headers"] for call in started] == [False, True]
    assert [call["forwarded_allow_ips"] for call in started] == ["", "10.0.0.2"]


def test_the_server_hangs_up_on_who_drips(founded, started):
    serve(founded)
    [call] = started
    assert call["http"] is PromptProtocol
    assert call["timeout_keep_alive"] <= 5
    assert call["limit_concurrency"] <= 1000
    assert call["h11_max_incomplete_event_size"] <= 65_536
