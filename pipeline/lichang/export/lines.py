"""Lines: records as JSON, an article a line, and characters with their labels."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from lichang.errors import SourceError
from lichang.export.filters import Entry
from lichang.records import Claim, Record


def write_jsonl(entries: Iterable[Entry], path: Path) -> None:
    """The canonical form: whole records, which `read_jsonl` gives back as they were; with copies, if any."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for entry in entries:
            line = encode(entry.record)
            if entry.copies:
                line = line[:-1] + b',"copies":' + encode(entry.copies) + b"}"
            file.write(line + b"\n")


def read_jsonl(path: str | Path) -> Iterator[Record]:
    """The records of a file that `write_jsonl` or `lichang analyze` wrote; raises SourceError for other lines."""
    decode = msgspec.json.Decoder(Record).decode
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield decode(line)
                    except msgspec.MsgspecError as error:
                        raise SourceError(
                            f"{path}:{number}: not a record: {error}; see docs/records.md"
                        ) from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


def write_conll(entries: Iterable[Entry], path: Path) -> None:
    """A character and its label a line, a blank line after each unit, and -DOCSTART- before each article.

    The label is that of the claim: B- for its first character and I- for others, with camp and attitude; O
    for what is no wanted claim of a camp. Blanks are left out, since they part the columns.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record, claims, _ in entries:
            file.write(f"-DOCSTART- {record.id.replace(' ', '_')}\n\n")
            label = {place: name for claim in claims for place, name in _labels(claim)}
            for unit in record.units:
                shown = (
                    f"{record.text[place]} {label.get(place, 'O')}\n"
                    for place in range(unit.start, unit.end)
                    if not record.text[place].isspace()
                )
                file.writelines([*shown, "\n"])


def _labels(claim: Claim) -> Iterator[tuple[int, str]]:
    if claim.camp == "neither":
        return
    name = f"{claim.camp}.{claim.attitude}" if claim.attitude else claim.camp
    for place in range(claim.start, claim.end):
        yield place, f"{'B' if place == claim.start else 'I'}-{name}"
