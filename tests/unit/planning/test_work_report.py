"""The work report as data: word for word, and no figure without words."""

import re
from pathlib import Path

import pytest

from geoapp.errors import CatalogError
from geoapp.planning import report as report_module
from geoapp.planning.report import read_report

ITEMS = Path(__file__).parents[2] / "data" / "work_report_items.md"
FILE = Path(report_module.__file__).with_name("reports") / "work_report.toml"


def quotes_of_the_table():
    found = {}
    for line in ITEMS.read_text(encoding="utf-8").splitlines():
        match = re.match(r"\| (S\d+) \| (.*) \|$", line)
        if match:
            found[match[1]] = re.findall('"([^"]+)"', match[2])
    return found


def test_every_item_stands_there_with_its_exact_quotes_and_no_others():
    expected = quotes_of_the_table()
    assert list(expected) == [f"S{number}" for number in range(1, 33)]
    found = {item.id: [quote.text for quote in item.quotes] for item in read_report(FILE).items}
    assert found == expected


def test_words_that_are_not_quoted_are_refused(tmp_path):
    wrong = tmp_path / "wrong.toml"
    text = FILE.read_text(encoding="utf-8")
    wrong.write_text(text.replace('written = "3.03万户"', 'written = "3.04万户"'), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_report(wrong)
    assert "3.04" in str(caught.value.facts)
