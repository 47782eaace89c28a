package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginUse;
import java.util.SortedSet;
import java.util.TreeSet;

/** The ObjectStores that a Cluster names, in any of its uses of the plugin. */
final class ReferencedStores {

  private ReferencedStores() {}

  /** Their names, sorted, so that what is made of them is always the same. */
  static SortedSet<String> of(HookContext context) {
    SortedSet<String> names = new TreeSet<>();
    for (PluginUse use : context.uses()) {
      use.parameters().as(ObjectStoreParameters.class).barmanObjectName().ifPresent(names::add);
    }
    return names;
  }
}
