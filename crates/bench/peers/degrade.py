#!/usr/bin/env python3
"""Makes worse copies of the pages of a PDF, as image-only PDFs: low in resolution, faint, blurred.

usage: degrade.py PDF OUT_DIR NAME

Writes OUT_DIR/VARIANT/NAME.pdf for each variant. Everything is seeded: the same input makes the same pages.
"""

import sys
from pathlib import Path

import engines
import numpy as np
from PIL import Image, ImageFilter

# Resolution in dpi, contrast of ink to paper (1: as it is), sigma of a Gaussian blur in pixels at 200 dpi.
VARIANTS = {
    "as-is": (200, 1.0, 0.0),
    "100-dpi": (100, 1.0, 0.0),
    "75-dpi": (75, 1.0, 0.0),
    "faint-30": (200, 0.30, 0.0),
    "faint-15": (200, 0.15, 0.0),
    "100-dpi-faint-30": (100, 0.30, 0.0),
    "75-dpi-faint-15": (75, 0.15, 0.0),
    "blurred": (200, 1.0, 2.5),
    "blurred-faint-15": (200, 0.15, 2.0),
}
# Grey value of the brightest paper of a faint page, and how much darker its darkest corner is.
PAPER, UNEVEN = 235.0, 45.0
# Sigma of the noise of the sensor, in grey values.
NOISE = 1.5


def faded(pixels, contrast, random):
    """Ink at a share of its contrast, on paper that darkens towards one corner and in a stain."""
    height, width = pixels.shape
    y, x = np.mgrid[0:height, 0:width]
    y, x = y / height, x / width
    stain = np.exp(-(((x - 0.7) / 0.25) ** 2 + ((y - 0.3) / 0.2) ** 2))
    paper = PAPER - UNEVEN * (0.5 * (x + y) / 2 + 0.5 * stain)
    return paper * (1 - contrast * (255 - pixels) / 255) + random.normal(0, NOISE, pixels.shape)


def degraded(image, dpi, contrast, blur, random):
    """One page, a grey image at the resolution of the peers."""
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    if dpi != engines.DPI:
        size = [max(1, round(side * dpi / engines.DPI)) for side in image.size]
        image = image.resize(size, Image.Resampling.BOX if dpi * 2 == engines.DPI else Image.Resampling.BICUBIC)
    if contrast == 1:
        return image
    pixels = faded(np.asarray(image, dtype=np.float64), contrast, random)
    return Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))


def main():
    pdf, out, name = sys.argv[1:]
    pages = [image.convert("L") for image in engines.page_images(Path(pdf), None)]
    for variant, (dpi, contrast, blur) in VARIANTS.items():
        random = np.random.default_rng(1)
        first, *rest = (degraded(page, dpi, contrast, blur, random) for page in pages)
        folder = Path(out, variant)
        folder.mkdir(parents=True, exist_ok=True)
        first.save(folder / f"{name}.pdf", "PDF", save_all=True, append_images=rest, resolution=dpi, quality=85)


if __name__ == "__main__":
    main()
