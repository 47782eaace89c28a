package dev.howdah.host;

import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is there while the sidecar serves: a start-up probe then is {@code test -f}, where
 * one that asks over a socket would need a second JVM in the same small container.
 */
final class ReadinessFile {

  private static final Logger LOG = LoggerFactory.getLogger(ReadinessFile.class);

  private final Optional<Path> file;

  private ReadinessFile(Optional<Path> file) {
    this.file = file;
  }

  static ReadinessFile of(HowdahProperties properties) {
    return new ReadinessFile(
        Optional.ofNullable(properties.instance().readinessFile())
            .filter(file -> properties.mode() == Mode.INSTANCE));
  }

  /**
   * Makes it.
   *
   * @throws ConfigurationException if it can't be made: the probe would fail for ever, and this
   *     says why
   */
  void make() {
    file.ifPresent(
        path -> {
          try {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
              Files.createDirectories(folder);
            }
            Files.write(path, new byte[0]);
          } catch (IOException e) {
            throw new ConfigurationException(
                "The readiness file %s can't be made; set howdah.instance.readiness-file to one in a"
                        .formatted(path)
                    + " folder that can be written to.",
                e);
          }
        });
  }

  /** Removes it; nothing happens if it isn't there. */
  void remove() {
    file.ifPresent(
        path -> {
          try {
            Files.deleteIfExists(path);
          } catch (IOException e) {
            LOG.atWarn()
                .addKeyValue("file", path)
                .setCause(e)
                .log("The readiness file can't be removed");
          }
        });
  }
}
