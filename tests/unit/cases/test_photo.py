"""Two photos of a place as one picture."""

import io

import pytest
from PIL import Image

from geoapp.cases.photo import draw_thumbnail, join_photos
from tests.photos import photo

RED, BLUE = (200, 20, 20), (20, 20, 200)


def colour_at(content, part):
    picture = Image.open(io.BytesIO(content))
    return picture.getpixel((int(picture.width * part), picture.height // 2))


@pytest.mark.parametrize(
    ("share", "left", "right"), [(0, BLUE, BLUE), (0.5, RED, BLUE), (1, RED, RED)]
)
def test_the_line_parts_before_from_after(share, left, right):
    before = draw_thumbnail(photo(size=(300, 200), colour=RED), "before.jpg")
    after = draw_thumbnail(photo(size=(200, 400), colour=BLUE, at=(110.5, 29.1)), "after.jpg")
    joined = join_photos(before, after, share)
    for part, colour in ((0.2, left), (0.8, right)):
        assert colour_at(joined, part) == pytest.approx(colour, abs=12)
    assert not Image.open(io.BytesIO(joined)).getexif()
