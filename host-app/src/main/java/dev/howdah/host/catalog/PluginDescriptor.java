package dev.howdah.host.catalog;

import dev.howdah.host.config.PluginSettings;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Who a plugin is, as far as it can be known without running it.
 *
 * @param id its id; of a candidate without readable manifest, something derived from its file's
 *     name
 * @param name its name, or empty if not known
 * @param version its version, or empty if not known
 * @param codePackage the package of its class, or empty if not known
 * @param source where it came from
 * @param settings what the host's configuration says of it
 */
public record PluginDescriptor(
    String id,
    String name,
    String version,
    String codePackage,
    PluginSource source,
    PluginSettings settings) {

  /** Every name under which calls may ask for it, in lower case. */
  public List<String> addresses() {
    return Stream.concat(Stream.of(name), settings.aliases().stream())
        .map(address -> address.toLowerCase(Locale.ROOT))
        .distinct()
        .toList();
  }
}
