"""The page Data: what is there, what comes in, which versions there were."""
