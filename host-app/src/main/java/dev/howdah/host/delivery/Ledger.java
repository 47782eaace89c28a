package dev.howdah.host.delivery;

import dev.howdah.host.delivery.LedgerEntry.TakenBack;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps {@link LedgerEntry ledger entries} where every replica finds them after every restart, and
 * where no GitOps controller takes them back as it would an annotation of the Cluster: in
 * ConfigMaps of the host's own namespace, one line a Cluster, spread over several since the size of
 * one is limited. A write that another replica came before fails, so that two never write at the
 * same time what one should.
 *
 * <p>Not thread-safe.
 */
final class Ledger {

  private static final int SHARDS = 16;
  private static final int CACHED = 10_000;
  private static final int ATTEMPTS = 5;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final KubernetesApi api;
  private final Map<String, LedgerEntry> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LedgerEntry> eldest) {
          return size() > CACHED;
        }
      };

  Ledger(KubernetesApi api) {
    this.api = api;
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
    ConfigMap shard = resource(client, cluster).get();
    LedgerEntry entry = entry(shard, cluster);
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
    for (int attempt = 1; ; attempt++) {
      ConfigMap shard = resource(client, cluster).get();
      if (!entry(shard, cluster).equals(before)) {
        throw new Overtaken();
      }
      try {
        store(
            client,
            shard,
            shardName(cluster),
            lines -> {
              if (after.isEmpty()) {
                lines.remove(key(cluster));
              } else {
                lines.put(key(cluster), write(after));
              }
              return lines;
            });
        cache.put(after.uid(), after);
        return;
      } catch (KubernetesClientException e) {
        // Another line of the same ConfigMap; look again.
        if (e.getCode() != 409 || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Removes the lines of Clusters that are no more; what fails is left for the next time. */
  void prune(KubernetesClient client, Set<String> uids) {
    for (int i = 0; i < SHARDS; i++) {
      ConfigMap shard = resource(client, shardName(i)).get();
      if (shard == null || shard.getData() == null) {
        continue;
      }
      List<String> gone =
          shard.getData().entrySet().stream()
              .filter(line -> !uids.contains(parse(line.getValue(), "").uid()))
              .map(Map.Entry::getKey)
              .toList();
      if (!gone.isEmpty()) {
        store(
            client,
            shard,
            shardName(i),
            lines -> {
              gone.forEach(lines::remove);
              return lines;
            });
      }
    }
  }

  private void store(
      KubernetesClient client,
      @Nullable ConfigMap shard,
      String name,
      UnaryOperator<Map<String, String>> change) {
    if (shard == null) {
      ConfigMap first =
          new ConfigMapBuilder()
              .withNewMetadata()
              .withName(name)
              .withNamespace(api.place().namespace())
              .addToLabels("app.kubernetes.io/managed-by", "howdah")
              .endMetadata()
              .withData(change.apply(new HashMap<>()))
              .build();
      client.resource(first).create();
      return;
    }
    Map<String, String> lines =
        new HashMap<>(Optional.ofNullable(shard.getData()).orElse(Map.of()));
    // With its resource version: the API server refuses it if somebody else came first.
    client
        .resource(new ConfigMapBuilder(shard).withData(change.apply(lines)).build())
        .lockResourceVersion(shard.getMetadata().getResourceVersion())
        .update();
  }

  private Resource<ConfigMap> resource(KubernetesClient client, Cluster cluster) {
    return resource(client, shardName(cluster));
  }

  private Resource<ConfigMap> resource(KubernetesClient client, String name) {
    return client.configMaps().inNamespace(api.place().namespace()).withName(name);
  }

  private String shardName(Cluster cluster) {
    CRC32 hash = new CRC32();
    hash.update(cluster.uid().getBytes(StandardCharsets.UTF_8));
    return shardName((int) (hash.getValue() % SHARDS));
  }

  private String shardName(int shard) {
    return api.place().name() + "-deliveries-" + Integer.toHexString(shard);
  }

  private static String key(Cluster cluster) {
    return cluster.qualifiedName().replace('/', '.');
  }

  private static LedgerEntry entry(@Nullable ConfigMap shard, Cluster cluster) {
    String line =
        shard == null || shard.getData() == null ? null : shard.getData().get(key(cluster));
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
