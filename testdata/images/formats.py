"""Writes files of all formats that the command reads, with the pixels that Pillow sees.

    python3 formats.py         # writes formats.txt beside this script

Needs Pillow (13.0). A line has fields between spaces: a name, the largest difference of a
byte, the file (base64, after zlib), width, height, and the pixels as they are to be looked
at: red, green and blue, rows from the top (hexadecimal), or their SHA-256 if the difference
is 0 and there are many.

The TIFFs whose names start with "own" are packed by tiff() below, which knows every
layout. Pillow reads them where it can; it must see the same pixels.
"""

import base64
import hashlib
import io
import os
import struct
import sys
import zlib

from PIL import Image, ImageOps

from generate import HERE, pattern, quadrants

seen_by_pillow = 0


def upright(data):
    """The first picture of a file on white, 8 bits a channel, as Pillow reads it."""
    im = Image.open(io.BytesIO(data))
    im.load()
    if im.mode.startswith("I;16"):
        values = im.tobytes()
        order = ">" if im.mode.endswith("B") else "<"
        grey = bytes((v + 128) // 257 for (v,) in struct.iter_unpack(order + "H", values))
        im = Image.frombytes("L", im.size, grey)
    if im.mode == "I":
        values = struct.unpack(f"={im.width * im.height}i", im.tobytes())
        im = Image.frombytes("L", im.size, bytes((v + 128) // 257 for v in values))
    if im.mode == "F":
        grey = bytes(int(v * 255 + 0.5) for (v,) in struct.iter_unpack("=f", im.tobytes()))
        im = Image.frombytes("L", im.size, grey)
    if im.mode == "CMYK":  # Pillow adds the inks instead of multiplying them
        c = im.tobytes()
        rgb = bytes(by_definition(c[i + j], c[i + 3]) for i in range(0, len(c), 4) for j in range(3))
        im = Image.frombytes("RGB", im.size, rgb)
    if "A" in im.getbands() or "transparency" in im.info:
        im = im.convert("RGBA")
        out = bytearray()
        px = im.tobytes()
        for i in range(0, len(px), 4):
            a = px[i + 3]
            for j in range(3):
                # on white, rounded once, of 16 bits as package image/color has them
                v = px[i + j] * 257 * (a * 257) // 65535 + 65535 - a * 257
                out.append((v + 128) // 257)
        im = Image.frombytes("RGB", im.size, bytes(out))
    return im.convert("RGB")


def by_definition(ink, black):
    """Package image/color multiplies in 16 bits, shortened."""
    v = (0xFFFF - ink * 257) * (0xFFFF - black * 257) // 0xFFFF
    return (v + 128) // 257


def line(name, tolerance, data, im):
    pixels = im.tobytes().hex()
    if tolerance == 0 and len(pixels) > 64:
        pixels = "sha256:" + hashlib.sha256(im.tobytes()).hexdigest()
    return name, tolerance, base64.b64encode(zlib.compress(data, 9)).decode(), *im.size, pixels


def saved(im, name, **options):
    data = io.BytesIO()
    im.save(data, name, **options)
    return data.getvalue()


def alpha(w, h):
    im = pattern(w, h).convert("RGBA")
    im.putalpha(Image.frombytes("L", (w, h), bytes((x * 37 + y * 91) % 256 if x % 3 else 255 * (y % 2) for y in range(h) for x in range(w))))
    return im


def grey(w, h):
    return pattern(w, h).getchannel(0)


def deep(w, h):
    return Image.frombytes("I;16", (w, h), b"".join(struct.pack("<H", (x * 9973 + y * 31337 + x * y * 77) % 65536) for y in range(h) for x in range(w)))


def bilevel(w, h):
    return grey(w, h).point(lambda v: 255 * (v % 3 > 0)).convert("1", dither=Image.Dither.NONE)


def mapped(w, h, colours):
    im = Image.frombytes("P", (w, h), bytes(v % colours for v in grey(w, h).tobytes()))
    im.putpalette([(7 * i * i + 50 * c + i) % 256 for i in range(colours) for c in range(3)])
    return im


def by_pillow():
    w, h = 9, 5
    modes = {"1": bilevel(w, h), "L": grey(w, h), "LA": alpha(w, h).convert("LA"), "RGB": pattern(w, h), "RGBA": alpha(w, h), "I;16": deep(w, h),
             "P2": mapped(w, h, 2), "P4": mapped(w, h, 4), "P16": mapped(w, h, 16), "P200": mapped(w, h, 200), "P256": mapped(w, h, 256)}
    for mode, im in modes.items():
        yield f"png/{mode}", 0, saved(im, "png")
        if mode.startswith("P"):
            yield f"png/{mode}/transparent", 0, saved(im, "png", transparency=1)
            yield f"png/{mode}/partly", 0, saved(im, "png", transparency=bytes([255, 100, 0]))
    yield "png/L/transparent", 0, saved(modes["L"], "png", transparency=modes["L"].getpixel((2, 2)))
    yield "png/RGB/transparent", 0, saved(modes["RGB"], "png", transparency=modes["RGB"].getpixel((2, 2)))
    for mode in ["1", "L", "P2", "P16", "P256"]:
        for interlace in [0, 1]:
            yield f"gif/{mode}/{interlace}", 0, saved(modes[mode], "gif", interlace=interlace)
    yield "gif/transparent", 0, saved(modes["P16"], "gif", transparency=3)
    yield "gif/animated", 0, saved(modes["P16"], "gif", save_all=True, append_images=[modes["P200"]])
    for mode in ["1", "L", "P2", "P16", "P256", "RGB", "RGBA"]:
        yield f"bmp/{mode}", 0, saved(modes[mode], "bmp")
    for mode in ["1", "L", "RGB", "I;16"]:
        yield f"pnm/{mode}", 0, saved(modes[mode], "ppm")
    for w, h in [(9, 5), (8, 6), (1, 1), (2, 7), (33, 18)]:
        yield f"webp/lossless/{w}x{h}", 0, saved(pattern(w, h), "webp", lossless=True)
        yield f"webp/lossless/alpha/{w}x{h}", 0, saved(alpha(w, h), "webp", lossless=True, exact=True)
        # The decoders of VP8 are exact, and the project has the filter and the integers of libwebp.
        for q in [5, 60, 100]:
            yield f"webp/lossy/{q}/{w}x{h}", 0, saved(pattern(w, h), "webp", quality=q)
            yield f"webp/lossy/alpha/{q}/{w}x{h}", 0, saved(alpha(w, h), "webp", quality=q, alpha_quality=q)
    ramp = Image.frombytes("L", (256, 2), bytes(range(256)) * 2).convert("RGB")
    yield "webp/lossy/ramp", 0, saved(ramp, "webp", quality=100)
    for lossless in [True, False]:
        yield f"webp/animated/{lossless}", 0, saved(pattern(20, 12), "webp", lossless=lossless, save_all=True, append_images=[quadrants(20, 12)], duration=40)
        yield f"webp/animated/alpha/{lossless}", 0, saved(alpha(20, 12), "webp", lossless=lossless, save_all=True, append_images=[alpha(20, 12).rotate(180)], duration=40)
    # The first frame covers a part of the canvas.
    for w, h, lossless in [(9, 7, True), (10, 6, False)]:
        clear = Image.new("RGBA", (24, 20), (0, 0, 0, 0))
        clear.paste(alpha(w, h), (4, 6))
        yield f"webp/animated/part/{lossless}", 0, saved(clear, "webp", lossless=lossless, save_all=True, append_images=[alpha(24, 20)], duration=40, minimize_size=True)
    # Decoders spread halved chroma over an edge in different ways, so that there is none.
    for name, im in [("RGB", quadrants(16, 16)), ("L", quadrants(16, 16).convert("L")), ("CMYK", quadrants(16, 16).convert("CMYK"))]:
        for progressive in [False, True]:
            for subsampling in [0, 1, 2] if name == "RGB" else [0]:
                if subsampling:
                    im = Image.new("RGB", (20, 18), (200, 40, 60))
                for quality in [60, 95]:
                    yield f"jpeg/{name}/{progressive}/{subsampling}/{quality}", 6 if name == "CMYK" else 3, saved(im, "jpeg", quality=quality, progressive=progressive, subsampling=subsampling)
    yield from tiffs_by_pillow(modes)


def tiffs_by_pillow(modes):
    codecs = ["raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"]
    for codec in codecs:
        for mode in ["1", "L", "LA", "RGB", "RGBA", "I;16", "P16", "P256"]:
            yield f"tiff/{codec}/{mode}", 0, saved(modes[mode], "tiff", compression=codec)
        yield f"tiff/{codec}/CMYK", 0, saved(quadrants(8, 8).convert("CMYK"), "tiff", compression=codec)
        yield f"tiff/{codec}/big", 0, saved(modes["RGB"], "tiff", compression=codec, big_tiff=True)
        yield f"tiff/{codec}/strips", 0, saved(modes["RGB"], "tiff", compression=codec, strip_size=60)
    for codec in ["tiff_lzw", "tiff_adobe_deflate"]:
        for mode in ["L", "RGB", "RGBA", "I;16"]:
            yield f"tiff/{codec}/{mode}/predictor", 0, saved(modes[mode], "tiff", compression=codec, tiffinfo={317: 2})
    for codec in ["group3", "group4"]:
        for photometric in [0, 1]:
            for order in [1, 2]:
                im = bilevel(40, 30)
                yield f"tiff/{codec}/{photometric}/{order}", 0, saved(im, "tiff", compression=codec, tiffinfo={262: photometric, 266: order})
    unit = Image.frombytes("F", (9, 5), b"".join(struct.pack("=f", v / 255) for v in grey(9, 5).tobytes()))
    yield "tiff/float", 0, saved(unit, "tiff")
    yield "tiff/YCbCr", 1, saved(pattern(9, 5).convert("YCbCr"), "tiff")
    flat = [Image.new("RGB", (32, 24), (200, 40, 60)), Image.new("L", (32, 24), 90), Image.new("CMYK", (32, 24), (40, 100, 200, 60))]
    for im in flat:
        yield f"tiff/jpeg/{im.mode}", 3, saved(im, "tiff", compression="jpeg", quality=95)
    for o in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = o
        yield f"tiff/big/orientation/{o}", 0, saved(pattern(4, 3), "tiff", big_tiff=True, exif=exif)


def tiff(rows, bits, photometric, order="<", fill=1, planar=False, tile=None, rows_per_strip=None, samples=1, tags=(), big=False, codec=1):
    """Packs rows of lists of samples (interleaved) as a TIFF."""
    h, w = len(rows), len(rows[0]) // samples

    def pack(values):
        if bits == 16:
            return struct.pack(f"{order}{len(values)}H", *values)
        n = 0
        for v in values:
            n = n << bits | v
        pad = -len(values) * bits % 8
        return (n << pad).to_bytes((len(values) * bits + 7) // 8, "big")

    def block(part):
        data = b"".join(pack(r) for r in part)
        if codec == 8:
            data = zlib.compress(data, 9)
        if fill == 2:  # of what is stored
            data = bytes(int(f"{b:08b}"[::-1], 2) for b in data)
        return data

    blocks = []
    for plane in range(samples if planar else 1):
        if planar:
            source, n = [r[plane::samples] for r in rows], 1
        else:
            source, n = rows, samples
        if tile:
            for y in range(0, h, tile):
                for x in range(0, w, tile):
                    part = [(r[x * n:(x + tile) * n] + [0] * tile * n)[:tile * n] for r in source[y:y + tile]]
                    part += [[0] * tile * n] * (tile - len(part))
                    blocks.append(block(part))
        else:
            step = rows_per_strip or h
            for y in range(0, h, step):
                blocks.append(block(source[y:y + step]))
    entries = {256: (3, [w]), 257: (3, [h]), 258: (3, [bits] * samples), 259: (3, [codec]), 262: (3, [photometric]), 277: (3, [samples]),
               284: (3, [2 if planar else 1]), 266: (3, [fill])}
    if tile:
        entries |= {322: (3, [tile]), 323: (3, [tile])}
    else:
        entries[278] = (3, [rows_per_strip or h])
    at, wide = (325, 324) if tile else (279, 273), 16 if big else 4
    counts, offsets = at
    entries |= {counts: (wide, [len(b) for b in blocks]), offsets: (wide, [0] * len(blocks))}
    entries |= dict(tags)
    letters, field = {3: "H", 4: "I", 16: "Q"}, "Q" if big else "I"
    start = (16 if big else 8)
    size = (16 + 20 * len(entries)) if big else (6 + 12 * len(entries))
    behind, directory, place = b"", b"", start + size
    body = sum(struct.calcsize(f"<{len(v)}{letters[k]}") + 1 for k, v in entries.values())
    first = place + body
    where = []
    for b in blocks:
        where.append(first)
        first += len(b)
    entries[offsets] = (wide, where)
    for tag in sorted(entries):
        kind, values = entries[tag]
        packed = struct.pack(f"{order}{len(values)}{letters[kind]}", *values)
        inline = struct.calcsize("<" + field)
        if len(packed) > inline:
            behind += b"\0" * (len(behind) % 2)
            value = struct.pack(order + field, place + len(behind))
            behind += packed
        else:
            value = packed.ljust(inline, b"\0")
        directory += struct.pack(f"{order}HH{field}", tag, kind, len(values)) + value
    mark = b"II" if order == "<" else b"MM"
    if big:
        head = mark + struct.pack(order + "HHHQQ", 43, 8, 0, 16, len(entries))
        tail = struct.pack(order + "Q", 0)
    else:
        head = mark + struct.pack(order + "HIH", 42, 8, len(entries))
        tail = struct.pack(order + "I", 0)
    return (head + directory + tail + behind).ljust(place + body, b"\0") + b"".join(blocks)


def own_tiffs():
    for bits in [1, 2, 4, 8, 16]:
        for photometric in [0, 1] + ([3] if bits <= 8 else []):
            for order in "<>":
                for fill in [1, 2]:
                    for tile in [None, 16]:
                        w, h = (19, 17) if tile else (11, 3)
                        top = 2**bits - 1
                        rows = [[(x * 5 + y * 3 + x * y * 7) * (top // 13 + 1) % (top + 1) for x in range(w)] for y in range(h)]
                        tags = {}
                        colour = lambda v: (eight(v if photometric else top - v, bits),) * 3
                        if photometric == 3:
                            table = [(i * 41 * (c + 1) + 90 * c) % 256 for c in range(3) for i in range(top + 1)]
                            tags[320] = (3, [v * 257 for v in table])
                            colour = lambda v: tuple(table[c * (top + 1) + v] for c in range(3))
                        data = tiff(rows, bits, photometric, order, fill, tile=tile, tags=tags, big=fill == 2 and tile is None, codec=8 if tile else 1)
                        yield f"own/{bits}/{photometric}/{'II' if order == '<' else 'MM'}/{fill}/{'tiles' if tile else 'strip'}", data, w, h, [colour(v) for r in rows for v in r]
    yield from own_colours()


def own_colours():
    w, h = 7, 5
    for bits in [8, 16]:
        top = 2**bits - 1
        for samples, extra in [(3, None), (4, 0), (4, 1), (4, 2)]:
            for planar in [False, True]:
                for order in "<>":
                    rows = []
                    for y in range(h):
                        row = []
                        for x in range(w):
                            a = [top, 0, top // 3][(x + y) % 3]
                            c = [(x * 37 + y * 11 + k * 91) * (top // 200) % (top + 1) for k in range(3)]
                            if extra == 1:
                                c = [v * a // top for v in c]
                            row += (c + [a])[:samples]
                        rows.append(row)
                    tags = {} if extra is None else {338: (3, [extra])}
                    pixels = [on_white(r[samples * x:samples * x + samples], extra, bits) for r in rows for x in range(w)]
                    yield (f"own/rgb/{bits}/{samples}/{extra}/{'planes' if planar else 'chunky'}/{'II' if order == '<' else 'MM'}",
                           tiff(rows, bits, 2, order, planar=planar, rows_per_strip=2, samples=samples, tags=tags), w, h, pixels)
    for bits in [8, 16]:
        for planar in [False, True]:
            rows = [[(x * 29 + y * 17 + k * 60) % 256 * (1 if bits == 8 else 257) for x in range(w) for k in range(4)] for y in range(h)]
            unit = 1 if bits == 8 else 257
            pixels = [tuple(by_definition(r[4 * x + k] // unit, r[4 * x + 3] // unit) for k in range(3)) for r in rows for x in range(w)]
            yield f"own/cmyk/{bits}/{'planes' if planar else 'chunky'}", tiff(rows, bits, 5, planar=planar, samples=4), w, h, pixels
    for bits in [10, 12, 14]:
        rows = [[(x * 997 + y * 331) % 2**bits for x in range(w)] for y in range(h)]
        yield f"own/grey/{bits}", tiff(rows, bits, 1), w, h, [(eight(v, bits),) * 3 for r in rows for v in r]


def eight(v, bits):
    top = 2**bits - 1
    if bits <= 8:
        return (v * 255 + top // 2) // top
    return ((v * 65535 + top // 2) // top + 128) // 257


def on_white(c, extra, bits):
    if extra not in (1, 2):
        return tuple(eight(v, bits) for v in c[:3])
    c = [v * 257 if bits == 8 else v for v in c]
    a = c[3]
    return tuple((min((v if extra == 1 else v * a // 65535) + 65535 - a, 65535) + 128) // 257 for v in c[:3])


def lines():
    global seen_by_pillow
    for name, tolerance, data in by_pillow():
        yield line(name, tolerance, data, ImageOps.exif_transpose(upright(data)) if "orientation" not in name else oriented(data))
    for name, data, w, h, pixels in own_tiffs():
        want = Image.frombytes("RGB", (w, h), bytes(v for p in pixels for v in p))
        try:
            got = upright(data)
        except Exception:
            got = None  # a layout that Pillow lacks
        # Pillow keeps the upper bytes of 16-bit colours, does not invert 16-bit grey in which zero is white,
        # and does not stretch 12 bits.
        differs = any(part in name for part in ["rgb/16/", "cmyk/16/", "own/16/0/", "own/grey/"])
        if got is not None and not differs:
            if got.tobytes() == want.tobytes():
                seen_by_pillow += 1
            else:
                print(name, "is another picture for Pillow", file=sys.stderr)
        yield line(name, 0, data, want)


def oriented(data):
    im = Image.open(io.BytesIO(data))
    return ImageOps.exif_transpose(im).convert("RGB")


if __name__ == "__main__":
    with open(os.path.join(HERE, "formats.txt"), "w", encoding="ascii") as f:
        for fields in lines():
            print(*fields, file=f)
    print(seen_by_pillow, "files of tiff() seen by Pillow")
