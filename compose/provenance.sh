#!/usr/bin/env bash
# Says where an image comes from, signed: an in-toto statement with SLSA v1 provenance in a DSSE envelope.
#   provenance.sh sign <private key, PEM> <image> <envelope>    writes the envelope
#   provenance.sh verify <public key, PEM> <image> <envelope>   ends with 0 when the image is the one that was signed
# The key is yours, of any kind that openssl signs with: openssl genpkey -algorithm ed25519 -out key.pem, and
# openssl pkey -in key.pem -pubout -out public.pem. The digest is that of the image's configuration, as `docker image
# inspect` shows it: it covers all layers, and is the same before and after a push.
set -euo pipefail

payload_type=application/vnd.in-toto+json
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    printf 'provenance: %s\n' "$*" >&2
    exit 1
}
usage() {
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
inspect() { docker image inspect --format "$2" "$1"; }
digest_of() { inspect "$1" '{{.Id}}' | sed 's/^sha256://'; }
label() { inspect "$1" "{{index .Config.Labels \"$2\"}}"; }
# What is signed: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
encoded() { printf 'DSSEv1 %s %s %s ' ${#payload_type} "$payload_type" "$(wc -c <"$1" | tr -d ' ')" && cat "$1"; }

material() { printf '{"name":"%s","digest":{"sha256":"%s"}}' "$1" "$2"; }

statement() {
    local image=$1 revision sbom
    revision=$(label "$image" org.opencontainers.image.revision)
    [[ $revision =~ ^[0-9a-f]{40}$ ]] ||
        fail "$image does not say which commit it is of (\"$revision\"): build it with \`make images\`, all changes committed"
    sbom=$(docker run --rm --network none --entrypoint sha256sum "$image" /usr/share/relay/sbom.spdx.json | cut -c1-64)
    printf '{"_type":"https://in-toto.io/Statement/v1","subject":[%s],' "$(material "$image" "$(digest_of "$image")")"
    printf '"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{'
    printf '"buildType":"urn:production-relay:compose/Dockerfile:v1","externalParameters":{"configuration":"%s","target":"%s"},' \
        "$(label "$image" io.production-relay.configuration)" "$(label "$image" io.production-relay.target)"
    printf '"resolvedDependencies":[{"uri":"git+%s","digest":{"gitCommit":"%s"}}' "${SOURCE_URI:-local}" "$revision"
    local base
    for base in "${SWIFT_IMAGE:-swift:6.3-bookworm}" "${DEBIAN_IMAGE:-debian:bookworm-slim}"; do
        printf ',%s' "$(material "$base" "$(digest_of "$base")")"
    done
    printf ',%s]},' "$(material sbom.spdx.json "$sbom")"
    printf '"runDetails":{"builder":{"id":"urn:production-relay:compose/provenance.sh"},"metadata":{"finishedOn":"%s"}}}}' \
        "$(inspect "$image" '{{.Created}}')"
}

sign() {
    local key=$1 image=$2 envelope=$3
    statement "$image" >"$scratch/payload"
    encoded "$scratch/payload" >"$scratch/encoded"
    openssl pkeyutl -sign -rawin -inkey "$key" -in "$scratch/encoded" -out "$scratch/signature"
    printf '{"payloadType":"%s","payload":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}\n' "$payload_type" \
        "$(base64 -w0 "$scratch/payload")" "$(openssl pkey -in "$key" -pubout -outform DER | sha256sum | cut -c1-64)" \
        "$(base64 -w0 "$scratch/signature")" >"$envelope"
    echo "$envelope: $image, sha256:$(digest_of "$image"), commit $(label "$image" org.opencontainers.image.revision)"
}

verify() {
    local key=$1 image=$2 envelope=$3
    sed -nE 's/.*"payload":"([A-Za-z0-9+\/=]+)".*/\1/p' "$envelope" | base64 -d >"$scratch/payload"
    sed -nE 's/.*"sig":"([A-Za-z0-9+\/=]+)".*/\1/p' "$envelope" | base64 -d >"$scratch/signature"
    encoded "$scratch/payload" >"$scratch/encoded"
    openssl pkeyutl -verify -rawin -pubin -inkey "$key" -in "$scratch/encoded" -sigfile "$scratch/signature" >/dev/null 2>&1 ||
        fail "$envelope is not signed by the owner of $key, or was changed since"
    # Only what was signed is looked at from here on.
    local signed
    signed=$(sed -nE 's/^\{"_type":"[^"]*","subject":\[\{"name":"[^"]*","digest":\{"sha256":"([0-9a-f]{64})"\}\}\].*/\1/p' "$scratch/payload")
    [ "$signed" = "$(digest_of "$image")" ] || fail "$image is not the image of $envelope: sha256:$signed was signed"
    echo "$image is as signed: sha256:$signed"
}

[ $# = 4 ] || usage
case $1 in
sign | verify) "$@" ;;
*) usage ;;
esac
