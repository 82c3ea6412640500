"""The engines that quire is measured against, as functions from a page image to its text.

Every engine gets the same pixels. Nothing here helps or hinders one of them: RapidOCR runs with the settings its
package ships, Tesseract with the languages of the document and with its own page orientation (`--psm 1`). Tesseract
is not told the resolution: its own estimate reads this corpus better.
"""

import importlib.metadata
import subprocess
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageSequence

DPI = 200


def page_images(path, pages=None):
    """The pages of a document as RGB images: PDFs at DPI as a viewer shows them, images at their own pixels."""
    if path.suffix.lower() == ".pdf":
        document = pypdfium2.PdfDocument(path)
        for index in range(len(document)) if pages is None else pages:
            yield document[index].render(scale=DPI / 72).to_pil().convert("RGB")
    else:
        for frame in ImageSequence.Iterator(Image.open(path)):
            yield frame.convert("RGB")


class Tesseract:
    """The `tesseract` program, one process per page, as it is usually run."""

    name = "tesseract"

    def version(self):
        first = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
        return first.splitlines()[0].removeprefix("tesseract ")

    def read(self, image, languages):
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            image.save(file, "PNG", compress_level=1)
            file.flush()
            command = ["tesseract", file.name, "stdout", "-l", languages, "--psm", "1"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class RapidOcr:
    """The `rapidocr` package with its default settings: one text line per line, in the order it returns them."""

    name = "rapidocr"

    def __init__(self):
        from rapidocr import RapidOCR

        self.engine = RapidOCR()

    def version(self):
        runtime = importlib.metadata.version("onnxruntime")
        return f"{importlib.metadata.version('rapidocr')} (onnxruntime {runtime})"

    def read(self, image, _languages):
        import numpy

        result = self.engine(numpy.asarray(image)[:, :, ::-1].copy())
        return "\n".join(result.txts or ())


def engine(name):
    """An engine by its name."""
    return {"tesseract": Tesseract, "rapidocr": RapidOcr}[name]()


def read_document(reader, path, languages):
    """Text of a document, its pages parted by form feeds, and the number of pages."""
    pages = [reader.read(image, languages).strip("\f\n") for image in page_images(Path(path))]
    return "\f\n".join(pages) + "\n", len(pages)
