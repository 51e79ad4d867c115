# `make verify` and `make test` do all their own set-up, work offline after the first time, and need nothing else first.

CARGO ?= cargo

# An exported RUSTFLAGS replaces the flags of .cargo/config.toml, without which the interval arithmetic does not compile.
ifdef RUSTFLAGS
ifeq ($(shell uname -m),x86_64)
export RUSTFLAGS := $(RUSTFLAGS) -Ctarget-cpu=haswell
endif
endif

.PHONY: help verify test libtorch torch onnx plugins planted references third-party report training paper browser latex slurm cuda gpu-bundle fmt lint docs ci golden peers fuzz statements clean

help:
	@echo 'make verify   build, then audit S-ReLU (no libtorch needed)'
	@echo 'make test     fetch what the tests need, then run all of them (ITF1788=FOLDER: the IEEE 1788 cases, too)'
	@echo 'make torch    fetch libtorch into .deps/ and build what calls it (TORCH_FLAVOUR=cuda for the CUDA build)'
	@echo 'make onnx     fetch ONNX Runtime into .deps/'
	@echo 'make plugins  build the plugins for candle and burn, and test them'
	@echo 'make planted  hold exhaustive audits of every planted kernel against quick ones (an hour)'
	@echo 'make references  have the checker verify the tables of real values of the eight main activations'
	@echo 'make third-party  audit PyTorch, candle, burn, JAX, ... side by side: reports/third-party.md'
	@echo 'make report   write the data sheets of the catalogue and the claims anew: reports/'
	@echo 'make training  the training audits of the two seed papers, about an hour on two cores: reports/training/'
	@echo 'make paper    build each network of the papers and make one step'
	@echo 'make slurm    run the recipe of docs/gate.md on a Slurm of one node, as root on Debian'
	@echo 'make latex    typeset the tables for papers'
	@echo 'make browser  open HTML reports in headless Chromium: light, dark, phone, print; screenshots in target/browser/'
	@echo 'make cuda     audit every kernel of PyTorch on a CUDA device (audits/cuda.sh)'
	@echo 'make gpu-bundle  pack what audits a GPU on a machine with Python'"'"'s PyTorch 2.11 and without Rust (audits/gpu/run.sh)'
	@echo 'make lint     formatting, clippy, shellcheck'
	@echo 'make docs     the API documentation, warnings are errors'
	@echo 'make ci       what CI runs'
	@echo 'make fmt      format the sources'
	@echo 'make golden   recompute golden/ with independent systems (python-flint, SciPy)'
	@echo 'make fuzz     fuzz every parser and the checker (FUZZ_SECONDS for each, default 1800)'
	@echo 'make statements  random statements and forged certificates (STATEMENTS, PROVED, MUTANTS: how many)'
	@echo 'make peers    time other systems on the same questions (benches/peers/)'
	@echo 'make clean    remove build products; .deps/ stays'

verify:
	@scripts/setup-build.sh
	$(CARGO) run --locked --release -p actaudit -- verify srelu

test: libtorch onnx
	@scripts/python.sh tests
	@scripts/fetch-onnx.sh models
	@scripts/fetch-data.sh
	@scripts/fetch-schemas.sh
	ACTAUDIT_ALL_TESTS=1 $(CARGO) test --locked --workspace --no-fail-fast

libtorch:
	@scripts/setup-build.sh
	@scripts/fetch-torch.sh

# The program that calls libtorch lies beside the main one.
torch: libtorch
	$(CARGO) build --locked --release -p actaudit -p actaudit-torch

onnx:
	@scripts/fetch-onnx.sh runtime

# Frameworks that are too heavy for the main program, each a library of its own.
plugins:
	@scripts/setup-build.sh
	$(CARGO) build --locked --release --manifest-path plugins/Cargo.toml
	$(CARGO) test --locked --features plugins --test audits --test repository -- plugins:: licences::

# What a quick audit refutes, one of every input refutes, for all planted kernels; make test does that around each witness.
planted:
	@scripts/setup-build.sh
	PLANTED=all $(CARGO) test --locked --release --test audits defects::what_a_quick -- --nocapture

# What exhaustive f32 audits take for the real values: polynomials on runs of floats, checked with other arithmetic.
EIGHT = gelu gelu_tanh silu mish softplus elu tanh srelu
references:
	@scripts/setup-build.sh
	$(CARGO) build --locked --release
	@set -e; for id in $(EIGHT); do target/release/actaudit reference $$id --certificate target/$$id.json; target/release/actaudit recheck target/$$id.json; done

# Every f32 takes hours; EFFORT=quick looks at samples, in minutes. If it is broken off, the next call goes on from there,
# but for what was done by another build or with other files.
EFFORT ?= exhaustive
KEPT = target/third-party-$(EFFORT).jsonl
third-party: torch onnx
	@scripts/setup-build.sh
	@scripts/python.sh third-party
	$(CARGO) build --locked --release --manifest-path plugins/Cargo.toml
	$(CARGO) run --locked --release -p actaudit -- survey audits/third-party.toml --effort $(EFFORT) --keep $(KEPT) -o reports/third-party.md
	@rm $(KEPT)

# What reports/README.md lists but for the audits of libraries, which take hours.
report:
	@scripts/setup-build.sh
	$(CARGO) build --locked --release -p actaudit
	target/release/actaudit report
	target/release/actaudit claims -o reports/claims.txt
	target/release/actaudit claims --format json -o reports/claims.json

# What is broken off goes on with the next call, but for runs of another build.
training: torch
	@scripts/fetch-data.sh
	@mkdir -p reports/training
	@set -e; for audit in audits/training/*.toml; do name=$$(basename $$audit .toml); echo "$$name ..."; \
	target/release/actaudit train $$audit --keep target/training --format json -o target/$$name.json || [ $$? = 1 ]; \
	target/release/actaudit train $$audit --keep target/training --format markdown -o reports/training/$$name.md || [ $$? = 1 ]; \
	target/release/actaudit train $$audit --keep target/training --format html -o reports/training/$$name.html || [ $$? = 1 ]; done

# Data of the right kind stand in for those that no package has: CIFAR-10 by Fashion-MNIST, HH by constructed pairs.
paper: torch
	@scripts/fetch-data.sh
	@set -e; for audit in audits/training/*.toml; do name=$$(basename $$audit .toml); \
	case $$name in bert | gpt | preferences) data=addresses batch=1 ;; *) data=fashion-mnist batch=16 ;; esac; \
	echo "$$name ..."; target/release/actaudit train $$audit --size paper --one-step --batch $$batch --data .deps/data/$$data --jobs 1; done

browser:
	@scripts/setup-build.sh
	@scripts/browser.sh

latex:
	@scripts/latex.sh

slurm:
	@scripts/setup-build.sh
	$(CARGO) build --locked --release
	@scripts/slurm.sh

cuda:
	audits/cuda.sh

# For machines with a GPU that have Python's PyTorch, but no Rust and no network.
gpu-bundle:
	scripts/gpu-bundle.sh

fmt:
	$(CARGO) fmt --all
	$(CARGO) fmt --all --manifest-path plugins/Cargo.toml

lint: libtorch
	@scripts/setup-lint.sh
	$(CARGO) fmt --all --check
	$(CARGO) fmt --all --check --manifest-path plugins/Cargo.toml
	$(CARGO) clippy --locked --workspace --all-targets --features actaudit/plugins -- -D warnings
	shellcheck .ci/run scripts/*.sh audits/*.sh

docs: libtorch
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items

ci:
	.ci/run

golden peers:
	@scripts/python.sh $@

fuzz:
	@scripts/fuzz.sh

# What make test does with a few hundred: questions, proved results that are read again as texts, false certificates.
STATEMENTS ?= 100000
PROVED ?= 20000
MUTANTS ?= 100000
statements:
	@scripts/setup-build.sh
	STATEMENTS=$(STATEMENTS) PROVED=$(PROVED) MUTANTS=$(MUTANTS) $(CARGO) test --locked --release --test proofs statements:: -- --nocapture

clean:
	$(CARGO) clean
