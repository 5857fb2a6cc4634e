#!/usr/bin/env bash
# The layer of the control plane's pods, in $1: all programs, and for kube-proxy what changes the node's network.
set -euo pipefail
cd "${1:?the directory with the packages}"
rm -rf usr/share/{doc,man,info,lintian,locale,bash-completion,perl,perl5} usr/lib/*/{perl*,gconv} usr/bin/perl* var/lib/dpkg \
  usr/lib/systemd lib/systemd etc/init.d

install -D -t usr/local/bin "$WORK"/programs/*
for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubeadm kubectl; do
  ln -s kubernetes "usr/local/bin/$name"
done
ln -s usr/local/bin/pause usr/local/bin/coredns .
# Debian's alternatives are set by package scripts, which did not run. The node chooses the same.
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -sf xtables-nft-multi "usr/sbin/$name"
done
ldconfig -r .
mkdir -p tmp etc && chmod 1777 tmp
printf '%s\n' 'root:x:0:0:root:/root:/sbin/nologin' 'nobody:x:65534:65534:nobody:/:/sbin/nologin' > etc/passwd
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' > etc/group
