"""Every attack and fault of ``tests/threats.toml`` has tests and guards that are really there."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = tomllib.loads((ROOT / "tests" / "threats.toml").read_text("utf-8"))["row"]
ATTACKS = {f"T{n:02}" for n in (*range(1, 21), *range(25, 34), 21, 22, 23, 24, *range(34, 39))}
ATTACKS |= {f"T{n:02}" for n in (*range(40, 59), *range(60, 67))}
FAULTS = {f"D{n:02}" for n in range(1, 16)}
KEYS = {"id", "title", "tests", "guards", "seen_failing", "note"}
SOURCES = [*sorted((ROOT / "geoapp").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))]


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_attack_and_fault_has_one_row_and_no_row_is_empty():
    listed = [row["id"] for row in ROWS]
    assert sorted(listed) == sorted(ATTACKS | FAULTS)
    for row in ROWS:
        assert set(row) <= KEYS, row["id"]
        assert row["title"], row["id"]
        assert row["tests"], row["id"]
        assert row["guards"], row["id"]
        assert row.get("seen_failing", True) is True, row["id"]
    assert len({row["title"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_functions_of_a_row_are_there(row):
    for name in row["tests"]:
        path, _, function = name.partition("::")
        assert (ROOT / path).is_file(), name
        assert function in functions_of(path), name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_guards_of_a_row_are_there(row):
    for name in row["guards"]:
        module, _, path = name.partition(":")
        found = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
        assert found is not None, name


# --- what no test can provoke: the source is searched for it ---------------------------------


def calls() -> list[tuple[Path, ast.Call]]:
    trees = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]
    return [(p, node) for p, tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_no_words_of_anybody_become_part_of_a_query():
    """Libraries that read files also take SQL and conditions as text: nobody hands them any."""
    readers = {
        "read_dataframe",
        "read_arrow",
        "open_arrow",
        "read_file",
        "read_info",
        "sql",
        "query",
    }
    for path, call in calls():
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in readers:
            given = {keyword.arg for keyword in call.keywords}
            assert not given & {"where", "sql"}, (path.name, call.lineno)
        if name == "text" and isinstance(call.func, ast.Attribute) and call.args:
            owner = getattr(call.func.value, "id", "")
            if owner in {"sa", "sqlalchemy"}:
                assert isinstance(call.args[0], ast.Constant), (path.name, call.lineno)


def test_no_page_keeps_answers_in_a_cache_that_knows_no_roles():
    """Streamlit's caches are one for all people, and leave what begins with ``_`` out of the key."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            words = [ast.unparse(one) for one in node.decorator_list]
            if any(re.match(r"st\.cache_(data|resource)\b", one) for one in words):
                kinds = {ast.unparse(one.annotation) for one in node.args.args if one.annotation}
                named = {one.arg for one in node.args.args if not one.arg.startswith("_")}
                assert "Principal" in kinds, (path.name, node.name)
                assert len(named) == len(node.args.args), (path.name, node.name)


def test_no_words_of_anybody_become_marks_of_a_page():
    for path in SOURCES:
        assert "unsafe_allow_html" not in path.read_text(encoding="utf-8"), path.name


if __name__ == "__main__":
    sys.stdout.write(" ".join(sorted({name for row in ROWS for name in row["tests"]})))
