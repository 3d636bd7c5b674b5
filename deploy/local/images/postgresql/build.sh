#!/bin/sh
# PostgreSQL 17 from trixie, without a cluster of its own: whoever runs it calls initdb.
# Runs inside the image's root. In: MIRROR (Debian archive).
set -eu

# The numbers are part of the image's contract (runAsUser 101, runAsGroup 103), so they are given
# before the package asks for whatever is free.
grep -q '^postgres:' /etc/group || echo 'postgres:x:103:' >>/etc/group
grep -q '^postgres:' /etc/passwd ||
	echo 'postgres:x:101:103:PostgreSQL:/var/lib/postgresql:/bin/bash' >>/etc/passwd
grep -q '^postgres:' /etc/shadow || echo 'postgres:!:20000::::::' >>/etc/shadow

apt-get update
# No cluster at installation time: it would be several MB of a database that nobody uses.
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
apt-get install --yes --no-install-recommends postgresql-17

# PostgreSQL compiles expressions only when this provider is there, and does without when it is
# not. It is half of the image, and slower than no compilation for queries as short as Odoo's.
rm -rf /usr/lib/postgresql/17/lib/llvmjit* /usr/lib/postgresql/17/lib/bitcode \
	/usr/lib/x86_64-linux-gnu/libLLVM*

for program in /usr/lib/postgresql/17/bin/*; do
	ln -sf "$program" "/usr/local/bin/${program##*/}"
done
install -d -o 101 -g 103 -m 0750 /var/lib/postgresql
install -d -o 101 -g 103 -m 2775 /var/run/postgresql
rm -rf /var/cache/apt/* /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old \
	/var/lib/dpkg/*-old /tmp/*
