"""Rules as data: what is in force when, and that a wrong file is named."""

import re
from datetime import date
from pathlib import Path

import pytest

from geoapp.compliance.rulebook import SHIPPED, RuleBook, read_rulebook
from geoapp.errors import CatalogError, ChoiceError
from geoapp.i18n import LANGS
from tests.building import LIBRARY

BOOK = read_rulebook(Path("nowhere"), LIBRARY)
NOW = date(2026, 6, 1)

RULE = """
[[rule]]
id = "{id}"
title = {{ zh = "道路", en = "Road" }}
layer = "{layer}"
condition = "{condition}"
{more}
effect = "{effect}"
legal = [{{ title = {{ zh = "某法", en = "Some law" }}, since = 2011-07-01 }}]
advice = {{ zh = "退让", en = "Step back" }}
office = {{ zh = "某局", en = "Some bureau" }}
confidence = "low"
"""
THRESHOLD = """unit = "m"
threshold = [{ since = 2011-07-01, value = 20.0, source = "somebody" }]"""


def write(folder, name="local.toml", **changes):
    facts = {"id": "road-near", "layer": "road", "condition": "within", "more": THRESHOLD}
    (folder / "rules").mkdir(exist_ok=True)
    text = RULE.format(**(facts | {"effect": "prohibit"} | changes))
    (folder / "rules" / name).write_text(text, encoding="utf-8")


def fault(folder):
    with pytest.raises(CatalogError) as caught:
        read_rulebook(folder, LIBRARY)
    assert caught.value.code == "definition-wrong"
    return caught.value.facts


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_every_rule_names_its_law_what_to_do_and_whom_to_ask(rule):
    assert rule.legal
    for lang in LANGS:
        for text in (rule.title, rule.advice, rule.office, *(law.title for law in rule.legal)):
            assert text[lang]
    assert not re.search("[\u4e00-\u9fff]", rule.title.en + rule.advice.en + rule.office.en)
    for dated in rule.threshold:
        assert dated.source


def test_rules_stand_in_the_file_of_their_layer():
    for path in SHIPPED.glob("*.toml"):
        if path.name != "settings.toml":
            named = re.findall(r'^layer = "(\w+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
            assert set(named) == {path.stem}


def test_every_purpose_has_rules_and_every_control_layer_one_for_building():
    for purpose in BOOK.settings.purpose:
        assert BOOK.in_force(NOW, purpose.id)
    layers = {rule.layer for rule in BOOK.in_force(NOW, "building")}
    controls = {layer.id for layer in LIBRARY if layer.group in {"control", "protected"}}
    assert controls <= layers


def test_a_book_comes_back_from_its_text_with_its_fingerprint():
    again = RuleBook.from_json(BOOK.model_dump_json())
    assert again == BOOK
    assert again.digest == BOOK.digest


def test_a_rule_of_the_workspace_is_added_and_marked(tmp_path):
    write(tmp_path)
    book = read_rulebook(tmp_path, LIBRARY)
    (added,) = [rule for rule in book.in_force(NOW, "building") if rule.id == "road-near"]
    assert added.local
    assert added.threshold_on(NOW) == 20.0
    assert not added.in_force(date(2011, 6, 30))
    assert book.digest != BOOK.digest


def test_a_rule_of_the_workspace_replaces_the_shipped_one(tmp_path):
    write(
        tmp_path, id="redline-building", layer="ecological_redline", condition="overlaps", more="",
        effect="notice",
    )  # fmt: skip
    book = read_rulebook(tmp_path, LIBRARY)
    assert len(book.rules) == len(BOOK.rules)
    (rule,) = [rule for rule in book.rules if rule.id == "redline-building"]
    assert (rule.effect, rule.local) == ("notice", True)


def test_a_withdrawn_threshold_takes_the_rule_out_of_force(tmp_path):
    more = THRESHOLD.replace("}]", '}, { since = 2020-01-01, withdrawn = true, source = "x" }]')
    write(tmp_path, more=more)
    (rule,) = [rule for rule in read_rulebook(tmp_path, LIBRARY).rules if rule.local]
    assert rule.in_force(date(2019, 12, 31))
    assert not rule.in_force(date(2020, 1, 1))


def test_a_tolerance_of_the_workspace_replaces_the_shipped_one(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "settings.toml").write_text(
        """[tolerances.overlap_m2]
unit = "m2"
title = { zh = "容差", en = "Tolerance" }
values = [
  { since = 2000-01-01, value = 1.0, source = "a" },
  { since = 2026-07-01, value = 5.0, source = "b" },
]
""",
        encoding="utf-8",
    )
    book = read_rulebook(tmp_path, LIBRARY)
    assert book.limits(date(2026, 6, 30)).overlap_m2 == 1.0
    assert book.limits(date(2026, 7, 1)).overlap_m2 == 5.0
    assert book.limits(NOW).width_m == BOOK.limits(NOW).width_m


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"effect": "forbid"}, "rule.0.effect", "prohibit"),
        ({"layer": "lake"}, "rule.0", "lake"),
        ({"condition": "overlaps", "more": ""}, "rule.0", "within"),
        ({"more": ""}, "rule.0", "threshold"),
        ({"more": THRESHOLD + '\napplies_to = ["flying"]'}, "rule.0", "flying"),
        ({"more": THRESHOLD + '\nwhere = { field = "mc", codes = ["x"] }'}, "rule.0", "mc"),
        ({"more": THRESHOLD + '\nwhere = { field = "dldj", codes = ["Q"] }'}, "rule.0", "Q"),
        ({"more": THRESHOLD.replace("2011-07-01", '"soon"')}, "rule.0.threshold.0.since", "date"),
        ({"more": THRESHOLD.replace("value = 20.0, ", "")}, "rule.0.threshold.0", "withdrawn"),
        ({"more": THRESHOLD + "\nsurprise = 1"}, "rule.0.surprise", "xtra"),
    ],
)
def test_a_wrong_rule_is_named_with_file_key_and_reason(tmp_path, changes, key, reason):
    write(tmp_path, **changes)
    facts = fault(tmp_path)
    assert facts["file"] == "local.toml"
    assert str(facts["key"]).startswith(key)
    assert reason in str(facts["reason"])


def test_a_file_that_is_no_toml_and_an_id_that_stands_twice_are_named(tmp_path):
    write(tmp_path)
    write(tmp_path, name="other.toml")
    assert fault(tmp_path)["file"] == "other.toml"
    (tmp_path / "rules" / "other.toml").write_text("[[rule", encoding="utf-8")
    assert fault(tmp_path)["file"] == "other.toml"


def test_an_unknown_purpose_and_a_day_before_all_tolerances_are_refused():
    with pytest.raises(ChoiceError) as caught:
        BOOK.require_purpose("flying")
    assert "building" in str(caught.value.facts["offered"])
    with pytest.raises(ChoiceError) as caught:
        BOOK.limits(date(1999, 12, 31))
    assert caught.value.code == "check-date-too-early"
