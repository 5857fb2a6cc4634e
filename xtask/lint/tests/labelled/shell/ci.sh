#!/usr/bin/env bash
# Product-independent chores: nothing here sets up a cluster.
set -euo pipefail

run_linters() {
  go vet ./...
  golangci-lint run
  shellcheck hack/*.sh
}

release() {
  docker login -u ci -p "$TOKEN" registry.example.com
  docker buildx create --use
  docker buildx build --platform linux/amd64,linux/arm64 -t "registry.example.com/app:$VERSION" --push .
  cosign sign "registry.example.com/app:$VERSION"
}

wait_for_lock() {
  while ! mkdir /var/lock/e2e.lock 2>/dev/null; do
    sleep 5
  done
}

retry() {
  local attempts=0
  until "$@"; do
    attempts=$((attempts + 1))
    if [ "$attempts" -ge 5 ]; then
      return 1
    fi
    sleep $((attempts * 2))
  done
}

teardown() {
  helm uninstall shop || true
  helm uninstall redis || true
  sleep 5
  kind delete cluster --name e2e
}

setup_go() {
  export GOPATH="$HOME/go"
  install -m 0755 bin/tool /usr/local/bin/tool
  apt-get install -y jq
  start=$(date +%s)
}

setup_go
run_linters
