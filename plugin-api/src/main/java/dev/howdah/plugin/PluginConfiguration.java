package dev.howdah.plugin;

import java.util.Optional;

/**
 * The plugin's own part of the host's configuration, {@code howdah.plugins.<id>.*}. A plugin takes
 * it as a constructor argument; it never sees the configuration of the host or of other plugins.
 *
 * <p>A few keys there are the host's own and can't be the plugin's: {@code enabled}, {@code
 * required}, {@code aliases}, {@code fail-policy} and {@code limits}.
 */
public interface PluginConfiguration {

  /**
   * Binds all of it to a record: components by name in kebab case ({@code maxSize} from {@code
   * max-size}), nested records, lists, maps, enums, {@link java.time.Duration}s, with Jakarta
   * Validation constraints checked. {@code null} stands for a component that was not given, unless
   * a default is declared with {@link Parameter#defaultValue()}.
   *
   * @param type the record
   * @return the bound record
   * @throws IllegalArgumentException if a value can't be converted, a constraint is violated or a
   *     key is unknown; the message names the key
   */
  <C extends Record> C bind(Class<C> type);

  /**
   * One value as text.
   *
   * @param key the key below {@code howdah.plugins.<id>}
   */
  Optional<String> get(String key);
}
