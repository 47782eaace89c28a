package dev.howdah.docs.quickstart;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.testkit.HowdahPluginExtension;
import dev.howdah.testkit.PackagedPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OwnerPluginTest {

  @RegisterExtension
  static HowdahPluginExtension plugin =
      HowdahPluginExtension.of(PackagedPlugin.of(OwnerPlugin.class, "owner"));

  // docs:test
  @Test
  void labelsEveryInstance() {
    plugin
        .onCluster("cluster-minimal")
        .with("owner", "shop")
        .creates("pod-instance")
        .hasLabel("example.com/owner", "shop");
  }

  @Test
  void refusesAClusterWithoutOwner() {
    plugin.onCluster("cluster-minimal").validatesCreate().refuses("owner", "required");
  }

  // docs:end

  // docs:loads
  @Test
  void isCalledForPodsAndNothingElse() {
    plugin
        .loads()
        .declares(ServiceCapability.LIFECYCLE_SERVICE, ServiceCapability.OPERATOR_SERVICE)
        .takesPartIn("Pod", LifecycleOperation.CREATE, LifecycleOperation.EVALUATE);
  }

  // docs:end

  // docs:fails
  @Test
  void saysWhichParameterIsWrong() {
    plugin
        .onCluster()
        .with("owner", "Not a label!")
        .fails(cluster -> cluster.evaluates("pod-instance"))
        .withMessageContaining("owner");
  }
  // docs:end
}
