// SPDX-License-Identifier: Apache-2.0

@main
struct Deploy {
    static func main() async {}
}
