package dev.howdah.plugins.hello;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;

/**
 * Greets every instance: with labels and annotations on its Pod, and with a sidecar that does
 * nothing.
 */
public final class HelloWorldPlugin implements Plugin {

  private static final String SIDECAR = "hello-world";

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(HelloWorldPlugin.class)
        .displayName("Hello World")
        .description("Labels, annotates and accompanies the Pods of a Cluster.")
        .vendor("Howdah")
        .maturity(Maturity.STABLE)
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(HelloParameters.class);
    hooks.onCreate(Pod.class, this::decorate);
    hooks.status(this::status);
  }

  /**
   * The same Pod for the same Cluster, and no change the second time: the operator compares what it
   * is told.
   */
  private Pod decorate(Pod pod, HookContext context) {
    HelloParameters parameters = context.parameters(HelloParameters.class);
    PodBuilder decorated =
        new PodBuilder(pod)
            .editOrNewMetadata()
            .addToLabels(parameters.labels())
            .addToAnnotations(parameters.annotations())
            .endMetadata();
    if (parameters.sidecar()) {
      decorated
          .editOrNewSpec()
          .removeMatchingFromInitContainers(container -> container.getName().equals(SIDECAR))
          .addToInitContainers(sidecar(parameters.sidecarImage()))
          .endSpec();
    }
    return decorated.build();
  }

  /**
   * An init container that restarts always is a native sidecar: it starts before PostgreSQL and
   * ends after it.
   */
  private static Container sidecar(String image) {
    return new ContainerBuilder()
        .withName(SIDECAR)
        .withImage(image)
        .withRestartPolicy("Always")
        .withNewResources()
        .addToRequests("cpu", new Quantity("1m"))
        .addToRequests("memory", new Quantity("8Mi"))
        .addToLimits("memory", new Quantity("8Mi"))
        .endResources()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withRunAsNonRoot(true)
        .withNewCapabilities()
        .addToDrop("ALL")
        .endCapabilities()
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .build();
  }

  /**
   * Says what is in force, and nothing that changes by itself: each change starts the operator's
   * next loop.
   */
  private Optional<?> status(HookContext context) {
    HelloParameters parameters = context.parameters(HelloParameters.class);
    return Optional.of(Map.of("enabled", true, "sidecar", parameters.sidecar()));
  }
}
