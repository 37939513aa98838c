#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the files of torch.save that tests read, and files that attack a reader of pickles.

Usage: make_pytorch_weights.py [DATA]      (default tests/data; pip install torch safetensors numpy)

    DATA/pytorch/zip.bin        tensors of many types and forms, as torch.save writes them
    DATA/pytorch/protocol4.bin  the same with pickle protocol 4
    DATA/pytorch/old.bin        the same as before PyTorch 1.6
    DATA/pytorch/expected.json  their shapes and values, as fp32
    DATA/pytorch/tiny/          the golden model tiny_gelu as pytorch_model.bin
    DATA/pytorch/shards/        the same as two shards, one of them in the old form, with DataParallel's prefix
    DATA/fuzz/pytorch/          good files, and files of which each must be refused

The same versions always give the same bytes, except that the keys of storages in the old form are addresses.
"""

import collections
import io
import json
import os
import pathlib
import pickle
import shutil
import struct
import sys
import zipfile

import torch
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parent.parent

REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
FLOATS = b"ctorch\nFloatStorage\n"
MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
PROTOCOL = b"\x80\x02M\xe9\x03."
SYSTEM = b"\x80\x02}(X\x0d\x00\x00\x00little_endian\x88u."


def tensors():
    """Tensors in every form that torch.save may find in a state dict."""
    torch.manual_seed(3)
    base = torch.randn(4, 6)
    shared = torch.randn(5, 3)
    state = collections.OrderedDict()
    state["float32"] = base.clone()
    state["float64"] = torch.randn(2, 3, dtype=torch.float64) * 1e-3
    state["float16"] = torch.tensor([0.0, -1.5, 6e-8, 65504.0]).half()
    state["bfloat16"] = torch.randn(3, 2).bfloat16()
    state["transposed"] = base.t()
    state["rows"] = base[1:3]
    state["columns"] = base[:, 1:4]
    state["every_other"] = base[::2, ::3]
    state["permuted"] = torch.randn(2, 3, 4).permute(2, 0, 1)
    state["expanded"] = torch.randn(1, 3).expand(4, 3)
    state["tied_a"] = shared
    state["tied_b"] = shared
    state["parameter"] = torch.nn.Parameter(torch.randn(3))
    state["scalar"] = torch.tensor(7.5)
    state["empty"] = torch.zeros(0, 3)
    state["one"] = torch.randn(1, 1, 2).transpose(0, 1)
    state["position_ids"] = torch.arange(4).unsqueeze(0)
    state["flags"] = torch.tensor([True, False])
    state["bytes"] = torch.tensor([1, 2, 3], dtype=torch.uint8)
    state._metadata = collections.OrderedDict([("", {"version": 1})])
    return state


def saved(state, **options):
    buffer = io.BytesIO()
    torch.save(state, buffer, **options)
    return buffer.getvalue()


def expected(state):
    return {
        name: {"shape": list(tensor.shape), "values": tensor.detach().float().flatten().tolist()}
        for name, tensor in state.items()
    }


def write_models(folder):
    golden = ROOT / "tests" / "data" / "golden" / "tiny_gelu"
    weights = load_file(golden / "model.safetensors")
    for name in ("tiny", "shards"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for file in ("config.json", "vocab.txt"):
            shutil.copyfile(golden / file, folder / name / file)
    (folder / "tiny" / "pytorch_model.bin").write_bytes(saved(collections.OrderedDict(weights)))
    names = sorted(weights)
    index = {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"pytorch_model-0000{number}-of-00002.bin"
        state = {"module." + name: weights[name] for name in part}
        (folder / "shards" / file).write_bytes(
            saved(state, _use_new_zipfile_serialization=number == 1)
        )
        index.update({name: file for name in state})
    (folder / "shards" / "pytorch_model.bin.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": index}, indent=1) + "\n", encoding="utf-8"
    )


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def integer(value):
    raw = value.to_bytes(16, "little", signed=True)
    return b"\x8a\x10" + raw if abs(value) >= 1 << 63 else b"\x8a\x08" + raw[:8]


def numbers(values):
    return b"(" + b"".join(map(integer, values)) + b"t"


def storage(key="0", size=2, kind=FLOATS, part=b""):
    """`part`: the pickle of the part of the storage that is used, as before PyTorch 0.2."""
    return b"(" + text("storage") + kind + text(key) + text("cpu") + integer(size) + part + b"tQ"


def part(first, size):
    return b"(" + text("1") + integer(first) + integer(size) + b"t"


def tensor(of=None, first=0, shape=(2,), strides=(1,)):
    """The pickle of a tensor, two fp32 numbers unless told otherwise."""
    arguments = (of or storage()) + integer(first) + numbers(shape) + numbers(strides)
    return REBUILD + b"(" + arguments + b"\x89ccollections\nOrderedDict\n)Rt" + b"R"


def state_dict(*items):
    """The pickle of a dict, from pickles of its keys and values."""
    return b"\x80\x02}(" + b"".join(items) + b"u."


def archive(content, data=b"\0" * 8, method=zipfile.ZIP_STORED, more=()):
    """A zip archive with a pickle and storage 0."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, raw in (("a/data.pkl", content), ("a/data/0", data), *more):
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            file.writestr(info, raw)
    return buffer.getvalue()


def sequence(content, keys=("0",), data=struct.pack("<q", 2) + b"\0" * 8):
    """A file from before PyTorch 1.6."""
    listed = b"\x80\x02](" + b"".join(map(text, keys)) + b"e."
    return MAGIC + PROTOCOL + SYSTEM + content + listed + data


def wide_archive():
    """An archive whose sizes and places are in ZIP64 fields, one entry, offsets that lie."""
    name, raw = b"a/data.pkl", state_dict(text("a"), tensor())
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 45, 0, 0, 0, 0, 0, len(raw), len(raw), len(name), 0)
    extra = struct.pack("<HH3Q", 1, 24, len(raw), len(raw), 1 << 62)
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF,
                        len(name), len(extra), 0, 0, 0, 0, 0xFFFFFFFF)  # fmt: skip
    directory = entry + name + extra
    start = len(local) + len(name) + len(raw)
    end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, start + len(directory), 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + name + raw + directory + end + locator + last


class Attack:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


GOOD = state_dict(text("a"), tensor())


def patched(raw, old, new, last=False):
    place = raw.rindex(old) if last else raw.index(old)
    return raw[:place] + new + raw[place + len(old) :]


def attacks_in_pickles():
    system, evaluate = Attack(os.system, "true"), Attack(eval, "1")
    return {
        "os_system": archive(pickle.dumps({"a": system}, protocol=2)),
        "builtins_eval": archive(pickle.dumps({"a": evaluate}, protocol=2)),
        "plain_pickle": pickle.dumps(system, protocol=2),
        "plain_numbers": pickle.dumps({"a": [1, 2]}, protocol=2),
        "old_os_system": sequence(pickle.dumps({"a": system}, protocol=2)),
        "stack_global": archive(pickle.dumps({"a": system}, protocol=4)),
        "stack_global_memo": archive(
            b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94h\x00h\x01\x93\x8c\x04true\x85R."
        ),
        "stack_global_recalled": archive(
            b"\x80\x04\x8c\x06system\x94\x8c\x05posix\x94h\x00\x93\x8c\x04true\x85R."
        ),
        "dotted_name": archive(b"\x80\x04\x8c\x05torch\x8c\x11_utils.os.system\x00\x93."),
        "not_utf8_name": archive(b"\x80\x02c\xff\xfe\n\x80system\n."),
        "inst": archive(b"\x80\x02(" + text("true") + b"iposix\nsystem\n."),
        "inst_allowed": archive(b"\x80\x02(icollections\nOrderedDict\n."),
        "new_object": archive(b"\x80\x02ccollections\nOrderedDict\n)\x81."),
        "extension": archive(b"\x80\x02\x82\x01)R."),
        "build_storage": archive(state_dict(text("a"), FLOATS, b"}b")),
        "called_storage": archive(state_dict(text("a"), FLOATS, b")R")),
        "memo_bomb": archive(b"\x80\x02)" + b"q\x00h\x00h\x00\x86" * 5000 + b"."),
        "arguments_bomb": archive(
            b"\x80\x02(" + b"N" * 5000 + b"tq\x00" + (REBUILD + b"q\x01" + b"(h\x01h\x00Rt" * 2000) + b"."
        ),
        "itself": archive(b"\x80\x02}q\x00(" + text("a") + b"h\x00u."),
        "deep": archive(b"\x80\x02" + b"]" * 8000 + b"a" * 7999 + b"."),
        "marks": archive(b"\x80\x02" + b"(" * 8000 + b"."),
        "huge_text": archive(b"\x80\x02X\xff\xff\xff\xffa."),
        "huge_frame": archive(b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f."),
        "unknown_memo": archive(b"\x80\x02h\x07."),
        "empty_stack": archive(b"\x80\x02R."),
        "key_without_value": archive(b"\x80\x02}(Nu."),
        "protocol_9": archive(b"\x80\x09}."),
        "not_a_dict": archive(b"\x80\x02K\x01."),
        "python2_names": archive(state_dict(b"U\x01a", tensor(), b"T\x01\0\0\0b", tensor())),
        "old_function": archive(
            state_dict(
                text("a"),
                b"ctorch._utils\n_rebuild_tensor\n(" + storage() + b"K\0(K\2t(K\1ttR",
            )
        ),
        "no_tensors": archive(state_dict(text("epoch"), b"K\x01", text("model"), b"}")),
    }


def attacks_in_tensors():
    one = archive(GOOD)
    return {
        "huge_storage": archive(state_dict(text("a"), tensor(storage(size=(1 << 63) - 1)))),
        "long_storage": archive(state_dict(text("a"), tensor(storage(size=1 << 64)))),
        "negative_storage": archive(state_dict(text("a"), tensor(storage(size=-2)))),
        "huge_shape": archive(
            state_dict(text("a"), tensor(shape=(1 << 40, 1 << 40), strides=(0, 0)))
        ),
        "repeated_shape": archive(state_dict(text("a"), tensor(shape=(1 << 62,), strides=(0,)))),
        "empty_far_away": archive(
            state_dict(text("a"), tensor(first=(1 << 62), shape=(0, 1 << 62), strides=(1, 1 << 62)))
        ),
        "outside": archive(state_dict(text("a"), tensor(first=1))),
        "before": archive(state_dict(text("a"), tensor(first=-1))),
        "huge_stride": archive(state_dict(text("a"), tensor(strides=((1 << 63) - 1,)))),
        "negative_stride": archive(state_dict(text("a"), tensor(first=1, strides=(-1,)))),
        "strides_missing": archive(state_dict(text("a"), tensor(strides=()))),
        "two_types": archive(
            state_dict(text("a"), tensor(), text("b"), tensor(storage(kind=b"ctorch\nIntStorage\n")))
        ),
        "name_twice": archive(state_dict(text("a"), tensor(), text("a"), tensor())),
        "no_storage": archive(state_dict(text("a"), tensor(storage("1")))),
        "storage_short": archive(GOOD, data=b"\0" * 4),
        "storage_long": archive(GOOD, data=b"\0" * 16),
        "storage_elsewhere": archive(state_dict(text("a"), tensor(storage("../data.pkl")))),
        "parameter_of_itself": archive(
            state_dict(text("a"), b"ctorch._utils\n_rebuild_parameter\nq\x00h\x00)R\x85R")
        ),
        "old_part": sequence(
            state_dict(text("a"), tensor(storage(size=3, part=part(1, 2)))),
            data=struct.pack("<q3f", 3, 1.0, 2.0, 3.0),
        ),
        "old_part_outside": sequence(state_dict(text("a"), tensor(storage(part=part(1, 2))))),
        "old_part_short": sequence(state_dict(text("a"), tensor(storage(part=part(1, 1))))),
        "old_part_none": sequence(state_dict(text("a"), tensor(storage(part=b"N")))),
        "old_huge_storage": sequence(state_dict(text("a"), tensor(storage(size=1 << 61)))),
        "old_other_size": sequence(GOOD, data=struct.pack("<q", 3) + b"\0" * 12),
        "old_cut": sequence(GOOD, data=struct.pack("<q", 2) + b"\0" * 4),
        "old_key_twice": sequence(GOOD, keys=("0", "0")),
        "old_key_unused": sequence(GOOD, keys=("0", "1")),
        "old_key_missing": sequence(GOOD, keys=()),
        "good_archive": one,
        "good_sequence": sequence(GOOD),
    }


def grown(archive_bytes, entry):
    """The archive with 20 bytes more in an entry of its directory, which reach into the next entry."""
    (size,) = struct.unpack_from("<I", archive_bytes, entry + 20)
    sizes = struct.pack("<2I", size + 20, size + 20)
    return archive_bytes[: entry + 20] + sizes + archive_bytes[entry + 28 :]


def attacks_in_archives():
    one = archive(GOOD)
    start = one.index(b"PK\1\2")
    second = one.index(b"PK\1\2", start + 4)
    end = one.index(b"PK\5\6")
    same_place = patched(one, one[second + 42 : second + 46], b"\0\0\0\0", last=True)
    return {
        "compressed": archive(GOOD, method=zipfile.ZIP_DEFLATED),
        "encrypted": one[: start + 8] + b"\1\0" + one[start + 10 :],
        "entry_twice": archive(GOOD, more=[("a/data/1", b"x" * 8)]).replace(b"a/data/1", b"a/data/0"),
        "entries_overlap": one[: second + 42] + one[start + 42 : start + 46] + one[second + 46 :],
        "same_place": same_place,
        "entry_grown": grown(one, start),
        "other_name": patched(one, b"a/data/0", b"b/data/0"),
        "two_pickles": archive(GOOD, more=[("b/data.pkl", GOOD)]),
        "no_pickle": archive(GOOD).replace(b"data.pkl", b"data.pkx"),
        "torch_script": archive(GOOD, more=[("a/constants.pkl", b".")]),
        "big_endian": archive(GOOD, more=[("a/byteorder", b"big")]),
        "entry_outside": one[: start + 20] + b"\xf0\xff\xff\0" * 2 + one[start + 28 :],
        "many_entries": one[: end + 10] + b"\xff\xff" + one[end + 12 :],
        "directory_outside": one[: end + 16] + b"\xff\xff\xff\x7f" + one[end + 20 :],
        "wide_outside": wide_archive(),
        "no_end": one[:end],
        "cut": one[: len(one) // 2],
        "only_start": b"PK\3\4",
        "comment": one[:-2] + b"\x03\x00abc",
        "other_file": b"\x93NUMPY",
    }


def main():
    data = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "data"
    folder, corpus = data / "pytorch", data / "fuzz" / "pytorch"
    folder.mkdir(parents=True, exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)
    state = tensors()
    (folder / "zip.bin").write_bytes(saved(state))
    (folder / "protocol4.bin").write_bytes(saved(state, pickle_protocol=4))
    (folder / "old.bin").write_bytes(saved(state, _use_new_zipfile_serialization=False))
    (folder / "expected.json").write_text(json.dumps(expected(state)) + "\n", encoding="utf-8")
    write_models(folder)
    for name in ("zip", "protocol4", "old"):
        shutil.copyfile(folder / f"{name}.bin", corpus / name)
    for files in (attacks_in_pickles(), attacks_in_tensors(), attacks_in_archives()):
        for name, raw in files.items():
            (corpus / name).write_bytes(raw)


if __name__ == "__main__":
    main()
