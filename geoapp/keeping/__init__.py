"""Nothing is lost: backups, restoring them, and the doctor who looks for damage.

A backup is a folder that holds the register as one SQLite file, whichever database the city
uses, and the files that cannot be made again. Why so: one backup can be restored on either
database, can be looked into with any tool, and needs no program beside this one.
"""
