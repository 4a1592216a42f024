"""The command that writes and checks the public site."""

from tests.integration.test_cli import document, refused, run


def test_a_site_is_written_checked_and_found_out(sample_workspace, tmp_path):
    folder = tmp_path / "site"
    written = document(sample_workspace, "publish", folder)
    assert written["leaks"] == []
    assert written["size_bytes"] < 2_000_000
    assert "passed" in run(sample_workspace, "publish", folder, "--check").stdout.lower()
    (folder / "notes.docx").write_bytes(b"PK")
    found = run(sample_workspace, "publish", folder, "--check", status=2).stdout
    assert "notes.docx" in found


def test_a_folder_with_something_else_is_left_alone(sample_workspace, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    assert "public site" in refused(sample_workspace, "publish", tmp_path)
    assert "public site" in refused(sample_workspace, "publish", tmp_path / "x", "--check")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
