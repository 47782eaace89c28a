// docs:plugin
package dev.howdah.docs.quickstart;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;

/** Labels every instance with its owner. */
public final class OwnerPlugin implements Plugin {

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(OwnerPlugin.class)
        .displayName("Owner")
        .description("Labels every instance with its owner.")
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(OwnerParameters.class);
    hooks.onCreate(Pod.class, this::label);
  }

  private Pod label(Pod pod, HookContext context) {
    OwnerParameters parameters = context.parameters(OwnerParameters.class);
    return new PodBuilder(pod)
        .editOrNewMetadata()
        .addToLabels("example.com/owner", parameters.owner())
        .endMetadata()
        .build();
  }
}
// docs:end
