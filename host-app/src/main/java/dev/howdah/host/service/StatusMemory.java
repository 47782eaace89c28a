package dev.howdah.host.service;

import dev.howdah.host.config.HowdahProperties.StatusMode;
import dev.howdah.plugin.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Decides whether a plugin's status is answered to the operator.
 *
 * <p>Operators up to 1.30.0 drop the stored statuses at the begin of every loop. There, whoever
 * answers a status each time keeps the loop running for ever, since each write of the status starts
 * the next one. So in mode {@link StatusMode#AUTO} a status that was answered, and is absent from
 * the Cluster when it would be answered again, is taken for dropped: it is withheld until it
 * changes, and shown by the host's own endpoint instead. A Cluster that carries any plugin's status
 * comes from an operator that keeps them.
 *
 * <p>A replica that has lost its memory answers once more, no more. Thread-safe.
 */
public final class StatusMemory {

  private static final int REMEMBERED = 10_000;
  private static final JsonMapper JSON = JsonMapper.shared();

  private record Key(String plugin, String cluster) {}

  private record Answered(String status, boolean withheld) {}

  private final StatusMode mode;
  private final Map<Key, Answered> answered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Answered> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * Makes an empty memory.
   *
   * @param mode whether statuses are answered at all
   */
  public StatusMemory(StatusMode mode) {
    this.mode = mode;
  }

  /**
   * Whether to answer a status.
   *
   * @param plugin the plugin's name
   * @param cluster the Cluster as the operator sent it
   * @param json the status
   */
  boolean shallAnswer(String plugin, Cluster cluster, byte[] json) {
    String status = new String(json, StandardCharsets.UTF_8);
    if (carries(cluster, plugin, status)) {
      return false;
    }
    return switch (mode) {
      case ON -> true;
      case OFF -> {
        remember(plugin, cluster, status, true);
        yield false;
      }
      case AUTO -> {
        boolean dropped = !keepsStatuses(cluster) && wasAnswered(plugin, cluster, status);
        remember(plugin, cluster, status, dropped);
        yield !dropped;
      }
    };
  }

  /**
   * Statuses that are not in their Clusters since the operator would not keep them, by {@code
   * namespace/name}.
   *
   * @param plugin the plugin's name
   */
  public SortedMap<String, Object> withheld(String plugin) {
    SortedMap<String, Object> statuses = new TreeMap<>();
    synchronized (answered) {
      answered.forEach(
          (key, answer) -> {
            if (answer.withheld() && key.plugin().equals(plugin)) {
              statuses.put(key.cluster(), JSON.readTree(answer.status()));
            }
          });
    }
    return statuses;
  }

  private boolean wasAnswered(String plugin, Cluster cluster, String status) {
    synchronized (answered) {
      Answered last = answered.get(key(plugin, cluster));
      return last != null && last.status().equals(status);
    }
  }

  private void remember(String plugin, Cluster cluster, String status, boolean withheld) {
    synchronized (answered) {
      answered.put(key(plugin, cluster), new Answered(status, withheld));
    }
  }

  private static Key key(String plugin, Cluster cluster) {
    return new Key(plugin, cluster.qualifiedName());
  }

  private static boolean carries(Cluster cluster, String plugin, String status) {
    return cluster
        .pluginStatus(plugin)
        .filter(
            stored -> {
              try {
                return JSON.readTree(stored).equals(JSON.readTree(status));
              } catch (JacksonException e) {
                // Not a status of ours; the new one takes its place.
                return false;
              }
            })
        .isPresent();
  }

  private static boolean keepsStatuses(Cluster cluster) {
    for (var entry : cluster.at("status", "pluginStatus")) {
      if (!entry.path("status").asString("").isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
