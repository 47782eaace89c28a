package com.example.costcentre;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.testkit.ClusterScene;
import dev.howdah.testkit.HowdahPluginExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CostCentrePluginTest {

  @RegisterExtension
  static HowdahPluginExtension plugin =
      HowdahPluginExtension.ofThisProject()
          .configuration("budgets.CC-4711", "shop")
          .configuration("budgets.CC-0815", "search");

  private final ClusterScene cluster =
      plugin.onCluster("cluster-minimal").with("cost-centre", "CC-4711").with("owner", "checkout");

  @Test
  void isCalledForWhatCostsMoney() {
    plugin
        .loads()
        .declares(ServiceCapability.OPERATOR_SERVICE, ServiceCapability.LIFECYCLE_SERVICE)
        .takesPartIn("Pod", LifecycleOperation.CREATE, LifecycleOperation.EVALUATE)
        .takesPartIn("PersistentVolumeClaim", LifecycleOperation.CREATE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pod-instance", "pvc-data", "service-rw", "job-initdb"})
  void stampsWhatCostsMoney(String object) {
    cluster
        .creates(object)
        .hasLabel("billing.example.com/cost-centre", "CC-4711")
        .hasLabel("billing.example.com/owner", "checkout");
  }

  @Test
  void leavesOutTheOwnerIfNobodyIsNamed() {
    plugin
        .onCluster()
        .with("cost-centre", "CC-4711")
        .creates("pod-instance")
        .hasNoLabel("billing.example.com/owner");
  }

  @Test
  void refusesACostCentreThatDoesNotExist() {
    cluster.validatesCreate().accepts();
    cluster
        .with("cost-centre", "CC-9999")
        .validatesCreate()
        .refuses("parameters.cost-centre", "there are [CC-0815, CC-4711]");
    cluster
        .with("cost-centre", "my own")
        .validatesCreate()
        .refuses("parameters.cost-centre", "must look like CC-4711");
  }

  @Test
  void refusesAChangeToOne() {
    cluster
        .validatesChange(it -> it.with("cost-centre", "CC-9999"))
        .refuses("parameters.cost-centre", "no such cost centre");
    cluster.validatesChange(it -> it.with("cost-centre", "CC-0815")).accepts();
  }

  @Test
  void reportsWhoIsCharged() {
    cluster.reportsStatus().has("costCentre", "CC-4711").has("chargedTo", "shop");
  }
}
