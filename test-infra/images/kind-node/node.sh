#!/usr/bin/env bash
# Makes the Debian system in $1 a kind node: kind's own files, Kubernetes' programs, and nothing that a node has no use
# for. It must run on machines that may not raise limits or lower OOM scores (no CAP_SYS_RESOURCE), so nothing asks for
# that; kind does the same for rootless engines.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:?the directory with the system}"

install -D -m 755 -t usr/local/bin "$WORK"/kind/usr/local/bin/*
mkdir -p kind/manifests etc/kubernetes/manifests opt/cni usr/local/sbin
cp -r "$WORK"/kind/kind/. kind/
cp -r "$WORK"/kind/etc/. etc/
chmod 755 kind kind/bin kind/bin/*
find etc/containerd etc/systemd/system etc/sysctl.d -type d -exec chmod 755 {} +
printf %s "$KUBERNETES_VERSION" > kind/version
install -D -m 644 "$here/10-bridge.conflist" etc/cni/net.d/10-bridge.conflist
install -m 644 "$here/default-cni.yaml" "$here/default-storage.yaml" kind/manifests/
# The programs are in the pods' layer, which stays where preload.sh puts it.
for name in kubelet kubeadm kubectl; do ln -s /kind/layers/pods/usr/local/bin/kubernetes "usr/bin/$name"; done
# kind's files expect these where the upstream archives put them.
for name in containerd ctr containerd-shim-runc-v2; do ln -s "/usr/bin/$name" "usr/local/bin/$name"; done
ln -s /usr/sbin/runc usr/local/sbin/runc
ln -s /usr/lib/cni opt/cni/bin

# Units that have no place in a container; the same ones as in kind's own base image.
units=lib/systemd/system
find $units/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete
rm -f $units/multi-user.target.wants/* etc/systemd/system/*.wants/* $units/local-fs.target.wants/* \
  $units/sockets.target.wants/*udev* $units/sockets.target.wants/*initctl* $units/basic.target.wants/*
# And those that would only take time: a node is never updated, has no consoles and no second boot.
rm -f $units/sysinit.target.wants/{systemd-firstboot,systemd-machine-id-commit,systemd-update-utmp,systemd-random-seed}.service \
  $units/sysinit.target.wants/{systemd-pcrphase,systemd-pcrphase-sysinit,systemd-repart,systemd-journal-flush}.service \
  $units/sysinit.target.wants/{cryptsetup,integritysetup,veritysetup}.target $units/timers.target.wants/*
printf '%s\n' 'ReadKMsg=no' 'Storage=volatile' >> etc/systemd/journald.conf
ln -sf /lib/systemd/systemd sbin/init
chroot . systemctl --quiet enable kubelet.service containerd.service undo-mount-hacks.service
chroot . systemctl --quiet mask systemd-binfmt.service

sed -i '/^Limit/d; /^OOMScoreAdjust/d; /^TasksMax/d' etc/systemd/system/containerd.service
sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' etc/containerd/config.toml
# Without the hook of kind's own base image, which starts a shell and jq for every container to hide the machine's serial
# number from it.
chroot . ctr oci spec | sed '/"rlimits": \[/,/\],/d' > "$WORK/cri-base.json"
cp "$WORK/cri-base.json" etc/containerd/cri-base.json

# Only the plugins that the network configuration names.
find usr/lib/cni -type f ! -name bridge ! -name host-local ! -name portmap ! -name loopback -delete
rm -rf usr/bin/{containerd-stress,containerd-shim,containerd-shim-runc-v1} usr/share/perl* usr/lib/*/perl usr/bin/perl5* \
  usr/share/{zoneinfo,i18n,bash-completion,zsh,lintian,bug,common-licenses} usr/lib/*/gconv usr/lib/locale \
  usr/bin/openssl usr/bin/localedef usr/lib/udev/hwdb.d lib/udev/hwdb.d usr/sbin/{e2fsck,mke2fs,debugfs,resize2fs}
# The engine copies /var into a volume for every node that starts.
find var/lib/dpkg -mindepth 1 -maxdepth 1 ! -name alternatives -exec rm -rf {} +
rm -rf var/cache/debconf var/cache/ldconfig var/log/* var/backups
