"""Makes the files in writer/: a network that writes text about a picture, tiny and with random weights.

They have the inputs and outputs of the files that optimum exports for an encoder with a decoder (TrOCR and others):
encoder_model.onnx, decoder_model.onnx (the whole beginning at every step), decoder_model_merged.onnx (with the keys and
values of the steps before) and tokenizer.json. Beside them are three that answer the same whatever they see: parrot.onnx, a
decoder, places.onnx, a layout model that exports rows of boxes, and yes.onnx, a recogniser for Cyrillic; and models.toml and
yes.toml, entries of a manifest with them.
Needs onnx and numpy. Run in this folder: python make_writer.py [folder]
"""

import hashlib
import json
import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

VOCABULARY = ["<s>", "<pad>", "</s>", "▁", "▁ab", "▁in", "▁Z", "a", "b", "c", "de", "ft", "1", "2", "é", "."]
WIDTH, HEADS, HEAD, LAYERS, LONGEST, HIDDEN = 16, 2, 8, 2, 64, 32
random = np.random.RandomState(2)


class Graph:
    """Nodes and constants of a graph, with names given out in order."""

    def __init__(self, prefix, constants):
        self.nodes, self.constants, self.prefix = [], constants, prefix

    def add(self, operator, *inputs, name=None, **attributes):
        name = name or f"{self.prefix}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def number(self, name, value):
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value), name)
        return name

    def integers(self, *numbers):
        return self.number("i" + "_".join(map(str, numbers)), np.array(numbers, np.int64))


def weights(constants, name, *shape, scale=1.0):
    constants[name] = numpy_helper.from_array((random.randn(*shape) * scale).astype(np.float32), name)


def heads(graph, x, weight):
    """[N, L, WIDTH] to [N, HEADS, L, HEAD]."""
    split = graph.add("Reshape", graph.add("MatMul", x, weight), graph.integers(0, -1, HEADS, HEAD))
    return graph.add("Transpose", split, perm=[0, 2, 1, 3])


def attention(graph, x, layer, kind, keys, values, mask=None):
    queries = heads(graph, x, f"{layer}.{kind}.q")
    scores = graph.add("MatMul", queries, graph.add("Transpose", keys, perm=[0, 1, 3, 2]))
    scores = graph.add("Mul", scores, graph.number("root", np.float32(HEAD**-0.5)))
    if mask is not None:
        scores = graph.add("Add", scores, mask)
    seen = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), values)
    joined = graph.add("Reshape", graph.add("Transpose", seen, perm=[0, 2, 1, 3]), graph.integers(0, -1, WIDTH))
    return graph.add("Add", x, graph.add("MatMul", joined, f"{layer}.{kind}.o"))


def decoder(prefix, constants, past):
    """The steps of the decoder; with the past in `past`, a template of names."""
    graph = Graph(prefix, constants)
    one = graph.integers(1)
    single = graph.number("scalar0", np.int64(0)), graph.number("scalar1", np.int64(1))
    length = graph.add("Squeeze", graph.add("Gather", graph.add("Shape", "input_ids"), one, axis=0))
    start = single[0]
    if past:
        shape = graph.add("Shape", past(0, "decoder", "key"))
        start = graph.add("Squeeze", graph.add("Gather", shape, graph.integers(2), axis=0))
    end = graph.add("Add", start, length)
    places = graph.add("Range", start, end, single[1])
    every = graph.add("Range", single[0], end, single[1])
    later = graph.add("Greater", every, graph.add("Unsqueeze", places, one))
    never = graph.number("never", np.float32(-1e9))
    mask = graph.add("Where", later, never, graph.number("always", np.float32(0)))
    x = graph.add("Add", graph.add("Gather", "words", "input_ids"), graph.add("Gather", "places", places))
    present = {}
    for layer in range(LAYERS):
        new = [heads(graph, x, f"{layer}.self.{part}") for part in "kv"]
        for name, value in zip(["key", "value"], new):
            if past:
                value = graph.add("Concat", past(layer, "decoder", name), value, axis=2)
            present[layer, "decoder", name] = value
        x = attention(
            graph, x, layer, "self", present[layer, "decoder", "key"], present[layer, "decoder", "value"], mask
        )
        if past:
            seen = [past(layer, "encoder", name) for name in ["key", "value"]]
            # As in real files: what is of no use to anybody comes back empty.
            for name in ["key", "value"]:
                present[layer, "encoder", name] = graph.number("nothing", np.zeros((1, HEADS, 1, HEAD), np.float32))
        else:
            seen = [heads(graph, "encoder_hidden_states", f"{layer}.cross.{part}") for part in "kv"]
            present[layer, "encoder", "key"], present[layer, "encoder", "value"] = seen
        x = attention(graph, x, layer, "cross", *seen)
        inner = graph.add("Tanh", graph.add("MatMul", x, f"{layer}.in"))
        x = graph.add("Add", x, graph.add("MatMul", inner, f"{layer}.out"))
    return graph, graph.add("Add", graph.add("MatMul", x, "unembed"), "bias"), present


def tensor(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def cached(kind):
    """Names and shapes of keys and values, `past_key_values.0.decoder.key` and so on."""
    prefix, length = ("past_key_values", "past") if kind == "past" else ("present", "all")
    for layer in range(LAYERS):
        for side in ["decoder", "encoder"]:
            for name in ["key", "value"]:
                shape = ["n", HEADS, length if side == "decoder" else "patches", HEAD]
                yield (layer, side, name), tensor(f"{prefix}.{layer}.{side}.{name}", shape)


def answers(graph, logits, present):
    graph.add("Identity", logits, name=graph.prefix + "logits")
    outputs = [tensor(graph.prefix + "logits", ["n", "tokens", len(VOCABULARY)])]
    for key, info in cached("present"):
        graph.add("Identity", present[key], name=graph.prefix + info.name)
        outputs.append(tensor(graph.prefix + info.name, None))
    return outputs


def save(folder, name, nodes, inputs, outputs, constants, metadata=None):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], producer_name="quire", ir_version=8)
    helper.set_model_props(model, metadata or {})
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def make_encoder(folder):
    constants = {}
    weights(constants, "patches", WIDTH, 3, 8, 8, scale=0.25)
    graph = Graph("e", constants)
    seen = graph.add("Conv", "pixel_values", "patches", kernel_shape=[8, 8], strides=[8, 8])
    flat = graph.add("Reshape", graph.add("Tanh", seen), graph.integers(0, WIDTH, -1))
    graph.add("Transpose", flat, perm=[0, 2, 1], name="last_hidden_state")
    inputs = [tensor("pixel_values", ["n", 3, 16, 32])]
    save(folder, "encoder_model", graph.nodes, inputs, [tensor("last_hidden_state", ["n", 8, WIDTH])], constants)


def make_decoders(folder):
    constants = {}
    weights(constants, "words", len(VOCABULARY), WIDTH)
    weights(constants, "places", LONGEST, WIDTH, scale=1.5)
    weights(constants, "unembed", WIDTH, len(VOCABULARY))
    bias = np.zeros(len(VOCABULARY), np.float32)
    bias[:2] = -1e4
    constants["bias"] = numpy_helper.from_array(bias, "bias")
    for layer in range(LAYERS):
        for kind in ["self", "cross"]:
            for part in "qkvo":
                weights(constants, f"{layer}.{kind}.{part}", WIDTH, WIDTH, scale=0.5)
        weights(constants, f"{layer}.in", WIDTH, HIDDEN, scale=0.5)
        weights(constants, f"{layer}.out", HIDDEN, WIDTH, scale=0.5)
    ids = tensor("input_ids", ["n", "tokens"], TensorProto.INT64)
    hidden = tensor("encoder_hidden_states", ["n", "patches", WIDTH])
    past = {key: info.name for key, info in cached("past")}
    every = dict(constants)
    first, logits, present = decoder("f.", every, None)
    else_branch = helper.make_graph(first.nodes, "first", [], answers(first, logits, present))
    then, logits, present = decoder("t.", every, lambda *key: past[key])
    then_branch = helper.make_graph(then.nodes, "then", [], answers(then, logits, present))
    outputs = [tensor("logits", ["n", "tokens", len(VOCABULARY)])] + [info for _, info in cached("present")]
    choose = helper.make_node(
        "If",
        ["use_cache_branch"],
        [info.name for info in outputs],
        then_branch=then_branch,
        else_branch=else_branch,
    )
    inputs = [ids, hidden, tensor("use_cache_branch", [1], TensorProto.BOOL)] + [info for _, info in cached("past")]
    save(folder, "decoder_model_merged", [choose], inputs, outputs, every)
    plain = Graph("", dict(constants))
    graph, logits, _ = decoder("p", plain.constants, None)
    graph.add("Identity", logits, name="logits")
    save(folder, "decoder_model", graph.nodes, [ids, hidden], outputs[:1], plain.constants)


def make_tokenizer(folder):
    special = [
        {"id": at, "content": VOCABULARY[at], "special": True}
        | dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False)
        for at in range(3)
    ]
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "WordLevel", "vocab": {t: at for at, t in enumerate(VOCABULARY)}, "unk_token": "<pad>"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, indent=1) + "\n")


def make_parrot(folder):
    """Whatever the picture, it says the same three tokens and ends, and is sure of itself."""
    table = np.zeros((8, len(VOCABULARY)), np.float32)
    for place, token in enumerate([4, 9, 11, 2]):
        table[place:, token] += 30.0 * (place + 1)
    graph = Graph("x", {"table": numpy_helper.from_array(table, "table")})
    zero, one = graph.number("zero", np.int64(0)), graph.number("one", np.int64(1))
    length = graph.add("Squeeze", graph.add("Gather", graph.add("Shape", "input_ids"), graph.integers(1), axis=0))
    said = graph.add("Gather", "table", graph.add("Range", zero, length, one))
    nothing = graph.add("Mul", graph.add("Cast", "input_ids", to=TensorProto.FLOAT), graph.number("no", np.float32(0)))
    unseen = graph.add("ReduceSum", "encoder_hidden_states", graph.integers(1, 2), keepdims=1)
    unseen = graph.add("Mul", unseen, graph.number("no", np.float32(0)))
    silence = graph.add("Add", graph.add("Unsqueeze", nothing, graph.integers(2)), unseen)
    graph.add("Add", silence, said, name="logits")
    ids = tensor("input_ids", ["n", "tokens"], TensorProto.INT64)
    hidden = tensor("encoder_hidden_states", ["n", "patches", WIDTH])
    logits = tensor("logits", ["n", "tokens", len(VOCABULARY)])
    save(folder, "parrot", graph.nodes, [ids, hidden], [logits], graph.constants)


def make_places(folder):
    """A formula at the left and a stamp at the right of the lower half of every page, as PaddleDetection exports."""
    rows = np.array([[0, 0.9, 4, 50, 12, 56], [1, 0.8, 40, 48, 56, 60]], np.float32)
    graph = Graph("x", {"rows": numpy_helper.from_array(rows, "rows")})
    for name in ["image", "im_shape", "scale_factor"]:
        seen = graph.add("ReduceMean", name, keepdims=0)
        nothing = graph.add("Mul", seen, graph.number("no", np.float32(0)))
        last = graph.add("Add", "rows" if name == "image" else last, nothing)
    graph.add("Identity", last, name="fetch_name_0")
    graph.add("Identity", graph.number("two", np.array([2], np.int32)), name="fetch_name_1")
    inputs = [tensor("im_shape", [1, 2]), tensor("image", [1, 3, 64, 64]), tensor("scale_factor", [1, 2])]
    outputs = [tensor("fetch_name_0", [2, 6]), tensor("fetch_name_1", [1], TensorProto.INT32)]
    save(folder, "places", graph.nodes, inputs, outputs, graph.constants)


def make_yes(folder):
    """A CTC recogniser that reads "Да" in every line, and is sure of it."""
    classes, columns = 4, 512
    table = np.zeros((columns, classes), np.float32)
    # Scores, not probabilities: 20 above the others is as good as sure.
    table[0, 1] = table[2, 2] = 20
    table[[1, *range(3, columns)], 0] = 20
    graph = Graph("y", {"table": numpy_helper.from_array(table, "table")})
    pooled = graph.add("AveragePool", "x", kernel_shape=[48, 8], strides=[48, 8])
    seen = graph.add("ReduceMean", pooled, axes=[1, 2], keepdims=0)
    nothing = graph.add("Unsqueeze", graph.add("Mul", seen, graph.number("no", np.float32(0))), graph.integers(2))
    width = graph.add("Gather", graph.add("Shape", seen), graph.integers(1), axis=0)
    said = graph.add("Slice", "table", graph.integers(0), width, graph.integers(0))
    graph.add("Add", nothing, said, name="classes")
    inputs, outputs = [tensor("x", ["n", 3, 48, "width"])], [tensor("classes", ["n", "columns", classes])]
    save(folder, "yes", graph.nodes, inputs, outputs, graph.constants, {"character": "Д\nа"})


def make_manifest(folder):
    def entry(name):
        content = (folder / name).read_bytes()
        return f'{{ path = "{name}", size = {len(content)}, sha256 = "{hashlib.sha256(content).hexdigest()}" }}'

    head = 'package = { name = "none", version = "0", python = "3.11" }\nlicence = "Apache-2.0"\nlicence_source = "none"\n'
    models = f"""[[model]]
role = "layout"
{head}file = {entry("places.onnx")}
decoder = "rt-detr"
labels = ["formula", "stamp"]
input = {{ width = 64, height = 64 }}
normalise = {{ channels = "rgb", mean = [0.0, 0.0, 0.0], std = [1.0, 1.0, 1.0] }}
"""
    for role, decoder in [("transcribe", "text"), ("formula", "latex")]:
        models += f"""
[[model]]
role = "{role}"
{head}file = {entry("encoder_model.onnx")}
decoder = "{decoder}"
input = {{ width = 32, height = 16 }}
normalise = {{ channels = "rgb", mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] }}
[model.generate]
network = {entry("parrot.onnx")}
tokenizer = {entry("tokenizer.json")}
start = [0]
end = 2
most_tokens = 6
"""
    (folder / "models.toml").write_text(models)
    other = f"""[[model]]
role = "recognize"
scripts = ["Cyrl"]
{head}file = {entry("yes.onnx")}
decoder = "ctc"
prepare = ["best-class"]
input = {{ width = {{ multiple_of = 8 }}, height = 48 }}
normalise = {{ channels = "rgb", mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] }}
"""
    (folder / "yes.toml").write_text(other)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "writer")
    make_encoder(folder)
    make_decoders(folder)
    make_tokenizer(folder)
    make_parrot(folder)
    make_places(folder)
    make_yes(folder)
    make_manifest(folder)
