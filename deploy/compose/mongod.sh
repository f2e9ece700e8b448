#!/bin/bash
# Starts a member. mongod refuses a key file that others may read, and Compose does not set the mode of a secret.
set -euo pipefail
install -m 400 /run/secrets/database-keyfile /tmp/keyfile
exec mongod --replSet rs0 --bind_ip_all --nounixsocket --keyFile /tmp/keyfile \
    --tlsMode requireTLS --tlsCertificateKeyFile /run/secrets/member --tlsCAFile /run/secrets/database-ca \
    --tlsAllowConnectionsWithoutCertificates "$@"
