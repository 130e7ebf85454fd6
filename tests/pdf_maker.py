"""Small PDF files with Chinese text and no font in them, as tests need them."""

from collections.abc import Sequence


def make_pdf(pages: Sequence[Sequence[str]], *, title: str = "", text_layer: bool = True) -> bytes:
    """A PDF whose pages show the lines; without a text layer nothing says which characters they are."""
    characters = sorted({c for page in pages for line in page for c in line})
    codes = {c: number for number, c in enumerate(characters, 1)}
    pairs = "".join(f"<{code:04x}> <{c.encode('utf-16-be').hex()}>\n" for c, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}endbfchar endcmap end end"
    )
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [4 0 R] "
        b"/ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /FontDescriptor 6 0 R >>",
        _stream(cmap),
        b"<< /Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 "
        b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        b"<< /Title <feff" + title.encode("utf-16-be").hex().encode() + b"> >>",
    ]
    for page in pages:
        number = len(objects) + 1
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> "
            + f"/Contents {number + 1} 0 R >>".encode()
        )
        objects.append(_stream(_draw(page, codes) if text_layer else "0 0 600 800 re f"))
    return _assemble(objects)


def _draw(lines: Sequence[str], codes: dict[str, int]) -> str:
    shown = (
        f"1 0 0 1 20 {760 - 20 * row} Tm <{''.join(f'{codes[c]:04x}' for c in line)}> Tj"
        for row, line in enumerate(lines)
    )
    return f"BT /F 12 Tf {' '.join(shown)} ET"


def _stream(content: str) -> bytes:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode()


def _assemble(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode() + tail.encode()
