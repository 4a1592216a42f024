"""The pages' frame, maps and widgets; the only place besides ``pages`` that knows Streamlit."""
