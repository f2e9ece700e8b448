#!/usr/bin/env bash
# Creates the secrets that are missing: certificates of the database, passwords, keys, and .env. Changes none that exists.
# usage: prepare.sh DOMAIN IMAGE
set -euo pipefail
cd "$(dirname "$0")"
domain=${1:?usage: prepare.sh DOMAIN IMAGE}
image=${2:?usage: prepare.sh DOMAIN IMAGE}

# Only its owner can enter the folder. The files are readable by all, because the users in the containers, which get single files, have other ids.
mkdir -p secrets
chmod 700 secrets

# Writes what a command prints into a secret, if there is none.
secret() {
    local file=secrets/$1
    [ -e "$file" ] && return
    "${@:2}" > "$file.new"
    chmod 444 "$file.new"
    mv "$file.new" "$file"
    echo "created $file"
}

certificate() {
    local name=$1
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/O=twofold/CN=$name" \
        -keyout "$scratch/$name.key" 2> /dev/null |
        openssl x509 -req -CA secrets/database-ca.pem -CAkey secrets/database-ca.key -days 825 -set_serial "0x$(openssl rand -hex 16)" \
            -extfile <(printf 'subjectAltName=DNS:%s,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth' "$name") 2> /dev/null
    cat "$scratch/$name.key"
}

authority() {
    openssl req -x509 -new -key secrets/database-ca.key -days 3650 -subj "/O=twofold/CN=database authority" \
        -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
}

database_url() {
    echo "mongodb://twofold:$(cat secrets/database-service-password)@mongo-1:27017,mongo-2:27017,mongo-3:27017/?authSource=twofold&replicaSet=rs0&tls=true&tlsCAFile=/run/secrets/database-ca"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

secret database-ca.key openssl ecparam -name prime256v1 -genkey -noout
chmod 400 secrets/database-ca.key
secret database-ca.pem authority
for member in mongo-1 mongo-2 mongo-3; do
    secret "$member.pem" certificate "$member"
done
secret database-keyfile openssl rand -base64 756
secret database-admin-password openssl rand -hex 24
secret database-service-password openssl rand -hex 24
secret database-url database_url
secret sealing-keys printf '%s:%s\n' "$(date -u +%Y-%m-%d)" "$(openssl rand -base64 32)"
secret metrics-token openssl rand -hex 24

if [ ! -e .env ]; then
    printf 'DOMAIN=%s\nTWOFOLD_IMAGE=%s\n' "$domain" "$image" > .env
    echo "created .env"
fi
