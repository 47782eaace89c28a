package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.Optional;

/**
 * What a Cluster tells the plugin; the first two are those of Barman's plugin.
 *
 * @param barmanObjectName name of the ObjectStore; the plugin's own directory without one
 * @param serverName folder of the archive; the Cluster's name without one
 * @param walArchiving {@code off} to keep the plugin from archiving WAL
 * @param minimumRedundancy how many backups retention keeps in any case
 * @param redundancyCounts {@code whole} if retention counts backups that were never verified
 * @param verificationInterval how long after a verification the next one comes; {@code off} for
 *     none
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
        int minimumRedundancy,
    @Parameter(
            description =
                "Which backups count as such: 'verified' those found sound, 'whole' all that look"
                    + " complete.",
            defaultValue = "verified")
        @Pattern(regexp = "verified|whole")
        String redundancyCounts,
    @Parameter(
            description = "How often a backup is verified, such as 12h, 7d or 2w; 'off' for never.",
            defaultValue = "7d")
        @Pattern(regexp = "off|[1-9][0-9]{0,3}[hdw]")
        String verificationInterval) {

  boolean archives() {
    return !walArchiving.equals("off");
  }

  /** Which backups count towards the minimum redundancy. */
  RetentionPolicy.Counting counting() {
    return redundancyCounts.equals("whole")
        ? RetentionPolicy.Counting.WHOLE
        : RetentionPolicy.Counting.VERIFIED;
  }

  /** How often a backup is verified, if any is. */
  Optional<Duration> verifiesEvery() {
    if (verificationInterval.equals("off")) {
      return Optional.empty();
    }
    int last = verificationInterval.length() - 1;
    int hours =
        switch (verificationInterval.charAt(last)) {
          case 'h' -> 1;
          case 'w' -> 7 * 24;
          default -> 24;
        };
    return Optional.of(
        Duration.ofHours(Long.parseLong(verificationInterval.substring(0, last)) * hours));
  }
}
