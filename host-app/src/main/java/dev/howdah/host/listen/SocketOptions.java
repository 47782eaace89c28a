package dev.howdah.host.listen;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The Unix sockets: one per plugin, the file named as the plugin, since a caller says by the file
 * alone which plugin it wants.
 *
 * @param directory where the sockets are; made if it is missing, with access for the owner alone
 *     (one that exists keeps its mode, and decides who gets to the sockets). Whoever looks for
 *     plugins takes every entry for a plugin, so nothing else is ever written there
 * @param pluginNames names of the plugins, without duplicates
 */
public record SocketOptions(Path directory, List<String> pluginNames) {
  /** Validates. */
  public SocketOptions {
    directory = directory.toAbsolutePath().normalize();
    pluginNames = List.copyOf(pluginNames);
    Set<String> seen = new TreeSet<>();
    for (String name : pluginNames) {
      if (name.isEmpty() || name.startsWith(".") || name.contains("/") || name.indexOf(0) >= 0) {
        throw new IllegalArgumentException(
            "The plugin name \"%s\" cannot be the name of a socket file.".formatted(name));
      }
      if (!seen.add(name)) {
        throw new IllegalArgumentException(
            "Two plugins are named \"%s\"; each needs a socket of its own.".formatted(name));
      }
    }
  }
}
