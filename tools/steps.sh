# shellcheck shell=bash
# Runs named steps one after the other, goes on after a failure, and closes with a table and a plain
# line «steps: N passed, N failed». Sourced by check.sh and test.sh after lib.sh.

steps_lines=()
steps_passed=0 steps_failed=0 steps_skipped=0
readonly not_run=77 # what a step answers when its tool cannot be had here; it has said why

# step NAME COMMAND…
step() {
  local name=$1 began=$SECONDS status=0 word
  shift
  printf '\n── %s\n' "$name"
  "$@" </dev/null || status=$?
  case $status in
  0) word=ok steps_passed=$((steps_passed + 1)) ;;
  "$not_run") word='NOT RUN' steps_skipped=$((steps_skipped + 1)) ;;
  *) word="FAILED ($status)" steps_failed=$((steps_failed + 1)) ;;
  esac
  printf '── %s: %s, %d s\n' "$name" "$word" $((SECONDS - began))
  steps_lines+=("$(printf '%5d s  %-12s %s' $((SECONDS - began)) "$word" "$name")")
}

# finish: the table and the closing line; fails when a step failed or when none ran.
finish() {
  printf '\n'
  printf '%s\n' "${steps_lines[@]}"
  printf '%5d s  in all\n' "$SECONDS"
  local skipped=''
  [ "$steps_skipped" -eq 0 ] || skipped=", $steps_skipped skipped"
  printf 'steps: %d passed, %d failed%s\n' "$steps_passed" "$steps_failed" "$skipped"
  [ "$steps_failed" -eq 0 ] && [ "$steps_passed" -gt 0 ]
}
