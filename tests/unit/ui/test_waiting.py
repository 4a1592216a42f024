"""Texts of the data on a page are text, never marks."""

import pytest

from geoapp.ui.waiting import plain


@pytest.mark.parametrize(
    "words",
    [
        "![x](http://evil/a.png)",
        "[a](javascript:1)",
        ":red[x]",
        "<b>",
        "`x`",
        "$x$",
        "**x**",
        "# x",
    ],
)
def test_marks_are_escaped(words):
    shown = plain(words)
    assert shown.replace("\\", "") == words
    for mark in "[]()`*<>$:#!":
        assert shown.count(mark) == shown.count(f"\\{mark}")


def test_lines_do_not_break_out():
    assert "\n" not in plain("a\n# b")
