"""``python -m geoapp.cli``."""

from geoapp.cli.running import main

if __name__ == "__main__":
    main()
