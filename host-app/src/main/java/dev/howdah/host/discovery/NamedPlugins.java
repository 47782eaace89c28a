package dev.howdah.host.discovery;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginDescriptor;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.Problem;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.config.PluginSettings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins that a sidecar was told to serve. One that isn't there gets a place in the catalogue
 * all the same: its socket then says what is wrong, where without one the instance manager would
 * only say that the plugin is unknown, or leave it out in silence.
 */
final class NamedPlugins {

  private static final Logger LOG = LoggerFactory.getLogger(NamedPlugins.class);

  /** What a plugin's name may look like; it becomes a file's name. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

  private final Optional<Set<String>> wanted;

  private NamedPlugins(Optional<Set<String>> wanted) {
    this.wanted = wanted;
  }

  static NamedPlugins of(HowdahProperties properties) {
    List<String> names = properties.instance().plugins();
    if (properties.mode() != Mode.INSTANCE || names == null) {
      return new NamedPlugins(Optional.empty());
    }
    Set<String> wanted = new TreeSet<>();
    names.stream().map(String::strip).filter(name -> !name.isEmpty()).forEach(wanted::add);
    return new NamedPlugins(Optional.of(wanted));
  }

  /** Whether a candidate is to be served, or shown as refused. */
  boolean serves(PluginCandidate candidate) {
    if (wanted.isEmpty()) {
      return true;
    }
    return switch (candidate) {
      case PluginCandidate.Refused refused -> wanted.get().contains(refused.id());
      case PluginCandidate.Acceptable acceptable ->
          wanted.get().contains(acceptable.manifest().name())
              || wanted.get().contains(acceptable.manifest().id());
    };
  }

  /** Gives each plugin that wasn't found a place in the catalogue. */
  void addMissing(PluginCatalog catalog, HowdahProperties properties) {
    for (String name : wanted.orElse(Set.of())) {
      if (catalog.find(name).isPresent() || catalog.byId(name).isPresent()) {
        continue;
      }
      if (!NAME.matcher(name).matches()) {
        LOG.atError()
            .addKeyValue("plugin", name)
            .log("howdah.instance.plugins names what can't be a plugin's name; it has no socket");
        continue;
      }
      PluginSource source = new PluginSource(PluginSource.Door.NAMED, "howdah.instance.plugins");
      PluginHandle handle =
          catalog.add(new PluginDescriptor(name, name, "", "", source, PluginSettings.DEFAULTS));
      handle.end(
          PluginState.FAILED,
          new Problem(
              "howdah.instance.plugins names it, but this image has no such plugin, or it is"
                  + " switched off.",
              "Use an image that carries it, or correct the name."));
      LOG.atError()
          .addKeyValue("plugin", name)
          .addKeyValue("dropIns", properties.dropInDirectory())
          .log("howdah.instance.plugins names a plugin that isn't here; its socket says so");
    }
  }
}
