#!/usr/bin/env bash
# Writes $WORK/pods.tar: an archive of images that are all the one layer $WORK/layer.tar, each with its own name and,
# after `=`, its entrypoint. By hand, because an engine would store the layer once more for each entrypoint.
set -euo pipefail
cd "${WORK:?}"
digest=$(sha256sum layer.tar | cut -d' ' -f1)
case $(uname -m) in x86_64) architecture=amd64 ;; aarch64) architecture=arm64 ;; *) architecture=$(uname -m) ;; esac

entries=()
for image in "$@"; do
  reference=${image%%=*}
  entrypoint=
  [ "$reference" = "$image" ] || entrypoint="\"Entrypoint\":[\"${image#*=}\"],"
  config=$(printf '{"architecture":"%s","os":"linux","config":{%s"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$architecture" "$entrypoint" "$digest")
  file=$(printf %s "$config" | sha256sum | cut -d' ' -f1).json
  printf %s "$config" > "$file"
  entries+=("{\"Config\":\"$file\",\"RepoTags\":[\"$reference\"],\"Layers\":[\"layer.tar\"]}")
done
(IFS=,; printf '[%s]' "${entries[*]}") > manifest.json
tar --create --file pods.tar -- *.json layer.tar
rm layer.tar
