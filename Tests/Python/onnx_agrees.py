"""Whether onnxruntime computes what expt computes: ONNXExportTests.

    onnx_agrees.py RUN ...

Each run has made/encoder-best.onnx and made/decoder-best.onnx, and ours.npz with inputs (in.NAME), the
encoder's and the decoder's outputs (encoder.NAME, decoder.NAME), and the reconstruction. Errors are relative
to max(1, |x|). Prints the largest error of each run, and fails if one is not below 1e-5.
"""

import sys

import numpy as np
import onnx
import onnxruntime

# A batch of one, and sizes that were not recorded.
BATCHES = [1, 5, 7]


def session(file):
    onnx.checker.check_model(file, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def outputs(part, ours, batch, **given):
    """What a part makes of the first examples."""
    names = [i.name for i in part.get_inputs()]
    feed = {n: given[n] if n in given else ours["in." + n][:batch] for n in names}
    return dict(zip([o.name for o in part.get_outputs()], part.run(None, feed)))


def error(name, seen, wanted):
    assert seen.shape == wanted.shape, f"{name} is {seen.shape}, not {wanted.shape}"
    return np.max(np.abs(seen - wanted) / np.maximum(1, np.abs(wanted)), initial=0)


def errors(run):
    ours = dict(np.load(run + "/ours.npz"))
    encoder, decoder = [session(f"{run}/made/{part}-best.onnx") for part in ["encoder", "decoder"]]
    for batch in BATCHES:
        encoded = outputs(encoder, ours, batch)
        for name, seen in encoded.items():
            yield error(name, seen, ours["encoder." + name][:batch])
        images = outputs(decoder, ours, batch)["images"]
        yield error("images", images, ours["decoder.images"][:batch])
        # What the decoder is to be given for a reconstruction.
        latents = next(encoded[n] for n in ["points", "latents", "mean"] if n in encoded)
        images = outputs(decoder, ours, batch, latents=latents)["images"]
        yield error("reconstruction", images, ours["reconstruction"][:batch])


failures = 0
for run in sys.argv[1:]:
    name = run.split("/")[-1]
    try:
        worst = np.max(list(errors(run)))  # NaN where one is
        print(f"{name}: {worst:.1e}")
        assert worst < 1e-5, f"errors up to {worst:.1e}"
    except Exception as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        failures += 1
sys.exit(failures > 0)
