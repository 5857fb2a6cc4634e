#!/usr/bin/env bash
# What has to come first does come first here.
set -euo pipefail
export KUBECONFIG=$PWD/.e2e/kubeconfig

network() {
  helm upgrade --install cilium cilium/cilium --version 1.16.1 --namespace kube-system --wait
  kubectl wait --for=condition=Ready nodes --all --timeout=3m
}

load_balancer() {
  kubectl apply -f https://raw.githubusercontent.com/metallb/metallb/v0.14.8/config/manifests/metallb-native.yaml
  kubectl -n metallb-system wait --for=condition=Available deployment/controller --timeout=2m
  kubectl apply -f e2e/address-pool.yaml
}

gateway_api() {
  kubectl apply -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.1.0/standard-install.yaml
  kubectl wait --for=condition=Established crd/gateways.gateway.networking.k8s.io crd/httproutes.gateway.networking.k8s.io --timeout=60s
  helm upgrade --install envoy-gateway oci://docker.io/envoyproxy/gateway-helm --version v1.1.0 --namespace gateway --create-namespace --wait
  kubectl apply -n gateway -f e2e/gateway.yaml
  kubectl wait -n gateway --for=condition=Programmed gateway/front --timeout=3m
}

database() {
  kubectl apply --server-side -f https://raw.githubusercontent.com/cloudnative-pg/cloudnative-pg/release-1.24/releases/cnpg-1.24.0.yaml
  kubectl -n cnpg-system rollout status deployment/cnpg-controller-manager --timeout=3m
  kubectl apply -f e2e/cluster.yaml
  kubectl wait --for=condition=Ready cluster/accounts --timeout=5m
  password=$(kubectl get secret accounts-app -o jsonpath='{.data.password}' | base64 -d)
  PGPASSWORD=$password psql --host 127.0.0.1 --port 30432 --username app --file e2e/schema.sql accounts
  kubectl apply -f e2e/accounts.yaml
}

back_up() {
  stamp=$(date +%F)
  for claim in $(kubectl get pvc -o name); do
    kubectl exec deployment/backup -- tar czf "/backups/${claim#*/}-$stamp.tgz" -C "/volumes/${claim#*/}" .
  done
}

tear_down() {
  kubectl delete -f e2e/accounts.yaml --ignore-not-found
  kubectl delete -f e2e/cluster.yaml --ignore-not-found --wait
  helm uninstall envoy-gateway --namespace gateway --ignore-not-found
  kubectl delete -f e2e/address-pool.yaml --ignore-not-found
}

restart_in_turn() {
  # One replica after another, so that there is always one left to answer.
  for pod in accounts-0 accounts-1 accounts-2; do
    kubectl delete pod "$pod"
    kubectl wait --for=condition=Ready "pod/$pod" --timeout=2m
  done
}

case "${1:?}" in
  up)
    network
    load_balancer
    gateway_api
    database # label: sequential-deploy ?
    ;;
  down) tear_down ;;
  restart) restart_in_turn ;;
  backup) back_up ;;
esac
