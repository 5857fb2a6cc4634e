#!/usr/bin/env bash
# The same newsroom, side by side.
set -euo pipefail
export KUBECONFIG=${KUBECONFIG:?}
logs=$(mktemp -d)

in_background() {
  local name=$1
  shift
  "$@" >"$logs/$name.log" 2>&1 &
  jobs_of[$!]=$name
}

declare -A jobs_of=()

join_all() {
  local pid failed=()
  for pid in "${!jobs_of[@]}"; do
    wait "$pid" || failed+=("${jobs_of[$pid]}")
  done
  jobs_of=()
  for name in "${failed[@]}"; do
    echo "--- $name" >&2
    cat "$logs/$name.log" >&2
  done
  [ "${#failed[@]}" -eq 0 ]
}

in_background articles-db helm upgrade --install articles-db charts/postgresql --wait
in_background search helm upgrade --install search charts/opensearch --wait
in_background cache helm upgrade --install cache charts/redis --wait
join_all

kubectl apply -f e2e/schema-job.yaml
kubectl wait --for=condition=Complete job/articles-schema --timeout=2m

kubectl apply -f e2e/editor.yaml -f e2e/reader.yaml -f e2e/archive.yaml
kubectl wait --for=condition=Available deployment/editor deployment/reader deployment/archive --timeout=3m

# Two clusters after that, for the test of the move from one to the other.
for region in east west; do
  kind create cluster --name "newsroom-$region" --kubeconfig "$logs/$region" &
done
wait # label: first-error-return ?

helm --kubeconfig "$logs/east" upgrade --install reader charts/reader --wait
helm --kubeconfig "$logs/west" upgrade --install reader charts/reader --wait # label: sequential-deploy
