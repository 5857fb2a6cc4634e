#!/bin/sh
# A stack for trying things out, written top down.
set -eu
: "${KUBECONFIG:?set KUBECONFIG to the cluster of the stack}"

echo "namespaces"
kubectl create namespace greenhouse --dry-run=client -o yaml | kubectl apply -f -
kubectl label namespace greenhouse team=growers --overwrite

echo "settings"
kubectl -n greenhouse create configmap climate --from-file=climate.toml --dry-run=client -o yaml | kubectl apply -f -
kubectl -n greenhouse create secret generic sensors --from-literal=key=test-only --dry-run=client -o yaml | kubectl apply -f - # label: apply-per-file ?

echo "broker"
kubectl -n greenhouse apply -f k8s/mosquitto.yaml
kubectl -n greenhouse rollout status deployment/mosquitto --timeout=2m

echo "store"
kubectl -n greenhouse apply -f k8s/influx.yaml # label: wait-between-deploys
kubectl -n greenhouse rollout status statefulset/influx --timeout=3m
kubectl -n greenhouse exec statefulset/influx -- influx bucket create --name climate --org growers --token test-only

echo "programs"
kubectl -n greenhouse apply -f k8s/collector.yaml
kubectl -n greenhouse apply -f k8s/valves.yaml # label: apply-per-file
kubectl -n greenhouse apply -f k8s/lamps.yaml
kubectl -n greenhouse apply -f k8s/board.yaml
sleep 45 # label: sleep-as-readiness

kubectl -n greenhouse wait --for=condition=Available deployment/collector --timeout=60s
kubectl -n greenhouse wait --for=condition=Available deployment/valves --timeout=60s # label: wait-per-service
kubectl -n greenhouse wait --for=condition=Available deployment/lamps --timeout=60s
kubectl -n greenhouse wait --for=condition=Available deployment/board --timeout=60s

echo "http://127.0.0.1:30300"
