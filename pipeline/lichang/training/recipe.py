"""How an encoder is trained."""

import msgspec


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How to train."""

    epochs: int = 5
    rate: float = 3e-4
    layer_decay: float = 0.9
    head_factor: float = 5.0
    batch_tokens: int = 1536
    budget: int = 192  # tokens of a window, at most
    warmup: float = 0.08  # share of all steps
    masking: float = 0.06  # share of tokens that are hidden
    smoothing: float = 0.05  # of labels
    dropout: float = 0.1  # within the encoder; an eighth of a step
    averaging: float = 0.99  # of the weights, a step
    irrelevant_share: float = 0.08  # of windows
    alone_share: float = 0.1  # of units, read once more as the cascade reads them: without neighbours
    focus: float = 0.65  # share of articles of which units that are known already are mostly left out
    asked_share: float = 0.5  # of articles, some units of which are read once more under two targets
    stances: float = 1.0  # weight of their loss
    pair_share: float = 0.1  # of windows, where there are articles
    seed: int = 0


# From a trained encoder on: fewer steps and smaller ones, so that what it knows is kept. Over a large corpus, varied
# and masked text is noise enough. Windows longer than those that are tagged teach the use of context. The few units of
# a batch that are asked about a target would each weigh eight times as much as one that is tagged.
FURTHER = Recipe(
    epochs=3,
    rate=2.6e-4,
    budget=320,
    averaging=0.998,
    dropout=0.0,
    asked_share=0.2,
    stances=0.2,
    pair_share=0.05,
)
