"""The question of the statistics page in its address: a link opens the same table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from geoapp.ui.session import keep_unit, say
from geoapp.values import AreaUnit

NAMES: Final = {
    "layer": "statistics.layer",
    "by": "statistics.level",
    "class": "statistics.class",
    "inside": "statistics.inside",
    "within": "statistics.within",
    "unit": "unit.label",
}
_WRITTEN: Final = "statistics-address"
_IGNORED: Final = "statistics-address-ignored"


@dataclass(frozen=True, slots=True)
class Ignored:
    """What an address asked for and cannot have, as long as its question stands.

    Attributes:
        names: Of the parameters.
        question: The address that was written instead; ``None`` before it is.
    """

    names: tuple[str, ...]
    question: Mapping[str, str] | None = None


def asked_by_address() -> dict[str, str]:
    """Give what the address asks for, empty unless it was changed from outside."""
    asked = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    return {} if asked == st.session_state.get(_WRITTEN) else asked


def take_unit(value: str) -> bool:
    """Take the unit of area; tell whether it is one."""
    if value not in list(AreaUnit):
        return False
    keep_unit(AreaUnit(value))
    return True


def ignore(names: list[str]) -> None:
    """Remember which parameters were not taken."""
    st.session_state[_IGNORED] = Ignored(tuple(names))


def keep_address(question: Mapping[str, str]) -> None:
    """Write a question into the address, and say what the address before it asked in vain.

    Args:
        question: By name of the parameter; what goes without saying is left out.
    """
    others = {k: v for k, v in st.query_params.to_dict().items() if k not in NAMES}
    if st.query_params.to_dict() != others | dict(question):
        st.query_params.from_dict(others | dict(question))
    st.session_state[_WRITTEN] = dict(question)
    ignored = st.session_state.get(_IGNORED)
    if ignored is None or not ignored.names:
        return
    if ignored.question is None:
        ignored = st.session_state[_IGNORED] = Ignored(ignored.names, dict(question))
    if ignored.question != question:
        del st.session_state[_IGNORED]
        return
    names = " / ".join(say(NAMES[name]) for name in ignored.names)
    st.warning(say("statistics.address_ignored", names=names), icon=":material/link_off:")
