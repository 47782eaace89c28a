package dev.howdah.host.discovery;

import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.catalog.Problem;
import dev.howdah.plugin.PluginManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds drop-in plugins: in the drop-in folder, and wherever else it is told to look. Each gets a
 * {@link PluginClassLoader} of its own.
 */
public final class DropInDoor implements PluginDoor {

  private static final Logger LOG = LoggerFactory.getLogger(DropInDoor.class);

  private final Optional<Path> directory;
  private final List<DropInSource> further;
  private final DropInCheck check;
  private final ClassLoader host;
  private final PluginContexts contexts;

  /**
   * Prepares.
   *
   * @param directory the drop-in folder; nothing is said if it doesn't exist
   * @param further single drop-ins outside of it, which come first
   * @param check refuses what can't work
   * @param host loads the shared packages
   * @param contexts makes plugins
   */
  public DropInDoor(
      Optional<Path> directory,
      List<DropInSource> further,
      DropInCheck check,
      ClassLoader host,
      PluginContexts contexts) {
    this.directory = directory;
    this.further = List.copyOf(further);
    this.check = check;
    this.host = host;
    this.contexts = contexts;
  }

  @Override
  public List<PluginCandidate> look() {
    List<PluginCandidate> candidates = new ArrayList<>();
    further.forEach(source -> candidates.add(candidate(source)));
    directory.ifPresent(folder -> lookInto(folder, candidates));
    return candidates;
  }

  private void lookInto(Path folder, List<PluginCandidate> candidates) {
    if (!Files.exists(folder)) {
      LOG.atDebug().addKeyValue("directory", folder).log("There is no drop-in folder");
      return;
    }
    try {
      DropInSource.in(folder).forEach(source -> candidates.add(candidate(source)));
    } catch (IOException e) {
      candidates.add(
          new PluginCandidate.Refused(
              source(folder.toString()),
              DropInSource.name(folder),
              new Problem(
                  "The drop-in folder %s can't be listed.".formatted(DropInSource.name(folder)),
                  "Make howdah.discovery.directory a folder that the host's user can read.")));
    }
  }

  private PluginCandidate candidate(DropInSource source) {
    DropInCheck.Result result = check.check(source);
    Optional<PluginManifest> manifest = result.manifest();
    if (manifest.isEmpty() || !result.problems().isEmpty()) {
      return new PluginCandidate.Refused(
          source(source.location()), result.id(), result.problems().getFirst());
    }
    return new PluginCandidate.Acceptable(
        source(source.location()), manifest.get(), () -> create(source, manifest.get()));
  }

  private PluginInstance create(DropInSource source, PluginManifest manifest) throws Exception {
    PluginClassLoader loader = classLoader(source, manifest, host);
    try {
      PluginInstance made = contexts.create(manifest, loader);
      return new PluginInstance(
          made.plugin(),
          loader,
          () -> {
            try (loader) {
              made.home().close();
            }
          });
    } catch (Throwable thrown) {
      loader.close();
      throw thrown;
    }
  }

  /**
   * The class loader of a drop-in that has been checked.
   *
   * @param source where its classes are
   * @param manifest its manifest
   * @param host loads the shared packages
   */
  public static PluginClassLoader classLoader(
      DropInSource source, PluginManifest manifest, ClassLoader host) {
    return new PluginClassLoader(
        manifest.id(), source.classPath(), host, SharedPackages.with(manifest));
  }

  private static PluginSource source(String location) {
    return new PluginSource(PluginSource.Door.DROP_IN, location);
  }
}
