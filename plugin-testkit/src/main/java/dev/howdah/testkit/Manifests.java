package dev.howdah.testkit;

import dev.howdah.plugin.PluginManifest;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** Reads the manifest of a plugin that isn't loaded. */
final class Manifests {

  private Manifests() {}

  static PluginManifest read(PluginClassPath classPath) {
    URL[] urls = classPath.entries().stream().map(Manifests::url).toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(urls, null);
        InputStream in = loader.getResourceAsStream(PluginManifest.LOCATION)) {
      if (in == null) {
        throw new IllegalStateException(
            "There is no %s in %s.".formatted(PluginManifest.LOCATION, classPath.entries()));
      }
      return PluginManifest.read(in);
    } catch (IOException e) {
      throw new IllegalStateException("The plugin's manifest can't be read.", e);
    }
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(path + " can't be read from.", e);
    }
  }
}
