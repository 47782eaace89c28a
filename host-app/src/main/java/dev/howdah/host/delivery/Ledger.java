package dev.howdah.host.delivery;

import dev.howdah.host.delivery.LedgerEntry.TakenBack;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.SharedLines;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps {@link LedgerEntry ledger entries} in {@link SharedLines}, one line a Cluster. A write that
 * another replica came before fails, so that two never write at the same time what one should.
 *
 * <p>Not thread-safe.
 */
final class Ledger {

  private static final int CACHED = 10_000;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final SharedLines lines;
  private final Map<String, LedgerEntry> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LedgerEntry> eldest) {
          return size() > CACHED;
        }
      };

  Ledger(KubernetesApi api) {
    this.lines = new SharedLines(api, "deliveries");
  }

  /** Another replica wrote the entry in between. */
  static final class Overtaken extends Exception {
    private static final long serialVersionUID = 1;

    Overtaken() {
      super("another replica was faster");
    }
  }

  /** An entry as this replica saw it last; read if it never did. */
  LedgerEntry remembered(KubernetesClient client, Cluster cluster) {
    LedgerEntry known = cache.get(cluster.uid());
    return known == null ? read(client, cluster) : known;
  }

  /** An entry as it is. */
  LedgerEntry read(KubernetesClient client, Cluster cluster) {
    LedgerEntry entry = entry(lines.get(client, cluster.uid(), key(cluster)).orElse(null), cluster);
    cache.put(entry.uid(), entry);
    return entry;
  }

  /**
   * Writes an entry.
   *
   * @param before what it must still be
   * @throws Overtaken if it isn't
   */
  void write(KubernetesClient client, Cluster cluster, LedgerEntry before, LedgerEntry after)
      throws Overtaken {
    lines.<Overtaken>change(
        client,
        cluster.uid(),
        all -> {
          if (!entry(all.get(key(cluster)), cluster).equals(before)) {
            throw new Overtaken();
          }
          if (after.isEmpty()) {
            all.remove(key(cluster));
          } else {
            all.put(key(cluster), write(after));
          }
        });
    cache.put(after.uid(), after);
  }

  /** Removes the lines of Clusters that are no more; what fails is left for the next time. */
  void prune(KubernetesClient client, Set<String> uids) {
    lines.removeIf(client, line -> !uids.contains(parse(line.getValue(), "").uid()));
  }

  private static String key(Cluster cluster) {
    return cluster.qualifiedName().replace('/', '.');
  }

  private static LedgerEntry entry(@Nullable String line, Cluster cluster) {
    String uid = cluster.uid();
    if (line == null) {
      return LedgerEntry.empty(uid);
    }
    LedgerEntry entry = parse(line, uid);
    // One of the same name that was there before says nothing about this one.
    return entry.uid().equals(uid) ? entry : LedgerEntry.empty(uid);
  }

  private static String write(LedgerEntry entry) {
    ObjectNode node = JSON.createObjectNode().put("uid", entry.uid());
    entry.writes().forEach(time -> node.withArrayProperty("writes").add(time.toString()));
    entry.applied().forEach(node.putObject("applied")::put);
    entry
        .takenBack()
        .forEach(
            (name, one) ->
                node.withObjectProperty("takenBack")
                    .putObject(name)
                    .put("value", one.value())
                    .put("times", one.times())
                    .put("by", one.by()));
    return JSON.writeValueAsString(node);
  }

  /** A line that somebody broke by hand counts as none. */
  private static LedgerEntry parse(String line, String uid) {
    try {
      JsonNode node = JSON.readTree(line);
      List<Instant> writes = new ArrayList<>();
      node.path("writes").forEach(time -> writes.add(Instant.parse(time.asString(""))));
      SortedMap<String, String> applied = new TreeMap<>();
      node.path("applied")
          .properties()
          .forEach(one -> applied.put(one.getKey(), one.getValue().asString("")));
      SortedMap<String, TakenBack> takenBack = new TreeMap<>();
      node.path("takenBack")
          .properties()
          .forEach(
              one ->
                  takenBack.put(
                      one.getKey(),
                      new TakenBack(
                          one.getValue().path("value").asString(""),
                          one.getValue().path("times").asInt(0),
                          one.getValue().path("by").asString(""))));
      return new LedgerEntry(node.path("uid").asString(""), writes, applied, takenBack);
    } catch (JacksonException | DateTimeException e) {
      return LedgerEntry.empty(uid);
    }
  }
}
