"""What the project promises about itself, held by machine."""

import ast
import re
import string
import subprocess
import tomllib
from pathlib import Path

import pytest

from geoapp import errors
from geoapp.catalog.library import read_library
from geoapp.i18n import LANGS, read_words

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "geoapp"
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "vendor" not in p.parts)
PAGES = sorted((ROOT / "pages").glob("*.py"))
LIBRARY = read_library(ROOT / "layers")
LAYER_IDS = {
    "district", "township", "village", "landuse", "ecological_redline", "permanent_farmland",
    "road", "urban_boundary", "scenic_area", "nature_reserve", "traditional_village", "hamlet",
    "demolition", "construction_land", "fire_station",
}  # fmt: skip
KINDS = [
    k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, errors.GeoAppError)
]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def raised() -> dict[str, set[str]]:
    """Map every code raised in the code to the facts that are given with it somewhere."""
    names, found = {kind.__name__ for kind in KINDS}, {}
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in names
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                facts = {keyword.arg or "**" for keyword in node.keywords}
                found.setdefault(str(node.args[0].value), set()).update(facts)
    return found


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_the_drawing_of_the_errors_is_their_tree():
    drawn, path = {}, []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([\s│├└─]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1].expandtabs()) // 4
            path = [*path[: depth - 1], found[2]]
            drawn[found[2]] = path[-2] if len(path) > 1 else "Exception"
    assert drawn == {kind.__name__: kind.__base__.__name__ for kind in KINDS}


def test_every_error_that_is_raised_has_a_sentence_in_both_languages():
    codes = raised()
    assert len(codes) > 30
    for lang in LANGS:
        words = read_words(lang)
        assert {code for code in codes if f"error.{code}" not in words} == set()


def test_every_sentence_belongs_to_an_error_that_is_raised():
    known = {key.removeprefix("error.") for key in read_words("en") if key.startswith("error.")}
    text = "\n".join(p.read_text(encoding="utf-8") for p in [*SOURCES, *PAGES])
    assert {code for code in known if f'"{code}"' not in text} == set()


@pytest.mark.parametrize("lang", LANGS)
def test_every_fact_that_a_sentence_names_is_given(lang):
    for code, facts in raised().items():
        if "**" not in facts:
            assert placeholders(read_words(lang)[f"error.{code}"]) <= facts | {"looks_like"}, code


def test_both_languages_hold_the_same_keys_and_facts():
    zh, en = read_words("zh"), read_words("en")
    assert zh.keys() == en.keys()
    for key in zh:
        assert placeholders(zh[key]) == placeholders(en[key]), key


def test_every_key_that_is_used_exists():
    words, used = read_words("en"), set()
    for path in [*SOURCES, *PAGES]:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            at = {"text": 1, "say": 0}.get(name)
            if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant):
                key = node.args[at].value
                if isinstance(key, str) and "." in key:
                    used.add(key)
            if name == "help_text" and isinstance(node.args[0], ast.Constant):
                used.add(f"cli.{node.args[0].value}")
    assert len(used) > 50
    assert used - words.keys() == set()


def test_no_word_is_left_untranslated():
    han = re.compile("[\u4e00-\u9fff]")
    # A document's number, a section's name, a language by its own name.
    quotes = {"notes.method", "error.text-without-parcels", "sign_in.other_language"}
    assert {k for k, v in read_words("en").items() if han.search(v)} <= quotes
    assert {
        k
        for k, v in read_words("zh").items()
        if re.search("[A-Za-z]{4,} [a-z]{3,} [a-z]{3,}", v) and not han.search(v)
    } == set()


def test_the_layers_are_those_of_the_design():
    assert {layer.id for layer in LIBRARY} == LAYER_IDS


@pytest.mark.parametrize("layer", list(LIBRARY), ids=lambda layer: layer.id)
def test_every_layer_names_its_source_and_a_control_layer_its_law(layer):
    for lang in LANGS:
        assert layer.title[lang]
        assert layer.source[lang]
        for rule in layer.fields:
            assert rule.title[lang]
    if layer.group in {"control", "protected", "enforcement"} or layer.rule.effect != "none":
        assert layer.legal
        assert all(basis.since for basis in layer.legal)
    synonyms = [
        name.lower() for rule in layer.stored_fields for name in (rule.name, *rule.synonyms)
    ]
    assert len(set(synonyms)) == len(synonyms)


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400


def docstrings(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def texts_of(path: Path) -> list[str]:
    tree = tree_of(path)
    shown = docstrings(tree)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in shown
    ]


def test_words_for_people_stand_in_the_locale_not_in_the_code():
    han = re.compile("[\u3400-\u9fff]")
    allowed = {
        "exporters/boundary_text.py",  # likewise
        "importers/boundary_text.py",  # section names, header keys and units of the format
        "ui/session.py",  # a language is offered by its own name
    } | {str(p.relative_to(PACKAGE)) for p in (PACKAGE / "sample").glob("*.py")}  # invented data
    found = {
        str(path.relative_to(PACKAGE))
        for path in SOURCES
        if any(han.search(t) for t in texts_of(path))
    }
    assert found - allowed == set()


def test_nothing_in_the_code_points_to_the_network():
    # These two hold the addresses that libraries would load from, to put our own in their place.
    replacing = {PACKAGE / "ui" / "assets" / "install.py", PACKAGE / "ui" / "offline.py"}
    for path in [p for p in [*SOURCES, *PAGES] if p not in replacing]:
        for words in texts_of(path):
            for url in re.findall(r"https?://[^\s\"'{]*", words):
                assert url in {
                    "http://",
                    "https://",
                    "http://127.0.0.1:",
                    "http://localhost:",
                    "http://www.w3.org/2000/svg",
                    "http://www.opengis.net/kml/2.2",
                }, (path, url)


def test_nothing_about_one_city_stands_in_code():
    for path in [*SOURCES, *PAGES]:
        text = "\n".join([*texts_of(path), path.name])
        assert not re.search("Zhangjiajie|张家界|永定区|武陵源|慈利|桑植", text), path
        assert not re.search(r"\b4308\d{2}\b", text), path


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_no_file_names_a_folder_of_somebodys_machine():
    pattern = re.compile(rb"(?<![\w.])/(?:home|Users|work|root)/[\w.-]+")
    for path in tracked():
        if path.suffix in {".png", ".jpg", ".ico", ".woff2"} or not path.is_file():
            continue
        assert not pattern.search(path.read_bytes()), path


def test_the_lock_files_name_no_host():
    locks = [*ROOT.glob("requirements*.lock"), ROOT / "package-lock.json"]
    assert len(locks) >= 3
    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|--index-url|--extra-index|\bfile:", text), path
        if path.suffix == ".lock":
            pins = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
            assert len(pins) == len(
                re.findall(r"^[\w.\[\]-]+==[^\n]*\\\n\s+--hash=sha256:", text, re.MULTILINE)
            )


def test_the_project_file_parses_and_warnings_are_errors():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["pytest"]["filterwarnings"][0] == "error"
    assert project["tool"]["mypy"]["strict"] is True
