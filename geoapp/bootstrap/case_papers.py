"""Moves of cases with the documents that they need, written in the same transaction."""

from functools import partial

from geoapp.bootstrap.cases import Cases
from geoapp.cases.case import Case
from geoapp.cases.guard import MoveRequest
from geoapp.cases.moving import CaseMover, DocumentOrder, WrittenDocument
from geoapp.reports.case_paper import (
    find_paper_template,
    number_paper,
    paper_kinds,
    write_paper,
)


class CasePapers(Cases):
    """Writes the documents of the register."""

    def move_case(
        self, case: int | str, seen: int, request: MoveRequest, *, write: bool = False
    ) -> Case:
        """Take a move; with ``write`` the register writes, numbers and keeps its document.

        Args:
            case: Id or number.
            seen: Version of the case that the person has seen.
            request: The move, its day and reason; its document unless it is to be written.
            write: Whether to write the document; only for the kinds of ``paper_kinds``.

        Raises:
            ConflictError: It was changed since, or the move is not possible now.
            InputError: Something is missing or wrong in the request.
            FileError: The template of the document cannot be filled; nothing was moved.
            AccessError: The principal may not move cases.
        """
        mover = CaseMover(self.cases.office, partial(number_paper, name_unit=self._name_chinese))
        writer = self._write_paper if write else None
        return mover.move(case, seen, request, write_document=writer)

    def writes_paper(self, kind: str) -> bool:
        """Tell whether the register can write a kind of document itself."""
        return kind in paper_kinds()

    def _write_paper(self, order: DocumentOrder) -> WrittenDocument:
        template = find_paper_template(self.folder, order.move.document)
        return write_paper(order, template, name_unit=self._name_chinese)

    def _name_chinese(self, code: str) -> str:
        return self.name_unit(code, "zh")
