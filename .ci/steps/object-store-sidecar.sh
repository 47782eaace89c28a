# The object store in the sidecar as it is shipped: killed fifty times while its plugins are called, in a race with
# another one, under strace, and within 256 MiB. Sourced by .ci/run; runs by itself, too.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ -f host-app/target/howdah/howdah-host-app.jar ] ||
  mvn -B -q -Dformat.skip -pl host-app -am -DskipTests package
build/aot-cache instance
proofs=SidecarKillsProof,ArchiveRaceProof,ObjectStoreStraceProof,SidecarMemoryProof
failed=0
mvn -B -q -Dformat.skip -pl host-app -am -Dtest="$proofs" \
  -Dsurefire.failIfNoSpecifiedTests=false test || failed=1
for class in ${proofs//,/ }; do
  grep -h '^object-store-' host-app/target/surefire-reports/*."$class"-output.txt || failed=1
done
[ "$failed" = 0 ] || exit 1
