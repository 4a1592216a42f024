"""Names of sheets are such that Excel takes them."""

import io

import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from geoapp.reports.spreadsheet import name_sheet

SIGNS = st.text(st.sampled_from("ab耕地 '[]:*?/\\°,·-"), max_size=60)


@given(st.lists(SIGNS, min_size=1, max_size=12))
def test_any_titles_make_a_workbook(titles):
    book = xlsxwriter.Workbook(io.BytesIO())
    names = []
    for title in titles:
        name = name_sheet(book, title)
        book.add_worksheet(name)  # raises for what Excel would not open
        names.append(name.casefold())
    book.close()
    assert len(set(names)) == len(titles)


def test_a_title_that_fits_is_kept():
    book = xlsxwriter.Workbook(io.BytesIO())
    assert name_sheet(book, "各单位") == "各单位"
    long = "Cultivated land above 25°, by parcel"
    assert name_sheet(book, long) == long[:31].rstrip()
