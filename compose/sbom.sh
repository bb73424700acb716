#!/bin/sh
# Writes what an image is made of as SPDX 2.3 JSON: its Debian packages, and the Swift packages of a Package.resolved.
#   sbom.sh <Package.resolved>
# The same contents give the same bytes: the document's name is the digest of its list, and its time is that of the
# newest package unless SOURCE_DATE_EPOCH says otherwise.
set -eu

entry='{"SPDXID":"SPDXRef-%s-%s","name":"%s","versionInfo":"%s","downloadLocation":"%s","filesAnalyzed":false,"externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"%s"}]}\n'

debian() {
    dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | LC_ALL=C sort | while read -r name version architecture; do
        id=$(printf %s "$name" | tr -c 'A-Za-z0-9.-' -)
        # shellcheck disable=SC2059
        printf "$entry" deb "$id" "$name" "$version" NOASSERTION \
            "pkg:deb/debian/$name@$version?arch=$architecture"
    done
}

swift() {
    awk -F'"' '
        /"identity"/ { name = $4 } /"location"/ { location = $4 } /"revision"/ { revision = $4 }
        /"version"/ && name { version = $4 }
        /^ *} *,?$/ && name && revision { print name, location, version ? version : revision; name = version = revision = "" }
    ' "$1" | LC_ALL=C sort | while read -r name location version; do
        # shellcheck disable=SC2059
        printf "$entry" swift "$name" "$name" "$version" "git+$location" \
            "pkg:swift/$(printf %s "${location%.git}" | sed 's#^https://##')@$version"
    done
}

packages=$( { debian; swift "$1"; } | paste -sd, -)
digest=$(printf %s "$packages" | sha256sum | cut -c1-32)
epoch=${SOURCE_DATE_EPOCH:-$(stat -c %Y /var/lib/dpkg/status)}
printf '{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"production-relay",'
printf '"documentNamespace":"urn:production-relay:sbom:%s",' "$digest"
printf '"creationInfo":{"created":"%s","creators":["Tool: production-relay-sbom"]},' \
    "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
printf '"packages":[%s]}\n' "$packages"
