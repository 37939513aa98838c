#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the MindSpore checkpoints used by tests, byte by byte from the definition of the format
(docs/formats.md), without MindSpore or a protobuf library.

Usage: python3 tools/make_mindspore_checkpoint.py [OUTPUT]      (default tests/data/mindspore)

    tiny/tiny.ckpt   the golden model tiny_gelu_new, as MindSpore's BERT saves it during training
    tiny/tiny.yaml   its config, in the format of MindSpore's models
    tiny/vocab.txt
    types.ckpt       a tensor of every type, with packed and unpacked dims, and a tensor in three parts
"""

import json
import pathlib
import shutil
import struct
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "data" / "golden" / "tiny_gelu_new"

VARINT, BYTES = 0, 2  # wire types of protobuf

EMBEDDING = "bert.embedding_postprocessor."
BLOCK = "bert.bert_encoder.encoder.blocks."

# transformers' name -> (MindSpore's, transposed); the names within a layer follow below.
NAMES = {
    "bert.embeddings.word_embeddings.weight": ("bert.word_embedding.embedding_table", False),
    "bert.embeddings.position_embeddings.weight": (
        EMBEDDING + "full_position_embedding.embedding_table",
        False,
    ),
    "bert.embeddings.token_type_embeddings.weight": (
        EMBEDDING + "token_type_embedding.embedding_table",
        False,
    ),
    "bert.embeddings.LayerNorm.weight": (EMBEDDING + "layernorm.gamma", False),
    "bert.embeddings.LayerNorm.bias": (EMBEDDING + "layernorm.beta", False),
    "qa_outputs.weight": ("qa_outputs.weight", False),
    "qa_outputs.bias": ("qa_outputs.bias", False),
}
LAYER = {
    "attention.self.query.weight": ("attention.dense1.weight", False),
    "attention.self.query.bias": ("attention.dense1.bias", False),
    "attention.self.key.weight": ("attention.dense2.weight", False),
    "attention.self.key.bias": ("attention.dense2.bias", False),
    "attention.self.value.weight": ("attention.dense3.weight", False),
    "attention.self.value.bias": ("attention.dense3.bias", False),
    "attention.output.dense.weight": ("attention.projection.weight", True),
    "attention.output.dense.bias": ("attention.projection.bias", False),
    "attention.output.LayerNorm.weight": ("layernorm2.gamma", False),
    "attention.output.LayerNorm.bias": ("layernorm2.beta", False),
    "intermediate.dense.weight": ("output.mapping.weight", True),
    "intermediate.dense.bias": ("output.mapping.bias", False),
    "output.dense.weight": ("output.projection.weight", True),
    "output.dense.bias": ("output.projection.bias", False),
    "output.LayerNorm.weight": ("layernorm1.gamma", False),
    "output.LayerNorm.bias": ("layernorm1.beta", False),
}


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3 | VARINT) + varint(value)


def data(field, content):
    return varint(field << 3 | BYTES) + varint(len(content)) + content


def message(tag, dims, kind, content, packed=False):
    """A Checkpoint message with one Value."""
    if packed:
        shape = data(1, b"".join(map(varint, dims)))
    else:
        shape = b"".join(number(1, dim) for dim in dims)
    tensor = shape + data(2, kind.encode()) + data(3, content)
    return data(1, data(1, tag.encode()) + data(2, tensor))


def checksum(content):
    return b"crc_num" + zlib.crc32(content).to_bytes(10, "big")


def read_safetensors(path):
    """name -> (shape, bytes) for a file of F32 tensors."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = entry["shape"], raw[8 + length + begin : 8 + length + end]
    return tensors


def transposed(shape, content):
    rows, cols = shape
    values = struct.unpack(f"<{rows * cols}f", content)
    turned = [values[row * cols + col] for col in range(cols) for row in range(rows)]
    return [cols, rows], struct.pack(f"<{rows * cols}f", *turned)


def mindspore_name(name):
    if not name.startswith("bert.encoder.layer."):
        return NAMES[name]
    layer, rest = name.removeprefix("bert.encoder.layer.").split(".", 1)
    theirs, turned = LAYER[rest]
    return f"{BLOCK}{layer}.{theirs}", turned


def tiny_checkpoint():
    parts = []
    for name, (shape, content) in read_safetensors(GOLDEN / "model.safetensors").items():
        tag, turned = mindspore_name(name)
        if turned:
            shape, content = transposed(shape, content)
        if tag == "bert.word_embedding.embedding_table":  # split like a tensor above 512 MiB
            third = shape[0] // 3 * shape[1] * 4
            for piece in (content[:third], content[third : 2 * third], content[2 * third :]):
                parts.append(message(tag, shape, "Float32", piece))
        else:
            parts.append(message(tag, shape, "Float32", content, packed=turned))
        if len(shape) == 1:  # Adam's state, stored next to each parameter
            for moment in ("adam_m.", "adam_v."):
                parts.append(message(moment + tag, shape, "Float32", bytes(len(content))))
    parts.append(message("global_step", [1], "Int32", struct.pack("<i", 7)))
    parts.append(message("epoch_num", [0], "Int64", struct.pack("<q", 2)))
    parts.append(message("loss_scale", [], "Float32", struct.pack("<f", 1024.0)))
    parts.append(message("note", [0], "str", "text".encode("utf-32-le")))
    whole = b"".join(parts)
    return whole + checksum(whole)


def tiny_yaml():
    """The golden model's config in MindSpore's notation."""
    config = json.loads((GOLDEN / "config.json").read_text(encoding="utf-8"))
    return f"""# SPDX-License-Identifier: Apache-2.0
seed: 0
optimizer: &adam
  type: FP32StateAdamWeightDecay
  eps: 1.e-6
model:
  arch:
    type: BertForQuestionAnswering
  model_config:
    type: BertConfig
    batch_size: 2
    seq_length: {config["max_position_embeddings"]}
    vocab_size: {config["vocab_size"]}
    embedding_size: {config["hidden_size"]}
    num_layers: {config["num_hidden_layers"]}
    num_heads: {config["num_attention_heads"]}
    intermediate_size: {config["intermediate_size"]}
    hidden_act: "gelu"
    post_layernorm_residual: True
    hidden_dropout_prob: 0.1
    attention_probs_dropout_prob: 0.1
    max_position_embeddings: {config["max_position_embeddings"]}
    type_vocab_size: {config["type_vocab_size"]}
    initializer_range: 0.02
    use_relative_positions: False
    use_one_hot_embeddings: False
    layernorm_compute_type: "float32"
    compute_dtype: "float16"
  optimizer_again: *adam
"""


def types_checkpoint():
    """Values that every type represents exactly."""
    values = [0.0, 1.0, -2.0, 0.5, 2.0, 1.5]
    bfloat16 = b"".join(struct.pack("<f", value)[2:] for value in values)
    six = struct.pack("<6f", *values)
    whole = [
        message("float32", [2, 3], "Float32", six),
        message("float64", [6], "Float64", struct.pack("<6d", *values)),
        message("float16", [3, 2], "Float16", struct.pack("<6e", *values), packed=True),
        message("bfloat16", [1, 6], "BFloat16", bfloat16),
        message("parts", [3, 2], "Float32", six[:8]),
        message("parts", [3, 2], "Float32", six[8:16], packed=True),
        message("parts", [3, 2], "Float32", six[16:]),
        message("scalar", [0], "Float32", struct.pack("<f", 4.0)),
        message("bare_scalar", [], "Float32", struct.pack("<f", 8.0)),
        message("int8", [2], "Int8", b"\x01\x02"),
        message("text", [0], "str", "text".encode("utf-32-le")),
        data(1, data(1, b"map") + data(3, b"")),  # a Value with a map instead of a tensor
    ]
    return b"".join(whole)


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests/data/mindspore"
    (output / "tiny").mkdir(parents=True, exist_ok=True)
    (output / "tiny" / "tiny.ckpt").write_bytes(tiny_checkpoint())
    (output / "tiny" / "tiny.yaml").write_text(tiny_yaml(), encoding="utf-8")
    shutil.copyfile(GOLDEN / "vocab.txt", output / "tiny" / "vocab.txt")
    (output / "types.ckpt").write_bytes(types_checkpoint())


if __name__ == "__main__":
    main()
