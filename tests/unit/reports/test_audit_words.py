"""Whatever is written into the audit trail has words in both languages."""

import re
from pathlib import Path

import pytest

import geoapp
from geoapp.i18n import LANGS, Lang
from geoapp.reports.audit_content import word_action

_RECORDED = re.compile(
    r"""(?:\.record|_note|audit\.write|append_entry)\(\s*(?:[\w.\[\]]+,\s*)*"([a-z][a-z_.-]*)\""""
)
_NAMED = re.compile(r"""(?:_open\(|action = )[^\n]*"(signin[a-z_]*)\"""")


def _actions() -> set[str]:
    sources = [path.read_text() for path in Path(geoapp.__file__).parent.rglob("*.py")]
    return {
        name for source in sources for one in (_RECORDED, _NAMED) for name in one.findall(source)
    }


@pytest.mark.parametrize("lang", LANGS)
def test_every_action_that_is_recorded_has_words(lang: Lang) -> None:
    actions = _actions()
    assert {"publish_site", "account_created", "planning.edit", "rollback"} <= actions
    assert not [action for action in actions if word_action(action, lang) == action]
