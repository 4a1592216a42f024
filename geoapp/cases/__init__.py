"""The demolition register: cases from the first lead to closure, patches, evidence, figures.

Why. A house is torn down or spared because of this register, so nothing in it is ever
overwritten: a case is what its events make of it, events are only added, and each holds the
hash of the one before. The law (stages, moves, periods, holidays) is data beside the code.
"""
