# Closes everything but the three standard streams, and becomes the daemon that the arguments name. What is open here was
# open in whoever started us: the lock of a script, the pipe of a CI job, which would be held for as long as the daemon runs.
for path in /proc/self/fd/*; do
  fd=${path##*/}
  if [ "$fd" -gt 2 ]; then exec {fd}>&-; fi
done
exec "$@"
