#!/usr/bin/env python3
"""Writes the text that pdfium itself finds in a PDF, pages parted by form feeds.

usage: pdfium_text.py PDF OUT [PASSWORD]

`quire-bench text-layer` compares with it. The package is `pypdfium2`, not quire's own renderer: what quire loses
between pdfium and its output must show.
"""

import sys
from pathlib import Path

import pypdfium2


def main():
    pdf, out, *password = sys.argv[1:]
    document = pypdfium2.PdfDocument(pdf, password=password[0] if password else None)
    pages = [page.get_textpage().get_text_range(errors="ignore") for page in document]
    Path(out).write_text("\f".join(pages).replace("\r\n", "\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
