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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.type.filter.AssignableTypeFilter;

/**
 * Finds plugin classes on the host's class path. A class needs no annotation, only to implement
 * {@link Plugin} and to be named by a manifest. A JAR with a manifest is taken at its word; all
 * else is searched by component scanning, which reads every class without loading it, so that an
 * author hears of a class without a manifest.
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
    Manifests manifests = manifests(candidates);
    TreeSet<String> classes = scan(new Unnamed(classLoader, manifests.jars()));
    manifests.inJars().stream().filter(this::isInPackages).forEach(classes::add);
    for (String pluginClass : classes) {
      PluginSource source = source(pluginClass);
      PluginManifest manifest = manifests.byClass().get(pluginClass);
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

  private boolean isInPackages(String className) {
    return packages.stream().anyMatch(root -> className.startsWith(root + "."));
  }

  private TreeSet<String> scan(PathMatchingResourcePatternResolver places) {
    ClassPathScanningCandidateComponentProvider scanner =
        new ClassPathScanningCandidateComponentProvider(false, new StandardEnvironment());
    scanner.setResourceLoader(places);
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

  /**
   * What the manifests say.
   *
   * @param byClass each by its plugin's class
   * @param inJars the plugin classes that a JAR names
   * @param jars those JARs, as the beginning of the URLs of what is in them
   */
  private record Manifests(
      Map<String, PluginManifest> byClass, Set<String> inJars, Set<String> jars) {}

  private Manifests manifests(List<PluginCandidate> refused) {
    Manifests manifests = new Manifests(new TreeMap<>(), new TreeSet<>(), new TreeSet<>());
    try {
      for (URL url : Collections.list(classLoader.getResources(PluginManifest.LOCATION))) {
        try (InputStream in = url.openStream()) {
          PluginManifest manifest = PluginManifest.read(in);
          manifests.byClass().put(manifest.pluginClass(), manifest);
          if (url.getProtocol().equals("jar")) {
            manifests.inJars().add(manifest.pluginClass());
            manifests.jars().add(root(url));
          }
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

  /** The JAR that a {@code jar:} URL points into. */
  private static String root(URL inside) {
    String url = inside.toString();
    return url.substring(0, url.indexOf("!/") + 1);
  }

  /** The class path without those JARs that name their plugin. */
  private static final class Unnamed extends PathMatchingResourcePatternResolver {

    private final Set<String> jars;

    Unnamed(ClassLoader classLoader, Set<String> jars) {
      super(classLoader);
      this.jars = Set.copyOf(jars);
    }

    @Override
    protected Set<Resource> doFindAllClassPathResources(String path) throws IOException {
      Set<Resource> roots = new LinkedHashSet<>();
      for (Resource root : super.doFindAllClassPathResources(path)) {
        if (!jars.contains(root(root.getURL()))) {
          roots.add(root);
        }
      }
      return roots;
    }
  }
}
