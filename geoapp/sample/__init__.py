"""Builds the sample city: believable, synthetic, and the same every time.

Why bottom-up: one planar mosaic of small cells is labelled with parcels, and everything
larger is dissolved from them. Parcels, villages, townships and districts then nest exactly,
which no cutting from above could promise.
"""
