package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.layout.Codec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a Backup may say for itself alone. */
record BackupParameters(
    Optional<Codec> codec, Optional<Integer> jobs, Optional<Boolean> immediateCheckpoint) {

  private static final int MOST_JOBS = 64;

  static BackupParameters of(Map<String, String> values) {
    Optional<Codec> codec = Optional.empty();
    Optional<Integer> jobs = Optional.empty();
    Optional<Boolean> immediate = Optional.empty();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      String value = entry.getValue();
      switch (entry.getKey()) {
        case "compression" ->
            codec =
                Optional.of(
                    Codec.ofConfiguration(value).orElseThrow(() -> wrong("compression", value)));
        case "jobs" -> jobs = Optional.of(jobs(value));
        case "immediateCheckpoint" -> {
          if (!Set.of("true", "false").contains(value)) {
            throw wrong("immediateCheckpoint", value);
          }
          immediate = Optional.of(value.equals("true"));
        }
        default ->
            throw new PluginException(
                PluginException.Kind.INVALID,
                ("spec.pluginConfiguration.parameters.%s is not known; known are compression,"
                        + " jobs and immediateCheckpoint")
                    .formatted(entry.getKey()));
      }
    }
    return new BackupParameters(codec, jobs, immediate);
  }

  private static int jobs(String value) {
    try {
      int jobs = Integer.parseInt(value);
      if (jobs >= 1 && jobs <= MOST_JOBS) {
        return jobs;
      }
    } catch (NumberFormatException e) {
      throw wrong("jobs", value);
    }
    throw wrong("jobs", value);
  }

  private static PluginException wrong(String name, String value) {
    return new PluginException(
        PluginException.Kind.INVALID,
        "spec.pluginConfiguration.parameters.%s can't be '%s'".formatted(name, value));
  }
}
