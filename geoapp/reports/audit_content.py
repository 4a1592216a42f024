"""Entries of the audit trail as a table."""

from collections.abc import Callable, Sequence

from geoapp.catalog.audit import AuditEntry, plain_text
from geoapp.i18n import Lang, read_words, text
from geoapp.reports.content import Cell, Column, Table

_COLUMNS = (
    *("seq", "at", "actor", "role", "unit", "address"),
    *("action", "subject", "result", "detail", "hash"),
)
NameUnit = Callable[[str, Lang], str]


def word_action(action: str, lang: Lang) -> str:
    """Word what was done; an action of another version stays as it was written."""
    name = action.replace("-", "_").replace(".", "_")
    return read_words(lang).get(f"audit.action_{name}", action)


def audit_content(
    entries: Sequence[AuditEntry], lang: Lang, name_unit: NameUnit, *, sample: bool
) -> Table:
    """Lay out entries, in the order given; times are UTC, as they are hashed."""
    words = read_words(lang)

    def word(kind: str, value: str) -> str:
        return words.get(f"{kind}_{value.replace('-', '_')}", value)

    def row(entry: AuditEntry) -> tuple[Cell, ...]:
        return (
            entry.seq,
            entry.at[:19].replace("T", " "),
            entry.actor,
            word("access.role", entry.role),
            name_unit(entry.unit, lang) if entry.unit else "",
            entry.address,
            word_action(entry.action, lang),
            entry.subject,
            word("audit.result", entry.result),
            plain_text(entry.detail) if entry.detail else "",
            entry.hash,
        )

    return Table(
        title=text(lang, "audit.title"),
        columns=tuple(
            Column(key, text(lang, f"audit.{key}"), "integer" if key == "seq" else "text")
            for key in _COLUMNS
        ),
        rows=tuple(row(entry) for entry in entries),
        closing=(),
        notes=((text(lang, "audit.note"), text(lang, "audit.note_chain")),),
        banner=text(lang, "sample.banner") if sample else "",
    )
