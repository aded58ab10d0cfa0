#!/bin/sh
# Builds the pure C++ parts with sanitizers and runs their tests; arguments: [seed].
# libcrypto and libssl are the system's (libssl-dev); in the addon the same symbols come from Node.
set -eu
cd "$(dirname "$0")"
out="${TMPDIR:-/tmp}/causeway-native-tests.$$"
mkdir -p "$out"
trap 'rm -rf "$out"' EXIT
flags="-std=c++20 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all"
pure="acknowledgement checksum ip-packet segment coalesce replay-window lpm route-table stream-framer data-cipher compression-framing epoch-keys openvpn-data ecn esp-format esp-sa traffic-selector upper-layer reach nat nat-sessions ipv4-fragment too-big sstp-format tls-session"
sources="main.cc"
for test in *.test.cc; do sources="$sources $test"; done
for part in $pure; do sources="$sources ../$part.cc"; done
printf '%s\n' $sources | xargs -P "$(nproc)" -I{} sh -c \
  '${CXX:-g++} '"$flags"' -c "$1" -o "'"$out"'/$(basename "$1").o"' _ {}
${CXX:-g++} $flags -o "$out/tests" "$out"/*.o -lssl -lcrypto
"$out/tests" "$@"
