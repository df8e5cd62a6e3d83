#!/usr/bin/env python3
"""Says what the reference implementation makes of the files named as arguments.

Prints a JSON array of {"file", "error"} or {"file", "tensors": {name: [dtype,
shape, SHA-256 of the bytes]}}.
"""
import hashlib
import json
import sys

from safetensors import deserialize

out = []
for path in sys.argv[1:]:
    with open(path, "rb") as f:
        data = f.read()
    try:
        tensors = {
            name: [t["dtype"], t["shape"], hashlib.sha256(bytes(t["data"])).hexdigest()]
            for name, t in deserialize(data)
        }
        out.append({"file": path, "tensors": tensors})
    except Exception as e:
        out.append({"file": path, "error": str(e)})
json.dump(out, sys.stdout)
