"""The page Administration without a browser: every tab in both languages, for administrators only."""

import shutil
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import Role
from geoapp.catalog.storage_audit import AuditFilter
from geoapp.errors import AccessError
from geoapp.i18n import LANGS, Lang, text
from tests.pages.test_pages import act_as, errors, run

TABS = ("health", "audit", "backup", "accounts", "access")
OTHERS = [role for role in get_args(Role) if role != "administrator"]


@pytest.fixture
def city(sample_workspace: Path, tmp_path: Path, use) -> Path:
    shutil.copytree(sample_workspace, tmp_path / "city")
    use(workspace=tmp_path / "city")
    return tmp_path / "city"


def open_tab(tab: str, lang: Lang):
    app = run("administration", lang)
    app.session_state["admin-tab"] = text(lang, f"admin.tab_{tab}")
    return app.run()


def press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


@pytest.mark.parametrize("lang", LANGS)
def test_every_tab_draws_and_does_what_it_offers(city: Path, lang: Lang):
    for tab in TABS:
        app = open_tab(tab, lang)
        assert errors(app) == []
        assert len(app.dataframe) or tab == "backup"
    app = press(open_tab("health", lang), text(lang, "admin.examine"))
    assert [one.value for one in app.success] == [text(lang, "doctor.healthy")]
    app = press(open_tab("backup", lang), text(lang, "admin.make"))
    assert len(list(city.with_name("city-backups").glob("[!.]*"))) == 1
    app = press(app, text(lang, "admin.check_backup"))
    assert len(app.success) == 1
    app = press(open_tab("audit", lang), text(lang, "admin.verify"))
    assert len(app.success) == 1


def test_what_the_doctor_finds_is_said_and_mended_on_the_page(city: Path):
    path = next(city.glob("layers/scenic_area/*/tiles/drawn-*/placed.bin"))
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    app = press(open_tab("health", "en"), text("en", "admin.examine"))
    assert len(errors(app)) == 1
    assert "placed" in errors(app)[0]
    app = press(app.run(), text("en", "admin.repair"))
    assert path.read_bytes() == content
    assert [one.value for one in app.success] == [text("en", "doctor.healthy")]


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_sees_anything_and_the_refusal_is_written(
    city: Path, monkeypatch: pytest.MonkeyPatch, role: Role
):
    def refused():
        entries = Workspace.open(city).audit.entries(AuditFilter(result="refused"))
        return Counter(entry.role for entry in entries)

    before = refused()  # other tests were refused in the sample city that this one copies
    act_as(role, monkeypatch)
    app = run("administration", "en")
    assert len(errors(app)) == 1
    assert len(app.dataframe) == 0
    assert len(app.tabs) == 0
    assert refused() - before == Counter([] if role == "public" else [role])


def enter(app, key: str, value: str):
    return next(field for field in app.text_input if field.key == key).set_value(value).run()


def choose(app, key: str, value: str):
    return next(field for field in app.selectbox if field.key == key).set_value(value).run()


def push(app, key: str):
    return next(button for button in app.button if button.key == key).click().run()


@pytest.mark.parametrize("lang", LANGS)
def test_an_account_is_made_bound_to_a_unit_and_shut(city: Path, lang: Lang):
    app = enter(open_tab("accounts", lang), "account-new-name", "li.wei")
    app = push(app, "account-make")
    assert errors(app) == [text(lang, "error.account-unit-needed")]
    app = push(choose(app, "account-new-unit", "430802001"), "account-make")
    assert errors(app) == []
    password = app.code[0].value
    face = Workspace.open(city).accounts
    assert face.sign_in("li.wei", password, address="10.0.0.1").must_change
    assert (face.find("li.wei").role, face.find("li.wei").unit) == ("township", "430802001")
    app = choose(app.run(), "account-chosen", "li.wei")
    assert not app.code  # the password is shown once
    account = face.find("li.wei")
    assert len(face.sessions("li.wei")) == 1
    app = push(app, f"account.disable-{account.id}")
    assert [one.value for one in app.success] == [text(lang, "account.disabled", name="li.wei")]
    assert face.find("li.wei").disabled
    assert face.sessions("li.wei") == ()


@pytest.mark.parametrize("lang", LANGS)
def test_the_administrator_sees_every_token_and_revokes_one(city: Path, lang: Lang):
    workspace = Workspace.open(city)
    owner = workspace.acting_as(Principal("sample-planner", "planner"))
    secret = owner.tokens.make("sample-planner", "*desk*").secret
    app = open_tab("accounts", lang)
    number = workspace.tokens.list_all()[0].id
    app = push(app, f"token-{number}")
    assert errors(app) == []
    assert [one.value for one in app.success] == [text(lang, "token.revoked", label=r"\*desk\*")]
    with pytest.raises(AccessError, match="token-revoked"):
        workspace.tokens.use(secret, address="10.0.0.1")


@pytest.mark.parametrize("lang", LANGS)
def test_an_account_is_linked_to_a_person_elsewhere_and_let_go(city: Path, lang: Lang):
    face = Workspace.open(city).accounts
    account = face.create("li.wei", "planner", issuer="https://old.example", subject="6").account
    app = choose(open_tab("accounts", lang), "account-chosen", "li.wei")
    boxes = {box.label: box for box in app.text_input}
    boxes[text(lang, "link.issuer")].set_value("https://id.example")
    boxes[text(lang, "link.subject")].set_value("7")
    app = press(app, text(lang, "link.save"))
    assert errors(app) == []
    assert (face.find("li.wei").issuer, face.find("li.wei").subject) == ("https://id.example", "7")
    app = push(choose(app.run(), "account-chosen", "li.wei"), f"unlink-{account.id}")
    assert errors(app) == []
    assert face.find("li.wei").issuer == ""
    linked = Workspace.open(city).audit.entries(AuditFilter(action="account_linked"))
    assert [entry.detail["issuer"] for entry in linked] == ["", "https://id.example"]


@pytest.mark.usefixtures("city")
def test_a_unit_is_found_by_name_code_and_pinyin():
    app = open_tab("accounts", "zh")
    box = next(one for one in app.selectbox if one.key == "account-new-unit")
    assert any("永定区 430802 yongdingqu ydq" in option for option in box.options)
