"""Whether the register is whole: its pages, its chains, its signed checks."""

from collections.abc import Iterator

from geoapp.compliance.register import Register
from geoapp.compliance.signing import KEY_FILE, read_key
from geoapp.compliance.storage import CheckTable
from geoapp.database.migration import find_revision, known_revisions
from geoapp.errors import ConflictError, GeoAppError
from geoapp.keeping.finding import Symptom
from geoapp.keeping.patient import Patient
from geoapp.keeping.storage_facts import (
    Engine,
    check_audit,
    check_cases,
    find_page_faults,
    list_serials,
)


def examine_schema(engine: Engine) -> Iterator[Symptom]:
    """Say why the register cannot be examined further; nothing where it can."""
    try:
        revision = find_revision(engine)
    except ConflictError as error:
        reason = str(error.facts.get("reason", "-"))
        yield Symptom("register_unreadable", "fault", "register", {"reason": reason})
        return
    known = known_revisions()
    if revision == known[0]:
        return
    facts = {"revision": revision or "-", "needed": known[0]}
    newer = revision is not None and revision not in known
    yield Symptom("register_newer" if newer else "register_older", "fault", "register", facts)


def examine_pages(patient: Patient) -> Iterator[Symptom]:
    """Ask the database about its own file."""
    for line in find_page_faults(patient.engine):
        yield Symptom("register_damaged", "fault", "register", {"reason": line[:200]})


def examine_chains(patient: Patient) -> Iterator[Symptom]:
    """Check the chains of the audit trail and of the cases."""
    audit = check_audit(patient.engine)
    if audit.fault:
        facts = {"seq": audit.fault.seq, "fault": audit.fault.fault}
        yield Symptom("audit_broken", "fault", f"audit/{audit.fault.seq}", facts)
    if audit.clock_back:
        facts = {"seq": audit.clock_back[0], "count": len(audit.clock_back)}
        yield Symptom("clock_back", "warning", f"audit/{audit.clock_back[0]}", facts)
    cases = check_cases(patient.engine)
    if cases.fault:
        facts = {"seq": cases.fault.seq, "fault": cases.fault.fault}
        yield Symptom("cases_broken", "fault", f"event/{cases.fault.seq}", facts)
    for case in cases.unequal:
        yield Symptom("case_unequal", "fault", f"case/{case}")


def examine_checks(patient: Patient) -> Iterator[Symptom]:
    """Check the signature of every stored check."""
    serials = list_serials(patient.engine)
    if not serials:
        return
    if not (patient.folder / KEY_FILE).exists():
        yield Symptom("key_missing", "fault", KEY_FILE, {"count": len(serials)})
        return
    try:
        register = Register(CheckTable(patient.engine), read_key(patient.folder), "")
    except GeoAppError:
        yield Symptom("key_missing", "fault", KEY_FILE, {"count": len(serials)})
        return
    for serial in serials:
        if register.require(serial).tampered:
            yield Symptom("check_tampered", "fault", serial)
