package dev.howdah.plugins.objectstore;

import java.nio.file.Path;
import java.time.Duration;

/** The plugin's configuration in tests. */
final class Configurations {

  private Configurations() {}

  /** Everything below one folder, and short patience. */
  static ObjectStoreConfiguration in(Path folder) {
    return new ObjectStoreConfiguration(
        folder.resolve("embedded").toString(),
        folder.resolve("definitions").toString(),
        folder.resolve("secrets").toString(),
        folder.resolve("spool").toString(),
        Duration.ofMillis(10),
        Duration.ofSeconds(1),
        2,
        5 << 20,
        0,
        "");
  }
}
