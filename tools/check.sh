#!/usr/bin/env bash
# What is looked at without running the program: format, vet, linters, vulnerabilities, generated files, modules.
# Every step runs, even after a failure: one reading tells all there is to mend.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=steps.sh
. "$here/steps.sh"
"$here/need.sh" go

go_files() { find . -name '*.go' -not -path './e2e/node_modules/*' -not -path './bin/*' -print0; }

formatted() {
  local list
  list=$(go_files | xargs -0 gofmt -l)
  [ -z "$list" ] || { printf 'not formatted (gofmt -w):\n%s\n' "$list"; return 1; }
}

# The modules are those of go.sum, and go.mod names what the code uses, no more and no less.
modules() { go mod verify && go mod tidy -diff; }

# The committed *_templ.go are what templ makes of the *.templ, of this version.
generated() {
  local file
  while IFS= read -r -d '' file; do
    [ -f "${file%_templ.go}.templ" ] || { printf 'no .templ stands behind %s\n' "$file"; return 1; }
  done < <(find . -name '*_templ.go' -not -path './e2e/node_modules/*' -print0)
  go tool -modfile=tools/go.mod templ generate -check
}

# What golangci-lint cannot see, generated files being left out: unescaped text, and scripts or styles in the page,
# which the Content-Security-Policy would refuse in front of the user (rules.md 8 and 15).
templates() {
  ! grep -rnE --include='*.templ' \
    'templ\.(Raw|JSFuncCall|JSUnsafeFuncCall|JSONScript)|<script[^>]*>[^<]|[[:space:]](on[a-z]+|style|hx-on[a-z:-]*)=|hx-vals="js:' .
}

# Among the linters is govet, which runs what `go vet` does: that one stands in where they cannot be built.
linters() {
  go build -modfile=tools/lint/go.mod -trimpath -o bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint || {
    go vet ./... || return
    say "golangci-lint could not be built: its modules cannot be had here. go vet found nothing."
    return "$not_run"
  }
  roomy bin/golangci-lint run ./...
}

# The database is vuln.go.dev, or the folder or address that HABILIS_VULNDB names (file:///… works offline).
vulnerabilities() {
  local database=${HABILIS_VULNDB:-https://vuln.go.dev} log status=0
  go build -modfile=tools/go.mod -trimpath -o bin/govulncheck golang.org/x/vuln/cmd/govulncheck ||
    { say "govulncheck could not be built: its modules cannot be had here."; return "$not_run"; }
  log=$(mktemp)
  bin/govulncheck -db "$database" ./... >"$log" 2>&1 || status=$?
  cat "$log"
  if grep -qE 'dial tcp|no such host|connection refused|HTTP GET .* returned|i/o timeout' "$log"; then
    say "govulncheck did not run: the database $database cannot be reached from here. HABILIS_VULNDB=file:///folder names a copy."
    status=$not_run
  fi
  rm -f "$log"
  return "$status"
}

step 'gofmt' formatted
step 'modules' modules
step 'generated files' generated
step 'templates' templates
step 'golangci-lint (vet, gosec, staticcheck and the rest: .golangci.yml)' linters
step 'govulncheck' vulnerabilities
finish
