#!/usr/bin/env bash
# Bring the vendored files to the versions named here, and write down what they are.
# Needs npm and a registry; the files themselves are kept in the repository, so nobody else does.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# package version folder file-in-package licence-in-package
wanted="\
weui 2.6.26 weui dist/style/weui.min.css LICENSE.txt
@picocss/pico 2.1.1 pico css/pico.min.css LICENSE.md
echarts 6.1.0 echarts dist/echarts.common.min.js LICENSE
htmx.org 4.0.1 htmx dist/htmx.min.js LICENSE"

entries=()
while read -r package version folder file licence; do
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null && tar xzf ./*.tgz && rm ./*.tgz)
  mkdir -p "$here/$folder"
  cp "$work/package/$file" "$here/$folder/$(basename "$file")"
  cp "$work/package/$licence" "$here/$folder/LICENSE"
  if [ -f "$work/package/NOTICE" ]; then cp "$work/package/NOTICE" "$here/$folder/NOTICE"; fi
  sha256="$(sha256sum "$here/$folder/$(basename "$file")" | cut -d' ' -f1)"
  entries+=("  {\"name\": \"$package\", \"version\": \"$version\", \"file\": \"$folder/$(basename "$file")\", \"sha256\": \"$sha256\"}")
  rm -rf "$work/package"
done <<<"$wanted"

{
  echo "["
  for index in "${!entries[@]}"; do
    if [ "$index" -lt $((${#entries[@]} - 1)) ]; then comma=","; else comma=""; fi
    echo "${entries[$index]}$comma"
  done
  echo "]"
} >"$here/vendor.lock.json"
