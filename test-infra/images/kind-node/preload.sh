# Runs in the node: `serve` starts its containerd, `settle` ends it and makes the unpacked layer part of the image.
set -euo pipefail
case $1 in
  serve)
    containerd --log-level warn > /run/containerd.log 2>&1 < /dev/null &
    until ctr version > /dev/null 2>&1; do
      kill -0 $! || { cat /run/containerd.log >&2; exit 1; }
      sleep 0.1
    done
    ;;
  settle)
    store=/var/lib/containerd
    # The packed layer, by far the largest blob: the unpacked one is all that a node needs.
    blob=$(ls -S $store/io.containerd.content.v1.content/blobs/sha256 | head -1)
    ctr --namespace k8s.io content rm "sha256:$blob" > /dev/null
    pkill -x containerd
    while pgrep --exact --runstates S,R,D containerd > /dev/null; do sleep 0.1; done
    rm -rf $store/io.containerd.content.v1.content/blobs/sha256/"$blob" /run/containerd /run/containerd.log
    # Out of /var, which the engine copies for every node that starts; as a lower directory it serves as well from here.
    snapshots=($store/io.containerd.snapshotter.v1.overlayfs/snapshots/*)
    [ ${#snapshots[@]} = 1 ] || { echo "one layer was expected, not ${#snapshots[@]}" >&2; exit 1; }
    mkdir /kind/layers
    mv "${snapshots[0]}/fs" /kind/layers/pods
    ln -s /kind/layers/pods "${snapshots[0]}/fs"
    ;;
esac
