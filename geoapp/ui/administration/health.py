"""How the city and its machine are doing, and what the doctor says."""

from datetime import date

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.keeping.health import Health
from geoapp.reports.content import Column
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows
from geoapp.values import round_half_up

_FOUND = "admin-examination"


def draw_health(workspace: Workspace) -> None:
    """Draw figures, the doctor, and the layers."""
    health = workspace.health()
    _draw_figures(health)
    _draw_doctor(workspace)
    st.markdown(f"**{say('admin.layers')}**")
    _draw_layers(workspace, health)
    with st.expander(say("admin.python")):
        st.markdown("  \n".join(f"{name} {number}" for name, number in health.versions.items()))


def _draw_figures(health: Health) -> None:
    with st.container(horizontal=True, gap="small"):
        whole = say("admin.of", size=_gib(health.disk_bytes))
        _metric("admin.disk", _gib(health.disk_free_bytes), whole)
        memory = "–" if health.memory_bytes is None else _gib(health.memory_bytes)
        _metric("admin.memory", memory, "")
        _metric("admin.waiting", str(health.waiting), say("admin.refused", count=health.refused))
        _metric("admin.register", {"sqlite": "SQLite"}.get(health.database, "PostgreSQL"), "")
        _metric("admin.version", health.versions["geoapp"], "")


def _metric(key: str, value: str, delta: str) -> None:
    st.metric(
        say(key),
        value,
        delta=delta or None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        width="content",
    )


def _draw_doctor(workspace: Workspace) -> None:
    with st.container(horizontal=True):
        examine = st.button(say("admin.examine"), icon=":material/stethoscope:", type="primary")
        found = st.session_state.get(_FOUND)
        mendable = found is not None and any(one.remedy for one in found.symptoms)
        repair = mendable and st.button(say("admin.repair"), icon=":material/build:")
    if examine or repair:
        with st.spinner(say("admin.examining")):
            found = workspace.examine(repair=bool(repair))
        st.session_state[_FOUND] = found
    if found is None:
        return
    if found.healthy:
        st.success(say("doctor.healthy"))
    for symptom in found.symptoms:
        facts = {"subject": symptom.subject, **symptom.facts}
        words = plain(say(f"doctor.{symptom.code}", **facts))
        remedy = plain(say(f"doctor.{symptom.code}_do", **facts))
        draw = st.error if symptom.severity == "fault" else st.warning
        draw(f"**{words}**  \n{remedy}")
    for part in found.unexamined:
        st.error(say("doctor.not_examined", part=say(f"doctor.part_{part}")))


def _draw_layers(workspace: Workspace, health: Health) -> None:
    lang, today = current_lang(), date.today()  # noqa: DTZ011  an office's calendar day
    show_rows(
        (
            Column("layer", say("admin.layer"), "text"),
            Column("as_of", say("admin.as_of"), "text"),
            Column("age", say("admin.age_days"), "integer"),
            Column("count", say("admin.count"), "integer"),
            Column("snapshots", say("admin.snapshots"), "integer"),
            Column("size", say("admin.size_mib"), "number", 1),
        ),
        [
            (
                workspace.library.require(one.layer).title[lang],
                one.as_of.isoformat() if one.as_of else say("admin.none"),
                (today - one.as_of).days if one.as_of else None,
                one.feature_count,
                one.snapshots,
                round_half_up(one.size_bytes / 2**20, 1),
            )
            for one in health.layers
        ],
    )


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:,.1f} GiB"
