"""Whether something may be built on a parcel: dated rules, findings, remedies, verification."""
