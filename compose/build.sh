#!/usr/bin/env bash
# Builds the executables inside the image.
#   build.sh resolve                        fetch the dependencies that Package.swift names
#   build.sh build <configuration> <out>    build, and lay out bin, lib and share below <out>
set -euo pipefail

products=(relay relay-captain relay-pipeline relay-deploy relay-monitor relay-governance relay-lane)

case $1 in
resolve)
    swift package resolve
    ;;
build)
    configuration=$2 out=$3
    for product in "${products[@]}"; do
        swift build --configuration "$configuration" --product "$product"
    done
    binaries=$(swift build --configuration "$configuration" --show-bin-path)
    install -d "$out/bin" "$out/lib/swift/linux" "$out/share/relay"
    for product in "${products[@]}"; do
        # Symbols stay, so that a crash names its functions; what only a debugger reads goes.
        strip --strip-debug -o "$out/bin/$product" "$binaries/$product"
    done
    # Shared between seven executables, Swift's libraries weigh less than linked into each of them.
    ldd "$out"/bin/* | awk '$3 ~ /\/swift\/linux\// {print $3}' | sort -u |
        xargs -I{} install -m 644 {} "$out/lib/swift/linux/"
    install -m 644 Package.resolved "$out/share/relay/packages.resolved"
    install -m 755 compose/sbom.sh "$out/share/relay/sbom.sh"
    ;;
*)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
