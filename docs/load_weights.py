"""Weights of lps-webgpu in PyTorch: loads a file strictly, checks on a batch of your own that nothing is dead,
and predicts from the file's metadata. Needs PyTorch alone (Debian: apt-get install python3-torch).

    python3 load_weights.py weights.safetensors                         the report of a file
    python3 load_weights.py run/lps-seed1.safetensors inputs.npy        and predictions for rows of inputs
"""
import json
import struct
import sys

import numpy
import torch


def read_safetensors(path):
    """The tensors and the metadata of a file; the safetensors package does the same."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors, metadata


def sequential(network):
    """A network of dense, ReLU, tanh and sigmoid layers; for others load into a model of your own."""
    layers, features = torch.nn.Sequential(), network["input"][-1]
    kinds = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
    for index, layer in enumerate(network["layers"]):
        if layer["type"] == "dense":
            module = torch.nn.Linear(features, layer["units"], bias=layer["bias"])
            features = layer["units"]
        else:
            module = kinds[layer["type"]]()
        layers.add_module(str(index), module)
    return layers


def load(model, path, prefix=""):
    """Strict: every tensor of the model is in the file, and no other."""
    tensors, _ = read_safetensors(path)
    model.load_state_dict({name[len(prefix):]: values for name, values in tensors.items()}, strict=True)
    return model.eval()


def dead_units(model, batch):
    """For each ReLU how many of its units, or channels, are zero on the whole batch. Batch normalisation takes the batch's
    statistics, as in training: before the first step its running ones are those of no data."""
    dead = {}
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    before = [(norm.training, norm.track_running_stats) for norm in norms]
    for norm in norms:
        norm.training, norm.track_running_stats = True, False

    def count(name):
        def hook(_module, _inputs, output):
            axes = [axis for axis in range(output.dim()) if axis != 1]
            dead[name] = int((output.amax(dim=axes) <= 0).sum()) + dead.get(name, 0)
        return hook

    hooks = [
        module.register_forward_hook(count(name))
        for name, module in model.named_modules() if isinstance(module, torch.nn.ReLU)
    ]
    with torch.no_grad():
        model(batch)
    for hook in hooks:
        hook.remove()
    for norm, (training, tracks) in zip(norms, before):
        norm.training, norm.track_running_stats = training, tracks
    return dead


if __name__ == "__main__":
    tensors, metadata = read_safetensors(sys.argv[1])
    for name, values in tensors.items():
        print(f"{name:40} {tuple(values.shape)} deviation {values.std(unbiased=False):.4g}")
    if len(sys.argv) > 2:
        model = load(sequential(json.loads(metadata["network"])), sys.argv[1], "layers.")
        inputs, targets = json.loads(metadata["inputs"]), json.loads(metadata["targets"])
        rows = (numpy.load(sys.argv[2]) - inputs["mean"]) / inputs["deviation"]  # in f64
        batch = torch.tensor(rows, dtype=torch.float32)
        print("dead ReLU units:", dead_units(model, batch))
        with torch.no_grad():
            outputs = model(batch).double().numpy()
        if targets["kind"] == "class":
            outputs = torch.softmax(torch.tensor(outputs), dim=1).numpy()
        elif "mean" in targets:
            outputs = outputs * targets["deviation"] + targets["mean"]
        for row in outputs:
            print(",".join(f"{value:.9g}" for value in row))
