#!/usr/bin/env python3
"""Reads a document with one engine, as a script of its users would: load, then page after page.

usage: read.py ENGINE PDF OUT [LANGUAGES]

Prints the pages read and the seconds from the loaded engine to the last page, as JSON.
"""

import json
import sys
import time
from pathlib import Path

import engines


def main():
    name, pdf, out, *languages = sys.argv[1:]
    reader = engines.engine(name)
    started = time.perf_counter()
    text, pages = engines.read_document(reader, pdf, languages[0] if languages else "eng")
    seconds = time.perf_counter() - started
    Path(out).write_text(text, encoding="utf-8")
    print(json.dumps({"pages": pages, "seconds": seconds}))


if __name__ == "__main__":
    main()
