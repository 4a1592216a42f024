"""The guard at the door: who asks, from where, how often, and what may be sent back.

``Guard`` stands before pages, maps, tiles and the interface for programs alike; each of its
questions is one module.
"""
