"""Unpacks from wheels only what a C++ program needs of libtorch on a CPU: unpack-torch.py TARGET WHEEL..."""

import pathlib
import re
import sys
import zipfile

WANTED = re.compile(
    r"torch/include/.*"
    r"|torch/lib/(libtorch_cpu\.so|libc10\.so|libgomp\.so\.1)"
    r"|nvidia/[^/]+/lib/(libcudart\.so\.13|libcupti\.so\.13)"
    r"|[^/]+\.dist-info/licenses/(LICENSE|NOTICE)"
)

target = pathlib.Path(sys.argv[1])
for wheel in sys.argv[2:]:
    with zipfile.ZipFile(wheel) as archive:
        wanted = [name for name in archive.namelist() if WANTED.fullmatch(name)]
        if not wanted:
            sys.exit(f"error: nothing of what is needed is in {pathlib.Path(wheel).name}")
        archive.extractall(target, wanted)  # checks each member's CRC
