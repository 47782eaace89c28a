package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugin.PluginException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Secrets as they are mounted: a directory for each, a file for each key. Read anew each time, so a
 * changed Secret needs no restart.
 *
 * @param directory where they are mounted
 */
public record Secrets(Path directory) {

  /**
   * Reads a value, without the line break that editors leave at its end.
   *
   * @param reference which
   * @param field the field that refers to it, for messages
   * @throws PluginException of kind {@code PRECONDITION} if it isn't there or can't be a credential
   */
  public String read(SecretReference reference, String field) {
    Path file = directory.resolve(reference.name()).resolve(reference.key()).normalize();
    if (!file.startsWith(directory.normalize())) {
      throw new PluginException(
          PluginException.Kind.INVALID, "%s names no Secret's key".formatted(field));
    }
    try {
      String value = Files.readString(file).replaceFirst("[\\r\\n]+$", "");
      if (value.isEmpty() || value.indexOf('\0') >= 0) {
        throw new PluginException(
            PluginException.Kind.PRECONDITION,
            "%s: the Secret's key %s is empty or holds a zero byte".formatted(field, reference));
      }
      return value;
    } catch (NoSuchFileException e) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "%s: there is no Secret's key %s; is the Secret mounted?".formatted(field, reference),
          e);
    } catch (IOException e) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "%s: the Secret's key %s can't be read".formatted(field, reference),
          e);
    }
  }
}
