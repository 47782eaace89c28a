package dev.howdah.testkit;

import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Plugins of these tests as folders of classes, as {@code target/classes} of a project would be.
 */
public final class PackagedPlugin {

  private PackagedPlugin() {}

  /**
   * Makes a folder of the classes that lie beside a plugin's class.
   *
   * @param plugin the plugin's class, the only plugin in its package
   * @param id its id; its name is {@code <id>.example.com}
   */
  public static Path of(Class<? extends Plugin> plugin, String id) {
    try {
      Path classes = Path.of(plugin.getProtectionDomain().getCodeSource().getLocation().toURI());
      String relative = plugin.getPackageName().replace('.', '/');
      Path folder = Files.createTempDirectory("packaged");
      Path target = Files.createDirectories(folder.resolve(relative));
      try (Stream<Path> files = Files.list(classes.resolve(relative))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
      manifest(folder, plugin.getName(), id);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static void manifest(Path folder, String pluginClass, String id) throws IOException {
    Path manifest = folder.resolve(PluginManifest.LOCATION);
    Files.createDirectories(manifest.getParent());
    Files.writeString(
        manifest,
        """
        class=%s
        id=%s
        name=%s.example.com
        version=1.0.0
        api=[1.0,2.0)
        """
            .formatted(pluginClass, id, id));
  }
}
