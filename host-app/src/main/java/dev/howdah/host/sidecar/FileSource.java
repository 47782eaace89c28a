package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings;
import dev.howdah.plugin.PluginException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings in a file, which is read again when it was replaced. One that becomes unusable leaves
 * the last good settings in use, as any other answer would roll databases.
 */
final class FileSource implements SidecarSource {

  private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);

  /** Tells that the file was replaced; a mounted ConfigMap turns a link higher up in its path. */
  private record Stamp(Path target, @Nullable Object inode, long size, FileTime modified) {

    static Stamp of(Path file) throws IOException {
      Path target = file.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(target, BasicFileAttributes.class);
      return new Stamp(
          target, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    }
  }

  private final Path file;
  private final CheckedSettings reader;
  private @Nullable Stamp stamp;
  private @Nullable SidecarSettings good;
  private String problem = "it hasn't been read";

  FileSource(Path file, CheckedSettings reader) {
    this.file = file;
    this.reader = reader;
  }

  @Override
  public synchronized Optional<SidecarSettings> settings() {
    try {
      Stamp now = Stamp.of(file);
      if (!now.equals(stamp)) {
        stamp = now;
        good = reader.read(Files.readString(file));
        LOG.atInfo().addKeyValue("file", file).log("The sidecar's settings were read");
      }
    } catch (IOException | IllegalArgumentException e) {
      String reason =
          e instanceof IllegalArgumentException
              ? String.valueOf(e.getMessage())
              : "The file can't be read.";
      if (!reason.equals(problem)) {
        problem = reason;
        LOG.atError()
            .addKeyValue("file", file)
            .addKeyValue("kept", good != null)
            .setCause(e)
            .log("The sidecar's settings can't be used: {}", reason);
      }
    }
    if (good == null) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE,
          "the sidecar's settings can't be used: %s".formatted(problem));
    }
    return Optional.of(good);
  }
}
