# A short run of a small fleet: an operator's Clusters through a rolling restart of two replicas and a
# rotation of certificates. Ends with 1 when a Cluster noticed. Time is judged in the full run only,
# since this machine may be shared. Sourced by .ci/run.

say "fleet: rolling restart and rotation under load"
# mvn verify has just built it.
[ ! -f benchmarks/target/benchmarks/howdah-benchmarks.jar ] || : >benchmarks/target/built
benchmarks/run --no-write --minutes=2 --shared fleet
