"""Colours are told apart by readers who see red and green alike."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from geoapp.catalog.library import read_library

LIBRARY = read_library(Path("layers"))
# Machado, Oliveira, Fernandes 2009, severity 1.0; applied to linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
LEAST_DIFFERENCE = 7.0  # CIE76; about three times what is just noticed side by side


def lab(fill, vision):
    rgb = np.array([int(fill[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISION[vision] @ linear, 0, 1)
    xyz = (
        np.array(
            [
                [0.4124564, 0.3575761, 0.1804375],
                [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041],
            ]
        )
        @ seen
        / np.array([0.95047, 1.0, 1.08883])
    )
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, vision):
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


@pytest.mark.parametrize("vision", VISION)
def test_first_level_land_classes_differ(vision):
    classes = LIBRARY.require("landuse").classes["landclass_first_level"]
    close = [
        (one.title.zh, other.title.zh, round(difference(one.fill, other.fill, vision), 1))
        for one, other in itertools.combinations(classes, 2)
        if difference(one.fill, other.fill, vision) < LEAST_DIFFERENCE
    ]
    assert close == []


@pytest.mark.parametrize("vision", VISION)
def test_layers_differ_by_colour_or_by_drawing(vision):
    layers = [layer for layer in LIBRARY if layer.style.draw in {"area", "cluster"}]
    close = [
        (one.id, other.id)
        for one, other in itertools.combinations(layers, 2)
        if difference(one.style.fill, other.style.fill, vision) < LEAST_DIFFERENCE
        and (one.style.pattern, one.style.dash, one.style.draw)
        == (other.style.pattern, other.style.dash, other.style.draw)
    ]
    assert close == []
