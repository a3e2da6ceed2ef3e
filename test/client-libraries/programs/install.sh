#!/usr/bin/env bash
# Makes the relying parties that are not in JavaScript, in test/output/programs: Authlib in an environment of its own, and the program with go-oidc.
set -euo pipefail
cd "$(dirname "$0")"
to=../../output/programs
mkdir -p "$to"
python3 -m venv "$to/python"
"$to/python/bin/pip" install --quiet --disable-pip-version-check --retries 5 -r authlib/requirements.txt
to=$(realpath "$to")
cd go-oidc
CGO_ENABLED=0 go build -mod=readonly -o "$to/go-oidc" .
