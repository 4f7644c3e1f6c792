"""The products and training steps of speed.ts in PyTorch on the same card, in f32 with TF32 off, as JSON.

Standard output: { "torch", "card", "rows": [{ "name", "us", "graphUs" }] }; rows is empty where there is no card.
"""
import json
import sys

try:
    import torch
    from torch import nn
except ImportError:
    print(json.dumps({"torch": None, "card": None, "rows": []}))
    sys.exit(0)

STEPS = (
    ("mlp 784-256-128-10", (784,), (128, 4096)),
    ("conv", (1, 28, 28), (64, 1024)),
)


def make(name):
    if name == "conv":
        layers = [nn.Conv2d(1, 24, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(24, 32, 3), nn.ReLU(),
                  nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 128), nn.ReLU(), nn.Linear(128, 10)]
    else:
        layers = [nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)]
    return nn.Sequential(*layers).to("cuda")


def microseconds(job, inner):
    """Median over twenty rounds by the card's own clock."""
    for _ in range(5):
        job()
    torch.cuda.synchronize()
    times = []
    for _ in range(20):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(inner):
            job()
        end.record()
        torch.cuda.synchronize()
        times.append(1000 * begin.elapsed_time(end) / inner)
    return sorted(times)[10]


def captured(job):
    """The job as a CUDA graph, which costs no launches."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            job()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        job()
    return graph.replay


def training_step(name, shape, batch):
    net = make(name)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    inputs = torch.rand(batch, *shape, device="cuda")
    labels = torch.randint(0, 10, (batch,), device="cuda")

    def step():
        optimizer.zero_grad(set_to_none=False)
        nn.functional.cross_entropy(net(inputs), labels).backward()
        optimizer.step()

    return step


def main():
    rows = []
    if torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        for size in (256, 512, 1024, 2048, 4096):
            a, b = (torch.randn(size, size, device="cuda") for _ in range(2))
            c = torch.empty(size, size, device="cuda")
            us = microseconds(lambda: torch.mm(a, b, out=c), 20 if size <= 1024 else 3)
            rows.append({"name": f"product {size}", "us": us, "graphUs": None})
        for name, shape, batches in STEPS:
            for batch in batches:
                step = training_step(name, shape, batch)
                rows.append({
                    "name": f"{name}, batch {batch}, SGD",
                    "us": microseconds(step, 5),
                    "graphUs": microseconds(captured(step), 20),
                })
    card = torch.cuda.get_device_name(0) if rows else None
    print(json.dumps({"torch": torch.__version__, "card": card, "rows": rows}))


main()
