#!/usr/bin/env bash
# A kind node image from Go modules and Debian packages alone. Ten minutes on two cores the first time, two after that.
#
#   programs    Kubernetes, etcd and CoreDNS are Go modules; one binary is all of Kubernetes
#   pods        one layer with all programs, under the eight names that kubeadm asks for
#   node        Debian 12, systemd, containerd, kind's own files (from its module)
#   preloaded   the node's containerd has the pods' layer unpacked
set -euo pipefail
: "${IMAGE:?the reference to make}" "${ENGINE:?docker or podman}" "${WORK:?a directory of our own}"
here=$(cd "$(dirname "$0")" && pwd)
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
kubernetes=v1.34.4 etcd=3.6.5-0 coredns=v1.12.1 pause=3.10 kind_module=v0.30.0
export KUBERNETES_VERSION=$kubernetes WORK
container=kind-node-build-$$
trap '"$ENGINE" rm --force --volumes "$container" >/dev/null 2>&1 || true; "$ENGINE" rmi "$container" >/dev/null 2>&1 || true' EXIT

debian() { # PACKAGES OUTPUT [OPTION...]
  local packages=$1 output=$2
  shift 2
  mmdebstrap --quiet --include="$packages" \
    --aptopt='Acquire::Retries "3";' ${DEBIAN_APT_PROXY:+--aptopt="Acquire::http::Proxy \"$DEBIAN_APT_PROXY\";"} \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$@" bookworm "$output" "deb $mirror bookworm main"
}

go_program() { # NAME [LDFLAGS]
  (cd "$here/go/$1" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w ${2:-}" -o "$WORK/programs/$1" .)
}

mkdir "$WORK/programs"
version=k8s.io/component-base/version
echo "==> Kubernetes $kubernetes from its Go module (minutes, the first time)"
go_program kubernetes "-X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=34 \
  -X $version.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion=$kubernetes"
echo "==> etcd and CoreDNS from their Go modules"
go_program etcd
go_program coredns
gcc -Os -static -s -o "$WORK/programs/pause" "$here/pause.c"
(cd "$WORK" && go mod download "sigs.k8s.io/kind@$kind_module")
cp -r "$(go env GOMODCACHE)/sigs.k8s.io/kind@$kind_module/images/base/files" "$WORK/kind"
chmod -R u+w "$WORK/kind"

echo "==> pods: Debian packages from $mirror"
debian iptables,nftables,conntrack,libc6 "$WORK/layer.tar" --variant=extract --extract-hook="$here/pods.sh"
"$here/archive.sh" "registry.k8s.io/kube-apiserver:$kubernetes" "registry.k8s.io/kube-controller-manager:$kubernetes" \
  "registry.k8s.io/kube-scheduler:$kubernetes" "registry.k8s.io/kube-proxy:$kubernetes" "registry.k8s.io/etcd:$etcd" \
  "registry.k8s.io/coredns/coredns:$coredns=/coredns" "registry.k8s.io/pause:$pause=/pause" \
  "registry.k8s.io/pause:$pause.1=/pause"

echo "==> node: Debian packages from $mirror"
debian systemd,dbus,conntrack,iptables,nftables,iproute2,util-linux,mount,kmod,ca-certificates,procps,ethtool,containerd,runc,containernetworking-plugins \
  "$WORK/node.tar" --variant=essential --customize-hook="$here/node.sh"
"$ENGINE" import "$WORK/node.tar" "$container" >/dev/null

echo "==> node: preloading the pods' layer"
"$ENGINE" run --detach --name "$container" --privileged --security-opt seccomp=unconfined --entrypoint sleep "$container" \
  infinity >/dev/null
"$ENGINE" exec --interactive "$container" bash -s serve < "$here/preload.sh"
"$ENGINE" exec --interactive "$container" ctr --namespace k8s.io images import --snapshotter=overlayfs - \
  < "$WORK/pods.tar" >/dev/null
"$ENGINE" exec --interactive "$container" bash -s settle < "$here/preload.sh"

echo "==> image"
# Exported and imported, so that it is one layer: what an earlier step wrote and a later one removed takes no space.
"$ENGINE" export "$container" | "$ENGINE" import --change 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' \
  --change 'ENV container=docker' --change 'STOPSIGNAL SIGRTMIN+3' - "$IMAGE"
