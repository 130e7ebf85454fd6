"""The encoder with its heads, in torch: what is trained, and what is exported."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from lichang.tagging.windows import OUTPUTS, TOKEN_LABELS, TYPES

FROZEN = 3  # lowest layers, which training would hardly move: a fifth of its time
HEADS_DROPOUT = 0.1


class Network(nn.Module):
    """BERT over a window; a unit is the mean of its tokens beside its last one."""

    def __init__(self, base: Path, *, dropout: float = 0.0) -> None:
        """`dropout` is the share of what passes between and within layers that training leaves out."""
        super().__init__()
        self.bert = BertModel.from_pretrained(
            base,
            add_pooling_layer=False,
            attn_implementation="eager",  # the fused one's way back takes two fifths of a step on a CPU
            attention_probs_dropout_prob=dropout,
            hidden_dropout_prob=dropout,
        )
        # A word that training never shows must stay beside those that it does.
        self.bert.embeddings.word_embeddings.requires_grad_(False)
        for layer in self.bert.encoder.layer[:FROZEN]:
            layer.requires_grad_(False)
        _widen_types(self.bert)
        width = self.bert.config.hidden_size
        self.dropout = nn.Dropout(HEADS_DROPOUT)
        self.units = nn.Linear(2 * width, sum(map(len, OUTPUTS.values())))
        self.tokens = nn.Linear(width, len(TOKEN_LABELS))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, pool: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits of shape `(B, U, 17)`, the heads of OUTPUTS side by side, and `(B, L, 5)`, as TOKEN_LABELS."""
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        hidden = self.dropout(hidden)
        ends = hidden.gather(1, last.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        pooled = torch.cat([torch.bmm(pool.to(hidden.dtype), hidden), ends], -1)
        return self.units(pooled), self.tokens(hidden)


def _widen_types(bert: BertModel) -> None:
    """As many token types as TYPES, each starting as the one that the base was trained with."""
    old = bert.embeddings.token_type_embeddings.weight.data
    new = nn.Embedding(TYPES, old.shape[1])
    new.weight.data = old[:1].repeat(TYPES, 1)
    bert.embeddings.token_type_embeddings = new
    bert.config.type_vocab_size = TYPES


def parameter_groups(network: Network, *, rate: float, decay: float, heads: float) -> list[dict[str, object]]:
    """Learning rates that fall by `decay` a layer from the top down; the heads take `heads` times `rate`."""
    depth = network.bert.config.num_hidden_layers
    groups = []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if not name.startswith("bert."):
            factor = heads
        elif name.startswith("bert.encoder.layer."):
            factor = decay ** (depth - 1 - int(name.split(".")[3]))
        elif "token_type" in name:
            factor = 1.0  # new rows, to be learnt
        else:
            factor = decay**depth
        shrink = 0.01 if parameter.dim() > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate * factor, "weight_decay": shrink})
    return groups
