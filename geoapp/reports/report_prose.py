"""A reconciled report as an official paragraph, each computed number with what it rests on."""

from typing import Final

from geoapp.planning.reconciling import ReconciledFigure, ReconciledReport
from geoapp.reports.content import Wording
from geoapp.reports.reconcile_content import word_computed, word_gap, word_reported, word_source
from geoapp.reports.traced import Prose, Trace, Traces, write_exact

_STATES: Final = ("agrees", "above", "below", "not_reported", "not_computed")


def write_report_prose(result: ReconciledReport, wording: Wording) -> Prose:
    """Write how many figures agree, and every figure that was computed beside the reported one."""
    traces, say = Traces(), wording.say
    title = result.report.title[wording.lang]
    counts = {state: result.count(state) for state in _STATES}
    figures = list(result.figures())
    sentences = [say("prose.report_whole", report=title, figures=len(figures), **counts)]
    told = [figure for figure in figures if figure.state != "not_computed"]
    sentences += [_sentence(figure, result, wording, traces) for figure in told]
    if counts["not_computed"]:
        sentences.append(say("prose.report_rest", count=counts["not_computed"]))
    banner = say("sample.banner") if result.sample else ""
    name = f"{title} · {say('prose.title')}"
    return Prose(name, tuple(sentences), tuple(traces.listed), banner, wording.lang)


def _sentence(
    figure: ReconciledFigure, result: ReconciledReport, wording: Wording, traces: Traces
) -> str:
    key = "report_unreported" if figure.state == "not_reported" else "report_figure"
    return wording.say(
        f"prose.{key}",
        title=figure.figure.title[wording.lang],
        reported=word_reported(figure, wording),
        computed=word_computed(figure, wording),
        mark=traces.mark(_trace(figure, result, wording)),
        gap=word_gap(figure, wording),
    )


def _trace(figure: ReconciledFigure, result: ReconciledReport, wording: Wording) -> Trace:
    say, found = wording.say, figure.computed
    if found is None or found.value is None:  # only computed figures are traced
        raise AssertionError(figure.figure.id)
    unit = say(f"prose.base_{found.dimension}")
    exact = f"{write_exact(found.value)} {unit}"
    what = f"{figure.figure.id} {figure.figure.title[wording.lang]}"
    source = word_source(figure, wording)
    question = f"geoapp reconcile {result.report.id}"
    note = say("prose.report_note", what=what, value=exact, source=source, question=question)
    return Trace(word_computed(figure, wording), what, source, exact, note)
