"""Showing a report table on a page, with the same cells as in its downloads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from geoapp.reports.content import Cell, Column, Table
from geoapp.ui.session import say

_MOST_ROWS_OPEN: Final = 14
_HEIGHT_PX: Final = 520
_LINK: Final = "link"
_MOST_STYLED_CELLS: Final = 2_000_000

pd.set_option("styler.render.max_elements", _MOST_STYLED_CELLS)


@dataclass(frozen=True, slots=True)
class Links:
    """A column of links beside the cells of a table.

    Attributes:
        title: Heading.
        words: What each link says.
        addresses: One for each row, ``None`` where there is nothing to lead to.
    """

    title: str
    words: str
    addresses: Sequence[str | None]


def draw_table(table: Table, *, links: Links | None = None) -> None:
    """Draw the rows as a table that can be sorted, figures written as in the downloads."""
    show_rows(table.columns, table.rows, blank=say("coverage.no_data"), links=links)


def show_rows(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    blank: str = "–",
    choose: str = "",
    links: Links | None = None,
) -> Sequence[int]:
    """Draw rows of cells.

    Args:
        columns: The columns.
        rows: One cell per column.
        blank: Stands where a cell is ``None``: never a zero.
        choose: Key under which rows can be chosen; ``""``: they cannot.
        links: A column more, which leads somewhere.

    Returns:
        Places of the rows that are chosen.
    """
    frame = pd.DataFrame(
        {
            column.key: [_sortable(row[index]) for row in rows]
            for index, column in enumerate(columns)
        }
    )
    places: dict[Any, str | Callable[[object], str] | None] = {
        column.key: f"{{:,.{column.decimals}f}}" for column in columns if column.kind != "text"
    }
    configured = {column.key: _configure(column) for column in columns}
    if links is not None:
        frame[_LINK] = list(links.addresses)
        configured[_LINK] = st.column_config.LinkColumn(links.title, display_text=links.words)
    chosen = st.dataframe(
        frame.style.format(places, na_rep=blank),
        hide_index=True,
        width="stretch",
        height=_HEIGHT_PX if len(rows) > _MOST_ROWS_OPEN else "content",
        column_config=configured,
        placeholder=blank,
        key=choose or None,
        on_select="rerun" if choose else "ignore",
        selection_mode="multi-row",
    )
    rows_chosen: Sequence[int] = chosen.selection.rows if choose else []  # type: ignore[union-attr]
    return list(rows_chosen)


def _sortable(cell: Cell) -> float | str | None:
    return cell if isinstance(cell, str) or cell is None else float(cell)


def _configure(column: Column) -> Any:
    if column.kind == "text":
        return st.column_config.TextColumn(column.title)
    return st.column_config.NumberColumn(column.title)
