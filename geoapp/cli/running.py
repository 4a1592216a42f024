"""Running the command line."""

import logging
import secrets
import signal
import sys
from typing import Final

# Importing these adds their commands.
from geoapp.cli import (  # noqa: F401
    accounts,
    behind,
    cases,
    checks,
    city,
    cover,
    exports,
    figures,
    imports,
    keeping,
    layers,
    maps,
    planning,
    plans,
    prose,
    publishing,
    reconciling,
    scenarios,
    styles,
    targets,
    terrain,
    tokens,
    trackers,
    versions,
)
from geoapp.cli.app import HELP_LANG, app
from geoapp.errors import GeoAppError
from geoapp.i18n import text, word_error
from geoapp.terminal import record_refusal

_INTERRUPTED: Final = 130  # what shells expect after Ctrl+C


class _CancelledError(BaseException):
    """Ctrl+C; not ``KeyboardInterrupt``, which Typer would word in its own way."""


def _cancel(_signal: int, _frame: object) -> None:
    raise _CancelledError


def main() -> None:
    """Run the command line, wording every error that a person can mend."""
    lang = HELP_LANG
    try:
        signal.signal(signal.SIGINT, _cancel)
        app()
    except GeoAppError as error:
        record_refusal(error)
        sys.stderr.write(word_error(error, lang) + "\n")
        sys.exit(error.exit_status)
    except _CancelledError:
        sys.stderr.write(text(lang, "cli.cancelled") + "\n")
        sys.exit(_INTERRUPTED)
    except Exception:
        reference = secrets.token_hex(4)
        logging.getLogger("geoapp").exception("reference %s", reference)
        sys.stderr.write(text(lang, "cli.unexpected", reference=reference) + "\n")
        sys.exit(1)
