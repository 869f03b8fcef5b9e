#!/usr/bin/env bash
# What action.yml runs: the drills once for each version, the outputs, and the exit code of the worst.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
main=$here/dist/cli/main.js
out=${DRILL_OUT:-valkey-drill-runs}
output=${GITHUB_OUTPUT:-/dev/stdout}

if [ ! -e "$main" ]; then # as the runner has checked the action out
  (cd "$here" && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build) </dev/null
fi

read -ra scenarios <<<"${DRILL_SCENARIO:-}"
read -ra versions <<<"${DRILL_VERSIONS:-8.1}"
common=(--driver "${DRILL_DRIVER:-process}")
[ -z "${DRILL_CLIENT:-}" ] || common+=(--client "$DRILL_CLIENT")
[ -z "${DRILL_SEED:-}" ] || common+=(--seed "$DRILL_SEED")

worst=0
junit=()
for version in "${versions[@]}"; do
  folder=$out/$(basename "$version")
  if [ -n "${DRILL_MATRIX:-}" ]; then
    command=(matrix "$DRILL_MATRIX" "${common[@]}" --valkey "$version" --out "$folder")
  else
    command=(run "${scenarios[@]}" "${common[@]}" --valkey "$version" --out "$folder" --report "junit=$folder/junit.xml")
    junit+=("$folder/junit.xml")
  fi
  echo "::group::valkey-drill ${command[*]}"
  code=0
  node "$main" "${command[@]}" </dev/null || code=$?
  echo "::endgroup::"
  # pass 0 < unknown 2 < fail 1 < anything else: as bad as it gets
  rank() { case $1 in 0) echo 0 ;; 2) echo 1 ;; 1) echo 2 ;; *) echo 3 ;; esac; }
  if [ "$(rank "$code")" -gt "$(rank "$worst")" ]; then worst=$code; fi
done

case $worst in 0) verdict=pass ;; 1) verdict=fail ;; 2) verdict=unknown ;; *) verdict=error ;; esac
{
  echo "verdict=$verdict"
  echo "paths<<END_OF_PATHS"
  find "$out" -name history.jsonl -printf '%h\n' 2>/dev/null | sort || true
  echo END_OF_PATHS
  echo "junit<<END_OF_JUNIT"
  for file in "${junit[@]}"; do if [ -e "$file" ]; then echo "$file"; fi; done
  echo END_OF_JUNIT
} >>"$output"
exit "$worst"
