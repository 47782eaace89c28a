package dev.howdah.host.discovery;

/** Makes a plugin: the first moment at which its code runs. */
@FunctionalInterface
public interface PluginFactory {

  /**
   * Loads its class and calls its constructor.
   *
   * @throws Exception whatever the plugin's code throws
   */
  PluginInstance create() throws Exception;
}
