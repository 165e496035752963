#!/usr/bin/env bash
# Everything a change must pass: the checks, the Go tests on both engines, the race detector, the browser.
# RACE_POSTGRES and RACE_SQLITE, the packages for the race detector, come from the Makefile.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=steps.sh
. "$here/steps.sh"

"$here/need.sh" go node compiler postgresql chromium

# Databases of tests are made in memory where there is room; `make bench` measures on the disk.
quick=$(mktemp -d "$(quick_folder)/habilis-test.XXXXXX")
chmod 0755 "$quick"
trap 'rm -rf "$quick"' EXIT
export TMPDIR=$quick HABILIS_PG_FOLDER=$quick

go_tests() { # GO TEST ARGUMENT…
  "$here/postgres.sh" run -- go test -mod=readonly -count=1 -shuffle=on -timeout 14m "$@"
}

# raced ENGINE PACKAGE…: HABILIS_TEST_ENGINES (package storetest) keeps to one engine.
raced() {
  local engine=$1
  shift
  HABILIS_TEST_ENGINES=$engine CGO_ENABLED=1 go_tests -race "$@"
}

step 'checks (make check)' "$here/check.sh"
step 'Go tests, SQLite and PostgreSQL' go_tests ./...
# shellcheck disable=SC2086 # lists of packages
step 'Go tests under the race detector, PostgreSQL' raced postgresql $RACE_POSTGRES
# shellcheck disable=SC2086
step 'Go tests under the race detector, SQLite' raced sqlite $RACE_SQLITE
step 'browser tests' "$here/postgres.sh" run -- node e2e/run.mjs
finish
