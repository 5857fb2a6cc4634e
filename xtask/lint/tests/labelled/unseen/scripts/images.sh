#!/usr/bin/env bash
# Images of the ferry line.
set -euo pipefail

cluster=ferry
tag=$(git rev-parse --short HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
images=(timetable tickets boats)

build_slowly() {
  docker build --tag "ferry/timetable:$tag" --file timetable/Containerfile .
  docker build --tag "ferry/tickets:$tag" --file tickets/Containerfile . # label: build-in-sequence
  docker build --tag "ferry/boats:$tag" --file boats/Containerfile .
}

build_in_a_loop() {
  local image
  for image in "${images[@]}"; do
    echo "building $image"
    podman build --tag "localhost/ferry/$image:$tag" --file "$image/Containerfile" . # label: build-in-sequence
  done
}

build_side_by_side() {
  local image pids=() failed=0
  for image in "${images[@]}"; do
    docker build --tag "ferry/$image:$tag" --file "$image/Containerfile" . >"$work/$image.log" 2>&1 &
    pids+=($!)
  done
  for index in "${!pids[@]}"; do
    if ! wait "${pids[$index]}"; then
      echo "${images[$index]} failed:" >&2
      tail -n 30 "$work/${images[$index]}.log" >&2
      failed=1
    fi
  done
  return "$failed"
}

build_on_base() {
  docker build --tag "ferry/base:$tag" base
  docker build --build-arg "BASE=ferry/base:$tag" --tag "ferry/tickets:$tag" tickets
}

load_slowly() {
  local image
  for image in "${images[@]}"; do
    kind load docker-image "ferry/$image:$tag" --name "$cluster" # label: load-per-image
  done
}

load_at_once() {
  kind load docker-image "${images[@]/%/:$tag}" --name "$cluster"
}

load_through_a_file() {
  docker save --output "$work/all.tar" "ferry/timetable:$tag" "ferry/tickets:$tag" "ferry/boats:$tag"
  kind load image-archive "$work/all.tar" --name "$cluster"
}

push_by_clock() {
  docker tag "ferry/boats:$tag" "registry.example.com/ferry/boats:$(date +%Y%m%d%H%M%S)"
  docker push "registry.example.com/ferry/boats:$(date +%Y%m%d%H%M%S)" # label: regenerated-tag
}

case "${1:-all}" in
  slow) build_slowly && load_slowly ;;
  loop) build_in_a_loop ;;
  base) build_on_base ;;
  file) load_through_a_file ;;
  push) push_by_clock ;;
  all)
    build_side_by_side
    load_at_once
    ;;
esac
