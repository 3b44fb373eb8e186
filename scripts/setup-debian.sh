#!/usr/bin/env bash
# Installs with apt what building and testing needs on a Debian 12 that has Swift already.
# Safe to run again: it does nothing, and says nothing, when everything is there.
set -euo pipefail

packages=(
  git pkg-config libsqlite3-dev libpq-dev # to build
  postgresql                              # the tests start clusters of their own
  python3 python3-venv                    # scripts/tryton
  ca-certificates curl procps tzdata util-linux
)

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi

apt_get() { # what it says matters only when it fails
  local log
  if ! log=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" 2>&1); then
    echo "$log" >&2
    return 1
  fi
}
install() { apt_get -o Dpkg::Use-Pty=0 --no-install-recommends install "$@"; }

echo "installing ${missing[*]}"
apt_get update
if ! is_installed postgresql; then
  # Unless told otherwise first, Debian makes a cluster and starts it. Nobody needs that one.
  install postgresql-common
  "${as_root[@]}" sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' \
    /etc/postgresql-common/createcluster.conf
fi
install "${missing[@]}"
