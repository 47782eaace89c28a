package dev.howdah.host.discovery;

import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.catalog.Problem;
import dev.howdah.plugin.ApiVersion;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginManifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.type.filter.AssignableTypeFilter;

/**
 * Finds plugin classes on the host's class path by component scanning. A class needs no annotation,
 * only to implement {@link Plugin} and to be named by a manifest; classes are read, not loaded.
 */
public final class ClassPathDoor implements PluginDoor {

  private final List<String> packages;
  private final ClassLoader classLoader;
  private final PluginContexts contexts;

  /**
   * Prepares.
   *
   * @param packages packages to scan
   * @param classLoader the host's class loader
   * @param contexts makes plugins
   */
  public ClassPathDoor(List<String> packages, ClassLoader classLoader, PluginContexts contexts) {
    this.packages = List.copyOf(packages);
    this.classLoader = classLoader;
    this.contexts = contexts;
  }

  @Override
  public List<PluginCandidate> look() {
    List<PluginCandidate> candidates = new ArrayList<>();
    Map<String, PluginManifest> manifests = manifests(candidates);
    for (String pluginClass : scan()) {
      PluginSource source = source(pluginClass);
      PluginManifest manifest = manifests.get(pluginClass);
      if (manifest == null) {
        candidates.add(
            new PluginCandidate.Refused(
                source,
                pluginClass,
                new Problem(
                    "No %s names the plugin class %s."
                        .formatted(PluginManifest.LOCATION, pluginClass),
                    "Add one beside it, with class=%s.".formatted(pluginClass))));
      } else if (!manifest.api().contains(ApiVersion.CURRENT)) {
        candidates.add(new PluginCandidate.Refused(source, manifest.id(), wrongApi(manifest)));
      } else {
        candidates.add(
            new PluginCandidate.Acceptable(
                source, manifest, () -> contexts.create(manifest, classLoader)));
      }
    }
    return candidates;
  }

  /** What to say of a plugin made for another version of the API. */
  static Problem wrongApi(PluginManifest manifest) {
    return new Problem(
        "It was made for plugin API %s; this host has %s."
            .formatted(manifest.api(), ApiVersion.CURRENT),
        "Use a version of the plugin for this host, or a host for this plugin.");
  }

  private static PluginSource source(String location) {
    return new PluginSource(PluginSource.Door.CLASS_PATH, location);
  }

  private TreeSet<String> scan() {
    ClassPathScanningCandidateComponentProvider scanner =
        new ClassPathScanningCandidateComponentProvider(false, new StandardEnvironment());
    scanner.setResourceLoader(new PathMatchingResourcePatternResolver(classLoader));
    scanner.addIncludeFilter(new AssignableTypeFilter(Plugin.class));
    TreeSet<String> classes = new TreeSet<>();
    for (String root : packages) {
      scanner
          .findCandidateComponents(root)
          .forEach(
              definition -> {
                String name = definition.getBeanClassName();
                if (name != null) {
                  classes.add(name);
                }
              });
    }
    return classes;
  }

  private Map<String, PluginManifest> manifests(List<PluginCandidate> refused) {
    Map<String, PluginManifest> manifests = new TreeMap<>();
    try {
      for (URL url : Collections.list(classLoader.getResources(PluginManifest.LOCATION))) {
        try (InputStream in = url.openStream()) {
          PluginManifest manifest = PluginManifest.read(in);
          manifests.put(manifest.pluginClass(), manifest);
        } catch (IllegalArgumentException e) {
          refused.add(
              new PluginCandidate.Refused(
                  source(url.toString()),
                  "unknown",
                  new Problem(
                      "Its manifest can't be read: " + e.getMessage(),
                      "Correct the manifest and build the plugin again.")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The manifests on the class path can't be read.", e);
    }
    return manifests;
  }
}
