"""Which land class counts as what in the ledger of cultivated land: a table, never code."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from geoapp.catalog.definition import Record
from geoapp.catalog.parsing import named_faults
from geoapp.i18n import Text

FILE: Final = "farmland.toml"
Cause = Literal["non_agricultural", "non_grain", "facility", "ecological", "natural", "unknown"]
CAUSES: Final[tuple[Cause, ...]] = (
    "non_agricultural",
    "non_grain",
    "facility",
    "ecological",
    "natural",
    "unknown",
)
Balance = Literal["occupation", "exchange", "excluded", "unknown"]
BALANCES: Final[tuple[Balance, ...]] = ("occupation", "exchange", "excluded", "unknown")
Direction = Literal["in", "out"]


class Group(Record):
    """Classes that count alike.

    Attributes:
        classes: Codes, or what codes begin with.
        cause: Why cultivated land is lost to them or gained from them.
        out: Balance of what is lost to them.
        in_: Balance of what is gained from them.
        source: Document and article.
    """

    id: str
    title: Text
    classes: tuple[str, ...] = Field(min_length=1)
    cause: Cause
    out: Balance
    in_: Balance = Field(alias="in")
    source: str

    def balance(self, direction: Direction) -> Balance:
        """Give the balance in which a flow counts."""
        return self.in_ if direction == "in" else self.out


class Farmland(Record):
    """The table as a whole.

    Attributes:
        cultivated: What codes of cultivated land begin with.
        restorable: What codes end with whose land can be restored to it; ``""`` for none.
        definitions: What the balances mean, for people.
    """

    cultivated: tuple[str, ...] = Field(min_length=1)
    restorable: str = ""
    cultivated_source: str
    definitions: Text
    group: tuple[Group, ...]

    @model_validator(mode="after")
    def _told_apart(self) -> "Farmland":
        codes = [code for _, code in self._entries()] + list(self.cultivated)
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            message = f"group.classes: {min(twice)} stands twice"
            raise ValueError(message)
        return self

    def is_cultivated(self, code: str) -> bool:
        """Tell whether a class is cultivated land; what could be restored to it is not."""
        ends = bool(self.restorable) and code.endswith(self.restorable)
        return not ends and code.startswith(self.cultivated)

    def is_restorable(self, code: str) -> bool:
        """Tell whether land of a class can be restored to cultivated land."""
        return bool(self.restorable) and code.endswith(self.restorable)

    def find_group(self, code: str | None) -> Group | None:
        """Find the group of a class: by the longest entry that it begins with."""
        if not code:
            return None
        found = [(len(entry), group) for group, entry in self._entries() if code.startswith(entry)]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _entries(self) -> Iterator[tuple[Group, str]]:
        for group in self.group:
            for code in group.classes:
                yield group, code


def read_farmland(workspace: Path) -> Farmland:
    """Read the table: the workspace's own, else the product's.

    Raises:
        CatalogError: A key is missing, unknown or wrong; named with file, key and reason.
    """
    own = workspace / FILE
    path = own if own.is_file() else Path(__file__).with_name(FILE)
    with named_faults(path):
        return Farmland.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
