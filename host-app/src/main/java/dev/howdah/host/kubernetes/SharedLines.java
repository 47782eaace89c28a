package dev.howdah.host.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Short lines of text that every replica finds after every restart, and that no GitOps controller
 * takes back as it would an annotation of a Cluster: in ConfigMaps of the host's own namespace,
 * spread over sixteen since the size of one is limited. Two replicas that change lines of the same
 * ConfigMap come one after the other. Thread-safe.
 *
 * <p>Every method throws {@link KubernetesClientException} if the API server refuses or doesn't
 * answer.
 */
public final class SharedLines {

  private static final int SHARDS = 16;
  private static final int ATTEMPTS = 5;

  private final KubernetesApi api;
  private final String name;

  /**
   * A change of the lines of one ConfigMap; asked again if another replica was faster.
   *
   * @param <E> what keeps it from being made
   */
  @FunctionalInterface
  public interface Change<E extends Exception> {

    /** Changes the lines, which are those of one ConfigMap by their keys. */
    void to(Map<String, String> lines) throws E;
  }

  /**
   * Says where the lines are.
   *
   * @param api where the ConfigMaps are
   * @param name what the ConfigMaps' names say after the host's, such as {@code deliveries}
   */
  public SharedLines(KubernetesApi api, String name) {
    this.api = api;
    this.name = name;
  }

  /**
   * One line.
   *
   * @param spreadBy what decides on the ConfigMap, such as a Cluster's uid; always the same for the
   *     same line
   * @param key the line's name, of letters, digits, {@code .}, {@code -} and {@code _}
   */
  public Optional<String> get(KubernetesClient client, String spreadBy, String key) {
    return Optional.ofNullable(lines(find(client, shard(spreadBy))).get(key));
  }

  /** All lines, by their keys. */
  public Map<String, String> all(KubernetesClient client) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < SHARDS; i++) {
      all.putAll(lines(find(client, shard(i))));
    }
    return all;
  }

  /**
   * Changes lines of one ConfigMap.
   *
   * @param spreadBy what decides on the ConfigMap
   * @param change what to do with its lines
   * @throws E if the change throws it; nothing is changed then
   */
  public <E extends Exception> void change(
      KubernetesClient client, String spreadBy, Change<E> change) throws E {
    changeShard(client, shard(spreadBy), change);
  }

  /** Removes lines from all ConfigMaps. */
  public void removeIf(KubernetesClient client, Predicate<Map.Entry<String, String>> gone) {
    for (int i = 0; i < SHARDS; i++) {
      this.<RuntimeException>changeShard(
          client, shard(i), lines -> lines.entrySet().removeIf(gone));
    }
  }

  private <E extends Exception> void changeShard(
      KubernetesClient client, String shard, Change<E> change) throws E {
    for (int attempt = 1; ; attempt++) {
      ConfigMap present = find(client, shard);
      Map<String, String> before = lines(present);
      Map<String, String> after = new HashMap<>(before);
      change.to(after);
      if (after.equals(before)) {
        return;
      }
      try {
        store(client, shard, present, after);
        return;
      } catch (KubernetesClientException e) {
        // Another line of the same ConfigMap; look again.
        if (e.getCode() != 409 || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void store(
      KubernetesClient client,
      String shard,
      @Nullable ConfigMap present,
      Map<String, String> lines) {
    if (present == null) {
      ConfigMap first =
          new ConfigMapBuilder()
              .withNewMetadata()
              .withName(shard)
              .withNamespace(api.place().namespace())
              .addToLabels("app.kubernetes.io/managed-by", "howdah")
              .endMetadata()
              .withData(lines)
              .build();
      client.resource(first).create();
      return;
    }
    // With its resource version: the API server refuses it if somebody else came first.
    client
        .resource(new ConfigMapBuilder(present).withData(lines).build())
        .lockResourceVersion(present.getMetadata().getResourceVersion())
        .update();
  }

  private @Nullable ConfigMap find(KubernetesClient client, String shard) {
    return client.configMaps().inNamespace(api.place().namespace()).withName(shard).get();
  }

  private static Map<String, String> lines(@Nullable ConfigMap shard) {
    return shard == null ? Map.of() : Optional.ofNullable(shard.getData()).orElse(Map.of());
  }

  private String shard(String spreadBy) {
    CRC32 hash = new CRC32();
    hash.update(spreadBy.getBytes(StandardCharsets.UTF_8));
    return shard((int) (hash.getValue() % SHARDS));
  }

  private String shard(int number) {
    return api.place().name() + "-" + name + "-" + Integer.toHexString(number);
  }
}
