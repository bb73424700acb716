#!/usr/bin/env bash
# Makes the users of accounts, and their rights over transactional ids: neither can be done with the librdkafka of Debian
# 12, with which `relay access apply` gives all other rights. Runs in Kafka's image as its administrator, who is known by
# certificate. What is there already stays; nothing is taken away. Each call starts a virtual machine.
set -euo pipefail

servers=${KAFKA_ADMIN_SERVERS:?} prefix=${RELAY_TOPIC_PREFIX:-relay.}
table=/etc/relay/secure/access.tsv
admin=(--bootstrap-server "$servers" --command-config /etc/relay/secure/client.properties)
bin=${KAFKA_BIN:-/opt/kafka/bin}
scram=$(mktemp)
trap 'rm -f "$scram"' EXIT

while read -r user password; do
    # In a file: arguments can be seen by others.
    printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$password" >"$scram"
    "$bin/kafka-configs.sh" "${admin[@]}" --alter --entity-type users --entity-name "$user" \
        --add-config-file "$scram" </dev/null
done </run/secrets/accounts

grep -v '^#' "$table" | while IFS=$'\t' read -r user kind name pattern operations; do
    [ "$kind" = transactional-id ] || continue
    call=(--add --allow-principal "User:$user" --resource-pattern-type "$pattern")
    for operation in ${operations//,/ }; do call+=(--operation "$operation"); done
    "$bin/kafka-acls.sh" "${admin[@]}" "${call[@]}" --transactional-id "$prefix${name#relay.}" >/dev/null </dev/null
done
echo "users are made, with their rights over transactional ids"
