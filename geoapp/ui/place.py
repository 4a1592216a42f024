"""Where the script that Streamlit runs lies."""

from pathlib import Path
from typing import Final

from geoapp.settings import find_folder

MAIN: Final = Path(__file__).with_name("main.py")
PAGES: Final = find_folder("pages")
