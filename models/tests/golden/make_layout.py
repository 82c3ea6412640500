"""Makes layout.png and layout.json with the reference implementation, rapid-layout 1.2.1.

The page has the size of the network's picture, so that no resampling stands between the two.
Run in this folder: python make_layout.py
"""

import json

import cv2
from PIL import Image, ImageDraw, ImageFont
from rapid_layout import ModelType, RapidLayout

WORDS = "the quick brown fox jumps over the lazy dog while the patient reader counts words in this line".split()


def paragraph(draw, font, x, y, width, lines, start):
    for line in range(lines):
        words, at = [], start + 3 * line
        while draw.textlength(" ".join(words), font=font) < width - 30:
            words.append(WORDS[at % len(WORDS)])
            at += 1
        draw.text((x, y + 12 * line), " ".join(words), fill=0, font=font)


def page():
    image = Image.new("L", (608, 800), 255)
    draw = ImageDraw.Draw(image)
    small, large = ImageFont.load_default(10), ImageFont.load_default(20)
    draw.text((190, 60), "A Report on Lazy Dogs", fill=0, font=large)
    paragraph(draw, small, 70, 120, 470, 9, 0)
    paragraph(draw, small, 70, 245, 470, 7, 5)
    draw.text((215, 355), "Table 1. Dogs and foxes by year", fill=0, font=small)
    for row in range(8):
        draw.line((90, 375 + 20 * row, 520, 375 + 20 * row), fill=0)
    for column, label in enumerate(["Year", "Dogs", "Foxes", "Jumps"]):
        draw.text((100 + 110 * column, 379), label, fill=0, font=small)
        for row in range(1, 7):
            draw.text((100 + 110 * column, 379 + 20 * row), str(2001 * (column + 1) + 37 * row), fill=0, font=small)
    paragraph(draw, small, 70, 545, 470, 10, 9)
    draw.text((300, 760), "17", fill=0, font=small)
    return image


image = page()
image.save("layout.png", optimize=True)
result = RapidLayout(model_type=ModelType.PP_LAYOUT_CDLA, conf_thresh=0.4)(cv2.imread("layout.png"))
regions = [
    {"kind": kind.replace("equation", "formula"), "score": round(score, 4), "rect": [round(edge, 1) for edge in box]}
    for box, score, kind in zip(result.boxes, result.scores, result.class_names)
]
with open("layout.json", "w") as file:
    json.dump(regions, file, indent=1)
    file.write("\n")
