"""Small sentence-transformers models with random weights: ``python tiny_models.py FOLDER KIND``.

Made in a process of their own, so that tests which show that torch is not needed do not load it.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path

WORDS = """
die gemeinde hat straße straßen schnee räumt winter im wer der antrag kostet gebühr hund steuer haus wald
query passage : . , ? ##e ##n ##r ##s a b c d e f g h i j k l m n o p q r s t u v w x y z ß ä ö ü
""".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@cache
def tiny_model(folder: Path, kind: str) -> Path:
    """Make a model (once per folder and kind) and return its folder.

    ``kind`` is a way of pooling (``mean``, ``cls``, ``max``), ``prompts`` (with prompts and CLS pooling), or something
    that cannot be exported: ``without-prompt`` (pooling leaves the prompt out) or ``words`` (no transformer at all).
    """
    target = folder / f"tiny-{kind}"
    subprocess.run(
        [sys.executable, "-W", "ignore", __file__, str(target), kind], check=True, capture_output=True, timeout=300
    )
    return target


def _make(target: Path, kind: str) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(1)
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*SPECIAL, *WORDS]))}
    if kind == "words":
        tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = BertPreTokenizer()
        SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=24)]).save(str(target))
        return
    base = target.parent / f"base-{kind}"
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(base)
    (base / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(vocab=vocabulary, do_lower_case=True, strip_accents=False).save_pretrained(base)
    pooling = {"prompts": "cls", "without-prompt": "mean"}.get(kind, kind)
    model = SentenceTransformer(
        modules=[
            Transformer(str(base), max_seq_length=32),
            Pooling(32, pooling_mode=pooling, include_prompt=kind != "without-prompt"),
        ],
        prompts={"query": "query: ", "passage": "passage: "} if kind in ("prompts", "without-prompt") else None,
    )
    model.save(str(target))


if __name__ == "__main__":
    _make(Path(sys.argv[1]), sys.argv[2])
