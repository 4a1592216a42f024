"""Taking tips of the public, telling the reporter how far they are, and judging them.

The reporter learns the state and nothing else. Who sent a tip is not kept: a value made of
the address and a secret that lives as long as the process only serves to count.
"""

import hashlib
import math
import secrets
from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any, Final

import numpy as np
import shapely

from geoapp.cases.case import Case, NewCase, TrackId
from geoapp.cases.office import Office
from geoapp.cases.photo import draw_thumbnail, read_photo
from geoapp.cases.register import CaseRegister
from geoapp.cases.storage_case import find_case
from geoapp.cases.storage_tip import (
    count_since,
    find_receipt,
    find_tip,
    insert_tip,
    list_tips,
    update_tip,
)
from geoapp.cases.tip import (
    MOST_A_DAY,
    MOST_AN_HOUR,
    MOST_PHOTO_BYTES,
    NewTip,
    Tip,
    TipState,
    make_receipt,
    read_receipt,
    require_text,
)
from geoapp.cases.track import stages_of_kind
from geoapp.errors import ConflictError, InputError, NotFoundError

MOST_LISTED: Final = 500
PICTURE_PX: Final = 1600
_SECRET: Final = secrets.token_bytes(16)


class TipDesk:
    """Tips, for one acting principal."""

    def __init__(self, office: Office, register: CaseRegister) -> None:
        self._office = office
        self._register = register

    def send(self, new: NewTip, sender: str) -> str:
        """Take a tip in.

        Args:
            new: What was reported.
            sender: Address that it came from; it is not kept.

        Returns:
            The receipt.

        Raises:
            InputError: Text, position or photo cannot be taken.
            ConflictError: The sender, or all together, sent too many.
        """
        office = self._office
        office.require("send_tip")
        if new.trap:
            raise InputError("tip-refused")
        text = require_text(new.text)
        units = self._locate(new)
        self._require_room(sender)  # before anything of a photo is unpacked
        digest = self._take_photo(new)
        receipt = make_receipt()
        values: dict[str, Any] = {
            "receipt": receipt,
            "state": "received",
            "longitude": new.longitude,
            "latitude": new.latitude,
            "text": text,
            "sha256": digest,
            "district": units.district,
            "township": units.township,
            "village": units.village,
            "sender": _mark(sender),
            "received_at": office.moment,
            "decided_at": "",
            "decided_by": "",
            "reason": "",
            "case": None,
        }
        with office.store.writing() as connection:
            insert_tip(connection, values)
        return receipt

    def follow(self, receipt: str) -> TipState:
        """Tell how far a tip is.

        Raises:
            NotFoundError: There is no such receipt.
        """
        self._office.require("send_tip")
        with self._office.store.reading() as connection:
            tip = find_receipt(connection, read_receipt(receipt))
            if tip is None:
                raise NotFoundError("tip-unknown")
            case = None if tip.case is None else find_case(connection, tip.case)
        if case is not None and case.stage in _finished():
            return "closed"
        return tip.state

    def select(self, states: Sequence[TipState] = ("received",)) -> list[Tip]:
        """List tips, oldest first; an official of a unit sees those that lie in it.

        Raises:
            AccessError: The principal may not judge tips.
        """
        self._office.require("review_tips")
        with self._office.store.reading() as connection:
            return list_tips(connection, states, self._office.scope, MOST_LISTED)

    def show(self, tip: int) -> Tip:
        """Give one tip.

        Raises:
            NotFoundError: There is none, or it lies outside the principal's unit.
            AccessError: The principal may not judge tips.
        """
        self._office.require("review_tips")
        with self._office.store.reading() as connection:
            return self._require_found(find_tip(connection, tip), tip)

    def photo(self, tip: int) -> bytes:
        """Give the photo of a tip as it came, with all that the camera wrote into it.

        Raises:
            NotFoundError: It has none.
            AccessError: The principal may not judge tips.
        """
        found = self.show(tip)
        if not found.sha256:
            raise NotFoundError("tip-without-photo")
        return self._office.attachments.read(found.sha256)

    def picture(self, tip: int) -> bytes:
        """Give the photo of a tip to look at: drawn anew as JPEG, with nothing else inside.

        Raises:
            NotFoundError: It has none.
            AccessError: The principal may not judge tips.
        """
        return draw_thumbnail(self.photo(tip), "", PICTURE_PX)

    def accept(self, tip: int, footprint: shapely.Geometry, *, track: TrackId = "planning") -> Case:
        """Open a case for a tip: a lead whose source is the tip.

        Args:
            tip: Its id.
            footprint: Ground of the building as the office sees it, EPSG:4490: a tip is a point.
            track: By which law it is pursued.

        Raises:
            ConflictError: It was judged already, or the ground stands in another case.
            InputError: The footprint cannot be taken.
            AccessError: The principal may not.
        """
        self._office.require("review_tips")
        found = self._require_open(self.show(tip))
        note = f"{found.receipt} {found.text}"
        new = NewCase(footprint, self._office.today, "tip", track, note=note)
        case = self._register.open(new)
        self._decide(found, {"state": "checking", "case": case.id})
        return case

    def reject(self, tip: int, reason: str) -> None:
        """Set a tip aside with a reason, which stays in the office.

        Raises:
            ConflictError: It was judged already.
            InputError: There is no reason.
            AccessError: The principal may not.
        """
        self._office.require("review_tips")
        found = self._require_open(self.show(tip))
        if not reason.strip():
            raise InputError("tip-reason-missing")
        self._decide(found, {"state": "closed", "reason": reason.strip()})

    def _decide(self, tip: Tip, values: dict[str, Any]) -> None:
        office = self._office
        with office.store.writing() as connection:
            self._require_open(self._require_found(find_tip(connection, tip.id), tip.id))
            decided = {"decided_at": office.moment, "decided_by": office.principal.name}
            update_tip(connection, tip.id, values | decided)

    def _locate(self, new: NewTip) -> Any:
        finite = math.isfinite(new.longitude) and math.isfinite(new.latitude)
        box = self._office.city.extent.to_extent()
        if not finite or not box.contains(new.longitude, new.latitude):
            raise InputError("tip-outside-city", longitude=new.longitude, latitude=new.latitude)
        point = np.array([shapely.Point(new.longitude, new.latitude)], dtype=object)
        units = self._office.locate(point)[0]
        if not units.district:
            raise InputError("tip-outside-city", longitude=new.longitude, latitude=new.latitude)
        return units

    def _require_room(self, sender: str) -> None:
        office = self._office
        now = office.now().astimezone(UTC)
        hour, day = ((now - timedelta(hours=hours)).isoformat() for hours in (1, 24))
        with office.store.reading() as connection:
            own = count_since(connection, hour, _mark(sender))
            whole = count_since(connection, day)
        if own >= MOST_AN_HOUR:
            raise ConflictError("tip-too-many", most=MOST_AN_HOUR)
        if whole >= MOST_A_DAY:
            raise ConflictError("tip-too-many-today", most=MOST_A_DAY)

    def _take_photo(self, new: NewTip) -> str:
        if not new.photo:
            return ""
        if len(new.photo) > MOST_PHOTO_BYTES:
            raise InputError("tip-photo-large", most=MOST_PHOTO_BYTES // 2**20)
        name = new.photo_name[-80:] or "-"
        read_photo(new.photo, name)
        draw_thumbnail(new.photo, name, PICTURE_PX)  # what cannot be drawn again is not taken
        return self._office.attachments.add(new.photo)

    def _require_found(self, tip: Tip | None, asked: int) -> Tip:
        if tip is None or not self._office.may_see(tip.units):
            raise NotFoundError("tip-unknown", tip=asked)
        return tip

    def _require_open(self, tip: Tip) -> Tip:
        if tip.state != "received":
            raise ConflictError("tip-judged", receipt=tip.receipt, name=tip.decided_by)
        return tip


def _finished() -> frozenset[str]:
    return frozenset(stages_of_kind("closed")) | frozenset(stages_of_kind("exit"))


def _mark(sender: str) -> str:
    return hashlib.sha256(_SECRET + sender.encode()).hexdigest()[:32]
