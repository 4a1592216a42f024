"""Pages about one's own account: sign in and out, password, the first administrator.

Plain HTML that works without a script, on a telephone too.
"""
