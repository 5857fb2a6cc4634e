#!/usr/bin/env bash
# Operators, then what they operate: the order is needed.
set -euo pipefail
export KUBECONFIG="${KUBECONFIG:-$PWD/kubeconfig}"

wait_for_crd() {
  local crd=$1
  until kubectl get crd "$crd" >/dev/null 2>&1; do
    sleep 1
  done
  kubectl wait --for=condition=Established "crd/$crd" --timeout=60s
}

setup_operators() {
  kubectl apply --server-side -f https://example.com/prometheus-operator/bundle.yaml
  wait_for_crd prometheuses.monitoring.coreos.com
  kubectl apply -f config/prometheus.yaml

  kubectl create namespace strimzi
  kubectl apply -n strimzi -f https://strimzi.io/install/latest
  kubectl wait -n strimzi --for=condition=Available deployment/strimzi-cluster-operator --timeout=300s
  cat <<YAML | kubectl apply -n strimzi -f -
apiVersion: kafka.strimzi.io/v1beta2
kind: Kafka
metadata:
  name: events
spec:
  kafka:
    replicas: 1
YAML
  kubectl wait -n strimzi kafka/events --for=condition=Ready --timeout=300s
}

setup_database() {
  kubectl apply -f deploy/postgres.yaml
  kubectl rollout status statefulset/postgres
  kubectl exec statefulset/postgres -- psql -U app -c 'CREATE DATABASE ledger'
  kubectl apply -f deploy/ledger.yaml
}

setup_migrated() {
  kubectl apply -f deploy/postgres.yaml
  kubectl rollout status statefulset/postgres
  kubectl apply -f deploy/migrate-job.yaml
  kubectl wait --for=condition=complete job/migrate --timeout=120s
  kubectl apply -f deploy/ledger.yaml
}

setup_host_from_service() {
  helm install gateway ./charts/gateway --wait
  host=$(kubectl get svc gateway -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
  helm install portal ./charts/portal --set "gateway.host=${host}"
}

upgrade() {
  helm upgrade --install shop ./charts/shop --version 1.0.0 --wait
  helm upgrade --install shop ./charts/shop --version 2.0.0 --wait
}

by_flavour() {
  case "$1" in
    istio)
      istioctl install -y
      ;;
    linkerd)
      linkerd install | kubectl apply -f -
      ;;
    nginx)
      helm install ingress-nginx ingress-nginx/ingress-nginx --wait
      ;;
  esac
}

with_tools() {
  if ! command -v helm >/dev/null; then
    curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-3 | bash
  fi
  helm repo add bitnami https://charts.bitnami.com/bitnami
  helm repo update
  helm dependency update ./charts/shop
  helm lint ./charts/shop
  helm template ./charts/shop >/dev/null
}

case "${1:-}" in
  operators) setup_operators ;;
  database) setup_database ;;
esac
