# Two commands on a fresh Debian 12: `make demo` and `make test`. Each installs what is missing.
PYTHON := .venv/bin/python
RECORDINGS ?=
OWNER ?=
IMPOSTOR ?=
PRIVATE ?=
DATA ?= ../shared/data
OUT ?= runs
PURGE ?=
BASE ?=
FUZZ_S ?= 300

.PHONY: help demo test check translations test-policies bench attack-short attack setup-screens train evaluate test-train test-postgres fuzz-pam install uninstall deb test-deb test-install system-test

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/ready ## Enrol, lock, attack and unlock on a private X server; prints a table
	@$(PYTHON) -m tests.e2e.demo $(if $(RECORDINGS),--recordings $(RECORDINGS)) \
		$(if $(OWNER),--owner $(OWNER)) $(if $(IMPOSTOR),--impostor $(IMPOSTOR)) $(if $(PRIVATE),--private)

test: .venv/ready check ## Static checks and every test that CI runs
	@$(PYTHON) -m pytest --numprocesses=2 --dist=loadfile

check: .venv/ready ## ruff, mypy --strict, import-linter
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

install: ## Install for you alone; as root (sudo make install) for everybody
	@.ci/install

uninstall: ## Take it away again; PURGE=1 takes references and settings, too
	@.ci/install --remove $(if $(PURGE),--purge)

deb: ## Build the Debian package into dist/
	@.ci/deb

test-deb: deb ## As root: install, use and purge the package in a throw-away Debian 12 (BASE= an archive of one)
	@.ci/test-deb $(BASE)

test-install: ## As root: make install and uninstall, for one and for all, in a throw-away Debian 12
	@.ci/test-install $(BASE)

system-test: .venv/ready deb ## As root: a whole throw-away machine, on which people log in, lock and work (BASE= an archive of Debian 12)
	@.ci/system-test $(BASE)

bench: .venv/ready-bench ## Speed and memory, beside cnee, xsecurelock and i3lock on the same load
	@for bench in tests/bench/bench_*.py; do $(PYTHON) -m tests.bench.$$(basename $$bench .py) || exit 1; done

attack-short: .venv/ready ## Attack the lock for two minutes; prints a table
	@$(PYTHON) -m tests.e2e.attack --short

attack: .venv/ready ## Attack the lock for half an hour
	@$(PYTHON) -m tests.e2e.attack --long

setup-screens: .venv/ready ## Play the setup wizard at two sizes, with a picture of every page in OUT/setup
	@$(PYTHON) -m tests.gui.setup_screens $(OUT)/setup

train: .venv/ready-train ## Train the model from DATA (folders or archives) into OUT/models
	@$(PYTHON) -m mousegate.training train --data $(DATA) --out $(OUT)/models --work $(OUT)/work

evaluate: .venv/ready-train ## Measure the shipped model on people of DATA it never saw; writes OUT/report.html
	@$(PYTHON) -m mousegate.training.report --data $(DATA) --work $(OUT)/work --out $(OUT)/report.html

translations: ## Collect the texts to translate, and compile the catalogues (Debian's gettext)
	@.ci/translations

test-policies: .venv/ready ## Each policy with each wrong factor on the real lock: two minutes
	@MOUSEGATE_ALL_POLICIES=1 $(PYTHON) -m pytest tests/e2e/test_policies.py

test-postgres: .venv/ready-postgres ## The API's tests on a PostgreSQL of their own
	@.ci/test-postgres

test-train: .venv/ready-train ## Tests that train a tiny network (they need torch)
	@$(PYTHON) -m pytest tests/training

fuzz-pam: .venv/ready-fuzz ## Fuzz what the PAM module reads for FUZZ_S seconds, then run it under valgrind
	@mkdir -p build && clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o build/fuzz_pam tests/fuzz/pam_lines.c -lpam
	@build/fuzz_pam -max_total_time=$(FUZZ_S) -max_len=700 -dict=tests/fuzz/pam_lines.dict -print_final_stats=1
	@$(PYTHON) -m tests.fuzz.pam_valgrind

.venv/ready: setup.cfg pyproject.toml .ci/bootstrap
	@.ci/bootstrap

.venv/ready-%: setup.cfg pyproject.toml .ci/bootstrap
	@.ci/bootstrap $*

PAM_FLAGS := -std=c17 -O2 -fPIC -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes -Werror \
	-fstack-protector-strong -fstack-clash-protection -fcf-protection -D_FORTIFY_SOURCE=2
PAM_LINK := -shared -Wl,-z,relro,-z,now,-z,noexecstack

build/pam_mousegate.so: mousegate/pam/pam_mousegate.c
	@mkdir -p build && $(CC) $(CPPFLAGS) $(PAM_FLAGS) $(PAM_LINK) $(LDFLAGS) -o $@ $< -lpam
