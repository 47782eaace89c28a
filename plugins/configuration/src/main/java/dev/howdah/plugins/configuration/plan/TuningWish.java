package dev.howdah.plugins.configuration.plan;

import dev.howdah.plugins.configuration.profile.DataSize;
import dev.howdah.plugins.configuration.profile.StorageKind;
import dev.howdah.plugins.configuration.profile.Workload;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;

/**
 * What a Cluster asks to be tuned for.
 *
 * @param workload what the database is used for; nothing is tuned if empty
 * @param storage what the data lies on
 * @param dataSize how large the data is
 * @param memory memory to reckon with instead of the Cluster's limit
 * @param cpu processors to reckon with instead of the Cluster's limit
 * @param reservedMemory memory within the limit that PostgreSQL can't have
 * @param maxConnections how many connections there will be; the workload's usual number if empty
 */
public record TuningWish(
    Optional<Workload> workload,
    StorageKind storage,
    DataSize dataSize,
    Optional<Quantity> memory,
    Optional<Quantity> cpu,
    Quantity reservedMemory,
    Optional<Integer> maxConnections) {

  /** No tuning. */
  public static final TuningWish NONE =
      new TuningWish(
          Optional.empty(),
          StorageKind.SSD,
          DataSize.SIMILAR,
          Optional.empty(),
          Optional.empty(),
          new Quantity("0"),
          Optional.empty());
}
