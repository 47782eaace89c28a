package com.example.costcentre;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.ValidationFinding;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Stamps a cost centre on all that a Cluster costs money for: instances, volumes, Jobs and load
 * balancers. A Cluster whose cost centre nobody has heard of is refused.
 */
public final class CostCentrePlugin implements Plugin {

  private final Map<String, String> budgets;
  private final String prefix;

  /**
   * Made by the host.
   *
   * @param configuration {@code howdah.plugins.cost-centre}
   */
  public CostCentrePlugin(PluginConfiguration configuration) {
    CostCentreSettings settings = configuration.bind(CostCentreSettings.class);
    this.budgets = Map.copyOf(settings.budgets());
    this.prefix = settings.prefix();
  }

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(CostCentrePlugin.class)
        .displayName("Cost centres")
        .description("Stamps a cost centre on all that a Cluster costs money for.")
        .vendor("Example")
        .maturity(Maturity.BETA)
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(CostCentreParameters.class);
    hooks.validateCreate(this::validate);
    hooks.validateChange((before, context) -> validate(context));
    hooks.onCreate(Pod.class, this::stamp);
    hooks.onCreate(PersistentVolumeClaim.class, this::stamp);
    hooks.onCreate(Service.class, this::stamp);
    hooks.onUpdate(Service.class, this::stamp);
    hooks.onCreate(Job.class, this::stamp);
    hooks.status(this::status);
  }

  private List<ValidationFinding> validate(HookContext context) {
    String costCentre = context.parameters(CostCentreParameters.class).costCentre();
    if (budgets.containsKey(costCentre)) {
      return List.of();
    }
    return List.of(
        ValidationFinding.error(
            pathOfCostCentre(context),
            costCentre,
            "There is no such cost centre; there are %s."
                .formatted(new TreeSet<>(budgets.keySet()))));
  }

  private static List<String> pathOfCostCentre(HookContext context) {
    List<String> path = new ArrayList<>(context.own().map(PluginUse::path).orElse(List.of("spec")));
    path.addAll(List.of("parameters", "cost-centre"));
    return path;
  }

  /**
   * Labels, and nothing that isn't a function of the Cluster: the operator asks again and again,
   * and rolls Pods out when the answer changes.
   */
  private <T extends HasMetadata> T stamp(T object, HookContext context) {
    CostCentreParameters parameters = context.parameters(CostCentreParameters.class);
    ObjectMeta metadata = object.getMetadata();
    Map<String, String> labels = new HashMap<>();
    if (metadata.getLabels() != null) {
      labels.putAll(metadata.getLabels());
    }
    labels.put(prefix + "/cost-centre", parameters.costCentre());
    parameters.owner().ifPresent(owner -> labels.put(prefix + "/owner", owner));
    metadata.setLabels(labels);
    return object;
  }

  private Optional<?> status(HookContext context) {
    String costCentre = context.parameters(CostCentreParameters.class).costCentre();
    return Optional.of(
        Map.of("costCentre", costCentre, "chargedTo", budgets.getOrDefault(costCentre, "nobody")));
  }
}
