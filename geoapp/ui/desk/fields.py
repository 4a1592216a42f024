"""Which field of a file stands for which field of a layer."""

from typing import Final

import pandas as pd
import streamlit as st

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.importers.mapping import FieldChoice, MappingProposal
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import current_lang, say
from geoapp.ui.waiting import plain

_SAMPLES: Final = 3
_MOST_ROWS: Final = 12
_HEIGHT_PX: Final = 440


def choose_mapping(
    definition: LayerDefinition, source: ChosenSource, proposal: MappingProposal
) -> tuple[dict[str, str] | None, list[str]]:
    """Draw the fields of a file and what each is taken for, to be changed where it is wrong.

    Returns:
        What a person stated, ``None`` while the proposal stands; and the names of required
        fields without a source.
    """
    taken = sum(bool(choice.canonical) for choice in proposal.choices)
    st.markdown(
        f"**{say('desk.fields')}** · {say('desk.fields_taken', taken=taken, count=len(proposal.choices))}"
    )
    words = _words(definition)
    codes = {word: name for name, word in words.items()}
    edited = st.data_editor(
        _table(proposal, words),
        column_config={
            "field": st.column_config.TextColumn(say("desk.field_of_file"), disabled=True),
            "samples": st.column_config.TextColumn(say("desk.samples"), disabled=True),
            "target": st.column_config.SelectboxColumn(
                say("desk.field_of_layer"), options=list(codes), required=True
            ),
            "how": st.column_config.TextColumn(say("desk.how"), disabled=True),
        },
        hide_index=True,
        width="stretch",
        height="content" if len(proposal.choices) <= _MOST_ROWS else _HEIGHT_PX,
        key=f"desk-fields-{definition.id}-{source.key}",
    )
    stated = {
        choice.field: codes.get(str(word), "")
        for choice, word in zip(proposal.choices, edited["target"], strict=True)
    }
    changed = any(stated[choice.field] != choice.canonical for choice in proposal.choices)
    sources = set(stated.values())
    missing = [
        rule for rule in definition.stored_fields if rule.required and rule.name not in sources
    ]
    _draw_doubts(stated, missing, words)
    return stated if changed else None, [rule.name for rule in missing]


def _words(definition: LayerDefinition) -> dict[str, str]:
    """Name the fields of a layer as a person chooses them: canonical name → title and name."""
    lang = current_lang()
    words = {"": say("desk.not_stored")}
    for rule in definition.stored_fields:
        star = " *" if rule.required else ""
        words[rule.name] = f"{rule.title[lang]} {rule.name}{star}"
    return words


def _table(proposal: MappingProposal, words: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "field": [choice.field for choice in proposal.choices],
            "target": [words[choice.canonical] for choice in proposal.choices],
            "samples": [_samples(choice) for choice in proposal.choices],
            "how": [say(f"desk.how_{choice.how}") for choice in proposal.choices],
        }
    )


def _samples(choice: FieldChoice) -> str:
    return " | ".join(choice.samples[:_SAMPLES])


def _draw_doubts(stated: dict[str, str], missing: list[FieldRule], words: dict[str, str]) -> None:
    taken = [name for name in stated.values() if name]
    twice = sorted({name for name in taken if taken.count(name) > 1})
    if twice:
        fields = ", ".join(plain(words[name]) for name in twice)
        st.error(say("desk.taken_twice", fields=fields), icon=":material/block:")
    if missing:
        fields = ", ".join(plain(words[rule.name]) for rule in missing)
        st.error(say("desk.required_missing", fields=fields), icon=":material/block:")
