"""What is behind each figure of the report makes that figure, in the city and in every district."""

import io
from datetime import datetime
from fractions import Fraction

import geopandas as gpd
import openpyxl
import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.cases.patch import PatchFilter
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.reports.behind_content import behind_statement, behind_table
from geoapp.reports.content import Wording
from geoapp.values import AreaUnit
from tests.integration.test_cli import document, refused

DISTRICTS = ("430802", "430811", "430821", "430822")
KINDS = {"feature", "case", "patch", "item", "unit", "ground", "land"}


@pytest.fixture(scope="module")
def workspace(sample_workspace):
    opened = Workspace.open(sample_workspace)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def figures(workspace):
    return [one for one in workspace.reconcile().figures() if one.value is not None]


def words(workspace, lang="zh"):
    return Wording(
        lang, AreaUnit.M2, lambda code, name: workspace.name_unit(code, lang, fallback=name),
        lambda layer: workspace.library.require(layer).title[lang], datetime.now().astimezone(),
    )  # fmt: skip


def test_things_make_every_computed_figure_of_the_city(workspace, figures):
    seen = set()
    for one in figures:
        found = workspace.behind(one.figure.id)
        assert found.value == one.value, one.figure.id
        assert abs(found.rest) < Fraction(1, 1000), one.figure.id
        assert found.listed.count >= len(found.listed.things) > 0
        seen |= {thing.kind for thing in found.listed.things}
    assert seen == KINDS


def test_things_make_the_figure_of_every_district(workspace, figures):
    for one in figures:
        parts = {p.unit_code: p.value for p in one.computed.parts if p.unit_code in DISTRICTS}
        for unit, value in parts.items():
            found = workspace.behind(one.figure.id, unit=unit)
            assert found.value == value, (one.figure.id, unit)
            if value is not None and found.rest is not None:
                assert abs(found.rest) < Fraction(1, 1000), (one.figure.id, unit)
            for thing in found.listed.things:
                if thing.kind in {"case", "patch", "item", "unit", "land"}:
                    assert thing.unit_code.startswith(unit)


def test_a_township_is_looked_into_where_the_figure_can(workspace):
    village = workspace.behind("S14-cultivated", unit="430802001001")
    township = workspace.behind("S14-cultivated", unit="430802001")
    assert 0 <= village.value <= township.value
    assert abs(township.rest) < Fraction(1, 1000)
    with pytest.raises(ChoiceError, match="behind-no-part"):
        workspace.behind("S14-net", unit="430802001")
    with pytest.raises(ChoiceError, match="behind-no-part"):
        workspace.behind("S5-city", unit="430802")


def test_fewer_are_told_but_all_are_added_up(workspace):
    whole, some = (workspace.behind("S1-households", limit=n) for n in (10_000, 3))
    assert len(some.listed.things) == 3
    assert (some.listed.count, some.listed.value) == (whole.listed.count, whole.listed.value)
    sizes = [abs(thing.value) for thing in whole.listed.things]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(thing.value for thing in whole.listed.things) == whole.value


def test_patches_done_with_are_told_apart_as_progress_counts_them(workspace):
    patches = workspace.cases.patches
    for unit in ("", *DISTRICTS):
        closed = sum(batch.closed_out for batch in patches.progress(PatchFilter(unit=unit)))
        total = sum(batch.total for batch in patches.progress(PatchFilter(unit=unit)))
        for wanted, number in ((True, closed), (False, total - closed)):
            page = patches.select(PatchFilter(unit=unit, closed_out=wanted), limit=1)
            assert page.total == number


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_and_the_sentence_say_the_same(workspace, figures, lang):
    for one in figures:
        found = workspace.behind(one.figure.id, limit=20)
        layer = found.listed.layer
        definition = workspace.library.require(layer) if layer else None
        table = behind_table(found, definition, words(workspace, lang))
        assert len(table.rows) == len(found.listed.things)
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        assert table.banner
        assert f"{found.listed.count:,}" in behind_statement(found, words(workspace, lang))


def test_files_hold_what_is_told(workspace, tmp_path):
    found = workspace.behind("S14-net")
    words_zh = words(workspace)
    book = openpyxl.load_workbook(io.BytesIO(workspace.write_behind(found, "xlsx", words_zh)))
    cells = [row for row in book.worksheets[0].values if row[0] is not None]
    assert any(row[0] == found.listed.things[0].number for row in cells)
    file = tmp_path / "behind.gpkg"
    file.write_bytes(workspace.write_behind(found, "gpkg", words_zh))
    frame = gpd.read_file(file, layer="behind")
    assert len(frame) == len(found.listed.things)
    assert frame["value"].sum() == pytest.approx(float(found.value), abs=0.01)


def test_who_may_not_see_what_is_behind_is_refused(workspace):
    for role in ("public", "township"):
        unit = "430802001" if role == "township" else ""
        with pytest.raises(AccessError):
            workspace.acting_as(Principal("x", role, unit)).behind("S1-households")


def test_what_does_not_exist_is_told(workspace):
    with pytest.raises(NotFoundError, match="figure-unknown"):
        workspace.behind("S99")
    with pytest.raises(NotFoundError, match="unit-unknown"):
        workspace.behind("S1-households", unit="999999")
    with pytest.raises(ChoiceError, match="figure-not-computed"):
        workspace.behind("S3")


def test_the_command_lists_and_refuses(sample_workspace, tmp_path):
    file = tmp_path / "behind.xlsx"
    found = document(
        sample_workspace, "behind", "S4-redline", "--within", "430811", "--limit", 5, "-o", file
    )
    assert file.is_file()
    assert len(found["things"]) == 5 <= found["count"]
    assert found["rest"] == pytest.approx(0, abs=0.01)
    assert "figure-unknown" not in refused(sample_workspace, "behind", "S99")
