"""Findings as sentences, and why a file was refused."""

from collections.abc import Sequence
from typing import Final

from geoapp.errors import CatalogError, GeometryError, InputError
from geoapp.i18n import LANGS, Lang, Text, text, word_facts
from geoapp.importers.findings import word_rows
from geoapp.importers.problem import Problem
from geoapp.importers.report import ImportReport

_REFUSALS: Final[dict[str, type[InputError]]] = {
    "field-empty": CatalogError,
    "field-value-wrong": CatalogError,
    "geometry-does-not-fit": GeometryError,
    "geometry-invalid": GeometryError,
    "geometry-missing": GeometryError,
    "geometry-not-finite": GeometryError,
    "geometry-tangled": GeometryError,
    "geometry-vertices-exceeded": GeometryError,
    "geometry-without-area": GeometryError,
    "geometry-without-length": GeometryError,
    "geometry-wrong-kind": GeometryError,
    "unit-code-wrong": CatalogError,
}


def word_problem(problem: Problem, lang: Lang) -> str:
    """Say a finding as one sentence, without its place."""
    return text(lang, f"problem.{problem.code}", **word_facts(problem.facts, lang))


def word_place(problem: Problem, lang: Lang) -> str:
    """Say where a finding is: the feature, the line of the text, or the file as a whole."""
    if problem.line and problem.row:
        return text(lang, "problem.at_line", row=problem.row, line=problem.line)
    return text(lang, "problem.at_row" if problem.row else "problem.at_file", row=problem.row)


def make_refusal(report: ImportReport) -> InputError:
    """Say why a file was refused: what is wrong, in how many rows, and which are the first."""
    errors = [problem for problem in report.problems if problem.severity == "error"]
    codes = list(dict.fromkeys(problem.code for problem in errors))
    first = errors[0]
    if len(codes) == 1 and first.code in _REFUSALS:
        count = report.problem_counts[first.code]
        facts = {"file": report.file, "row": first.row, "count": count} | first.facts
        return _REFUSALS[first.code](first.code, **facts)
    kinds = {lang: _word_kinds(errors, codes, report, lang) for lang in LANGS}
    return CatalogError(
        "import-refused",
        file=report.file,
        count=report.error_count,
        kinds=Text(zh=kinds["zh"], en=kinds["en"]),
    )


def _word_kinds(
    errors: Sequence[Problem], codes: Sequence[str], report: ImportReport, lang: Lang
) -> str:
    kinds = []
    for code in codes:
        found = [problem for problem in errors if problem.code == code]
        kinds.append(
            text(
                lang,
                "problem.kind",
                problem=word_problem(found[0], lang),
                count=report.problem_counts[code],
                rows=word_rows([problem.row - 1 for problem in found]),
            )
        )
    return text(lang, "problem.between").join(kinds)
