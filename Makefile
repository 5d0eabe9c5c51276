# One or two lines per verb; whatever needs an `if` is a script. `make help` lists the verbs.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python scripts
QUIET := $(if $(CI),--quiet,)
.DEFAULT_GOAL := help
.PHONY: help setup demo test bench query simulate package compare publish plan drift gate apply comment up down lint docs lock clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## create the environments (every other verb does it by itself)
	@$(PYTHON) scripts/bootstrap.py

demo: setup ## see every solution run on a local cloud; SOLUTIONS="a b" picks, KEEP=1 leaves it standing
	@$(RUN)/demo.py $(QUIET) $(if $(KEEP),--keep,) $(if $(SOLUTIONS),--solutions $(SOLUTIONS),)

test: setup ## run every test
	@$(BIN)/pytest -n 2 --dist loadgroup

bench: setup ## measure every performance figure the README states; ONLY=imports|geofence|sync|clock|simulation|athena|gate picks one
	@$(RUN)/bench.py $(QUIET) $(if $(ONLY),--only $(ONLY),)

query: setup ## run SQL='...' by the local Athena of `make up`; CATALOG=, DATABASE= for names without them, ROWS=n shows more
	@$(RUN)/query.py $(if $(CATALOG),--catalog "$(CATALOG)",) $(if $(DATABASE),--database "$(DATABASE)",) $(if $(ROWS),--rows $(ROWS),)

simulate: setup ## replay traffic through the Kinesis policies: TRACES=dir POLICIES="a b" PEAK_SHARDS=32 EQUAL=1
	@$(RUN)/simulate.py $(QUIET) $(if $(TRACES),--traces "$(TRACES)",) $(if $(POLICIES),--policies $(POLICIES),) $(if $(PEAK_SHARDS),--peak-shards $(PEAK_SHARDS),) $(if $(EQUAL),--equal-protection,)

package: setup ## build the deterministic zips; ARCH=x86_64|arm64 picks one
	@$(RUN)/package.py $(QUIET) $(if $(ARCH),--arch $(ARCH),)

compare: setup ## compare two builds of the zips, in the directories FIRST and SECOND
	@$(RUN)/compare.py "$(FIRST)" "$(SECOND)"

publish: setup ## upload the zips to BUCKET=<bucket> in REGIONS="a b"; {region} in BUCKET stands for each
	@$(RUN)/publish.py $(QUIET) --bucket "$(BUCKET)" --regions $(REGIONS)

plan: setup ## plan ROOT=<root> with VARS=file BACKEND=file in the account at hand, or LOCAL=1 on the local cloud
	@$(RUN)/plan.py $(QUIET) --root "$(ROOT)" $(if $(VARS),--vars $(VARS),) $(if $(LOCAL),--local,) $(addprefix --backend ,$(BACKEND))

drift: setup ## plan as `make plan` does, and fail where the account is not as this commit has it
	@$(RUN)/plan.py $(QUIET) --root "$(ROOT)" --expect-none $(if $(VARS),--vars $(VARS),) $(addprefix --backend ,$(BACKEND))

gate: setup ## judge the plan of ROOT=<root>, or of several: ROOT="a b"
	@$(RUN)/gate.py $(QUIET) --root $(ROOT)

apply: setup ## apply the plan of ROOT=<root> that the gate passed, and no other; BACKEND=file as for plan
	@$(RUN)/apply.py $(QUIET) --root "$(ROOT)" $(addprefix --backend ,$(BACKEND))

comment: ## say in a pull request, from its pipeline, what the gate said
	@$(PYTHON) scripts/comment.py

up: setup ## the local cloud with all roots applied, to play in
	@$(RUN)/demo.py $(QUIET) --keep --no-scene $(if $(SOLUTIONS),--solutions $(SOLUTIONS),)

down: setup ## end what `make up` started
	@$(RUN)/down.py

lint: setup ## ruff, mypy, terraform fmt, the workflows, and whether what is generated is fresh
	@$(BIN)/ruff check --no-cache $(if $(CI),--quiet,) && $(BIN)/ruff format --check --quiet && $(BIN)/mypy $(if $(CI),--no-error-summary,)
	@$(RUN)/workflows.py && $(RUN)/docs.py --check

docs: setup ## write the generated parts of the documentation anew
	@$(RUN)/docs.py

lock: setup ## resolve the dependency groups of pyproject.toml into requirements/ anew
	@$(RUN)/lock.py

clean: ## remove everything that is generated or installed
	rm -rf build .boot .venv .venv-policy .venv-fakesnow .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
