#!/usr/bin/env bash
# Sets up the cluster for the end-to-end tests.
set -o errexit
set -o nounset
set -o pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
CLUSTER_NAME="${CLUSTER_NAME:-shop-e2e}"
TAG="${TAG:-e2e}"
export KUBECONFIG="${ROOT}/.e2e/kubeconfig"

log() {
  echo "[$(date +%H:%M:%S)] $*"
}

create_cluster() {
  log "creating cluster ${CLUSTER_NAME}"
  kind create cluster --name "${CLUSTER_NAME}" --config "${ROOT}/test/kind.yaml" --kubeconfig "${KUBECONFIG}"
  kubectl cluster-info
}

build_images() {
  log "building images"
  docker build -t "shop/catalog:${TAG}" -f "${ROOT}/docker/catalog.Dockerfile" "${ROOT}"
  # label: build-in-sequence
  docker build -t "shop/cart:${TAG}" -f "${ROOT}/docker/cart.Dockerfile" "${ROOT}"
  docker build -t "shop/checkout:${TAG}" -f "${ROOT}/docker/checkout.Dockerfile" "${ROOT}"
}

load_images() {
  for image in catalog cart checkout; do
    kind load docker-image "shop/${image}:${TAG}" --name "${CLUSTER_NAME}" # label: load-per-image
  done
}

install_cert_manager() {
  kubectl apply -f "https://github.com/cert-manager/cert-manager/releases/download/v1.16.1/cert-manager.yaml"
  kubectl wait --for=condition=Available --timeout=180s -n cert-manager deployment --all
}

deploy_databases() {
  helm upgrade --install postgres bitnami/postgresql -n shop --create-namespace --wait --timeout 5m
  # label: sequential-deploy
  helm upgrade --install redis bitnami/redis -n shop --wait --timeout 5m
}

deploy_services() {
  kubectl apply -n shop -f "${ROOT}/deploy/catalog.yaml"
  # label: wait-between-deploys
  kubectl rollout status -n shop deployment/catalog --timeout=120s
  kubectl apply -n shop -f "${ROOT}/deploy/cart.yaml"
  # label: wait-between-deploys
  kubectl rollout status -n shop deployment/cart --timeout=120s
  kubectl apply -n shop -f "${ROOT}/deploy/checkout.yaml"
  kubectl rollout status -n shop deployment/checkout --timeout=120s
}

main() {
  build_images
  create_cluster
  load_images
  install_cert_manager
  deploy_databases
  deploy_services
  log "ready"
}

main "$@"
