"""HTTP beside the pages, on the same port."""
