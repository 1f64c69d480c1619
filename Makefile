# Two commands on a machine with only Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
# CONSTRAINTS= installs the newest versions that pyproject.toml allows.
CONSTRAINTS ?= -c constraints.txt
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Newer pips trust what the operating system trusts (or SSL_CERT_FILE names). The one that an older Python brings trusts
# a list of its own, and fails behind a proxy with another authority: it is told.
AUTHORITIES := $(firstword $(wildcard $(SSL_CERT_FILE) /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
TRUST := $(if $(AUTHORITIES),PIP_CERT="$${PIP_CERT:-$(AUTHORITIES)}")
# Two processes, each with a Kafka and an Elasticsearch of its own once it needs them; a file runs in one of them. What needs
# servers comes first, because it waits most.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help demo test test-quick faults soak mutants lint docs lock security sbom coverage install test-long bench bench-compare model clean

help:
	@echo "make demo       set up everything, run the sample wire through the real pipeline, show what came of it"
	@echo "make test       set up everything, run the tests (Kafka and Elasticsearch come by themselves)"
	@echo "make mutants    mutation testing of the pure cores (hours; one: make mutants ONLY='pipeline.intake*')"
	@echo "make test-quick all tests that need no servers"
	@echo "make faults     the fault suite: servers and processes that fail, on purpose"
	@echo "make soak       many more (make soak STORIES=2000 FAULTS=300 SEED=1); prints a table. MINUTES=30 spreads them"
	@echo "make test-long  the long suites: interleavings, kill -9 at many moments, fuzzed texts"
	@echo "make bench      all benchmarks against named alternatives (an hour); one: make bench NAME=feeds"
	@echo "make bench-compare REF=v0.2.0  what became slower since that commit (run make bench at each)"
	@echo "make model      train en_wire anew (an hour and a quarter; needs the corpora in ../shared, installs torch)"
	@echo "make lint       ruff, import-linter, mypy, spelling, pyproject.toml"
	@echo "make coverage   coverage of the tests that need no servers, with its floor"
	@echo "make security   bandit, a scan for secrets, known vulnerabilities of the pinned versions"
	@echo "make sbom       list what an installation consists of: build/sbom.json (CycloneDX)"
	@echo "make lock       write deploy/docker/requirements.txt again from constraints.txt, with hashes"
	@echo "make docs       build the documentation in build/docs; a broken link is an error"

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once; some 500 MB of Python packages)"
	$(PYTHON) -m venv $(VENV)
	$(TRUST) $(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q $(CONSTRAINTS) "pip>=25.1"
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on $(CONSTRAINTS) -e ".[local]" --group dev
	@touch $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/wiredesk demo

test: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) -m "not faults"

# Survivors that change nothing a reader could see are explained in tests/mutants.md.
mutants: $(INSTALLED)
	nice $(BIN)/mutmut run --max-children 2 $(ONLY)
	$(BIN)/mutmut results

test-quick: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) -m "not stack and not browser"

faults: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) -m faults

STORIES ?= 400
FAULTS ?= 100
SEED ?= 1
soak: $(INSTALLED)
	$(BIN)/python -m tests.faults.soak.run --stories $(STORIES) --faults $(FAULTS) --seed $(SEED) $(if $(MINUTES),--minutes $(MINUTES))

test-long: $(INSTALLED)
	WIREDESK_LONG=1 $(BIN)/python -m pytest --timeout=3600 -m "long or not long"

bench: $(INSTALLED)
	$(BIN)/python -m tests.benchmarks $(NAME)

bench-compare: $(INSTALLED)
	$(BIN)/python -m tests.benchmarks --compare $(REF)

model: $(INSTALLED)
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q $(CONSTRAINTS) --group training
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pipeline.enrich.training

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/validate-pyproject pyproject.toml

coverage: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) -m "not stack and not browser" --cov --cov-report=term

security: $(INSTALLED)
	@PYTHON=$(BIN)/python CONSTRAINTS="$(CONSTRAINTS)" bash .ci/security

sbom: $(INSTALLED)
	@PYTHON=$(BIN)/python CONSTRAINTS="$(CONSTRAINTS)" bash .ci/security sbom

lock: $(INSTALLED)
	@PYTHON=$(BIN)/python bash .ci/security lock

docs: $(INSTALLED)
	$(BIN)/python -m pip install --disable-pip-version-check -q $(CONSTRAINTS) --group docs
	$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs build/docs
	@echo "build/docs/index.html"

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
