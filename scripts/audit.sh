#!/usr/bin/env bash
# Look up known holes of every pinned package; ends with 1 when there is one, or when they can't be looked up.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
UV="$ROOT/.tools/uv/bin/uv"
[ -x "$UV" ] || UV=uv
LIST="$(mktemp)"
trap 'rm -f "$LIST"' EXIT
"$UV" export --locked --no-dev --all-extras --no-emit-project --format requirements-txt --quiet >"$LIST"
"$UV" run --no-project --with pip-audit pip-audit --requirement "$LIST" --disable-pip --strict
