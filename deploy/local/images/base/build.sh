#!/bin/sh
# Debian trixie without documentation, manual pages and message catalogues: the layer that the
# Odoo and PostgreSQL images share.
# In: ROOT (empty directory to fill), MIRROR (Debian archive).
set -eu

# It gives up over a single file that could not be fetched. What it has is not fetched again.
fetches=1
until debootstrap --download-only --variant=minbase trixie "$ROOT" "$MIRROR"; do
	[ "$fetches" -lt 5 ] || exit 1
	fetches=$((fetches + 1))
	sleep 5
done
debootstrap --variant=minbase trixie "$ROOT" "$MIRROR"

# dpkg obeys this for everything that is installed on top, too.
cat >"$ROOT/etc/dpkg/dpkg.cfg.d/without-documentation" <<'DPKG'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/man/*
DPKG
echo 'Acquire::Languages "none";' >"$ROOT/etc/apt/apt.conf.d/without-translations"
find "$ROOT/usr/share/doc" -type f ! -name copyright -delete
find "$ROOT/usr/share/doc" -type l -delete
rm -rf "$ROOT/usr/share/info" "$ROOT/usr/share/locale" "$ROOT/usr/share/lintian" \
	"$ROOT/usr/share/man" "$ROOT/var/log/bootstrap.log"
rm -rf "$ROOT"/var/cache/apt/* "$ROOT"/var/lib/apt/lists/*
