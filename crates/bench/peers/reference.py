#!/usr/bin/env python3
"""Records what Tesseract and RapidOCR read on the scanned documents of the corpus.

usage: reference.py --corpus DIR --out DIR [--only GLOB] [--engines tesseract,rapidocr] [--record FILE]

Writes OUT/<engine>/<id>.txt and scores them with the corpus's own score.py. A text that is already there is not
made again. With --record, the rates are written to FILE (docs/benchmarks/accuracy/reference.json), which
`quire-bench accuracy` compares with.
"""

import argparse
import fnmatch
import importlib.util
import json
import time
from pathlib import Path

import engines

TESSERACT_LANGUAGES = {
    "chinese-scan": "chi_sim+eng",
    "francais": "fra",
    "image-eurotext": "eng+fra+deu+spa+ita+por",
    "image-kant-0017": "deu",
    "image-typewriter-nl": "nld",
    "mixed-born-scan": "eng+fra+chi_sim",
    "oldbook-kant-1784": "deu",
    "scan-typewritten-fr": "fra",
}
# Scanned documents with a full truth, each text once: the means in the bars are over these.
# `image-kant-0017` is a page of `oldbook-kant-1784`; `mixed-born-scan` is scanned only in part.
TWELVE = [
    "cardinal-linn",
    "chinese-scan",
    "francais",
    "image-eurotext",
    "image-linn",
    "image-phototest",
    "image-typewriter-nl",
    "jbig2-linn",
    "oldbook-kant-1784",
    "rotskew-linn",
    "scan-typewritten-fr",
    "skew-linn",
]
SCANNED = {"image", "image-only", "scan", "mixed"}
SCORED = ("plain-text", "text-layer", "markdown-partial")


def load_scorer(corpus):
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scanned(corpus, only):
    """The scanned documents that have a text to compare with."""
    for row in json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["documents"]:
        truth = next((t for kind in SCORED for t in row["truth"] if t["kind"] == kind), None)
        if truth and SCANNED & set(row["tags"]) and fnmatch.fnmatch(row["id"], only):
            yield row, truth


def rates(scorer, corpus, truth, text):
    expected = (corpus / truth["file"]).read_text(encoding="utf-8")
    if truth["kind"].startswith("markdown"):
        expected = scorer.plain(expected)
    cer, wer, _ = scorer.rates(expected, text)
    joined = scorer.rates(scorer.dehyph(expected), scorer.dehyph(text))[0]
    return {"cer": round(cer, 6), "cer_dehyphenated": round(joined, 6), "wer": round(wer, 6)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="*")
    parser.add_argument("--engines", default="tesseract,rapidocr")
    parser.add_argument("--record", type=Path)
    args = parser.parse_args()
    scorer = load_scorer(args.corpus)
    readers = [engines.engine(name) for name in args.engines.split(",")]
    versions = {reader.name: reader.version() for reader in readers}
    record = {"dpi": engines.DPI, "versions": versions, "twelve": TWELVE, "means": {}, "documents": {}}

    for row, truth in scanned(args.corpus, args.only):
        entry = record["documents"].setdefault(row["id"], {"truth": truth["kind"]})
        for reader in readers:
            file = args.out / reader.name / f"{row['id']}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            started = time.perf_counter()
            if not file.exists():
                languages = TESSERACT_LANGUAGES.get(row["id"], "eng")
                text, _ = engines.read_document(reader, args.corpus / row["file"], languages)
                file.write_text(text, encoding="utf-8")
            entry[reader.name] = rates(scorer, args.corpus, truth, file.read_text(encoding="utf-8"))
            seconds = time.perf_counter() - started
            print(f"{row['id']:24} {reader.name:10} {entry[reader.name]} {seconds:6.1f} s", flush=True)

    for reader in readers:
        of_twelve = [record["documents"][name][reader.name]["cer"] for name in TWELVE if name in record["documents"]]
        record["means"][reader.name] = round(sum(of_twelve) / max(1, len(of_twelve)), 6)
        print(f"{'mean of ' + str(len(of_twelve)):24} {reader.name:10} {record['means'][reader.name]}")
    if args.record:
        args.record.parent.mkdir(parents=True, exist_ok=True)
        args.record.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
