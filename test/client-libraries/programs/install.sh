#!/usr/bin/env bash
# Makes the programs that are not in JavaScript, in test/output/programs: Authlib in an environment of its own, the program with go-oidc, and the script of mutt.
set -euo pipefail
cd "$(dirname "$0")"
to=../../output/programs
mkdir -p "$to"
python3 -m venv "$to/python"
"$to/python/bin/pip" install --quiet --disable-pip-version-check --retries 5 -r authlib/requirements.txt
to=$(realpath "$to")
cd go-oidc
CGO_ENABLED=0 go build -mod=readonly -o "$to/go-oidc" .

# of Debian's package, whose documentation a small system may leave out: the script alone
cd "$(mktemp -d)"
apt-get download --quiet mutt
dpkg-deb --fsys-tarfile mutt_*.deb | tar -x --to-stdout ./usr/share/doc/mutt/examples/mutt_oauth2.py >"$to/mutt_oauth2.py"
