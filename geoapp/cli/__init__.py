"""The command line.

``--json`` prints one document on standard output and nothing else; progress and messages go
to standard error. Exit status: 0 done, 2 bad input and nothing changed, 1 our fault.
A module here holds the commands of one subject; ``running`` gathers them.
"""

from geoapp.cli.running import main

__all__ = ["main"]
