package dev.howdah.host.actuate;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerGroup;
import org.springframework.boot.logging.LoggerGroups;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Makes each plugin's name a group of loggers, so that its level can be set by that name, in the
 * configuration as {@code logging.level.<name>} and at run time at {@code
 * /actuator/loggers/<name>}, without knowing its packages. The group holds the package of the
 * plugin's class and those below it; plugins that share a package share its level.
 */
@Component
class PluginLoggers implements PluginHandle.Listener {

  private static final Bindable<Map<String, LogLevel>> LEVELS =
      Bindable.mapOf(String.class, LogLevel.class);

  private final ObjectProvider<LoggerGroups> groups;
  private final ObjectProvider<LoggingSystem> logging;
  private final Environment environment;

  PluginLoggers(
      ObjectProvider<LoggerGroups> groups,
      ObjectProvider<LoggingSystem> logging,
      Environment environment) {
    this.groups = groups;
    this.logging = logging;
    this.environment = environment;
  }

  /** Before any of its code runs, so that its first lines have the level, too. */
  @Override
  public void changed(PluginHandle plugin, PluginState before) {
    String code = plugin.descriptor().codePackage();
    if (plugin.state() == PluginState.VERIFIED && !code.isEmpty()) {
      groups.ifAvailable(all -> add(all, plugin.name(), code));
    }
  }

  private void add(LoggerGroups all, String name, String code) {
    all.putAll(Map.of(name, List.of(code)));
    LogLevel level =
        Binder.get(environment).bind("logging.level", LEVELS).orElseGet(Map::of).get(name);
    LoggerGroup group = all.get(name);
    if (level != null && group != null) {
      logging.ifAvailable(system -> group.configureLogLevel(level, system::setLogLevel));
    }
  }
}
