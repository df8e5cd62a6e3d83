"""Writes what Pillow makes of small images, for the tests of the root package.

    python3 generate.py        # writes resize.txt and files.txt beside this script; formats.py writes more files

Needs Pillow alone (13.0). Lines are fields between spaces, bytes are hexadecimal, pixels are red, green
and blue, rows from the top.

resize.txt  one Image.resize with BILINEAR of the pattern below: width and height before, width and height
            after, pixels after.
files.txt   one image file: format, EXIF orientation, the file, width, height and pixels as they are to be
            looked at (decoded to RGB and turned by ImageOps.exif_transpose; CMYK by its definition, since
            Pillow's own conversion adds the inks instead of multiplying them).
"""

import io
import os

from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
ORIENTATION = 0x0112


def pattern(w, h):
    """An image of all frequencies."""
    return Image.frombytes("RGB", (w, h), bytes(
        (3 * x * x + 5 * y * y + 7 * x * y + 29 * x + 13 * y + 101 * c) % 256
        for y in range(h) for x in range(w) for c in range(3)))


def resized():
    for w, h, w2, h2 in [(16, 16, 4, 4), (16, 16, 7, 5), (17, 13, 6, 6), (5, 4, 12, 9), (9, 30, 20, 7),
                         (64, 40, 3, 2), (31, 1, 8, 4), (200, 150, 5, 3)]:
        out = pattern(w, h).resize((w2, h2), Image.Resampling.BILINEAR)
        yield w, h, w2, h2, out.tobytes().hex()


def quadrants(w, h):
    """Flat colours, so that lossy formats keep them, and no two corners alike."""
    colours = [(200, 40, 60), (30, 90, 160), (70, 180, 50), (220, 210, 190)]
    im = Image.new("RGB", (w, h))
    for i, c in enumerate(colours):
        x, y = i % 2 * w // 2, i // 2 * h // 2
        im.paste(c, (x, y, x + w // 2, y + h // 2))
    return im


def files():
    for o in range(1, 9):
        for name, im, options in [
            ("png", pattern(3, 2), {}),
            ("jpeg", quadrants(16, 32), {"quality": 95, "subsampling": 0}),
            ("webp", pattern(3, 2), {"lossless": True}),
            ("tiff", pattern(3, 2), {}),
        ]:
            exif = Image.Exif()
            exif[0x010F] = "a maker"  # another tag ahead of the orientation
            exif[ORIENTATION] = o
            data = io.BytesIO()
            im.save(data, name, exif=exif, **options)
            seen = Image.open(io.BytesIO(data.getvalue()))
            assert seen.getexif()[ORIENTATION] == o
            seen = ImageOps.exif_transpose(seen)
            yield name, o, data.getvalue().hex(), *seen.size, seen.tobytes().hex()
    # Decoders differ in how they spread halved chroma over an edge, so that there is none.
    for im, options in [(quadrants(32, 32), {"progressive": True, "subsampling": 0}),
                        (Image.new("RGB", (20, 18), (200, 40, 60)), {"subsampling": 2}),
                        (Image.new("L", (9, 9), 77), {})]:
        data = io.BytesIO()
        im.save(data, "jpeg", **options)
        seen = Image.open(data).convert("RGB")
        yield "jpeg", 1, data.getvalue().hex(), *seen.size, seen.tobytes().hex()
    inks = (40, 100, 200, 60)
    data = io.BytesIO()
    Image.new("CMYK", (8, 8), inks).save(data, "jpeg", quality=95)
    rgb = bytes(round((255 - c) * (255 - inks[3]) / 255) for c in inks[:3])
    yield "jpeg", 1, data.getvalue().hex(), 8, 8, (64 * rgb).hex()


if __name__ == "__main__":
    for name, lines in [("resize.txt", resized()), ("files.txt", files())]:
        with open(os.path.join(HERE, name), "w", encoding="ascii") as f:
            for line in lines:
                print(*line, file=f)
