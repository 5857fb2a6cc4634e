#!/usr/bin/env bash
# Calls other scripts, as make targets do.
set -euo pipefail
HERE=$(dirname "$0")

"${HERE}/create-cluster.sh"
"${HERE}/build-image.sh" gateway

"${HERE}/deploy-gateway.sh"
# label: sequential-deploy
"${HERE}/deploy-notifier.sh"
"${HERE}/deploy-reporter.sh"

"${HERE}/wait-for-all.sh"
go test ./test/e2e/... -count=1
