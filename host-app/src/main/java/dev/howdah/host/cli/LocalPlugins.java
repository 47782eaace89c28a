package dev.howdah.host.cli;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginDescriptor;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.config.HowdahProperties.Verification;
import dev.howdah.host.config.PluginSettings;
import dev.howdah.host.discovery.ClassPathDoor;
import dev.howdah.host.discovery.DropInCheck;
import dev.howdah.host.discovery.DropInDoor;
import dev.howdah.host.discovery.DropInSource;
import dev.howdah.host.discovery.PluginCandidate;
import dev.howdah.host.discovery.PluginContexts;
import dev.howdah.host.discovery.PluginDoor;
import dev.howdah.plugin.PluginManifest;
import dev.howdah.plugin.audit.AuditPublisher;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The plugins that a host would find, without a host: through the host's own doors and catalogue,
 * and without running any plugin's code.
 */
final class LocalPlugins {

  /** Where the bundled plugins are. */
  private static final List<String> PACKAGES = List.of("dev.howdah.plugins");

  private LocalPlugins() {}

  /**
   * What was found.
   *
   * @param handle its place in a catalogue, where it is verified or rejected
   * @param manifest its manifest, if it could be read and it wasn't refused
   */
  record Found(PluginHandle handle, Optional<PluginManifest> manifest) {}

  /** The plugins that come with the host. */
  static PluginDoor bundled() {
    return new ClassPathDoor(PACKAGES, hostLoader(), noContexts());
  }

  /** The drop-ins of a folder. */
  static PluginDoor in(Path directory) {
    return new DropInDoor(
        Optional.of(directory),
        List.of(),
        DropInCheck.ofHost(Verification.NONE),
        hostLoader(),
        noContexts());
  }

  /** One drop-in. */
  static PluginDoor one(DropInSource source) {
    return new DropInDoor(
        Optional.empty(),
        List.of(source),
        DropInCheck.ofHost(Verification.NONE),
        hostLoader(),
        noContexts());
  }

  /** Looks through doors, of which the first has the right to a name. */
  static List<Found> behind(List<PluginDoor> doors) {
    PluginCatalog catalog = new PluginCatalog(Clock.systemUTC(), List.of());
    Map<PluginHandle, PluginManifest> manifests = new LinkedHashMap<>();
    for (PluginDoor door : doors) {
      for (PluginCandidate candidate : door.look()) {
        switch (candidate) {
          case PluginCandidate.Refused refused ->
              catalog.addRejected(
                  new PluginDescriptor(
                      refused.id(), "", "", "", refused.source(), PluginSettings.DEFAULTS),
                  refused.problem());
          case PluginCandidate.Acceptable acceptable -> {
            PluginManifest manifest = acceptable.manifest();
            PluginHandle handle =
                catalog.add(
                    new PluginDescriptor(
                        manifest.id(),
                        manifest.name(),
                        manifest.version(),
                        "",
                        acceptable.source(),
                        PluginSettings.DEFAULTS));
            manifests.put(handle, manifest);
            if (!handle.state().terminal()) {
              handle.become(PluginState.VERIFIED);
            }
          }
        }
      }
    }
    List<Found> found = new ArrayList<>();
    for (PluginHandle handle : catalog.all()) {
      found.add(new Found(handle, Optional.ofNullable(manifests.get(handle))));
    }
    return found;
  }

  /** Loads what plugins share with the host. */
  static ClassLoader hostLoader() {
    return LocalPlugins.class.getClassLoader();
  }

  private static PluginContexts noContexts() {
    return new PluginContexts(
        new PluginContexts.Exports(new GenericApplicationContext()),
        id -> {
          throw new UnsupportedOperationException("Nothing is started here.");
        },
        id -> AuditPublisher.none());
  }
}
