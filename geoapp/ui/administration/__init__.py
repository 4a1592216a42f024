"""Administration: accounts, access, audit, health, backup."""
