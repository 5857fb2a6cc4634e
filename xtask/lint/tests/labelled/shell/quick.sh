#!/bin/sh
set -eu

export KUBECONFIG=/build/.kube/config

kubectl create namespace demo --dry-run=client -o yaml | kubectl apply -f -
kubectl create secret generic api-key --from-literal=key=test -n demo
kubectl create configmap settings --from-file=settings.ini -n demo

for f in deploy/*.yaml; do
  kubectl apply -n demo -f "$f" # label: apply-per-file
done

sleep 30 # label: sleep-as-readiness

for d in web api worker; do
  kubectl rollout status -n demo "deployment/$d" # label: wait-per-service
done

until curl -sf http://localhost:30080/healthz; do
  sleep 1
done
echo "demo is up"
