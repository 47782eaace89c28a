package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.Pattern;
import java.util.Optional;

/**
 * What a Cluster tells the plugin; the first two are those of Barman's plugin.
 *
 * @param barmanObjectName name of the ObjectStore; the plugin's own directory without one
 * @param serverName folder of the archive; the Cluster's name without one
 * @param walArchiving {@code off} to keep the plugin from archiving WAL
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
        String walArchiving) {

  boolean archives() {
    return !walArchiving.equals("off");
  }
}
