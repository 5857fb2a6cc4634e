#!/bin/sh
# A pretended docker, podman, kind, kubectl or cargo. It keeps what exists in $FAKE/state, writes every call to $FAKE/calls, and
# does first what the test put into $FAKE/hooks/TOOL-VERB.
tool=${0##*/}
verb=$1
# Each engine has clusters of its own.
node=$FAKE/state/node
case "$tool-$KIND_EXPERIMENTAL_PROVIDER" in podman-* | kind-podman) node=$FAKE/state/node-podman ;; esac
case "$tool $*" in
  "docker exec "*) verb=exec ;;
  "docker buildx build "*) verb=build ;;
  "kubectl "*" apply "*) verb=apply ;;
  "kubectl "*" --raw "*) verb=watch ;;
  "kubectl "*" get "*) verb=get ;;
esac
echo "$tool $*" >> "$FAKE/calls"
if [ -f "$FAKE/hooks/$tool-$verb" ]; then . "$FAKE/hooks/$tool-$verb"; fi
case "$tool-$verb" in
  podman-info) echo '{"host":{"arch":"amd64"},"version":{"Version":"1"}}'; exit ;;
  podman-*) tool=docker ;;
esac
case "$tool-$verb" in
  docker-version) echo '{"Client":{"Version":"1"},"Server":{"Version":"1","Arch":"amd64"}}' ;;
  docker-ps) if [ -f "$node" ]; then echo 1234; fi ;;
  docker-container)
    cat "$node" ;;
  docker-rm) rm -f "$node" ;;
  docker-images) cat "$FAKE/state/images" ;;
  docker-build)
    while [ $# -gt 0 ]; do
      if [ "$1" = --tag ]; then printf '%s\t%s\t<none>\tsha256:1\n' "${2%:*}" "${2##*:}" >> "$FAKE/state/images"; fi
      shift
    done ;;
  docker-exec) case "$*" in *" import "*) cat > /dev/null ;; esac ;;
  kind-create)
    printf '[{"Id":"1234","Name":"/%s-control-plane","State":{"Status":"running"},"Config":{"Image":"x","Labels":{}},"HostConfig":{}}]' \
      "${FAKE_CLUSTER:-one}" > "$node"
    echo ' ✓ Preparing nodes' >&2
    echo ' ✓ Starting control-plane' >&2 ;;
  kind-delete) rm -f "$node" ;;
  kind-get) echo 'apiVersion: v1' ;;
  kubectl-watch) exec tail -f /dev/null ;;
  kubectl-get) echo '{"items":[]}' ;;
  cargo-build)
    echo program > "$FAKE/program"
    for name in one two; do
      printf '{"reason":"compiler-artifact","target":{"name":"%s"},"executable":"%s","fresh":false}\n' "$name" "$FAKE/program"
    done ;;
esac
