package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.util.Optional;

/**
 * What a Cluster tells the plugin; the first two are those of Barman's plugin.
 *
 * @param barmanObjectName name of the ObjectStore; the plugin's own directory without one
 * @param serverName folder of the archive; the Cluster's name without one
 * @param walArchiving {@code off} to keep the plugin from archiving WAL
 * @param minimumRedundancy how many backups retention keeps in any case
 */
public record ObjectStoreParameters(
    @Parameter(description = "Name of the ObjectStore in the Cluster's namespace.")
        Optional<String> barmanObjectName,
    @Parameter(description = "Folder of the archive below the store's root.")
        Optional<String> serverName,
    @Parameter(
            description = "Whether WAL is archived; 'off' rules out backups, too.",
            defaultValue = "on")
        @Pattern(regexp = "on|off")
        String walArchiving,
    @Parameter(
            description = "How many whole backups retention keeps even if the window needs fewer.",
            defaultValue = "1")
        @Min(1)
        int minimumRedundancy) {

  boolean archives() {
    return !walArchiving.equals("off");
  }
}
