package dev.howdah.host.changes;

import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.SharedLines;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Keeps {@link KnownChanges} where every replica finds them after every restart, one line a
 * Cluster. Every method throws {@link KubernetesClientException} if the API server refuses or
 * doesn't answer. Thread-safe.
 */
final class ChangeLedger {

  private final SharedLines lines;

  ChangeLedger(KubernetesApi api) {
    this.lines = new SharedLines(api, "changes");
  }

  /** Of all Clusters that have a line, by uid. */
  Map<String, KnownChanges> all(KubernetesClient client) {
    Map<String, KnownChanges> all = new HashMap<>();
    lines
        .all(client)
        .forEach(
            (uid, line) -> all.put(uid, KnownChanges.parse(line, KnownChanges.none("", "", uid))));
    return all;
  }

  /** Of one Cluster. */
  KnownChanges get(KubernetesClient client, KnownChanges none) {
    return lines
        .get(client, none.uid(), none.uid())
        .map(line -> KnownChanges.parse(line, none))
        .orElse(none);
  }

  /** Changes a Cluster's line; the change may be asked more than once. */
  void update(KubernetesClient client, KnownChanges none, UnaryOperator<KnownChanges> change) {
    lines.<RuntimeException>change(
        client,
        none.uid(),
        all ->
            all.compute(
                none.uid(),
                (uid, line) ->
                    change.apply(line == null ? none : KnownChanges.parse(line, none)).write()));
  }

  /** Forgets a Cluster. */
  void remove(KubernetesClient client, String uid) {
    lines.<RuntimeException>change(client, uid, all -> all.remove(uid));
  }
}
