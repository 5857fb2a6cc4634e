#!/usr/bin/env bash
set -euo pipefail

: "${KUBECONFIG:?}"

# Both at once, and nobody asks how they ended.
install_all() {
  helm upgrade --install minio bitnami/minio -n store --wait &
  helm upgrade --install nats nats/nats -n store --wait &
  wait # label: first-error-return
}

# Both at once, each one asked.
install_checked() {
  local failed=0
  helm upgrade --install minio bitnami/minio -n store --wait &
  local minio=$!
  helm upgrade --install nats nats/nats -n store --wait &
  local nats=$!
  wait "$minio" || failed=1
  wait "$nats" || failed=1
  return "$failed"
}

# One is waited for before the next starts.
install_pretend() {
  helm upgrade --install minio bitnami/minio -n store --wait &
  wait $! # label: wait-between-deploys
  helm upgrade --install nats nats/nats -n store --wait &
  wait $!
}

# The forward runs until the script ends; that is what it is for.
forward() {
  kubectl port-forward -n store svc/minio 9000:9000 &
  FORWARD_PID=$!
  trap 'kill "$FORWARD_PID"' EXIT
  until nc -z 127.0.0.1 9000; do sleep 0.2; done
}

# Started, and forgotten.
install_forgotten() {
  helm upgrade --install loki grafana/loki -n store --wait & # label: first-error-return
  helm upgrade --install tempo grafana/tempo -n store --wait
}

build_parallel() {
  local pids=()
  for service in minio-init nats-init; do
    docker build -t "store/${service}:e2e" "images/${service}" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || return 1
  done
}
