# shellcheck shell=bash
# Shared by the scripts of tools/: sourced, never run; sourcing it changes nothing.

# say SENTENCE: one sentence for the person who watches, on standard error.
say() { printf 'habilis: %s\n' "$*" >&2; }

# die SENTENCE: says why and stops.
die() {
  say "$*"
  exit 1
}

# postgres_bin: prints the folder of the newest installed PostgreSQL server (15 at least), or fails.
postgres_bin() {
  local dir version
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/bin /usr/bin | sort -rV); do
    if [ ! -x "$dir/initdb" ] || [ ! -x "$dir/postgres" ]; then continue; fi
    version=$("$dir/postgres" --version | grep -oE '[0-9]+' | head -n 1)
    if [ "${version:-0}" -ge 15 ]; then
      printf '%s\n' "$dir"
      return 0
    fi
  done
  return 1
}

# chromium_bin: prints the browser that the tests drive, or fails. HABILIS_CHROMIUM names another one.
chromium_bin() {
  local name
  for name in "${HABILIS_CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then return 0; fi
  done
  return 1
}

# chromium_quick_bin: prints a browser that has no window around its pages, or the one that was named, or fails.
chromium_quick_bin() { command -v "${HABILIS_CHROMIUM:-chromium-headless-shell}"; }

# quick_folder prints a folder in memory for what tests write, when there is room (2 GiB): fsync costs nothing
# there, and a killed process loses nothing either. Otherwise the usual one.
quick_folder() {
  local free
  free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
  if [ "${free:-0}" -ge 2097152 ] && [ -w /dev/shm ]; then echo /dev/shm; else echo /tmp; fi
}

# roomy COMMAND…: runs a Go program that makes much garbage with room for it (4 GiB), where there is twice as much: a
# quarter less work. Elsewhere as it is.
roomy() {
  local free
  free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null) || free=0
  if [ "${free:-0}" -ge 8388608 ]; then GOGC=400 GOMEMLIMIT=4GiB "$@"; else "$@"; fi
}
