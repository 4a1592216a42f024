"""Responsible people as a table."""

from collections.abc import Sequence

from geoapp.planning.contact import Contact
from geoapp.reports.content import Column, Table, Wording


def contact_table(contacts: Sequence[Contact], wording: Wording, *, place: str) -> Table:
    """List people: theme, unit, name, office, phone.

    Args:
        contacts: In the order in which they are shown.
        wording: Language and names.
        place: What the list is of, in words.
    """
    say = wording.say
    keys = ("theme", "unit_code", "unit", "section", "name", "office", "phone", "note")
    return Table(
        title=f"{place} · {say('contacts.title')}",
        columns=tuple(Column(key, say(f"contacts.{key}"), "text") for key in keys),
        rows=tuple(
            (
                say(f"contacts.theme_{one.theme}"),
                one.unit,
                wording.name_unit(one.unit, one.unit),
                one.section,
                one.name,
                one.office,
                one.phone or say("contacts.no_phone"),
                one.note,
            )
            for one in contacts
        ),
        closing=((say("contacts.count"), len(contacts)),),
        notes=(
            (say("contacts.private_label"), say("contacts.private")),
            (say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")),
        ),
        banner="",
    )
