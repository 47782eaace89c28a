package dev.howdah.host.testing;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import java.util.function.Consumer;

/**
 * A plugin made of lambdas.
 *
 * @param metadata who it says it is
 * @param hooks registers what it does
 */
public record TestPlugin(PluginMetadata metadata, Consumer<Hooks> hooks) implements Plugin {

  /** Makes one with a name. */
  public static TestPlugin of(String name, Consumer<Hooks> hooks) {
    return new TestPlugin(metadata(name), hooks);
  }

  /** Metadata with a name. */
  public static PluginMetadata metadata(String name) {
    return PluginMetadata.of(name, "1.2.3").description("A plugin of the tests.").build();
  }

  @Override
  public void register(Hooks hooks) {
    this.hooks.accept(hooks);
  }
}
