"""Who answers for a place, in words."""

from typing import Final

from geoapp.planning.answering import Answer
from geoapp.reports.content import Wording

_MOST_NAMED: Final = 3


def word_answer(answer: Answer, wording: Wording) -> str:
    """Say who answers and at which level; nobody entered is said, never left empty."""
    say = wording.say
    if not answer.people:
        return say("answers.none")
    named = []
    for one in answer.people[:_MOST_NAMED]:
        part = say("answers.section", section=one.section) if one.section else ""
        named.append(" ".join(filter(None, (f"{one.name}{part}", one.phone))))
    people = say("answers.between").join(named)
    if len(answer.people) > _MOST_NAMED:
        people = say("answers.more", people=people, count=len(answer.people))
    return say(
        "answers.at",
        people=people,
        level=say(f"answers.level_{answer.level}"),
        unit=wording.name_unit(answer.unit, answer.unit),
    )
