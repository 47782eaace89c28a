package dev.howdah.host.call;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.Problem;
import io.grpc.Status;
import java.util.Locale;

/** The answer for a plugin that doesn't serve. */
public final class Unavailable {

  private Unavailable() {}

  /** Says, stably, why it doesn't. */
  public static Status of(PluginHandle plugin) {
    String why =
        plugin
            .problem()
            .map(Problem::reason)
            .orElseGet(() -> "it is %s.".formatted(plugin.state().name().toLowerCase(Locale.ROOT)));
    return Status.UNAVAILABLE.withDescription(
        "The plugin '%s' doesn't serve: %s".formatted(plugin.name(), why));
  }
}
