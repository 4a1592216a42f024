"""Bringing a register to the schema that this version of the product needs."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from geoapp.database.engine import await_turn, connecting_to_write, worded_faults
from geoapp.errors import ConflictError

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def find_revision(engine: sa.Engine) -> str | None:
    """Read the schema revision of a register; ``None`` for an empty one."""
    with worded_faults(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def known_revisions() -> list[str]:
    """List the schema revisions that this version of the product knows, newest first."""
    script = ScriptDirectory(str(MIGRATIONS))
    return [revision.revision for revision in script.walk_revisions()]


def upgrade(engine: sa.Engine) -> None:
    """Run the migrations that are missing; a register that is up to date is left alone.

    Of several processes that open a new register at once, one makes the tables.

    Raises:
        ConflictError: The register was written by a newer version of the product, or cannot
            be used.
    """
    script = ScriptDirectory(str(MIGRATIONS))
    known = {revision.revision for revision in script.walk_revisions()}
    head = script.get_current_head()
    if find_revision(engine) == head:
        return
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with worded_faults(), connecting_to_write(engine) as connection:
        await_turn(connection)
        present = MigrationContext.configure(connection).get_current_revision()
        if present == head:
            return
        if present is not None and present not in known:
            raise ConflictError("register-too-new", revision=present)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
