"""An official paragraph, each number of it with what it rests on."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from geoapp.reports.content import Column, Table, Wording


@dataclass(frozen=True, slots=True)
class Trace:
    """What one number of a paragraph rests on.

    Attributes:
        shown: The number as it stands in the text.
        what: What it is.
        source: Snapshots, or registers, that were read.
        exact: Its value, not rounded, with the unit that it was measured in.
        note: The footnote: all of this, and the question that gives it again.
    """

    shown: str
    what: str
    source: str
    exact: str
    note: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph with its footnotes.

    Attributes:
        title: What it is about.
        sentences: With marks ``[1]`` behind what a footnote explains.
        traces: What stands behind mark 1, 2, …
        banner: Shown above everything when the data is synthetic, else ``""``.
    """

    title: str
    sentences: tuple[str, ...]
    traces: tuple[Trace, ...]
    banner: str
    lang: str

    @property
    def text(self) -> str:
        """The paragraph without its footnotes."""
        return ("" if self.lang == "zh" else " ").join(self.sentences)

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the text of every footnote, in the order of their marks."""
        return tuple(trace.note for trace in self.traces)


@dataclass(slots=True)
class Traces:
    """Footnotes while they are being collected."""

    listed: list[Trace] = field(default_factory=list)

    def mark(self, trace: Trace) -> str:
        """Give the mark that leads to a footnote; the same one for the same number."""
        if trace not in self.listed:
            self.listed.append(trace)
        return f"[{self.listed.index(trace) + 1}]"


def write_exact(value: float | Fraction) -> str:
    """Write a number with all of its digits.

    >>> write_exact(1234.567890123)
    '1,234.567890123'
    >>> write_exact(Fraction(114))
    '114'
    """
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        exact = Decimal(repr(float(value)))
    return f"{exact:,f}"


def trace_table(prose: Prose, wording: Wording) -> Table:
    """List every number of a paragraph: what it is, of which data, and its value not rounded."""
    say = wording.say
    keys = ("mark", "shown", "what", "source", "exact")
    notes = (
        (say("notes.method_label"), say("notes.method")),
        (say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")),
    )
    return Table(
        title=f"{prose.title} · {say('prose.notes_label')}",
        columns=tuple(Column(key, say(f"prose.{key}"), "text") for key in keys),
        rows=tuple(
            (f"[{number}]", one.shown, one.what, one.source, one.exact)
            for number, one in enumerate(prose.traces, start=1)
        ),
        closing=(),
        notes=notes,
        banner=prose.banner,
    )
