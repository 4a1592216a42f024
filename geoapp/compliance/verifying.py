"""Computing a stored check again, on its own snapshots and rules or on today's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.compliance.checker import RASTER, Checked
from geoapp.compliance.finding import Verdict
from geoapp.compliance.record import MOST_DIFFERENCES, StoredRequest, compare, write_result
from geoapp.compliance.register import Stored
from geoapp.compliance.request import CheckRequest
from geoapp.compliance.result import CheckResult
from geoapp.compliance.rulebook import RuleBook
from geoapp.compliance.slope import SlopeReader
from geoapp.compliance.stored import ChangedCheck, Difference, State, Verification
from geoapp.compliance.survey import Materials
from geoapp.errors import ConflictError, NotFoundError

Run = Callable[[CheckRequest, Materials], Checked]
_NOTHING: Final = "-"


class Verifier:
    """Computes stored checks again."""

    def __init__(self, store: SnapshotStore, slope: SlopeReader | None, run: Run) -> None:
        self._store = store
        self._slope = slope
        self._run = run

    def verify(self, stored: Stored) -> Verification:
        """Tell whether a check still comes out as it was stored."""
        if stored.tampered:
            return _answer(stored, "tampered")
        before = stored.result
        snapshots, missing = self._reopen(before)
        if missing:
            return _answer(stored, "not_reproducible", missing=missing)
        materials = _materials(stored.request, stored.rulebook, snapshots, self._slope_of(before))
        after = self._run(stored.request.request, materials).result
        differences = compare(write_result(before), write_result(after))
        return _answer(stored, "different" if differences else "same", differences=differences)

    def recheck(
        self, stored: Stored, current: Mapping[str, Snapshot], rulebook: RuleBook, today: date
    ) -> ChangedCheck | None:
        """Compare a check with what it would be on current data and rules.

        Returns:
            ``None`` where no conclusion changed.
        """
        before, request = stored.result, stored.request
        changed = _changed_layers(before, current, self._slope)
        if not changed and _same_rules(stored, rulebook, today):
            return None
        asked = replace(request.request, on=today, remedy=False)
        materials = _materials(request, rulebook, current, self._slope)
        after = self._run(asked, materials).result
        parcels = _changed_parcels(before, after)
        if before.verdict == after.verdict and not parcels:
            return None
        return ChangedCheck(
            serial=before.serial,
            before=before.verdict,
            after=after.verdict,
            parcels=parcels,
            layers=changed,
            rules_changed=before.rules_digest != rulebook.digest,
        )

    def _reopen(self, result: CheckResult) -> tuple[dict[str, Snapshot], tuple[str, ...]]:
        """Open the snapshots of a result, and name those that are gone or were changed."""
        found: dict[str, Snapshot] = {}
        missing: list[str] = []
        for layer, name in result.snapshots.items():
            if layer == RASTER:
                if self._slope is None or self._slope.name != name:
                    missing.append(f"{layer}/{name}")
                continue
            try:
                snapshot = self._store.require_named(layer, name)
                self._store.verify(snapshot)
                found[layer] = snapshot
            except (NotFoundError, ConflictError, OSError):
                missing.append(f"{layer}/{name}")
        return found, tuple(missing)

    def _slope_of(self, result: CheckResult) -> SlopeReader | None:
        return self._slope if RASTER in result.snapshots else None


def _materials(
    stored: StoredRequest,
    rulebook: RuleBook,
    snapshots: Mapping[str, Snapshot],
    slope: SlopeReader | None,
) -> Materials:
    return Materials(
        rulebook=rulebook,
        snapshots=snapshots,
        visible=stored.visible,
        slope=slope if stored.slope_visible else None,
        slope_visible=stored.slope_visible,
    )


def _same_rules(stored: Stored, rulebook: RuleBook, today: date) -> bool:
    """Tell whether the rules that apply today are those that applied to a check."""
    old, purpose, day = stored.rulebook, stored.row["purpose"], stored.result.on
    rules = old.in_force(day, purpose) == rulebook.in_force(today, purpose)
    return rules and old.limits(day) == rulebook.limits(today)


def _changed_layers(
    result: CheckResult, current: Mapping[str, Snapshot], slope: SlopeReader | None
) -> tuple[str, ...]:
    names = {layer: snapshot.name for layer, snapshot in current.items()}
    if slope is not None:
        names[RASTER] = slope.name
    unread = {f.layer for p in result.parcels for f in p.findings if f.reason == "no_snapshot"}
    changed = [
        layer for layer, name in result.snapshots.items() if names.get(layer, _NOTHING) != name
    ]
    return tuple(sorted({*changed, *(unread & names.keys())}))


def _changed_parcels(
    before: CheckResult, after: CheckResult
) -> tuple[tuple[str, Verdict, Verdict], ...]:
    verdicts = {parcel.row: parcel.verdict for parcel in after.parcels}
    return tuple(
        (parcel.id, parcel.verdict, verdicts[parcel.row])
        for parcel in before.parcels
        if parcel.row in verdicts and verdicts[parcel.row] != parcel.verdict
    )


def _answer(
    stored: Stored,
    state: State,
    *,
    differences: list[Difference] | None = None,
    missing: tuple[str, ...] = (),
) -> Verification:
    found = differences or []
    return Verification(
        serial=stored.row["serial"],
        state=state,
        made_at=stored.row["made_at"],
        verdict=stored.row["verdict"],
        checked_at=datetime.now(UTC),
        differences=tuple(found[:MOST_DIFFERENCES]),
        difference_count=len(found),
        missing=missing,
    )
