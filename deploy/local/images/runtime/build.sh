#!/bin/sh
# What a Rust program needs of Debian: the C library, certificates, time zones. No shell.
# Runs inside the base image's root and leaves the image in /image.
# In: MIRROR (Debian archive).
set -eu

apt-get update
apt-get install --yes --no-install-recommends ca-certificates tzdata

root=/image
library=usr/lib/x86_64-linux-gnu
mkdir -p "$root/$library" "$root/usr/lib64" "$root/etc/ssl/certs" "$root/usr/share" \
	"$root/usr/bin" "$root/usr/local/bin" "$root/tmp"
ln -s usr/bin "$root/bin"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
chmod 1777 "$root/tmp"
for name in libc libm libgcc_s libpthread libdl librt libresolv libnss_dns libnss_files; do
	cp -a "/$library/$name".so* "$root/$library/"
done
cp -aL /usr/lib64/ld-linux-x86-64.so.2 "$root/usr/lib64/"
cp -a /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp -a /usr/share/zoneinfo "$root/usr/share/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'tenantry:x:65532:65532::/:/sbin/nologin' >"$root/etc/passwd"
echo 'tenantry:x:65532:' >"$root/etc/group"
