#!/usr/bin/env python3
"""Turns a born-digital PDF into a scan: every page a grey 200 dpi JPEG, no text layer.

usage: rasterise.py PDF OUT [PAGES]
"""

import sys
from pathlib import Path

import engines


def main():
    pdf, out, *pages = sys.argv[1:]
    indices = range(int(pages[0])) if pages else None
    first, *rest = (image.convert("L") for image in engines.page_images(Path(pdf), indices))
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=engines.DPI, quality=90)


if __name__ == "__main__":
    main()
