"""The worker's side in Python: imports a function, then answers batches until there are no more commands.

The first line on standard input says what to import, each further one is a batch; each gets one line as reply. The
function sees an empty standard input and a standard output that goes to standard error.
"""

import sys

# modules of the current folder are the user's: none of them stands for one of Python's own here
_here = [path for path in sys.path if path == ""]
sys.path[:] = [path for path in sys.path if path != ""]

import ctypes
import difflib
import importlib
import importlib.util
import json
import mmap
import os
import traceback
import types

sys.path[:0] = _here


class Refusal(Exception):
    """Why the function is not used."""


class Failure(Exception):
    """A batch that was not answered as it should be: kind and text."""


class Numpy:
    name = "numpy"
    differentiates = False

    def __init__(self, memory):
        self.np = importlib.import_module("numpy")
        self.memory = memory
        self.dtypes = {"f64": self.np.float64, "f32": self.np.float32, "f16": self.np.float16}
        try:
            self.dtypes["bf16"] = importlib.import_module("ml_dtypes").bfloat16
        except ImportError:
            pass

    def alone(self):
        return False

    def device(self):
        return None

    def view(self, dtype, n, at):
        return self.np.frombuffer(self.memory, self.dtypes[dtype], n, at)

    def owns(self, value):
        return isinstance(value, self.np.ndarray)

    def forward(self, function, *arrays):
        with self.np.errstate(all="ignore"):
            return function(*arrays)

    def store(self, y, out):
        out[:] = y


class Torch:
    name = "torch"
    differentiates = True

    def __init__(self, memory):
        self.torch = torch = importlib.import_module("torch")
        # divided between threads, a tensor has more vector tails, at places that depend on the machine
        torch.set_num_threads(1)
        self.memory = memory
        self.dtypes = {"f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

    def alone(self):
        # older versions only know CUDA
        return getattr(self.torch, "accelerator", self.torch.cuda).is_available()

    def device(self):
        return self.torch.cuda.get_device_name() if self.torch.cuda.is_available() else None

    def view(self, dtype, n, at):
        return self.torch.frombuffer(self.memory, dtype=self.dtypes[dtype], count=n, offset=at)

    def owns(self, value):
        return isinstance(value, self.torch.Tensor)

    def forward(self, function, *tensors):
        with self.torch.no_grad():
            return function(*tensors)

    def backward(self, function, x, gradient):
        x = x.detach().requires_grad_(True)
        y = function(x)
        check(self, y, x)
        if not y.requires_grad:
            raise Failure("exception", "the result does not depend on the input in a way that autograd sees")
        return self.torch.autograd.grad(y, x, gradient)[0]

    def store(self, y, out):
        out.copy_(y.detach())


class Jax:
    name = "jax"
    differentiates = True

    def __init__(self, memory):
        self.jax = importlib.import_module("jax")
        self.numpy = Numpy(memory)
        self.gradients = {}
        # without jax_enable_x64 it makes f32 of f64
        made = {name: self.jax.numpy.zeros(1, dtype).dtype for name, dtype in self.numpy.dtypes.items()}
        self.dtypes = {name: dtype for name, dtype in self.numpy.dtypes.items() if made[name] == dtype}

    def alone(self):
        return self.jax.default_backend() != "cpu"

    def device(self):
        return self.jax.devices()[0].device_kind if self.alone() else None

    def view(self, dtype, n, at):
        return self.numpy.view(dtype, n, at)

    def owns(self, value):
        return isinstance(value, self.jax.Array)

    def forward(self, function, *arrays):
        return function(*map(self.jax.numpy.asarray, arrays))

    def backward(self, function, x, gradient):
        # compiled, as in training; traced anew for each batch it would take ten times as long
        if function not in self.gradients:
            self.gradients[function] = self.jax.jit(lambda x, g: self.jax.vjp(function, x)[1](g)[0])
        return self.gradients[function](self.jax.numpy.asarray(x), self.jax.numpy.asarray(gradient))

    def store(self, y, out):
        out[:] = self.numpy.np.asarray(y)


LIBRARIES = {"torch": Torch, "jax": Jax, "numpy": Numpy}


def check(library, y, x):
    """What comes back must be of the input's kind, type and shape; nothing is converted."""
    if not library.owns(y):
        name = f"{type(y).__module__}.{type(y).__name__}"
        raise Failure("type", f"it returned a value of type {name}, expected an array of {library.name}")
    if tuple(y.shape) != tuple(x.shape):
        raise Failure("length", f"it returned the shape {tuple(y.shape)} for {tuple(x.shape)}")
    if y.dtype != x.dtype:
        raise Failure("type", f"it returned {y.dtype} for {x.dtype}")


def last_line(error):
    """The exception, and the line of the user's code in which it was raised."""
    text = " ".join(traceback.format_exception_only(type(error), error)[-1].split())
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != "<string>"]
    return f"{text} ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else text


def find(module, name):
    """An attribute of a module, with dots for those of attributes."""
    value = module
    for part in name.split("."):
        if not hasattr(value, part):
            near = difflib.get_close_matches(part, dir(value), 3)
            hint = f"; there is {', '.join(near)}" if near else ""
            raise Refusal(f"the module has no function `{name}`{hint}")
        value = getattr(value, part)
    if not callable(value):
        raise Refusal(f"`{name}` is not a function")
    return value


def versions(module, library):
    """The interpreter, and the libraries that the module uses."""
    names = {library.name}
    names.update(v.__name__.split(".")[0] for v in vars(module).values() if isinstance(v, types.ModuleType))
    known = {name: getattr(sys.modules.get(name), "__version__", None) for name in sorted(names)}
    python = "Python " + sys.version.split()[0]
    return ", ".join([python] + [f"{name} {version}" for name, version in known.items() if version])


def load_module(name):
    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        if not os.path.exists(name):
            raise Refusal(f"there is no file {name}")
        spec = importlib.util.spec_from_file_location(os.path.basename(name)[:-3], name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    except ModuleNotFoundError as error:
        if error.name is not None and (name + ".").startswith(error.name + "."):
            raise Refusal(f"there is no Python module `{error.name}` (looked for in the current folder and in sys.path)")
        raise Refusal(f"importing {name} failed: {last_line(error)}")
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(f"importing {name} failed: {last_line(error)}")


def choose(wanted, function, module, memory):
    """The library whose arrays the function takes: as asked for, else one that its module uses and that it is happy with."""

    def make(name):
        try:
            return LIBRARIES[name](memory)
        except ImportError as error:
            raise Refusal(f"{name} is not there: {last_line(error)}")

    if wanted:
        return make(wanted)
    modules = [value.__name__.split(".")[0] for value in vars(module).values() if isinstance(value, type(sys))]
    names = [name for name in LIBRARIES if name in modules] or [name for name in LIBRARIES if name in sys.modules]
    libraries = [make(name) for name in names or ["numpy"]]
    for library in libraries if len(libraries) > 1 else []:
        try:
            if library.owns(library.forward(function, library.view("f32", 4, 0))):
                return library
        except Exception:
            pass
    return libraries[0]


# not literals, or the compiler would compute with them
SMALL, HALF = [float.fromhex("0x1p-1074")], [float.fromhex("0x1p-53")]
ONE = [1.0, -1.0]


def environment():
    """Rounding and flushing, by what they do."""
    up, down = ONE[0] + HALF[0] * 1.5 > 1.5 - 0.5, ONE[0] + HALF[0] * 0.5 > ONE[0]
    minus = ONE[1] - HALF[0] * 0.5 < ONE[1]
    rounding = {(True, False, False): "to nearest", (True, True, False): "up", (False, False, True): "down"}
    rounding = rounding.get((up, down, minus), "toward zero")
    return rounding, SMALL[0] * ONE[0] == 0.0 or SMALL[0] + SMALL[0] == 0.0


def changes(before, now):
    words = []
    if now[0] != before[0]:
        words.append(f"rounding {now[0]} instead of {before[0]}")
    if now[1] != before[1]:
        words.append("subnormals count as zero" if now[1] else "subnormals no longer count as zero")
    return words


try:
    SET_ENVIRONMENT = ctypes.CDLL(None).fesetenv
except (OSError, AttributeError):
    SET_ENVIRONMENT = None


def restore():
    if SET_ENVIRONMENT:
        SET_ENVIRONMENT(ctypes.c_void_p(-1))  # FE_DFL_ENV of every libc of Linux


def serve():
    memory = mmap.mmap(int(sys.argv.pop()), 0)
    commands, replies = os.fdopen(os.dup(0)), os.dup(1)
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def reply(**message):
        os.write(replies, (json.dumps(message) + "\n").encode())

    def refuse(kind, text):
        # a text of Python may hold halves of characters, which are no UTF-8, and have any length
        reply(kind=kind, error=text[:4000].encode("utf-8", "replace").decode())

    load = json.loads(commands.readline())
    sys.path[:0] = load["path"]
    ours = environment()
    try:
        module = load_module(load["module"])
        function = find(module, load["function"])
        backward = find(module, load["backward"]) if load["backward"] else None
        library = choose(load["lib"], function, module, memory)
    except Refusal as refusal:
        return refuse("python", str(refusal))
    by_import = [f"{word} (by being imported)" for word in changes(ours, environment())]
    restore()
    differentiates = bool(backward or library.differentiates)
    reply(
        dtypes=list(library.dtypes),
        lib=library.name,
        backward=differentiates,
        environment=", ".join(filter(None, [versions(module, library), library.device()])),
        alone=library.alone(),  # whether it may hold a device on which there is no room for a second process
    )
    for line in commands:
        command = json.loads(line)
        n, dtype, shift = command["n"], command["dtype"], command["shift"]
        try:
            x = library.view(dtype, n, load["input"] + shift)
            if command["pass"] == "forward":
                y = library.forward(function, x)
            else:
                gradient = library.view(dtype, n, load["gradient"] + shift)
                if backward:
                    y = library.forward(backward, x, gradient)
                else:
                    y = library.backward(function, x, gradient)
            check(library, y, x)
            library.store(y, library.view(dtype, n, load["output"] + shift))
        except Failure as failure:
            restore()
            refuse(*failure.args)
        except Exception as error:
            restore()
            refuse("exception", last_line(error))
        else:
            words = changes(ours, environment())
            restore()
            reply(n=n, environment=words + by_import)


serve()
