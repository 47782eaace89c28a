package dev.howdah.plugins.configuration;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugins.configuration.plan.TuningWish;
import dev.howdah.plugins.configuration.profile.DataSize;
import dev.howdah.plugins.configuration.profile.StorageKind;
import dev.howdah.plugins.configuration.profile.Workload;
import io.fabric8.kubernetes.api.model.Quantity;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Optional;

/**
 * What a Cluster tells the plugin in {@code spec.plugins[].parameters}.
 *
 * @param profile what the database is used for
 * @param delivery what is done with the plan
 * @param applyRestart when changes that need a restart are written
 * @param window the maintenance window
 * @param storage what the data lies on
 * @param dataSize how large the data is
 * @param memory memory to reckon with
 * @param cpu processors to reckon with
 * @param reservedMemory memory that PostgreSQL can't have
 * @param maxConnections how many connections there will be
 */
public record ConfigurationParameters(
    @Parameter(
            description =
                "What the database is used for: web, oltp, dw or mixed. Without it nothing is"
                    + " tuned.")
        Optional<Workload> profile,
    @Parameter(
            defaultValue = "report",
            description =
                "report only says what would be set; spec writes it into the Cluster, wherever the"
                    + " user wrote nothing.")
        Delivery delivery,
    @Parameter(
            defaultValue = "never",
            description =
                "When changes are written that restart the instances: never, now, or in the"
                    + " maintenance window (window).")
        ApplyRestart applyRestart,
    @Parameter(
            description =
                "The maintenance window, such as 'Sat,Sun 02:00-04:00 Europe/Berlin'; UTC without a"
                    + " zone.")
        Optional<String> window,
    @Parameter(defaultValue = "ssd", description = "What the data lies on: ssd, hdd, san or nvme.")
        StorageKind storage,
    @Parameter(
            defaultValue = "similar",
            description = "How large the data is beside the memory: fits, similar or larger.")
        DataSize dataSize,
    @Parameter(description = "Memory to reckon with instead of the Cluster's limit, such as 16Gi.")
        Optional<Quantity> memory,
    @Parameter(description = "Processors to reckon with instead of the Cluster's limit, such as 4.")
        Optional<Quantity> cpu,
    @Parameter(
            defaultValue = "0",
            description =
                "Memory within the limit that PostgreSQL can't have, such as the sidecars' share of"
                    + " a limit for the whole Pod.")
        Quantity reservedMemory,
    @Parameter(
            description =
                "How many connections to reckon with; by default what the Cluster sets, else the"
                    + " profile's usual number.")
        Optional<@Min(1) @Max(262_143) Integer> maxConnections) {

  TuningWish tuning() {
    return new TuningWish(profile, storage, dataSize, memory, cpu, reservedMemory, maxConnections);
  }
}
