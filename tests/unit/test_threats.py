"""The table of threats names real tests and real guards, and leaves no threat out."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = {
    name: row
    for part in tomllib.loads((ROOT / "tests" / "threats.toml").read_text("utf-8")).values()
    for name, row in part.items()
}
NUMBERS = [*range(1, 39), *range(40, 59), *range(60, 67)]


def functions_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_threat_has_a_row() -> None:
    numbered = {name for name in ROWS if name.startswith("T")}
    listed = {f"T{number:02}" for number in NUMBERS}
    assert numbered == listed


@pytest.mark.parametrize("name", ROWS)
def test_a_row_names_tests_that_exist_and_what_they_guard(name: str) -> None:
    row = ROWS[name]
    assert row["what"]
    assert row["tests"]
    assert (ROOT / row["guard"]).exists(), row["guard"]
    for test in row["tests"]:
        file, _, function = test.partition("::")
        assert (ROOT / file).is_file(), file
        assert not function or function in functions_in(ROOT / file), test
