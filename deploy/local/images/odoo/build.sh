#!/bin/sh
# Odoo 19 on trixie. Only Odoo itself comes from sid: everything it depends on is trixie's.
# Runs inside the image's root. In: MIRROR (Debian archive).
set -eu

# The names exist before the packages ask for them, so that the numbers never change:
# manifests say runAsUser 100, runAsGroup 101.
grep -q '^odoo:' /etc/group || echo 'odoo:x:101:' >>/etc/group
grep -q '^odoo:' /etc/passwd ||
	echo 'odoo:x:100:101::/var/lib/odoo:/usr/sbin/nologin' >>/etc/passwd
grep -q '^odoo:' /etc/shadow || echo 'odoo:!:20000::::::' >>/etc/shadow

# A mirror may lag behind sid, whose index says that it is valid for a week only.
echo "deb [check-valid-until=no] $MIRROR sid main" >/etc/apt/sources.list.d/sid.list
cat >/etc/apt/preferences.d/odoo <<'PIN'
Package: *
Pin: release n=sid
Pin-Priority: 100

Package: odoo-19
Pin: release n=sid
Pin-Priority: 990
PIN
apt-get update
apt-get install --yes --no-install-recommends odoo-19 postgresql-client

# Odoo writes only into its data directory, which is a volume.
install -d -o 100 -g 101 -m 0750 /var/lib/odoo
rm -rf /var/cache/apt/* /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old \
	/var/lib/dpkg/*-old /tmp/*
