# Starts PostgreSQL. An empty volume is initialised first, beside its final place, so that an
# interrupted initialisation is begun again and never taken for a finished one.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin)
data="$DATA_DIRECTORY/data"
if [ ! -e "$data/PG_VERSION" ]; then
    rm -rf "$data.new"
    "$bin/initdb" --pgdata="$data.new" --username=postgres --encoding=UTF8 \
        --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 \
        --auth-local=peer --auth-host=reject --data-checksums
    echo "host all all all scram-sha-256" > "$data.new/pg_hba.network"
    {
        echo "local all postgres peer"
        cat "$data.new/pg_hba.network"
    } > "$data.new/pg_hba.conf"
    rm "$data.new/pg_hba.network"
    # Only a superuser can close what PostgreSQL leaves open to everybody. An empty line ends a
    # statement. Passwords are generated from letters and digits, so they need no quoting.
    "$bin/postgres" --single -j -D "$data.new" postgres <<SQL
CREATE ROLE $(cat "$LOGIN_DIRECTORY/username") LOGIN CREATEDB CREATEROLE
    PASSWORD '$(cat "$LOGIN_DIRECTORY/password")';

REVOKE CONNECT, TEMPORARY ON DATABASE template1 FROM PUBLIC;

REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC;

SQL
    mv "$data.new" "$data"
fi
# The password is what the Secret says, also when that had to be made again. Nobody else runs yet.
login=$(sha256sum < "$LOGIN_DIRECTORY/password")
if [ "$login" != "$(cat "$data/login.sha256" 2>/dev/null)" ]; then
    "$bin/postgres" --single -D "$data" postgres > /dev/null <<SQL
ALTER ROLE $(cat "$LOGIN_DIRECTORY/username") PASSWORD '$(cat "$LOGIN_DIRECTORY/password")'
SQL
    echo "$login" > "$data/login.sha256"
fi
exec "$bin/postgres" -D "$data" \
    -c listen_addresses='*' \
    -c unix_socket_directories="$RUN_DIRECTORY" \
    -c max_connections="$MAX_CONNECTIONS"
