"""Small sentence-transformers models with random weights: ``python tiny_models.py FOLDER`` makes one of each kind.

Made in a process of their own, so that tests which show that torch is not needed do not load it.

Kinds: ``mean``; ``prompts`` (with prompts, and CLS pooling); ``gemma`` (another family, with layers after pooling; it
can neither be traced nor made int8); and two that cannot be exported: ``without-prompt`` (pooling leaves the prompt
out) and ``words`` (no transformer at all).
"""

import subprocess
import sys
from pathlib import Path

WORDS = [
    "die",
    "gemeinde",
    "hat",
    "straße",
    "straßen",
    "schnee",
    "räumt",
    "winter",
    "im",
    "wer",
    "der",
    "kostet",
    "hund",
]
WORDS += ["query", "passage", *":.,?abcdefghijklmnopqrstuvwxyzßäöü", "##e", "##n", "##r", "##s"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def make_tiny_models(folder: Path) -> None:
    """Make ``folder/tiny-KIND`` for every kind."""
    subprocess.run(
        [sys.executable, "-W", "ignore", __file__, str(folder)], check=True, capture_output=True, timeout=300
    )


def _make(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Normalize,
        Pooling,
        StaticEmbedding,
        Transformer,
    )
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer

    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*SPECIAL, *WORDS]))}
    base = _make_bert(folder / "base", vocabulary)

    def model(pooling: str, **options: bool) -> SentenceTransformer:
        modules = [Transformer(str(base), max_seq_length=32), Pooling(32, pooling_mode=pooling, **options)]
        return SentenceTransformer(modules=modules)

    model("mean").save(str(folder / "tiny-mean"))
    for kind, made in {"prompts": model("cls"), "without-prompt": model("mean", include_prompt=False)}.items():
        made.prompts = {"query": "query: ", "passage": "passage: "}
        made.save(str(folder / f"tiny-{kind}"))
    gemma = [Transformer(str(_make_gemma(folder / "base-gemma", base)), max_seq_length=32), Pooling(32)]
    SentenceTransformer(modules=[*gemma, Dense(32, 16, bias=False), Normalize()]).save(str(folder / "tiny-gemma"))
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=24)]).save(str(folder / "tiny-words"))


def _make_bert(folder: Path, vocabulary: dict[str, int]) -> Path:
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab=vocabulary, do_lower_case=True, strip_accents=False).save_pretrained(folder)
    return folder


def _make_gemma(folder: Path, base: Path) -> Path:
    import torch
    from transformers import AutoTokenizer, Gemma3TextConfig, Gemma3TextModel

    torch.manual_seed(1)
    tokenizer = AutoTokenizer.from_pretrained(base)
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        intermediate_size=64,
        initializer_range=0.5,
        use_bidirectional_attention=True,
        pad_token_id=0,
    )
    Gemma3TextModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
