#!/usr/bin/env bash
# Everything a change must pass: the checks, the Go tests on both engines, the race detector, the browser.
# The packages for the race detector, RACE_…, come from the Makefile.
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
export TMPDIR=$quick
if [ -z "${HABILIS_TEST_POSTGRES:-}" ]; then # one cluster for all steps
  trap '"$here/postgres.sh" stop "$quick/pg" || true; rm -rf "$quick"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  "$here/postgres.sh" start "$quick/pg" >/dev/null
  HABILIS_TEST_POSTGRES=$(cat "$quick/pg/url")
  export HABILIS_TEST_POSTGRES
fi

# Some packages wait more than they work (for limits of time, for processes, for PostgreSQL): three at once keep two
# cores busy. Only tests that wait are parallel within their package, so more of them may be at once than there are
# cores. The linters of the checks, vet among them, have read the tests already.
readonly packages_at_once=3 waiting_at_once=6

go_tests() { # GO TEST ARGUMENT…
  go test -mod=readonly -count=1 -shuffle=on -timeout 14m -vet=off \
    -p "$packages_at_once" -parallel "$waiting_at_once" "$@"
}

# raced ENGINE WHOLE TESTS: two lists of packages, those to run whole and those of which the tests that start several
# goroutines run. HABILIS_TEST_ENGINES (package storetest) keeps to one engine.
raced() (
  export HABILIS_TEST_ENGINES=$1 CGO_ENABLED=1
  failed=0
  # shellcheck disable=SC2086 # lists of packages
  chosen=$(node "$here/raced.mjs" $3) || exit
  # shellcheck disable=SC2086
  go_tests -race $2 || failed=1
  # shellcheck disable=SC2086
  go_tests -race -run "$chosen" $3 || failed=1
  exit "$failed"
)

step 'checks (make check)' "$here/check.sh"
step 'Go tests, SQLite and PostgreSQL' go_tests ./...
step 'Go tests under the race detector, PostgreSQL' raced postgresql "$RACE_POSTGRES" "$RACE_TESTS"
step 'Go tests under the race detector, SQLite' raced sqlite "$RACE_SQLITE" "$RACE_SQLITE_TESTS"
step 'browser tests' node e2e/run.mjs
finish
