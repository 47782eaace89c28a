# Kills a host with SIGKILL at random points during ten thousand calls under a durable audit rule: the trail must
# verify, and hold every call that was answered. Sourced by .ci/run; runs by itself, too.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mvn -B -q -Dformat.skip -pl host-app -am -Dtest=AuditCrashProof -Dsurefire.failIfNoSpecifiedTests=false test
