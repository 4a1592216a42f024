"""What the public gets: a form of its own of every layer, figures, a site without a server.

Why a form of its own and not a filter: what is not there cannot be forgotten to be hidden.
"""
