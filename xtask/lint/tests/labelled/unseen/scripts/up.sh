#!/usr/bin/env bash
# Brings up the newsroom for the end-to-end tests.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cluster=${NEWSROOM_CLUSTER:-newsroom}
export KUBECONFIG=${NEWSROOM_KUBECONFIG:-$root/.e2e/kubeconfig}
namespace=${NEWSROOM_NAMESPACE:-newsroom}
timeout=180s
registry=localhost:5005
version=$(git -C "$root" rev-parse --short=12 HEAD)

say() { printf '\n==> %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is needed"
  done
}

create_cluster() {
  if kind get clusters | grep -qx "$cluster"; then
    say "cluster $cluster is there already"
    return
  fi
  say "creating cluster $cluster"
  kind create cluster --name "$cluster" --config "$here/kind.yaml" --kubeconfig "$KUBECONFIG" --wait 120s
}

install_release() {
  local name=$1 chart=$2
  shift 2
  helm upgrade --install "$name" "$chart" --namespace "$namespace" --create-namespace --wait --timeout 5m "$@"
}

backing() {
  say "backing services"
  install_release articles-db oci://registry.example.com/charts/postgresql --version 15.5.20 --set auth.database=articles
  # label: sequential-deploy
  install_release search oci://registry.example.com/charts/opensearch --version 2.21.0 --set singleNode=true
  install_release cache oci://registry.example.com/charts/redis --version 19.6.4 --set architecture=standalone
}

ingress() {
  say "ingress controller"
  kubectl apply -f https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.11.2/deploy/static/provider/kind/deploy.yaml
  kubectl wait --namespace ingress-nginx --for=condition=Ready pod --selector=app.kubernetes.io/component=controller --timeout="$timeout"
  # The admission webhook of the controller must answer before an Ingress is accepted.
  kubectl apply -n "$namespace" -f "$here/ingress.yaml"
}

schema() {
  say "schema"
  kubectl -n "$namespace" delete job articles-schema --ignore-not-found
  sed "s/@VERSION@/$version/" "$here/schema-job.yaml" | kubectl -n "$namespace" apply -f -
  kubectl -n "$namespace" wait --for=condition=Complete job/articles-schema --timeout="$timeout"
}

services() {
  say "services"
  for service in editor reader archive; do
    sed -e "s/@VERSION@/$version/" -e "s#@REGISTRY@#$registry#" "$here/$service.yaml" | kubectl -n "$namespace" apply -f - # label: apply-per-file
    kubectl -n "$namespace" rollout status "deployment/$service" --timeout="$timeout" # label: wait-between-deploys ?
  done
}

smoke() {
  say "smoke"
  local tries=0
  until curl --fail --silent http://127.0.0.1:8088/healthz >/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || die "the reader does not answer"
    sleep 1
  done
}

need kind kubectl helm curl git
mkdir -p "$(dirname "$KUBECONFIG")"
create_cluster
backing
ingress # label: sequential-deploy ?
schema
services
smoke
say "newsroom $version is up"
