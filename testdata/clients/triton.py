"""Asks a server of anomem as Triton's client does.

    python3 -m pip install -r testdata/clients/requirements.txt
    anomem serve -m m=model.safetensors &
    python3 testdata/clients/triton.py localhost:8080 m IMAGE...

It sends images of one size as files and as pixels, as bytes and in JSON, and compares the
answers with each other and with those of POST /v1/score.
"""

import json
import sys
import urllib.request

import numpy as np
import tritonclient.http as triton
from PIL import Image
from tritonclient.utils import InferenceServerException


def check(ok, what):
    if not ok:
        sys.exit("FAIL: " + what)
    print("ok:", what)


def main(address, model, *paths):
    client = triton.InferenceServerClient(address)
    check(client.is_server_live() and client.is_server_ready(), "the server lives and is ready")
    check(client.is_model_ready(model), "the model is ready")
    check("binary_tensor_data" in client.get_server_metadata()["extensions"], "the server takes binary tensors")
    metadata = client.get_model_metadata(model)
    version = metadata["versions"][0]
    check(client.is_model_ready(model, version), "its version is ready")
    check(not client.is_model_ready(model, "0"), "another version is not")

    want = []
    for path in paths:
        with open(path, "rb") as f:
            request = urllib.request.Request(f"http://{address}/v1/score?model={model}", f.read())
        with urllib.request.urlopen(request) as answer:
            want.append(json.load(answer))

    files = np.array([open(path, "rb").read() for path in paths], dtype=object)
    pixels = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
    inputs = []
    tensor = triton.InferInput("image", [len(paths)], "BYTES")
    tensor.set_data_from_numpy(files)
    inputs.append(("files", tensor))
    for binary in True, False:
        tensor = triton.InferInput("image", list(pixels.shape), "UINT8")
        tensor.set_data_from_numpy(pixels, binary_data=binary)
        inputs.append(("pixels as bytes" if binary else "pixels in JSON", tensor))

    names = [output["name"] for output in metadata["outputs"]]
    for what, tensor in inputs:
        for binary in None, True, False:
            outputs = None if binary is None else [triton.InferRequestedOutput(n, binary_data=binary) for n in names]
            result = client.infer(model, [tensor], model_version=version, request_id="7", outputs=outputs)
            for name, key in ("score", "score"), ("scales", "scales"), ("p_value", "p_value"), ("anomalous", "anomalous"):
                if name in names:
                    same = np.array_equal(result.as_numpy(name), np.array([w[key] for w in want]))
                    check(same, f"{what}, outputs binary {binary}: {name} is that of /v1/score")
            if outputs is not None:
                shape = result.as_numpy("heatmap").shape
                check(shape[0] == len(paths), f"{what}, outputs binary {binary}: heatmaps of shape {shape}")
            check(result.get_response()["id"] == "7", "the request's id comes back")

    for what, ask in {
        "another model": lambda: client.infer("no-such-model", [inputs[0][1]]),
        "another version": lambda: client.infer(model, [inputs[0][1]], model_version="0"),
        "another output": lambda: client.infer(model, [inputs[0][1]], outputs=[triton.InferRequestedOutput("x")]),
        "a coded body": lambda: client.infer(model, [inputs[0][1]], request_compression_algorithm="gzip"),
    }.items():
        try:
            ask()
        except InferenceServerException as e:
            check(e.message(), f"{what} is refused: {e.message()}")
        else:
            check(False, f"{what} is refused")


if __name__ == "__main__":
    main(*sys.argv[1:])
