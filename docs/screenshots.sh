#!/usr/bin/env bash
# Makes the README's pictures from the demo, with headless Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || { echo "Chromium is wanted (Debian: apt-get install chromium)"; exit 1; }
dir=$(mktemp -d)
go build -o "$dir/vedetta" ./cmd/vedetta
TZ=Europe/Rome "$dir/vedetta" demo --listen 127.0.0.1:0 >"$dir/demo.txt" &
demo=$!
trap 'kill $demo; wait $demo 2>/dev/null || true; rm -rf "$dir"' EXIT
for _ in $(seq 60); do grep -q 'near ' "$dir/demo.txt" && break; sleep 0.5; done
page=$(grep -om1 'http://[^ ]*/$' "$dir/demo.txt")
sleep 2
shoot() { # shoot NAME SIZE ADDRESS [FLAG…]
  local name=$1 size=$2 address=$3
  shift 3
  "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$dir/profile" --accept-lang=it \
    --window-size="$size" --screenshot="docs/img/$name.png" "$@" "$address" >/dev/null 2>&1
  echo "docs/img/$name.png"
}
story=$(curl -s "${page}feeds/nato-giappone-italia.atom" | grep -o "${page}stories/[0-9a-f]*" | sort | uniq -c | sort -rn | awk 'NR==1{print $2}')
shoot page 1200,860 "${page}?lang=it"
shoot page-dark 1200,860 "${page}?lang=it" --blink-settings=preferredColorScheme=0
shoot phone 412,860 "${page}?lang=it"
shoot story 1200,1000 "$story?lang=it"
