#!/usr/bin/env bash
# Makes sure that what the tests stand on is there: tools/need.sh go node compiler postgresql chromium
#
# Go and Node are the person's to install; the rest is installed from Debian when it is missing,
# with a sentence saying so. HABILIS_NO_INSTALL=1 only says what is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

readonly lock_tries=30 lock_pause=10 # another apt-get may be at work: wait up to five minutes

# have_THING says whether it is there; packages THING what Debian calls it.
have_compiler() { command -v gcc >/dev/null && printf '#include <stdlib.h>\n' | gcc -E - >/dev/null 2>&1; }
have_postgresql() { postgres_bin >/dev/null; }
# Any Chromium will do; the one without windows takes a third less work, so it is asked for where another stands.
have_chromium() {
  chromium_quick_bin >/dev/null && return
  chromium_bin >/dev/null || return 1
  [ "${HABILIS_NO_INSTALL:-}" = 1 ] || (install "$(packages chromium)") || say "going on with $(chromium_bin): the same, slower."
}
packages() {
  case $1 in
  compiler) echo gcc libc6-dev ;;
  chromium) echo chromium-headless-shell ;;
  *) echo "$1" ;;
  esac
}

need_go() {
  command -v go >/dev/null || die "Go is missing: install Go 1.26 or newer (https://go.dev/dl/) and run the same command again."
  local version
  version=$(cd / && GOTOOLCHAIN=local go env GOVERSION | sed -E 's/^go1\.([0-9]+).*/\1/')
  [ "$version" -ge 26 ] || die "Go 1.$version is too old: install Go 1.26 or newer (https://go.dev/dl/) and run the same command again."
}

need_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    die "Node.js is missing: install Node.js 20 or newer with npm (https://nodejs.org/) and run the same command again."
  fi
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] ||
    die "Node.js $(node --version) is too old: install Node.js 20 or newer and run the same command again."
}

# as_root COMMAND…: by sudo, without a question, when we are not root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# apt ARGUMENT…: apt-get that waits while another one holds a lock, and prints only when it fails.
apt() {
  local try log
  log=$(mktemp)
  for ((try = 1; try <= lock_tries; try++)); do
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null; then
      rm -f "$log"
      return 0
    fi
    grep -qiE 'could not get lock|unable to lock|is another process using it' "$log" || break
    say "another program is installing packages; waiting for it."
    sleep "$lock_pause"
  done
  cat "$log" >&2
  rm -f "$log"
  return 1
}

install() { # PACKAGE…
  [ "${HABILIS_NO_INSTALL:-}" != 1 ] || die "missing, and HABILIS_NO_INSTALL=1 forbids to install: $*"
  can_install || die "missing: $*. Install them (on Debian, as root: apt-get install $*) and run the same command again."
  say "installing from Debian: $*"
  apt update || die "apt-get update failed (its words are above)."
  apt install -y --no-install-recommends "$@" || die "apt-get could not install $* (its words are above)."
}

missing=()
for thing in "$@"; do
  case "$thing" in
  go | node) "need_$thing" ;;
  compiler | postgresql | chromium)
    # shellcheck disable=SC2207 # names of packages hold no space
    "have_$thing" || missing+=($(packages "$thing"))
    ;;
  *) die "need.sh knows go, node, compiler, postgresql and chromium, not $thing." ;;
  esac
done
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
