#!/usr/bin/env python3
"""Makes the golden files of text detection, recognition, orientation and table structure.

The reference implementations are the Python packages rapidocr 3.10.0 and rapid_table 0.3.0.
usage: python ocr.py          (in an environment with both packages, numpy, opencv and pillow)

page.png      a drawn page: level, tilted and small lines
detect.png    the detection network's map of it, 8 bits per pixel
detect.json   the reference's boxes for that map
line-*.png    drawn lines, 48 pixels high
lines.json    for each line: best class and probability per column, the reference's text, orientation scores
ctc.json      crafted paths over a small alphabet with the reference's text and confidence
table.png     a drawn table
table.json    the network's steps for it, the reference's cells (row, rows, column, columns) and boxes
"""
import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import rapid_table
import rapidocr
from PIL import Image, ImageDraw, ImageFont
from rapid_table.table_matcher import TableMatch
from rapid_table.table_structure.utils import TableLabelDecode, TablePreprocess
from rapidocr.ch_ppocr_cls.main import TextClassifier
from rapidocr.ch_ppocr_det.utils import DBPostProcess, DetPreProcess
from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

HERE = Path(__file__).resolve().parent
OCR_MODELS = Path(rapidocr.__file__).parent / "models"
TABLE_MODEL = Path(rapid_table.__file__).parent / "models" / "slanet-plus.onnx"
LINES = ["A line of text, as scanned.", "Price: 12,50 EUR (net)", "short"]
BUCKET = 448


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run(model, array):
    return model.run(None, {model.get_inputs()[0].name: array.astype(np.float32)})


def text(image, at, words, size, ink=0):
    ImageDraw.Draw(image).text(at, words, fill=(ink, ink, ink), font=ImageFont.load_default(size))


def draw_page():
    page = Image.new("RGB", (448, 352), "white")
    for row, (words, size) in enumerate([("Heading of the page", 26), ("A line of running text, set small", 16),
                                         ("and the line below it, a little longer", 16), ("Ink that is grey", 20)]):
        text(page, (24, 20 + 44 * row), words, size, ink=90 if row == 3 else 0)
    tilted = Image.new("RGB", (300, 40), "white")
    text(tilted, (10, 6), "a line that climbs the page", 20)
    page.paste(tilted.rotate(7, expand=True, fillcolor="white"), (60, 200))
    text(page, (24, 310), "left", 14)
    text(page, (360, 310), "right", 14)
    return page


def detection(page):
    bgr = cv2.cvtColor(np.array(page), cv2.COLOR_RGB2BGR)
    array = DetPreProcess(32, "min", [0.5] * 3, [0.5] * 3)(bgr)
    probabilities = run(session(OCR_MODELS / "PP-OCRv6_det_small.onnx"), array)[0]
    levels = np.round(probabilities[0, 0] * 255).astype(np.uint8)
    Image.fromarray(levels).save(HERE / "detect.png", optimize=True)
    post = DBPostProcess(thresh=0.3, box_thresh=0.5, unclip_ratio=1.6, use_dilation=True)
    # The page is said to be twice as large as the map, so that the scaling is checked as well.
    height, width = levels.shape
    boxes, scores = post(levels[None, None].astype(np.float32) / 255, (2 * height, 2 * width))
    lines = [{"quad": box.tolist(), "score": round(float(score), 4)} for box, score in zip(boxes, scores)]
    write("detect.json", {"page": [2 * width, 2 * height], "lines": lines})


def recognition():
    model = session(OCR_MODELS / "PP-OCRv6_rec_small.onnx")
    characters = model.get_modelmeta().custom_metadata_map["character"].splitlines()
    decode = CTCLabelDecode(character=characters)
    orienter = session(OCR_MODELS / "ch_ppocr_mobile_v2.0_cls_mobile.onnx")
    rows = []
    for index, words in enumerate(LINES):
        width = int(ImageFont.load_default(32).getlength(words)) + 24
        line = Image.new("RGB", (width, 48), "white")
        text(line, (12, 4), words, 32)
        line.save(HERE / f"line-{index}.png", optimize=True)
        bgr = np.array(line)[:, :, ::-1].transpose(2, 0, 1)
        array = np.zeros((1, 3, 48, BUCKET), np.float32)
        array[0, :, :, :width] = (bgr / 255 - 0.5) / 0.5
        scores = run(model, array)[0]
        (read, confidence), = decode(scores)[0]
        rows.append({"classes": scores[0].argmax(1).tolist(), "text": read, "confidence": round(confidence, 4),
                     "probabilities": [round(float(p), 4) for p in scores[0].max(1)],
                     "upside_down": [orientation(orienter, np.array(line)[:, :, ::-1]),
                                     orientation(orienter, np.array(line)[::-1, ::-1, ::-1])]})
    write("lines.json", {"bucket": BUCKET, "lines": rows})


def orientation(model, bgr):
    stub = TextClassifier.__new__(TextClassifier)
    stub.cls_image_shape = [3, 48, 192]
    return round(float(run(model, stub.resize_norm_img(np.ascontiguousarray(bgr))[None])[0][0, 1]), 4)


def ctc():
    alphabet = ["a", "b", "é", "中", "."]
    decode = CTCLabelDecode(character=list(alphabet))
    rows = []
    for classes in [[0, 1, 1, 0, 1, 2, 6, 6, 3, 0, 5], [0, 0, 0], [4, 0, 4, 4, 1], [6, 1, 6], [2, 2, 2, 2], [5, 3, 3, 0, 3]]:
        probabilities = [round(0.5 + 0.04 * (i % 11), 2) for i in range(len(classes))]
        scores = np.zeros((1, len(classes), len(alphabet) + 2), np.float32)
        for column, (symbol, probability) in enumerate(zip(classes, probabilities)):
            scores[0, column, symbol] = probability
        (read, _), = decode(scores)[0]
        rows.append({"classes": classes, "probabilities": probabilities, "text": read})
    write("ctc.json", {"alphabet": "\n".join(alphabet), "paths": rows})


def draw_table():
    table = Image.new("RGB", (420, 180), "white")
    draw = ImageDraw.Draw(table)
    for y in (10, 46, 82, 118, 154):
        draw.line((10, y, 410, y), fill="black")
    for x in (10, 130, 270, 410):
        draw.line((x, 10 if x in (10, 130, 410) else 46, x, 154), fill="black")
    for (column, row), words in {(0, 0): "Item", (1, 0): "Amounts of two years", (0, 1): "", (1, 1): "1998", (2, 1): "1999",
                                 (0, 2): "Apples", (1, 2): "12", (2, 2): "15", (0, 3): "Pears", (1, 3): "7", (2, 3): "9"}.items():
        text(table, ((20, 140, 280)[column], 16 + 36 * row), words, 18)
    return table


def table():
    picture = draw_table()
    picture.save(HERE / "table.png", optimize=True)
    bgr = cv2.cvtColor(np.array(picture), cv2.COLOR_RGB2BGR)
    model = session(TABLE_MODEL)
    characters = model.get_modelmeta().custom_metadata_map["character"]
    array, shape = TablePreprocess()({"image": bgr})
    boxes, tokens = run(model, array[None])
    steps = [{"token": int(t.argmax()), "probability": round(float(t.max()), 4), "box": [round(float(v), 5) for v in b]}
             for b, t in zip(boxes[0], tokens[0])]
    result = TableLabelDecode(characters.splitlines()).decode(tokens, boxes.copy(), [shape])
    places = TableMatch().decode_logic_points(result["structure_batch_list"][0][0])
    height, width = bgr.shape[:2]
    ratio = 488 / max(height, width)
    cells = result["bbox_batch_list"][0] * np.tile([488 / (width * ratio), 488 / (height * ratio)], 4)
    write("table.json", {"vocabulary": characters, "size": [width, height], "steps": steps,
                         "html": "".join(result["structure_batch_list"][0][0]),
                         "places": [[r0, r1 - r0 + 1, c0, c1 - c0 + 1] for r0, r1, c0, c1 in places],
                         "boxes": [[round(float(v), 2) for v in cell] for cell in cells]})


def write(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    drawn = draw_page()
    drawn.save(HERE / "page.png", optimize=True)
    detection(drawn)
    recognition()
    ctc()
    table()
