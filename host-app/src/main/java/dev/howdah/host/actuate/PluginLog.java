package dev.howdah.host.actuate;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.stereotype.Component;

/** One log line for each change of a plugin's state. */
@Component
class PluginLog implements PluginHandle.Listener {

  private static final Logger LOG = LoggerFactory.getLogger(PluginLog.class);

  @Override
  public void changed(PluginHandle plugin, PluginState before) {
    String why = plugin.problem().map(Problem::toString).orElse("");
    LOG.atLevel(level(plugin.state()))
        .addKeyValue("plugin", plugin.id())
        .addKeyValue("name", plugin.name())
        .addKeyValue("version", plugin.descriptor().version())
        .addKeyValue("source", plugin.descriptor().source())
        .addKeyValue("before", before)
        .log("Plugin {} is {}{}", plugin.id(), plugin.state(), why.isEmpty() ? "" : ": " + why);
  }

  private static Level level(PluginState state) {
    return switch (state) {
      case REJECTED, FAILED -> Level.ERROR;
      case READY, STOPPED -> Level.INFO;
      case DISCOVERED, VERIFIED, STARTING, STOPPING -> Level.DEBUG;
    };
  }
}
