#!/bin/bash
set -e
source hack/common.sh

CLUSTER=${CLUSTER:-dev}
REGISTRY=localhost:5001

function deploy_stack() {
  kustomize build config/observability | kubectl apply -f -
  echo "waiting for observability"
  kubectl -n observability wait --for=condition=ready pod -l app=collector --timeout=300s # label: wait-between-deploys
  kustomize build config/billing | kubectl apply -f -
  kubectl -n billing wait --for=condition=ready pod -l app=billing --timeout=300s
}

function deploy_frontends() {
  kubectl apply -k overlays/web
  # label: apply-per-file ?
  kubectl apply -k overlays/mobile
  kubectl apply -k overlays/admin
}

function images() {
  docker build -t ${REGISTRY}/web:dev web
  docker build -t ${REGISTRY}/mobile:dev mobile # label: build-in-sequence
  docker push ${REGISTRY}/web:dev
  docker push ${REGISTRY}/mobile:dev
  kind load docker-image ${REGISTRY}/web:dev ${REGISTRY}/mobile:dev --name ${CLUSTER}
}

function sleepy() {
  kubectl apply -k overlays/web
  sleep 10 # label: sleep-as-readiness
  kubectl get pods
}

function services() {
  docker network create e2e || true
  docker run -d --name e2e-mysql --network e2e -e MYSQL_ROOT_PASSWORD=x mysql:8.4
  # label: sequential-deploy ?
  docker run -d --name e2e-memcached --network e2e memcached:1.6
  until docker exec e2e-mysql mysqladmin ping --silent; do
    sleep 1
  done
}

deploy_stack
deploy_frontends
