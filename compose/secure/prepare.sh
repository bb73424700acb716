#!/usr/bin/env bash
# Makes what secure.yaml needs, as files that git ignores: a certificate authority, certificates for Kafka, its
# administrator and the gateway, and a password for each user of access.tsv. What is there already stays.
#   compose/secure/prepare.sh [directory]        compose/secure/private unless given
# RELAY_HOSTNAMES=relay.example.com,10.0.0.7 adds names by which the gateway is reached.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
directory=${1:-$here/private}
# Only the owner gets into the directory; in a container each file is mounted alone, for a user without privileges.
umask 022
install -d -m 700 "$directory"
cd "$directory"

if [ ! -e ca.key ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Production Relay" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout ca.key -out ca.pem 2>/dev/null
    chmod 600 ca.key
fi

# certificate <file> <common name> <subject alternative names>: key and certificate in one PEM file.
certificate() {
    [ ! -e "$1.pem" ] || return 0
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" \
        -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=%s\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n' "$3" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 397 -extfile "$1.ext" \
        -out "$1.crt" 2>/dev/null
    cat "$1.key" "$1.crt" ca.pem >"$1.pem"
    rm -f "$1.key" "$1.csr" "$1.ext" "$1.crt"
}

names() { printf '%s\n' "$@" | sed -E 's/^([0-9.]+)$/IP:\1/; t; s/^/DNS:/' | paste -sd, -; }

certificate kafka kafka "$(names kafka kafka-2 kafka-3 localhost 127.0.0.1)"
certificate admin admin "$(names admin)"
# shellcheck disable=SC2046,SC2086
certificate gateway gateway "$(names gateway localhost 127.0.0.1 $(tr , ' ' <<<"${RELAY_HOSTNAMES:-}"))"

# A user's own file is what librdkafka reads; accounts has them all, for who makes them.
touch accounts
for user in $(awk -F'\t' '!/^#/ && NF {print $1}' "$here/access.tsv" | sort -u); do
    grep -q "^$user " accounts || printf '%s %s\n' "$user" "$(openssl rand -hex 24)" >>accounts
    printf '%s\n' security.protocol=SASL_SSL ssl.ca.location=/run/secrets/ca.pem \
        ssl.endpoint.identification.algorithm=https sasl.mechanisms=SCRAM-SHA-512 "sasl.username=$user" \
        "sasl.password=$(awk -v user="$user" '$1 == user {print $2}' accounts)" >"$user.properties"
done
echo "$directory: $(awk 'END {print NR}' accounts) users; certificates end $(openssl x509 -noout -enddate -in kafka.pem | cut -d= -f2)"
