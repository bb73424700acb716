#!/usr/bin/env bash
# Makes the users of accounts, and gives them the rights of access.tsv. Runs in Kafka's image as its administrator, who
# is known by certificate. What is there already stays; nothing is taken away.
set -euo pipefail

servers=${KAFKA_ADMIN_SERVERS:?} prefix=${RELAY_TOPIC_PREFIX:-relay.}
table=/etc/relay/secure/access.tsv
admin=(--bootstrap-server "$servers" --command-config /etc/relay/secure/client.properties)
bin=${KAFKA_BIN:-/opt/kafka/bin}

while read -r user password; do
    # In a file: arguments can be seen by others.
    printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$password" >/tmp/scram.properties
    "$bin/kafka-configs.sh" "${admin[@]}" --alter --entity-type users --entity-name "$user" \
        --add-config-file /tmp/scram.properties
    rm /tmp/scram.properties
done </run/secrets/accounts

# One call for what differs in the name alone: each starts a virtual machine.
awk -F'\t' '!/^#/ && NF {print $1, $2, $4, $5}' "$table" | sort -u | while read -r user kind pattern operations; do
    call=(--add --allow-principal "User:$user" --resource-pattern-type "$pattern")
    for operation in ${operations//,/ }; do
        case $operation in
        describe-configs) call+=(--operation DescribeConfigs) ;;
        *) call+=(--operation "$operation") ;;
        esac
    done
    while IFS= read -r name; do
        call+=("--$kind" "$prefix${name#relay.}")
    done < <(awk -F'\t' -v user="$user" -v kind="$kind" -v pattern="$pattern" -v operations="$operations" \
        '$1 == user && $2 == kind && $4 == pattern && $5 == operations {print $3}' "$table")
    "$bin/kafka-acls.sh" "${admin[@]}" "${call[@]}" >/dev/null </dev/null
done
echo "users and rights are as $table says"
